"""The last stage, and the only one that writes: a description becomes a project folder, through copier.

Everything is rendered into a temporary folder beside the destination, which then takes its place in one step: at
any moment the destination is not there yet, or whole.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from ..paths import CHECKOUT, PACKAGE
from . import bundle
from .own_copy import KEPT_BUNDLE, own_copy

Notes = tuple[str, ...]


class DestinationError(Exception):
    """The destination that was asked for cannot be used."""


class DeliveryError(Exception):
    """The project could not be written, for no fault of the description or the command line."""


@dataclass(frozen=True, slots=True)
class Template:
    """Where the template is, as it is recorded for updates, and which version of it to take."""

    source: str
    version: str | None = None  # None: the latest


def own_template() -> Template:
    """Return the template that belongs to this nngen: its checkout, or the bundle that its wheel carries.

    Raises:
        DeliveryError: when the bundle cannot be kept in the home directory.
    """
    if (CHECKOUT / "copier.yml").is_file():
        return Template(str(CHECKOUT), "HEAD")
    packaged = PACKAGE / bundle.NAME
    try:
        bundle.keep(packaged, Path(KEPT_BUNDLE).expanduser())
        return Template(KEPT_BUNDLE, bundle.tag_of_head(packaged))
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no home directory
        reason = error.strerror if isinstance(error, OSError) else error
        raise DeliveryError(f"cannot write {KEPT_BUNDLE}, where updates find the template: {reason}") from None
    except bundle.BundleError as error:
        raise DeliveryError(str(error)) from None


def foreign_template(source: str) -> Template:
    """Return a template of somebody else; its path is made absolute, since it must hold when the project is updated."""
    if not source.startswith("~") and Path(source).exists():
        source = str(Path(source).resolve())
    return Template(source)


def new(content: bytes, answers: Mapping[str, Any], destination: Path, template: Template) -> tuple[int, Notes]:
    """Write a new project, or nothing, and return the number of its files and notes for the user.

    Args:
        content: the description's file, which goes into the project as it is.
        answers: the description as copier's answers.
        destination: a folder that does not exist yet or is empty.
        template: what to render.

    Raises:
        DestinationError: when there is something at the destination.
        DeliveryError: when the project could not be made or written.
    """
    try:
        destination = _checked(destination)
        base = next(parent for parent in destination.parents if parent.is_dir())  # on the same file system
        with temporary_folder(base, f".{destination.name}.") as temporary:
            project = temporary / destination.name
            notes = render(answers, project, template)
            (project / "architecture.yaml").write_bytes(content)
            files = sum(len(names) for _, _, names in os.walk(project))
            _move(project, destination)
    except OSError as error:
        raise DeliveryError(f"cannot write {destination}: {error.strerror or error}") from error
    return files, notes


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
    from copier.errors import CopierError, DirtyLocalWarning
    from plumbum import ProcessExecutionError

    own = own_copy(template.source, template.version)
    made_from = {"_commit": own.commit, "_src_path": template.source} if own else {}
    with warnings.catch_warnings(record=True) as caught:
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
                unsafe=True,
            )
        except ProcessExecutionError as error:
            reason = error.stderr.strip() or str(error)
            raise DeliveryError(f"git cannot read the template {template.source}: {reason}") from error
        except (CopierError, ValueError) as error:
            raise DeliveryError(f"the template {template.source} cannot be used: {error}") from error
    notes: Notes = ()
    if own is None and worker.template.commit is None:
        notes = (f"the template {template.source} is not in git: this project cannot be updated later",)
    elif any(issubclass(warning.category, DirtyLocalWarning) for warning in caught):
        notes = (f"the template {template.source} has uncommitted changes: this project cannot be updated later",)
    template_read = worker.template
    return Rendered(
        commit=own.commit if own else template_read.commit,
        exclude=tuple(template_read.exclude),
        belongs_to_author=worker.match_skip,
        migrates=bool(template_read.config_data.get("migrations")),
        notes=notes,
    )


def _checked(destination: Path) -> Path:
    shown, destination = destination, destination.resolve()
    if destination.is_dir():
        if any(destination.iterdir()):
            raise DestinationError(f"{shown} exists and is not empty")
    elif destination.exists():
        raise DestinationError(f"{shown} exists and is not a directory")
    return destination


def _move(project: Path, destination: Path) -> None:
    made = []
    for parent in reversed(destination.parents):
        if not parent.is_dir():
            parent.mkdir()
            made.append(parent)
    try:
        if destination.is_dir():
            shutil.copymode(destination, project)
        project.rename(destination)  # takes the place of an empty folder too
    except OSError:
        for parent in reversed(made):
            parent.rmdir()
        raise


@contextmanager
def temporary_folder(base: Path | None, prefix: str) -> Iterator[Path]:
    """Make a folder that is removed afterwards, also when the process is told to stop."""

    def stop(number: int, frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=".nngen", dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for number, handler in before.items():
            signal.signal(number, handler)
