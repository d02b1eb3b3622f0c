"""One update of a project at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import DestinationError
from .git import Repository
from .journal import folder_of
from .shown import shown


@contextmanager
def locked(repository: Repository) -> Iterator[None]:
    """Hold the lock of a project, which a process that is killed gives back.

    Raises:
        DestinationError: when another process holds it.
    """
    path = _path(repository)
    while True:
        held = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            raise DestinationError(
                f"another nngen is updating {shown(repository.project)}; wait until it has ended"
            ) from None
        try:
            if os.path.samestat(os.fstat(held), os.stat(path)):
                break
        except FileNotFoundError:
            pass
        os.close(held)  # the one that held it has removed it meanwhile
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(held)


def is_open(repository: Repository) -> bool:
    """Return whether an update of a project is running, or did not come to its end."""
    return folder_of(repository).exists() or _path(repository).exists()


def _path(repository: Repository) -> Path:
    return folder_of(repository).with_suffix(".lock")
