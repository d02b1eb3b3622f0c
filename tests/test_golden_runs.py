"""Each golden project does what it promises: its own tests pass, and it learns real data.

``pytest -s tests/test_golden_runs.py`` shows the figures.
"""

from __future__ import annotations

import ast
import importlib.util
import shutil
import signal
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest

import golden_files
from conftest import ROOT, run
from families._samples import Judge
from families._tags import write_sentences
from in_project import run_module, start_module
from type_checking import check_packages

# what `evaluate` must reach; beside it what knowing nothing gives
AT_LEAST = {"simple_net": ("accuracy", 0.95), "my_cnn": ("accuracy", 0.97), "deep_mlp": ("accuracy", 0.95)}
AT_LEAST |= {"my_tagger": ("accuracy", 0.93)}  # the most frequent tag of each word has 0.83
AT_LEAST |= {"two_heads": ("label_accuracy", 0.85), "my_vae": ("elbo", -26.0), "my_unet_shapes": ("mean_iou", 0.45)}
# what it may be at most: samples of pure noise are at 10, the frequencies of characters alone give 4.6 bits
AT_MOST = {"my_wgan_gp": ("frechet_distance", 1.5)}
AT_MOST["tiny_gpt"] = ("bits_per_character", 3.3)
# how many times lower than what `evaluate` prints beside it the error must be
TIMES_BETTER = {"regression_mlp": ("mse_of_training_mean", 1.6), "my_tcn_forecaster": ("mae_of_seasonal_naive", 1.1)}
TIMES_BETTER["my_conv_autoencoder"] = ("mse_of_noisy_input", 3.0)
# fewer epochs than the descriptions have, where that is reached before; of masks, knowing nothing gives 0.2
EPOCHS = {"my_unet_shapes": 6, "my_vae": 30}
# the others export in their own tests; what is recurrent and of any length is traced
EXPORTED = {"simple_net": "runs/model.pt2", "my_tagger": "runs/model.pt"}
# their samples are judged by a classifier too, that knows nothing of them
DRAW_DIGITS = ("my_vae", "my_wgan_gp")


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
    epochs = (f"--epochs={EPOCHS[name]}",) if name in EPOCHS else ()
    do(project, f"{name}.train", "--device=cpu", *epochs)
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
    if name in DRAW_DIGITS:
        do(project, f"{name}.predict", "--count=1000", "--out=samples.npy")
        rarest, confidence, distance = Judge().look(np.load(project / "samples.npy").reshape(1000, 64).clip(0, 1))
        assert rarest >= 0.01 and confidence >= 0.6 and distance < 0.4
    assert do(project, f"{name}.predict").count("\n") >= 2
    if name in EXPORTED:
        assert do(project, f"{name}.export").split()[-1] == EXPORTED[name]


def test_a_killed_run_resumed_ends_with_the_same_weights(tmp_path: Path) -> None:
    """SIGKILL before the first epoch is done, and right after the third; then the rest with ``--resume``."""
    import torch

    project = Path(shutil.copytree(ROOT / "golden" / "deep_mlp", tmp_path / "deep_mlp"))
    flags = ("--epochs=8", "--device=cpu")
    do(project, "deep_mlp.train", *flags, "--out=whole")
    for lines in (0, 3):
        process = start_module("deep_mlp.train", *flags, "--out=killed", "--resume", cwd=project)
        metrics = project / "killed" / "metrics.jsonl"
        while process.is_alive() and (not metrics.exists() or metrics.read_text().count("\n") < lines):
            time.sleep(0.002)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL, "it was done before it was killed"
    do(project, "deep_mlp.train", *flags, "--out=killed", "--resume")
    for name in ("last.pt", "best.pt"):
        whole, killed = (torch.load(project / out / name, weights_only=True) for out in ("whole", "killed"))
        for part in ("model", "optimizer", "scheduler", "rng"):
            torch.testing.assert_close(killed[part], whole[part], rtol=0, atol=0)
    assert (project / "killed" / "metrics.jsonl").read_text() == (project / "whole" / "metrics.jsonl").read_text()


def test_linters_and_type_checkers_find_nothing(tmp_path: Path) -> None:
    projects = [copied(case, tmp_path) for case in golden_files.cases()]
    black = run(sys.executable, "-m", "black", "--check", "--quiet", *projects, cwd=tmp_path)
    assert black.returncode == 0, black.stdout + black.stderr
    for project in projects:  # each with its own settings
        ruff = run(sys.executable, "-m", "ruff", "check", "--isolated", ".", cwd=project)
        assert not ruff.returncode, ruff.stdout
        assert allowed_without_types(project) == {name for name in imported(project) if not has_types(name)}
    check_packages(tmp_path, (project / project.name for project in projects))


def allowed_without_types(project: Path) -> set[str]:
    """The libraries that a project's own settings of mypy let go without types."""
    settings = tomllib.loads((project / "pyproject.toml").read_text())["tool"]["mypy"]
    assert settings["strict"] and settings["packages"] == [project.name]
    return {name.removesuffix(".*") for override in settings["overrides"] for name in override["module"]}


def imported(project: Path) -> set[str]:
    """The libraries that the modules of a project import."""
    names = set()
    for path in (project / project.name).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names.add(node.module)
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names


def has_types(library: str) -> bool:
    spec = importlib.util.find_spec(library)
    assert spec and spec.origin, library
    return Path(spec.origin).with_name("py.typed").exists()
