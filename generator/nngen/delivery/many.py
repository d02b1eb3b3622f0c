"""One update for many projects, as a monorepo has them: each for itself, and none stops the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..language.errors import DescriptionError
from .errors import DeliveryError, DestinationError
from .project import ANSWERS, DESCRIPTION
from .update import Result


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one project."""

    project: Path
    result: Result | None
    error: str = ""  # why there is no result

    @property
    def text(self) -> str:
        """It in one line."""
        if self.result is None:
            return f"error: {self.error}"
        if self.result.conflicts:
            return (
                f"{_files(len(self.result.conflicts))} in conflict, {_files(len(self.result.changed))} changed in all"
            )
        return f"{_files(len(self.result.changed))} changed" if self.result.changed else "nothing to update"


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"


def projects_below(folder: Path) -> list[Path]:
    """Return all projects of nngen in a folder and below it; hidden folders and links are left out."""
    projects = []
    for above, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if ANSWERS in files and DESCRIPTION in files:
            projects.append(Path(above))
    return projects


def update_each(projects: Iterable[Path], one: Callable[[Path], Result]) -> Iterator[Outcome]:
    """Update projects one after the other, each by a call of `one`."""
    for project in projects:
        try:
            yield Outcome(project, one(project))
        except DescriptionError as error:
            mistakes = "a mistake" if len(error.problems) == 1 else f"{len(error.problems)} mistakes"
            path = project / DESCRIPTION
            yield Outcome(project, None, f"{path} has {mistakes}; nngen check {path} shows what")
        except (DestinationError, DeliveryError) as error:
            yield Outcome(project, None, str(error))
