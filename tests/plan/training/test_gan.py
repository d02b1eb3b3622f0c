"""What an emitted gan computes, beside torch's own losses, SciPy and networks whose gradients are known."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from scipy import linalg
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from emitted import package

DESCRIPTION = """\
name: {name}
task: gan
models:
  Critic:
    input: [6]
    layers: [{{Linear: 8}}, {{LeakyReLU: 0.2}}, {{Linear: 1}}]
    optimizer: {{RMSprop: {{lr: 5e-5, weight_decay: 0.5}}}}
  Maker:
    input: [4]
    layers: [{{Linear: 6}}, Tanh]
data: {{synthetic: 200}}
{rest}
"""
PENALISED = "training: {epochs: 1, batch_size: 64, gradient_penalty: 10, critic_steps: 2, ema: 0.5}"


def evaluation(loss: str, folder: Path) -> ModuleType:
    """The module ``evaluate`` of a project with a loss."""
    name = f"gan_{loss.lower()}"
    package(DESCRIPTION.format(name=name, rest=f"loss: {loss}\n{PENALISED}"), folder, name)
    return importlib.import_module(f"{name}.evaluate")


@pytest.fixture
def scores() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return 2 * torch.randn(9, 1, generator=generator), 2 * torch.randn(9, 1, generator=generator)


@pytest.mark.parametrize("loss", ["BCEWithLogitsLoss", "wasserstein", "hinge", "least_squares"])
def test_losses_are_those_of_the_papers(loss: str, scores: tuple[torch.Tensor, torch.Tensor], tmp_path: Path) -> None:
    real, fake = scores
    ones = torch.ones(9, 1)
    by_hand = {
        "BCEWithLogitsLoss": (
            nn.BCEWithLogitsLoss()(real, ones) + nn.BCEWithLogitsLoss()(fake, 0 * ones),
            nn.BCEWithLogitsLoss()(fake, ones),
        ),
        "wasserstein": (sum(fake)[0] / 9 - sum(real)[0] / 9, -sum(fake)[0] / 9),
        # torch's hinge loss with a margin of 1 counts max(0, 1 - x) of what has the target -1
        "hinge": (
            nn.HingeEmbeddingLoss()(real, -ones) + nn.HingeEmbeddingLoss()(-fake, -ones),
            -fake.sum() / 9,
        ),
        "least_squares": (nn.MSELoss()(real, ones) + nn.MSELoss()(fake, 0 * ones), nn.MSELoss()(fake, ones)),
    }
    module = evaluation(loss, tmp_path)
    torch.testing.assert_close(module.discriminator_loss(real, fake), by_hand[loss][0])
    torch.testing.assert_close(module.generator_loss(fake), by_hand[loss][1])


def test_the_gradient_penalty_of_a_linear_critic_is_known(tmp_path: Path) -> None:
    module = evaluation("wasserstein", tmp_path)
    critic = nn.Linear(6, 1)
    penalty = module.gradient_penalty(critic, torch.randn(5, 6), torch.randn(5, 6))
    torch.testing.assert_close(penalty, (critic.weight.norm() - 1).square())
    penalty.backward()
    assert critic.weight.grad is not None and critic.weight.grad.abs().sum() > 0


def test_the_frechet_distance_is_that_of_scipy(tmp_path: Path) -> None:
    module = evaluation("hinge", tmp_path)
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(50, 5, generator=generator, dtype=torch.float64)
    b = 1 + a.flip(0) @ torch.randn(5, 5, generator=generator, dtype=torch.float64)
    one, other = (np.cov(each.numpy(), rowvar=False) for each in (a, b))
    root = linalg.sqrtm(one @ other).real
    means = ((a.numpy().mean(axis=0) - b.numpy().mean(axis=0)) ** 2).sum()
    assert module.frechet_distance(a, b) == pytest.approx(means + np.trace(one + other - 2 * root))
    assert module.frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


def test_each_network_has_its_optimizer_and_its_steps(tmp_path: Path) -> None:
    train = package(DESCRIPTION.format(name="turns", rest=f"loss: wasserstein\n{PENALISED}"), tmp_path, "turns")
    steps: Counter[str] = Counter()
    settings = {}

    def note(optimizer: torch.optim.Optimizer, *_: object) -> None:
        (group,) = optimizer.param_groups
        kind = type(optimizer).__name__
        steps[kind] += 1
        settings[kind] = group["lr"], group["weight_decay"], sum(each.numel() for each in group["params"])

    hook = register_optimizer_step_pre_hook(note)
    try:
        train.main(["--device=cpu", f"--out={tmp_path}", "--generator-lr=0.01"])
    finally:
        hook.remove()
    # 140 samples in batches of 64: the critic has 3 steps, and Adam one after the second and one at the end
    assert steps == {"RMSprop": 3, "Adam": 2}
    assert settings == {"RMSprop": (5e-5, 0.5, 6 * 8 + 8 + 8 + 1), "Adam": (0.01, 0, 4 * 6 + 6)}


def test_the_best_checkpoint_has_averaged_weights(tmp_path: Path) -> None:
    train = package(DESCRIPTION.format(name="averages", rest=PENALISED), tmp_path, "averages")
    after: list[torch.Tensor] = []

    def note(optimizer: torch.optim.Optimizer, *_: object) -> None:
        if isinstance(optimizer, torch.optim.Adam):  # the generator's
            after.append(optimizer.param_groups[0]["params"][0].detach().clone())

    hook = register_optimizer_step_post_hook(note)
    try:
        train.main(["--device=cpu", f"--out={tmp_path}", "--generator-lr=0.1"])
    finally:
        hook.remove()
    best, last = (torch.load(tmp_path / name, weights_only=True)["model"] for name in ("best.pt", "last.pt"))
    first, second = after
    torch.testing.assert_close(last["maker.fc.weight"], second)
    torch.testing.assert_close(best["maker.fc.weight"], (first + second) / 2)
