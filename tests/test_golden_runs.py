"""Each golden project does what it promises: its own tests pass, and it learns real data.

``pytest -s tests/test_golden_runs.py`` shows the figures.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

import golden_files
from conftest import ROOT, run

# what `evaluate` must reach; beside it what knowing nothing gives
AT_LEAST = {"simple_net": ("accuracy", 0.95), "my_cnn": ("accuracy", 0.97), "deep_mlp": ("accuracy", 0.95)}
TIMES_BETTER_THAN_THE_MEAN = {"regression_mlp": 1.6}


@pytest.fixture(params=golden_files.cases())
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a golden's project."""
    return Path(shutil.copytree(ROOT / "golden" / request.param, tmp_path / request.param))


def do(project: Path, *command: str) -> str:
    done = run(sys.executable, "-m", *command, cwd=project, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_own_tests_pass(project: Path) -> None:
    assert " passed" in do(project, "pytest", "-q", "-p", "no:cacheprovider")


def test_it_learns_real_data(project: Path) -> None:
    name = project.name
    do(project, f"{name}.train", "--device=cpu")
    printed = do(project, f"{name}.evaluate", "--device=cpu")
    metrics = {key: float(value) for key, value in (line.split(": ") for line in printed.splitlines())}
    print(f"\n{name}: {metrics}")
    if name in AT_LEAST:
        metric, least = AT_LEAST[name]
        assert metrics[metric] >= least
    else:
        assert metrics["mse_of_training_mean"] / metrics["mse"] >= TIMES_BETTER_THAN_THE_MEAN[name]
    assert do(project, f"{name}.predict").count("\n") > 3
    assert "model.pt2" in do(project, f"{name}.export")
