"""Kills `nngen new` and `nngen update` with -9 at random moments; run by `make faults`, which says COUNT and SEED.

After each kill the project is as before or as after, the next call works and comes to the same end, and nothing of the
killed one stays in the project or in git's folder.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from conftest import MY_CNN, commit_all, files_of

GENERATOR = Path(__file__).resolve().parent.parent / "generator"
EDIT = ("        return x\n", "        return x  # mine\n")
Files = dict[str, bytes]


def main() -> None:
    """Kills as often as asked, and ends with an error when a project was neither as before nor as after."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nngen-faults-") as folder:
        faults = [
            *of_new(Path(folder), asked.count // 2, asked.seed),
            *of_update(Path(folder), asked.count, asked.seed),
        ]
    print("\n".join(faults) or "no fault")
    sys.exit(bool(faults))


def of_new(folder: Path, count: int, seed: int) -> list[str]:
    """Kill `new`; return what was wrong."""
    random.seed(seed)
    description = folder / "my_cnn.yaml"
    description.write_text(MY_CNN, encoding="utf-8")
    whole, seconds = timed(folder, "new", str(description), "whole")
    assert whole == 0
    expected, faults, there = files_of(folder / "whole"), [], 0
    for number in range(count):
        killed(folder, random.uniform(0, seconds), "new", str(description), "p")
        if (folder / "p").exists():
            there += 1
            if files_of(folder / "p") != expected:
                faults.append(f"new {number}: half of a project")
        shutil.rmtree(folder / "p", ignore_errors=True)
        if timed(folder, "new", str(description), "p")[0] or files_of(folder / "p") != expected:
            faults.append(f"new {number}: the next call makes another project")
        shutil.rmtree(folder / "p", ignore_errors=True)
        if left := sorted({path.name for path in folder.iterdir()} - {"my_cnn.yaml", "whole", "home", "tmp"}):
            faults.append(f"new {number}: {left} stays")
    print(f"new: {count} kills, {there} of them after the project was there")
    return faults


def of_update(folder: Path, count: int, seed: int) -> list[str]:
    """Kill `update`, most of the time while it writes; return what was wrong."""
    random.seed(seed)
    start = folder / "whole"
    model = start / "my_cnn/model.py"
    model.write_text(model.read_text().replace(*EDIT))
    commit_all(start)
    path = start / "architecture.yaml"
    path.write_text(path.read_text().replace("Linear: 128", "Linear: 96").replace("name: my_cnn", "name: other"))
    before, inside = files_of(start), names(start)
    shutil.copytree(start, folder / "done", symlinks=True)
    code, seconds = timed(folder, "update", "done")
    assert code == 0
    after, faults, halves = files_of(folder / "done"), [], 0
    for number in range(count):
        shutil.rmtree(folder / "p", ignore_errors=True)
        shutil.copytree(start, folder / "p", symlinks=True)
        killed(folder, random.uniform(0.8 if number % 4 else 0, 1) * seconds, "update", "p")
        halves += files_of(folder / "p") not in (before, after)
        killed(folder, random.uniform(0.1, 0.5) * seconds, "status", "p")  # one that undoes may be killed too
        if timed(folder, "status", "p")[0] or files_of(folder / "p") not in (before, after):
            faults.append(f"update {number}: neither as before nor as after")
        elif files_of(folder / "p") == before and (timed(folder, "update", "p")[0] or files_of(folder / "p") != after):
            faults.append(f"update {number}: the next call makes another project")
        if extra := names(folder / "p") - inside:
            faults.append(f"update {number}: {sorted(extra)} stays in git's folder")
    print(f"update: {count} kills, {halves} of them between two files")
    return faults


def names(project: Path) -> set[str]:
    """What lies in git's folder."""
    return {path.name for path in (project / ".git").iterdir()}


def command(folder: Path, *arguments: str) -> dict[str, object]:
    """How nngen is started, with a home and a folder for temporary files of its own."""
    for name in ("home", "tmp"):
        (folder / name).mkdir(exist_ok=True)
    own = {"HOME": str(folder / "home"), "XDG_CACHE_HOME": str(folder / "home/cache"), "TMPDIR": str(folder / "tmp")}
    environment = {**os.environ, **own, "PYTHONPATH": str(GENERATOR), "GIT_CONFIG_GLOBAL": os.devnull}
    started = {"args": [sys.executable, "-m", "nngen", *arguments], "cwd": folder, "env": environment}
    return {**started, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def timed(folder: Path, *arguments: str) -> tuple[int, float]:
    """Run nngen; return its exit code and how long it took."""
    started = time.monotonic()
    code = subprocess.run(**command(folder, *arguments), check=False).returncode  # type: ignore[call-overload]
    return code, time.monotonic() - started


def killed(folder: Path, seconds: float, *arguments: str) -> None:
    """Run nngen, and kill it after some time."""
    process = subprocess.Popen(**command(folder, *arguments))  # type: ignore[call-overload]
    time.sleep(seconds)
    process.kill()
    process.wait()


if __name__ == "__main__":
    main()
