"""Temporary folders that no signal leaves behind, and whose next one removes what a kill left."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

_END = ".held.nngen"  # those of an earlier nngen, which are not held, end otherwise


@contextmanager
def temporary_folder(base: Path | None, prefix: str) -> Iterator[Path]:
    """Make a folder that is removed afterwards, also when the process is told to stop."""

    def stop(number: int, frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    where = Path(tempfile.gettempdir()) if base is None else base
    _remove_left(where, prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=where))
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)  # as long as this process lives; only then the folder gets its known name
        folder = folder.rename(folder.with_name(f"{folder.name}{_END}"))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)
        for number, handler in before.items():
            signal.signal(number, handler)


def _remove_left(where: Path, prefix: str) -> None:
    """Remove the folders of processes that were killed: those that nobody holds."""
    with os.scandir(where) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(prefix) and entry.name.endswith(_END)]
    for name in names:
        with suppress(OSError):
            held = os.open(where / name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(held).st_uid == os.getuid():
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(where / name, ignore_errors=True)
            finally:
                os.close(held)
