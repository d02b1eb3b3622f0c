"""``nngen status``: what people changed in a project since it was generated, and what an update would do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from .. import pipeline
from ..infer.kept_names import KEY
from ..language import load
from .aftermath import marked_lines
from .git import Scratch, Tree
from .lock import is_open, locked
from .merge import changes
from .project import DESCRIPTION, Recorded, target_template
from .render import Notes
from .temporary import temporary_folder
from .update import (
    Comparison,
    compare,
    failures,
    read_description,
    recorded_and_trusted,
    repository_of,
    undo_interrupted,
)

Lines = tuple[tuple[str, str], ...]  # files, each with what is to say of it


@dataclass(frozen=True, slots=True)
class Status:
    """How a project differs from what was generated, and what an update would do."""

    made_by: str  # the template's version
    edited: Lines
    own: int  # files that nngen does not write
    newer: str  # the version that waits, "" when none does
    described: bool  # whether a changed description waits
    update: Lines
    notes: Notes


def status(project: Path, trust: bool = False, source: str | None = None) -> Status:
    """Compare a project with what was generated, and with what would be generated now.

    Args:
        project: its folder.
        trust: whether the code of its template may run, if it is not nngen's own.
        source: where its template is by now; None: where the project says.

    Raises:
        DestinationError: when there is no project, or no git repository.
        DescriptionError: when its description has mistakes.
        DeliveryError: when the template cannot be rendered.
    """
    before = recorded_and_trusted(project, trust, source)
    with failures(project), temporary_folder(None, "nngen-status-") as folder:
        repository = repository_of(project)
        notes: Notes = ()
        if is_open(repository):
            with locked(repository):
                notes = undo_interrupted(repository)
            before = recorded_and_trusted(project, trust, source)
        scratch = Scratch(folder, repository)
        checked = read_description(project, before)
        described = _plain(before) != pipeline.answers(checked)
        found = compare(scratch, before, checked, target_template(before, None))
        newer = found.version if found.version != before.commit else ""
        edited, own = _edited(scratch, found, repository.unmerged())
        waits = _update(scratch, found) if newer or described else ()
    return Status(before.commit, edited, own, newer, described, waits, notes)


def _plain(before: Recorded) -> object:
    return load.plain(load.from_plain({key: value for key, value in before.answers.items() if key != KEY}))


def _edited(scratch: Scratch, found: Comparison, unmerged: Collection[str]) -> tuple[Lines, int]:
    trees = scratch.write(found.base), scratch.write(found.ours)
    fields = scratch.git("diff-tree", "-r", "-z", "--find-renames", "--numstat", *trees).split("\0")
    lines: list[tuple[str, str]] = []
    own = 0
    following = iter(filter(None, fields))
    for counts in following:
        added, removed, path = counts.split("\t", 2)
        change = f"{f'+{added} -{removed}':10}" if added != "-" else "binary"
        if not path:  # a file that was moved: its names follow
            old, path = next(following), next(following)
            lines.append(
                (path, f"moved from {old}" + (f", {change.strip()}" if (added, removed) != ("0", "0") else ""))
            )
        elif path not in found.ours:
            lines.append((path, "deleted"))
        elif path not in found.base:
            own += 1
        elif path in unmerged:
            lines.append((path, f"{change.strip()}, in conflict still: choose, then git add it"))
        elif path != DESCRIPTION:
            lines.append((path, change.strip()))
    return tuple(sorted(lines)), own


def _update(scratch: Scratch, found: Comparison) -> Lines:
    marked = marked_lines(scratch, found.merged.tree, found.merged.conflicts)
    lines = []
    for path in changes(found.ours, found.merged.tree):
        if path in found.merged.conflicts:
            text = _conflict(marked.get(path, ()))
        elif path in found.merged.by_statements:
            text = "merged with your edits, statement by statement, where git has a conflict"
        elif path not in found.merged.tree:
            text = "removed"
        elif path not in found.ours:
            text = "new"
        elif _same(found.ours, found.base, path):
            text = "changed"
        else:
            text = "merged with your edits"
        lines.append((path, text))
    lines += [(path, "stays deleted") for path in found.merged.stay_deleted]
    lines += [(path, "stays a link") for path in found.merged.stay_links]
    lines += [(path, "stays, though nngen no longer writes it") for path in found.merged.stay]
    return tuple(lines)


def _conflict(marked: tuple[int, ...]) -> str:
    where = f" in line{'s' if len(marked) > 1 else ''} {', '.join(map(str, marked))}" if marked else ""
    return f"conflict{where}: your lines and the generated ones both stay, to choose from"


def _same(one: Tree, other: Tree, path: str) -> bool:
    return one.get(path) == other.get(path)
