"""mypy as it checks emitted code, with a cache that stays: reading the types of torch takes twenty seconds."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from conftest import ROOT

CONFIG = """\
[mypy]
strict = True
[mypy-matplotlib.*,numpy.*,PIL.*,pandas.*,sklearn.*,statsmodels.*,tiktoken.*,torchvision.*,tqdm.*]
ignore_missing_imports = True
"""


def mypy(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run mypy in a folder, strictly.

    Args:
        arguments: of its command line.
        cwd: the folder.
    """
    cache = ROOT / ".mypy_cache" / "emitted"
    cache.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", f"--cache-dir={cache}"]
    with open(cache / "lock", "w") as lock:  # for the other worker
        fcntl.flock(lock, fcntl.LOCK_EX)
        return subprocess.run([*command, *map(str, arguments)], cwd=cwd, capture_output=True, text=True)


def check_packages(folder: Path, packages: Iterable[Path]) -> None:
    """Assert that mypy finds nothing in packages below a folder; libraries may come without types.

    Args:
        folder: in which mypy runs, and into which its settings are written.
        packages: one of each project.
    """
    (folder / "mypy.ini").write_text(CONFIG)
    done = mypy("--explicit-package-bases", *packages, cwd=folder)
    assert done.returncode == 0, done.stdout
