"""Projects for every source of data, kind of target and option are clean, typed, and pass their own tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import emitted
from conftest import run
from emitted_cases import CASES, GROUPS, TRAINED, description
from in_project import run_module
from nngen.delivery.formatting import formatted
from rendering import render_text
from type_checking import check_packages


def test_linters_and_type_checkers_find_nothing(tmp_path: Path) -> None:
    """That black has nothing to change in what it made is tested with the goldens."""
    for name in CASES:
        raw = render_text(description(name), formatted=False)
        for path, text in emitted.emit(description(name), tmp_path / name, formatted=True).items():
            if path.endswith(".py"):
                assert text.count("\n") <= 220, f"{name}: {path}"
                assert text == formatted(raw[path]), f"{name}: {path}"
    ruff = run(sys.executable, "-m", "ruff", "check", tmp_path, cwd=tmp_path)
    assert ruff.returncode == 0, ruff.stdout
    check_packages(tmp_path, (tmp_path / name / name for name in CASES))


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
    command = ("pytest", "-q", "-p", "no:cacheprovider", "tests/test_model.py")
    for width, result, passed in ((1, "y.new_zeros(len(y), 6, 8)", False), (1, "x.repeat(1, 1, 2) * y", True)):
        (tmp_path / "own_code/layers.py").write_text(twice % (width, result))
        done = run_module(*command, cwd=tmp_path)
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
        emitted.emit(description(name), folder)
    options = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib", "-W", "error::UserWarning"]
    options += [f"--rootdir={tmp_path}", "-c", os.devnull, "--durations=8"]
    environment = {"PYTHONPATH": os.pathsep.join(map(str, [tmp_path, *folders]))}
    tests = [folder / "tests" for folder in folders]
    done = run_module("pytest", *options, *tests, cwd=tmp_path, environment=environment)
    print(done.stdout[-2000:])
    assert done.returncode == 0, done.stdout[-8000:]
