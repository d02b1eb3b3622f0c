"""Projects for every source of data, kind of target and option are clean, typed, and pass their own tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import black
import pytest

import emitted
from emitted_cases import CASES, GROUPS, TRAINED, description

# name: (task, input, layers, data, and the rest)


def emit(name: str, folder: Path) -> Mapping[str, str]:
    return emitted.emit(description(name), folder)


@pytest.mark.parametrize("name", CASES)
def test_files_are_formatted_as_they_are(name: str, tmp_path: Path) -> None:
    for path, text in emit(name, tmp_path).items():
        if path.endswith(".py"):
            assert black.format_str(text, mode=black.Mode()) == text, path
            assert text.count("\n") <= 220, path


def test_projects_pass_ruff_and_mypy(tmp_path: Path) -> None:
    packages = []
    for name in CASES:
        emit(name, tmp_path / name)
        packages.append(str(tmp_path / name / name))
    ruff = subprocess.run([sys.executable, "-m", "ruff", "check", tmp_path], capture_output=True, text=True)
    assert ruff.returncode == 0, ruff.stdout
    options = ["--strict", "--ignore-missing-imports", "--explicit-package-bases", "--cache-dir", tmp_path / "cache"]
    mypy = subprocess.run([sys.executable, "-m", "mypy", *options, *packages], capture_output=True, text=True)
    assert mypy.returncode == 0, mypy.stdout


def test_a_project_with_own_code_tests_what_was_promised(tmp_path: Path) -> None:
    description = """\
name: own_code
task: classification
input: [6, 4]
layers:
  - import: own_code.layers:Twice
    output: [6, 8]
  - import: own_code.layers:Twice
    output: [6, 16]
    name: again
  - mean: 1
  - Linear: 3
data: synthetic
"""
    emitted.emit(description, tmp_path)
    twice = """\
from torch import Tensor, nn

class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.LazyLinear(%d)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.fc(x)
        return %s
"""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_model.py"]
    for width, result, passed in ((1, "y.new_zeros(len(y), 6, 8)", False), (1, "x.repeat(1, 1, 2) * y", True)):
        (tmp_path / "own_code/layers.py").write_text(twice % (width, result))
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode == 0) == passed, done.stdout[-8000:]
    assert "assert given == promised" in (tmp_path / "tests/test_model.py").read_text()


@pytest.mark.parametrize("names", [TRAINED[start::GROUPS] for start in range(GROUPS)], ids=range(GROUPS))
def test_projects_pass_their_own_tests(names: list[str], tmp_path: Path) -> None:
    """Several projects in one process, so that torch is imported once for all of them."""
    (tmp_path / "torchvision").mkdir()  # a download is the last thing a test needs
    (tmp_path / "torchvision/__init__.py").touch()
    (tmp_path / "torchvision/datasets.py").write_text("class MNIST: ...\n")  # its tests put in their own
    folders = [tmp_path / f"project_{name}" for name in names]  # no folder may hide a package
    for name, folder in zip(names, folders):
        emit(name, folder)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib"]
    command += ["-W", "error::UserWarning", f"--rootdir={tmp_path}", "-c", os.devnull, "--durations=8"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [tmp_path, *folders]))}
    done = subprocess.run(
        [*command, *(folder / "tests" for folder in folders)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    print(done.stdout[-2000:])
    assert done.returncode == 0, done.stdout[-8000:]
