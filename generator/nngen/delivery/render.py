"""Copier renders a template into a folder."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import DeliveryError
from .git import for_copies, inherited
from .own_copy import check_ones_own, own_copy
from .shown import shown
from .template import Template

Notes = tuple[str, ...]


def render(answers: Mapping[str, Any], folder: Path, template: Template) -> Notes:
    """Let copier render the template into a folder, and return its notes for the user."""
    return run_copier(answers, folder, template).notes


@dataclass(frozen=True, slots=True)
class Rendered:
    """What copier knows of a template that it rendered."""

    commit: str | None  # its version, as answers record it; None: it is not in git
    exclude: tuple[str, ...]  # patterns of what it leaves out
    belongs_to_author: Callable[[Path], bool]  # a file that is written once, and then left alone
    migrates: bool
    notes: Notes


def run_copier(answers: Mapping[str, Any], folder: Path, template: Template, exclude: tuple[str, ...] = ()) -> Rendered:
    """Let copier render the template into a folder, paths that `exclude` matches left out.

    Raises:
        DeliveryError: when the template cannot be read or rendered.
    """
    if shutil.which("git") is None:
        raise DeliveryError("git is needed, and was not found")
    import copier
    from copier.errors import CopierError, DirtyLocalWarning, UnsafeTemplateError
    from plumbum import ProcessExecutionError

    own = own_copy(template.source, template.version)
    if own is None:
        check_ones_own(template.source, template.version)
    made_from = {"_commit": own.commit, "_src_path": template.source} if own else {}
    with warnings.catch_warnings(record=True) as caught, _environment(folder.parent, with_git=own is None):
        warnings.simplefilter("always")
        try:
            worker = copier.run_copy(
                str(own.folder) if own else template.source,
                folder,
                {**answers, **made_from},
                vcs_ref=None if own else template.version,
                settings=copier.Settings(),  # no answers from the user's settings of copier
                exclude=exclude,
                defaults=True,
                quiet=True,
                unsafe=template.code,
                skip_tasks=not template.code,
            )
        except ProcessExecutionError as error:
            reason = error.stderr.strip() or str(error)
            raise DeliveryError(f"git cannot read the template {template.source}: {reason}") from error
        except UnsafeTemplateError as error:
            raise DeliveryError(
                f"the template {shown(template.source)} brings extensions along, code that would run here; if you "
                "trust whoever wrote it, give --trust once"
            ) from error
        except (CopierError, ValueError) as error:
            raise DeliveryError(f"the template {template.source} cannot be used: {error}") from error
    notes: Notes = ()
    if own is None and worker.template.commit is None:
        notes = (f"the template {template.source} is not in git: this project cannot be updated later",)
    elif any(issubclass(warning.category, DirtyLocalWarning) for warning in caught):
        notes = (f"the template {template.source} has uncommitted changes: this project cannot be updated later",)
    template_read = worker.template
    if template_read.tasks and not template.code:
        notes += (f"the template {template.source} has tasks, commands that did not run; with --trust they do",)
    return Rendered(
        commit=own.commit if own else template_read.commit,
        exclude=tuple(template_read.exclude),
        belongs_to_author=worker.match_skip,
        migrates=bool(template_read.config_data.get("migrations")),
        notes=notes,
    )


@contextmanager
def _environment(temporary: Path, with_git: bool) -> Iterator[None]:
    """Give copier a place for its temporary folders, which goes with ours, and its git an environment of its own.

    A copy is no repository, and copier would ask git about it, and about the new folder, once for each file.
    """
    from plumbum import local

    before, tempfile.tempdir = tempfile.tempdir, str(temporary)
    with local.env():
        for name in [name for name, _ in local.env if name.startswith("GIT_")]:
            del local.env[name]
        local.env.update(inherited() | for_copies() if with_git else {"PATH": os.devnull})
        try:
            yield
        finally:
            tempfile.tempdir = before
