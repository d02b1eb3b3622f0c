"""A description becomes a new project folder.

Everything is rendered into a temporary folder beside the destination, which then takes its place in one step: at
any moment the destination is not there yet, or whole.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import DeliveryError, DestinationError
from .render import Notes, render
from .template import Template
from .temporary import temporary_folder


def write_new_project(
    content: bytes, answers: Mapping[str, Any], destination: Path, template: Template
) -> tuple[int, Notes]:
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
        with temporary_folder(base, f".{destination.name[:40]}.") as temporary:
            project = temporary / destination.name
            notes = render(answers, project, template)
            (project / "architecture.yaml").write_bytes(content)
            files = sum(len(names) for _, _, names in os.walk(project))
            _move(project, destination)
    except OSError as error:
        raise DeliveryError(f"cannot write {destination}: {error.strerror or error}") from error
    return files, notes


def _checked(destination: Path) -> Path:
    shown, destination = destination, Path(os.path.realpath(destination))
    if destination.is_symlink():
        raise DestinationError(f"{shown} is a link that leads nowhere")
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
