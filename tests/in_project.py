"""Modules run as ``python -m`` runs them, each in a process of its own: nngen's, and those of the projects it emits.

Importing torch and what a project uses beside it takes five seconds, and what nngen uses half a second. A server
imports them once, and forks for each run. What it imports must not look at the environment or the working directory
while it is imported, since both are another's in a run: plumbum does, and copier with it.
"""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "torch",
        "torch.export",
        "torch.export._trace",  # torch imports these two and what is below them only when it exports
        "torch.export.pt2_archive._package",
        "torch._dynamo",
        "torch._inductor.ir",
        "pandas",
        "sklearn.datasets",
        "sklearn.metrics",
        "matplotlib.pyplot",
        "matplotlib.backends.backend_agg",
        "pytest",
        "tqdm",
        "black",
        "jinja2.sandbox",
        "pydantic",
        "questionary",
        "typer",
        "yaml",
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
        outputs = Path(folder) / "stdout", Path(folder) / "stderr"
        process = start_module(module, *arguments, cwd=cwd, environment=environment, outputs=outputs)
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(command, timeout)
        stdout, stderr = (output.read_text() for output in outputs)
        return subprocess.CompletedProcess(command, process.exitcode, stdout, stderr)


def start_module(
    module: str,
    *arguments: str | Path,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    outputs: tuple[Path, Path] = (Path(os.devnull), Path(os.devnull)),
) -> BaseProcess:
    """Start a module as ``run_module`` does, and do not wait for it; outputs are where its stdout and stderr go."""
    command = [module, *map(str, arguments)]
    process = _CONTEXT.Process(target=_run, args=(command, str(cwd), outputs, {**os.environ, **(environment or {})}))
    process.start()
    return process


def _run(command: list[str], folder: str, outputs: tuple[Path, Path], environment: Mapping[str, str]) -> None:
    for number, path in enumerate(outputs, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    gc.freeze()  # what the server imported is never garbage, and looking through it takes half a second
    os.environ.clear()  # that of the server is older than what a test has set
    os.environ.update(environment)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # projects use none, and hypothesis takes long to import
    os.chdir(folder)
    added = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    own = Path(__file__).parent
    sys.path[:] = [folder, *added, *(path for path in sys.path if path and Path(path).resolve() != own)]
    sys.argv = command
    try:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()  # a forked process ends without them
