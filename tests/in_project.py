"""Modules of a project run as ``python -m`` runs them, each in a process of its own.

Importing torch and what a project uses beside it takes five seconds. A server imports them once, and
forks for each run.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "torch",
        "torch.export",
        "torch._dynamo",
        "pandas",
        "sklearn.datasets",
        "sklearn.metrics",
        "matplotlib.pyplot",
        "tqdm",
    ]
)


def run_module(
    module: str,
    *arguments: str | Path,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    timeout: float = 600,
) -> subprocess.CompletedProcess[str]:
    """Run a module as a script in a folder, whose modules it can import.

    Args:
        module: as after ``python -m``.
        arguments: of its command line.
        cwd: the folder.
        environment: variables that are set in addition.
        timeout: in seconds.

    Raises:
        subprocess.TimeoutExpired: when it takes longer.
    """
    command = [module, *map(str, arguments)]
    with tempfile.TemporaryDirectory() as folder:
        outputs = [Path(folder) / name for name in ("stdout", "stderr")]
        process = _CONTEXT.Process(target=_run, args=(command, str(cwd), outputs, dict(environment or {})))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(command, timeout)
        stdout, stderr = (output.read_text() for output in outputs)
        return subprocess.CompletedProcess(command, process.exitcode, stdout, stderr)


def _run(command: list[str], folder: str, outputs: list[Path], environment: Mapping[str, str]) -> None:
    for number, path in enumerate(outputs, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.environ.update(environment)
    os.chdir(folder)
    added = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    own = Path(__file__).parent
    sys.path[:] = [folder, *added, *(path for path in sys.path if path and Path(path).resolve() != own)]
    sys.argv = command
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)
