"""A run of an emitted project whose steps are watched, beside torch by hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn, optim
from torch.optim.optimizer import register_optimizer_step_pre_hook

from emitted import package

EPOCHS, STEPS = 4, 3  # 140 samples in batches of 64
NETWORK = """\
name: net
task: classification
input: [8]
layers: [{Linear: 6}, {LayerNorm: , name: norm}, ReLU, {Linear: 5}, ReLU, {Linear: 3}]
data: {synthetic: 200}
"""

Rates = list[list[float]]


class Watched:
    """Runs of one emitted project, with what the optimizers were given at each step."""

    def __init__(self, description: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.train = package(description, folder, "net")
        self.folder = folder
        self.steps: list[optim.Optimizer] = []
        self.rates: Rates = []
        self.momenta: Rates = []
        self.groups: list[dict[str, Any]] = []
        self.weights: list[dict[str, torch.Tensor]] = []  # after each epoch
        monkeypatch.setattr(self.train, "plot_curves", lambda *_: None)
        make = self.train.Net

        def remember() -> nn.Module:
            self.model: nn.Module = make()
            return self.model

        monkeypatch.setattr(self.train, "Net", remember)
        save = self.train.save_checkpoint

        def save_checkpoint(path: Path, checkpoint: dict[str, Any]) -> None:
            if path.name == "last.pt":
                self.weights.append({name: value.clone() for name, value in checkpoint["model"].items()})
            save(path, checkpoint)

        monkeypatch.setattr(self.train, "save_checkpoint", save_checkpoint)

    def run(self, *flags: str, out: str = "runs") -> dict[str, Any]:
        """Trains; what is in the last checkpoint."""
        self.rates, self.momenta, self.weights, first = [], [], [], None

        def watch(optimizer: optim.Optimizer, *_: object) -> None:
            nonlocal first
            first = first or optimizer
            if optimizer is first:
                self.groups = [] if not self.rates else self.groups
            self.rates.append([float(group["lr"]) for group in optimizer.param_groups])
            momentum = [group.get("momentum", group.get("betas", (0,))[0]) for group in optimizer.param_groups]
            self.momenta.append([float(value) for value in momentum])
            if len(self.rates) <= 2:
                self.groups += [dict(group) for group in optimizer.param_groups]

        hook = register_optimizer_step_pre_hook(watch)
        try:
            self.train.main([f"--epochs={EPOCHS}", "--device=cpu", f"--out={self.folder / out}", *flags])
        finally:
            hook.remove()
            torch.set_flush_denormal(False)  # for the tests after this one
        checkpoint: dict[str, Any] = self.train.load_checkpoint(self.folder / out / "last.pt")
        return checkpoint

    def run_in_two(self, *flags: str) -> dict[str, Any]:
        """Trains again, killed in the second epoch and then resumed."""
        replace, count = os.replace, 0

        def replace_or_die(source: Path, target: Path) -> None:
            nonlocal count
            count += Path(target).name == "last.pt"
            if count == 2:
                raise KeyboardInterrupt
            replace(source, target)

        with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(os, "replace", replace_or_die)
            self.run(*flags, out="killed")
        torch.rand(1)
        return self.run(*flags, "--resume", out="killed")


Start = Callable[[str], Watched]


def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """What makes a watched run of a description, with NETWORK unless another is given."""
    return lambda rest, network=NETWORK: Watched(network + rest + "\n", tmp_path, monkeypatch)


def same(left: Any, right: Any) -> None:
    """Two checkpoints are the same to the bit."""
    if isinstance(left, torch.Tensor):
        assert torch.equal(left, right)
    elif isinstance(left, dict):
        assert left.keys() == right.keys()
        for key in left:
            same(left[key], right[key])
    elif isinstance(left, (list, tuple)):
        assert len(left) == len(right)
        for one, other in zip(left, right, strict=True):
            same(one, other)
    else:
        assert left == right


def check_resumed(watched: Watched, whole: dict[str, Any]) -> None:
    resumed = watched.run_in_two()
    for part in ("model", "optimizer", "scheduler", "step", "best", "rng"):
        same(resumed.get(part), whole.get(part))
