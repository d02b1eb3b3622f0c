"""Each golden project does what it promises: its own tests pass, and it learns real data.

``pytest -s tests/test_golden_runs.py`` shows the figures.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import golden_files
from conftest import ROOT, run
from families._tags import write_sentences
from in_project import run_module
from type_checking import mypy

# what `evaluate` must reach; beside it what knowing nothing gives
AT_LEAST = {"simple_net": ("accuracy", 0.95), "my_cnn": ("accuracy", 0.97), "deep_mlp": ("accuracy", 0.95)}
AT_LEAST |= {"my_tagger": ("accuracy", 0.93)}  # the most frequent tag of each word has 0.83
AT_LEAST |= {"two_heads": ("label_accuracy", 0.85), "my_vae": ("elbo", -26.0), "my_unet_shapes": ("mean_iou", 0.7)}
# what it may be at most: samples of pure noise are at 10, the frequencies of characters alone give 4.6 bits
AT_MOST = {"my_wgan_gp": ("frechet_distance", 1.5)}
AT_MOST["tiny_gpt"] = ("bits_per_character", 3.3)
# how many times lower than what `evaluate` prints beside it the error must be
TIMES_BETTER = {"regression_mlp": ("mse_of_training_mean", 1.6), "my_tcn_forecaster": ("mae_of_seasonal_naive", 1.1)}
TIMES_BETTER["my_conv_autoencoder"] = ("mse_of_noisy_input", 3.0)


def copied(case: str, folder: Path) -> Path:
    """Copy a golden's project, with the data that it was made for."""
    project = Path(shutil.copytree(ROOT / "golden" / case, folder / case))
    if case == "my_tagger":
        write_sentences(project / "data" / "sentences.csv")
    return project


def do(project: Path, *command: str) -> str:
    done = run_module(*command, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", golden_files.cases())
def test_its_own_tests_pass(name: str, tmp_path: Path) -> None:
    assert " passed" in do(copied(name, tmp_path), "pytest", "-q", "-p", "no:cacheprovider")


@pytest.mark.parametrize("name", golden_files.cases())
def test_it_learns_real_data(name: str, tmp_path: Path) -> None:
    project = copied(name, tmp_path)
    do(project, f"{name}.train", "--device=cpu")
    printed = do(project, f"{name}.evaluate", "--device=cpu")
    metrics = {key: float(value) for key, value in (line.split(": ") for line in printed.splitlines())}
    print(f"\n{name}: {metrics}")
    if name in AT_LEAST:
        metric, least = AT_LEAST[name]
        assert metrics[metric] >= least
    elif name in AT_MOST:
        metric, most = AT_MOST[name]
        assert metrics[metric] <= most
    else:
        baseline, times = TIMES_BETTER[name]
        assert metrics[baseline] / metrics[baseline.partition("_")[0]] >= times
    assert do(project, f"{name}.predict").count("\n") >= 2
    exported = do(project, f"{name}.export").split()[-1]
    assert exported == ("runs/model.pt" if name == "my_tagger" else "runs/model.pt2")  # recurrent of any length: traced


def test_a_killed_run_resumed_ends_with_the_same_weights(tmp_path: Path) -> None:
    """SIGKILL before the first epoch is done, and right after the third; then the rest with ``--resume``."""
    import torch

    project = Path(shutil.copytree(ROOT / "golden" / "deep_mlp", tmp_path / "deep_mlp"))
    flags = ("--epochs=8", "--device=cpu")
    do(project, "deep_mlp.train", *flags, "--out=whole")
    for lines in (0, 3):
        command = [sys.executable, "-m", "deep_mlp.train", *flags, "--out=killed", "--resume"]
        process = subprocess.Popen(command, cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        metrics = project / "killed" / "metrics.jsonl"
        while process.poll() is None and (not metrics.exists() or metrics.read_text().count("\n") < lines):
            time.sleep(0.002)
        process.kill()
        assert process.wait() == -signal.SIGKILL, "it was done before it was killed"
    do(project, "deep_mlp.train", *flags, "--out=killed", "--resume")
    for name in ("last.pt", "best.pt"):
        whole, killed = (torch.load(project / out / name, weights_only=True) for out in ("whole", "killed"))
        for part in ("model", "optimizer", "scheduler", "rng"):
            torch.testing.assert_close(killed[part], whole[part], rtol=0, atol=0)
    assert (project / "killed" / "metrics.jsonl").read_text() == (project / "whole" / "metrics.jsonl").read_text()


def test_linters_and_type_checkers_find_nothing(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    projects = [copied(case, tmp_path) for case in golden_files.cases()]
    black = run(sys.executable, "-m", "black", "--check", "--quiet", *projects, cwd=tmp_path)
    assert black.returncode == 0, black.stdout + black.stderr
    for project in projects:  # each with its own settings
        ruff = run(sys.executable, "-m", "ruff", "check", "--isolated", ".", cwd=project)
        types = mypy(tmp_path_factory, project.name, cwd=project)
        assert not ruff.returncode and not types.returncode, ruff.stdout + types.stdout
