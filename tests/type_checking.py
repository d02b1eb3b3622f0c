"""mypy as it checks emitted code, with one cache for a whole run: reading the types of torch takes twenty seconds."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = """\
[mypy]
strict = True
[mypy-matplotlib.*,numpy.*,PIL.*,pandas.*,sklearn.*,statsmodels.*,tiktoken.*,torchvision.*,tqdm.*]
ignore_missing_imports = True
"""


def mypy(factory: pytest.TempPathFactory, *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run mypy in a folder, strictly.

    Args:
        factory: knows the folder that all workers of a run of the tests share.
        arguments: of its command line.
        cwd: the folder.
    """
    base = factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base  # each worker of xdist has a folder in it
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", f"--cache-dir={shared / 'mypy'}"]
    with open(shared / "mypy.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return subprocess.run([*command, *map(str, arguments)], cwd=cwd, capture_output=True, text=True)
