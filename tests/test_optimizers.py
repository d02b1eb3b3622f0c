"""Every optimizer and scheduler of torch in an emitted ``train.py``: it does what torch does by hand."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn, optim
from torch.optim import lr_scheduler as schedulers
from torch.optim.optimizer import register_optimizer_step_pre_hook
from torch.optim.swa_utils import SWALR

from emitted import package
from nngen.language.catalogue.registry import catalogue

torch.set_num_threads(1)  # the networks are tiny

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


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    yield lambda rest, network=NETWORK: Watched(network + rest + "\n", tmp_path, monkeypatch)


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


# what is unusual in each, beside a learning rate
ARGUMENTS: dict[str, dict[str, Any]] = {
    "ASGD": {"lr": 0.02, "lambd": 1e-3, "alpha": 0.5, "t0": 2.0, "weight_decay": 0.1},
    "Adadelta": {"lr": 0.5, "rho": 0.8, "eps": 1e-5, "maximize": True},
    "Adafactor": {"lr": 0.1, "beta2_decay": -0.5, "eps": [None, 1e-2], "d": 2.0},
    "Adagrad": {"lr": 0.1, "lr_decay": 0.01, "initial_accumulator_value": 0.1, "fused": True},
    "Adam": {"lr": 0.01, "betas": [0.8, 0.9], "eps": 1e-6, "weight_decay": 0.1, "amsgrad": True, "foreach": True},
    "AdamW": {"lr": 0.01, "weight_decay": 0.2, "fused": False},
    "Adamax": {"lr": 0.01, "betas": [0.7, 0.9], "foreach": False},
    "LBFGS": {"lr": 0.5, "max_iter": 3, "max_eval": 5, "history_size": 4, "line_search_fn": "strong_wolfe"},
    "Muon": {"lr": 0.02, "momentum": 0.9, "nesterov": False, "ns_steps": 3, "adjust_lr_fn": "match_rms_adamw"},
    "NAdam": {"lr": 0.01, "momentum_decay": 0.01, "decoupled_weight_decay": True, "weight_decay": 0.1},
    "RAdam": {"lr": 0.01, "betas": [0.8, 0.99], "decoupled_weight_decay": True},
    "RMSprop": {"lr": 0.01, "alpha": 0.9, "momentum": 0.5, "centered": True},
    "Rprop": {"lr": 0.01, "etas": [0.4, 1.1], "step_sizes": [1e-5, 1.0]},
    "SGD": {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3},
}


def test_every_optimizer_is_here() -> None:
    assert {*ARGUMENTS, "SparseAdam"} == set(catalogue().optimizers)  # that one has a network of its own


@pytest.mark.parametrize("arguments", [{}, ...], ids=["default", "unusual"])
@pytest.mark.parametrize("name", ARGUMENTS)
def test_an_optimizer_gets_its_arguments_and_resumes(name: str, arguments: Any, start: Start) -> None:
    arguments = ARGUMENTS[name] if arguments is ... else {}
    watched = start(f"optimizer: {{{name}: {json.dumps(arguments)}}}" if arguments else f"optimizer: {name}")
    whole = watched.run()
    by_hand = getattr(optim, name)([nn.Parameter(torch.zeros(2, 2))], **arguments).param_groups[0]
    for key, value in by_hand.items():
        if key not in ("params", "fused") or key in arguments:
            assert watched.groups[0][key] in (value, tuple(value) if isinstance(value, list) else value), key
    assert all(not torch.equal(a, b) for a, b in zip(*(each.values() for each in watched.weights[:2]), strict=True))
    if arguments:
        check_resumed(watched, whole)


def chain(*parts: Callable[[optim.Optimizer], Any], at: tuple[int, ...] = ()) -> Callable[[optim.Optimizer], Any]:
    def build(optimizer: optim.Optimizer) -> Any:
        made = [part(optimizer) for part in parts]
        return schedulers.SequentialLR(optimizer, made, list(at)) if at else schedulers.ChainedScheduler(made)

    return build


def by_class(name: str, **arguments: Any) -> Callable[[optim.Optimizer], Any]:
    return lambda optimizer: getattr(schedulers, name)(optimizer, **arguments)


TOTAL = EPOCHS * STEPS
BATCH, EPOCH = 1, STEPS  # steps of the optimizer for one of the scheduler
# what is written, what a person would write, and how often it takes a step
SCHEDULES: dict[str, tuple[str, Callable[[optim.Optimizer], Any], int]] = {
    "constant": ("ConstantLR", by_class("ConstantLR"), EPOCH),
    "constant_2": (
        "{ConstantLR: {factor: 0.5, total_iters: 2}}",
        by_class("ConstantLR", factor=0.5, total_iters=2),
        EPOCH,
    ),
    "cosine": ("CosineAnnealingLR", by_class("CosineAnnealingLR", T_max=EPOCHS), EPOCH),
    "cosine_2": (
        "{CosineAnnealingLR: {T_max: 2, eta_min: 0.01}}",
        by_class("CosineAnnealingLR", T_max=2, eta_min=0.01),
        EPOCH,
    ),
    "cosine_batch": ("{CosineAnnealingLR: , step: batch}", by_class("CosineAnnealingLR", T_max=TOTAL), BATCH),
    "restarts": (
        "{CosineAnnealingWarmRestarts: {T_0: 1, T_mult: 2}}",
        by_class("CosineAnnealingWarmRestarts", T_0=1, T_mult=2),
        EPOCH,
    ),
    "restarts_batch": (
        "{CosineAnnealingWarmRestarts: {T_0: 4}, step: batch}",
        by_class("CosineAnnealingWarmRestarts", T_0=4),
        BATCH,
    ),
    "cyclic": (
        "{CyclicLR: {base_lr: 0.01, max_lr: 0.1, step_size_up: 4}}",
        by_class("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=4),
        BATCH,
    ),
    "cyclic_function": (
        "{CyclicLR: {base_lr: 0.01, max_lr: 0.1, step_size_up: 2, scale_mode: iterations, "
        "scale_fn: 1 / 2 ** $iterations}}",
        by_class(
            "CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=2, scale_fn=lambda x: 1 / 2**x, scale_mode="iterations"
        ),
        BATCH,
    ),
    "exponential": ("{ExponentialLR: 0.5}", by_class("ExponentialLR", gamma=0.5), EPOCH),
    "lambda": (
        "{LambdaLR: (1 - $epoch / $epochs) ** 2}",
        by_class("LambdaLR", lr_lambda=lambda e: (1 - e / EPOCHS) ** 2),
        EPOCH,
    ),
    "lambda_cosine": (
        "{LambdaLR: 0.5 * (1 + cos(pi * $epoch / $epochs)) * exp(-$epoch)}",
        by_class("LambdaLR", lr_lambda=lambda e: 0.5 * (1 + math.cos(math.pi * e / EPOCHS)) * math.exp(-e)),
        EPOCH,
    ),
    "lambda_inverse_root": (
        "{LambdaLR: 'min(1 / sqrt($step + 1), ($step + 1) / 5)'}",
        by_class("LambdaLR", lr_lambda=lambda s: min(1 / math.sqrt(s + 1), (s + 1) / 5)),
        BATCH,
    ),
    "lambda_step": (
        "{LambdaLR: 'min(1, ($step + 1) / 5) * (1 - $step / $steps)'}",
        by_class("LambdaLR", lr_lambda=lambda s: min(1, (s + 1) / 5) * (1 - s / TOTAL)),
        BATCH,
    ),
    "linear": (
        "{LinearLR: {start_factor: 1.0, end_factor: 0.1}}",
        by_class("LinearLR", start_factor=1.0, end_factor=0.1, total_iters=EPOCHS),
        EPOCH,
    ),
    "linear_2": ("{LinearLR: {total_iters: 2}}", by_class("LinearLR", total_iters=2), EPOCH),
    "milestones": (
        "{MultiStepLR: {milestones: [1, 3], gamma: 0.5}}",
        by_class("MultiStepLR", milestones=[1, 3], gamma=0.5),
        EPOCH,
    ),
    "multiplicative": (
        "{MultiplicativeLR: 1 / (1 + $epoch)}",
        by_class("MultiplicativeLR", lr_lambda=lambda e: 1 / (1 + e)),
        EPOCH,
    ),
    "one_cycle": ("{OneCycleLR: {max_lr: 0.3}}", by_class("OneCycleLR", max_lr=0.3, total_steps=TOTAL), BATCH),
    "one_cycle_lr": ("OneCycleLR", by_class("OneCycleLR", max_lr=0.2, total_steps=TOTAL), BATCH),
    "one_cycle_2": (
        "{OneCycleLR: {max_lr: [0.2], epochs: 5, steps_per_epoch: 3, three_phase: true, anneal_strategy: linear}}",
        by_class("OneCycleLR", max_lr=0.2, epochs=5, steps_per_epoch=3, three_phase=True, anneal_strategy="linear"),
        BATCH,
    ),
    "polynomial": ("{PolynomialLR: {power: 2.0}}", by_class("PolynomialLR", power=2.0, total_iters=EPOCHS), EPOCH),
    "step": ("{StepLR: {step_size: 2}}", by_class("StepLR", step_size=2), EPOCH),
    "sequence": (
        "{SequentialLR: {schedulers: [LinearLR, CosineAnnealingLR, {ExponentialLR: 0.5}], milestones: [1, 3]}}",
        chain(
            by_class("LinearLR", total_iters=1),
            by_class("CosineAnnealingLR", T_max=2),
            by_class("ExponentialLR", gamma=0.5),
            at=(1, 3),
        ),
        EPOCH,
    ),
    "sequence_batch": (
        "{SequentialLR: {schedulers: [ConstantLR, PolynomialLR], milestones: [5]}, step: batch}",
        chain(by_class("ConstantLR"), by_class("PolynomialLR", total_iters=TOTAL - 5), at=(5,)),
        BATCH,
    ),
    "chained": (
        "{ChainedScheduler: [{ConstantLR: {factor: 0.5, total_iters: 2}}, {ExponentialLR: 0.9}]}",
        chain(by_class("ConstantLR", factor=0.5, total_iters=2), by_class("ExponentialLR", gamma=0.9)),
        EPOCH,
    ),
    "warmup": (
        "{CosineAnnealingLR: , warmup: 5}",
        chain(
            by_class("LinearLR", start_factor=0.2, total_iters=5),
            by_class("CosineAnnealingLR", T_max=TOTAL - 5),
            at=(5,),
        ),
        BATCH,
    ),
    "warmup_alone": ("{warmup: 5}", by_class("LinearLR", start_factor=0.2, total_iters=5), BATCH),
    "warmup_steps": (
        "{StepLR: {step_size: 1, gamma: 0.5}, warmup: 2}",
        chain(
            by_class("LinearLR", start_factor=0.5, total_iters=2),
            by_class("StepLR", step_size=STEPS, gamma=0.5),
            at=(2,),
        ),
        BATCH,
    ),
    "warmup_exponential": (
        "{ExponentialLR: 0.5, warmup: 2}",
        chain(
            by_class("LinearLR", start_factor=0.5, total_iters=2),
            by_class("ExponentialLR", gamma=0.5 ** (1 / STEPS)),
            at=(2,),
        ),
        BATCH,
    ),
    "warmup_lambda": (
        "{LambdaLR: 0.5 ** $epoch, warmup: 2}",
        chain(
            by_class("LinearLR", start_factor=0.5, total_iters=2),
            by_class("LambdaLR", lr_lambda=lambda s: 0.5 ** (s // STEPS)),
            at=(2,),
        ),
        BATCH,
    ),
    "warmup_sequence": (
        "{SequentialLR: {schedulers: [ConstantLR, PolynomialLR], milestones: [2]}, warmup: 2}",
        chain(
            by_class("LinearLR", start_factor=0.5, total_iters=2),
            by_class("ConstantLR", total_iters=5 * STEPS),
            by_class("PolynomialLR", total_iters=TOTAL - 2 - 2 * STEPS),
            at=(2, 2 + 2 * STEPS),
        ),
        BATCH,
    ),
}


def test_every_scheduler_is_here() -> None:
    said = " ".join(text for text, _, _ in SCHEDULES.values())
    own_tests = ("ReduceLROnPlateau", "SWALR")
    assert [name for name in catalogue().schedulers if name not in said and name not in own_tests] == []


@pytest.mark.parametrize("case", SCHEDULES)
@pytest.mark.filterwarnings("ignore:.*optimizer.step.*:UserWarning")
def test_a_scheduler_moves_the_rate_as_by_hand_and_resumes(case: str, start: Start) -> None:
    text, by_hand, every = SCHEDULES[case]
    lr = "" if "max_lr" in text else "lr: 0.2, "
    watched = start(f"optimizer: {{SGD: {{{lr}momentum: 0.5}}}}\nscheduler: {text}")
    whole = watched.run()
    optimizer = optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.2, momentum=0.5)
    scheduler = by_hand(optimizer)
    rates, momenta = [], []
    for step in range(TOTAL):
        rates.append([optimizer.param_groups[0]["lr"]])
        momenta.append([optimizer.param_groups[0]["momentum"]])
        if (step + 1) % every == 0:
            scheduler.step()
    assert watched.rates == rates
    assert watched.momenta == momenta
    check_resumed(watched, whole)


def names_of(watched: Watched) -> list[tuple[list[str], dict[str, Any]]]:
    """The groups of all optimizers: names of their parameters, and their settings."""
    names = {id(value): name for name, value in watched.model.named_parameters()}
    return [([names[id(each)] for each in group["params"]], group) for group in watched.groups]


def test_what_is_named_does_not_decay(start: Start) -> None:
    watched = start("optimizer: {AdamW: {lr: 0.01, weight_decay: 0.3}, no_decay: [bias, norm]}")
    whole = watched.run("--weight-decay=0.2", "--lr=0.02")
    decay = {name: (group["weight_decay"], group["lr"]) for names, group in names_of(watched) for name in names}
    assert decay == {
        name: (0.0 if "bias" in name or "norm" in name else 0.2, 0.02) for name, _ in watched.model.named_parameters()
    }
    resumed = watched.run_in_two("--weight-decay=0.2", "--lr=0.02")
    same(resumed["model"], whole["model"])


def test_groups_have_their_settings_and_the_first_that_fits_counts(start: Start) -> None:
    rest = """optimizer:
  SGD: {lr: 0.1, momentum: 0.9, weight_decay: 0.01}
  no_decay: bias
  groups:
    - {params: fc3, lr: 0.1 * $lr}
    - {params: [fc2, weight], momentum: 0.5, weight_decay: 0.4}
"""
    watched = start(rest)
    whole = watched.run("--lr=0.2")
    found = {
        name: (round(group["lr"], 6), group["momentum"], group["weight_decay"])
        for names, group in names_of(watched)
        for name in names
    }
    assert found == {
        "fc1.weight": (0.2, 0.5, 0.4),
        "fc1.bias": (0.2, 0.9, 0.0),
        "norm.weight": (0.2, 0.5, 0.4),
        "norm.bias": (0.2, 0.9, 0.0),
        "fc2.weight": (0.2, 0.5, 0.4),
        "fc2.bias": (0.2, 0.5, 0.4),
        "fc3.weight": (0.02, 0.9, 0.01),
        "fc3.bias": (0.02, 0.9, 0.0),
    }
    same(watched.run_in_two("--lr=0.2")["optimizer"], whole["optimizer"])


def test_one_cycle_has_the_rate_of_each_group_at_its_top(start: Start) -> None:
    rest = "optimizer: {SGD: {lr: 0.1, momentum: 0.9}, groups: [{params: fc3, lr: 0.1 * $lr}]}\nscheduler: OneCycleLR"
    watched = start(rest)
    watched.run("--lr=0.5")
    assert [max(rates) for rates in zip(*watched.rates, strict=True)] == pytest.approx([0.05, 0.5], rel=0.01)


def test_muon_gets_hidden_matrices_and_another_the_rest(start: Start) -> None:
    rest = "optimizer: {Muon: {lr: 0.02}, rest: {SGD: {lr: 0.3, momentum: 0.5}}}\nscheduler: CosineAnnealingLR"
    watched = start(rest)
    whole = watched.run("--sgd-lr=0.4")
    (hidden, muon), (others, sgd) = names_of(watched)
    assert hidden == ["fc1.weight", "fc2.weight"]
    assert others == ["fc1.bias", "norm.weight", "norm.bias", "fc2.bias", "fc3.weight", "fc3.bias"]
    assert muon["momentum"] == 0.95 and sgd["momentum"] == 0.5
    cosine = [
        schedulers.CosineAnnealingLR(optim.SGD([nn.Parameter(torch.zeros(1))], lr), T_max=EPOCHS) for lr in (0.02, 0.4)
    ]
    expected = []
    for _ in range(EPOCHS):
        expected += STEPS * [each.get_last_lr() for each in cosine]
        for each in cosine:
            each.optimizer.step()
            each.step()
    assert watched.rates == expected
    resumed = watched.run_in_two("--sgd-lr=0.4")
    for part in ("model", "optimizer", "scheduler"):
        same(resumed[part], whole[part])


SPARSE = """\
name: net
task: supervised
input: {shape: [5], dtype: int64, high: 20}
layers: [{Embedding: {embedding_dim: 4, sparse: true}}, Flatten, {Linear: 3}]
loss: CrossEntropyLoss
data: {synthetic: 200}
"""


def test_sparse_adam_gets_the_embedding_and_another_the_rest(start: Start) -> None:
    watched = start("optimizer: {SparseAdam: {lr: 0.1, betas: [0.8, 0.9]}}\nscheduler: {ExponentialLR: 0.5}", SPARSE)
    whole = watched.run()
    (sparse, first), (others, second) = names_of(watched)
    assert sparse == ["embedding.weight"] and others == ["fc.weight", "fc.bias"]
    assert first["betas"] == (0.8, 0.9) and second["weight_decay"] == 0.01
    assert watched.rates[-2:] == [[0.1 * 0.5 ** (EPOCHS - 1)], [1e-3 * 0.5 ** (EPOCHS - 1)]]
    resumed = watched.run_in_two()
    for part in ("model", "optimizer", "scheduler"):
        same(resumed[part], whole[part])


@pytest.mark.filterwarnings("ignore:Sparse invariant:UserWarning")
@pytest.mark.parametrize("name", ["SGD", "Adagrad"])
def test_dense_optimizers_that_can_take_sparse_gradients(name: str, start: Start) -> None:
    watched = start(f"optimizer: {name}", SPARSE)
    watched.run()
    assert not torch.equal(watched.weights[0]["embedding.weight"], watched.weights[1]["embedding.weight"])


def test_lbfgs_is_torchs_own_loop(start: Start) -> None:
    watched = start("optimizer: {LBFGS: {max_iter: 4}}\ntraining: {batch_size: 1000}")
    train = watched.train
    torch.manual_seed(0)
    data = train.load_data()[0]
    model = train.Net()
    optimizer = optim.LBFGS(model.parameters(), lr=1.0, max_iter=4)
    loss_function = nn.CrossEntropyLoss()

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = loss_function(model(data.x), data.y)
        loss.backward()
        return loss

    losses = [optimizer.step(closure).item() for _ in range(EPOCHS)]
    whole = watched.run()
    torch.testing.assert_close([row["train_loss"] for row in whole["history"]], losses, rtol=1e-4, atol=1e-4)
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    "text", ["{ReduceLROnPlateau: {patience: 0, threshold: 0.5}}", "{ReduceLROnPlateau: {mode: max, patience: 0}}"]
)
def test_a_plateau_is_seen_in_the_metric(text: str, start: Start) -> None:
    watched = start(f"optimizer: {{SGD: {{lr: 0.2}}}}\nscheduler: {text}")
    whole = watched.run("--epochs=6")
    optimizer = optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.2)
    high = "max" in text
    scheduler = schedulers.ReduceLROnPlateau(
        optimizer, "max" if high else "min", patience=0, threshold=1e-4 if high else 0.5
    )
    rates = []
    for row in whole["history"]:
        rates += STEPS * [[optimizer.param_groups[0]["lr"]]]
        scheduler.step(row["validation_accuracy" if high else "validation_loss"])
    assert watched.rates == rates
    assert rates[-1] < rates[0]
    same(watched.run_in_two("--epochs=6")["scheduler"], whole["scheduler"])


@pytest.mark.parametrize(("beside", "begin"), [("start: 1, before: {ExponentialLR: 0.5}", 1), ("start: 2", 2), ("", 3)])
def test_weights_are_averaged_at_the_end(beside: str, begin: int, start: Start) -> None:
    watched = start(
        f"optimizer: {{SGD: {{lr: 0.2}}}}\nscheduler: {{SWALR: {{swa_lr: 0.05, anneal_epochs: 2}}, {beside}}}"
    )
    whole = watched.run()
    optimizer = optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.2)
    before = schedulers.ExponentialLR(optimizer, 0.5) if "before" in beside else None
    swa = SWALR(optimizer, swa_lr=0.05, anneal_epochs=2)
    rates = []
    for epoch in range(1, EPOCHS + 1):
        rates += STEPS * [[optimizer.param_groups[0]["lr"]]]
        optimizer.step()
        if epoch > begin:
            swa.step()
        elif before:
            before.step()
    assert watched.rates == rates
    for name, value in watched.weights[-1].items():
        mean = torch.stack([each[name] for each in watched.weights[begin:]]).mean(0)
        torch.testing.assert_close(whole["averaged"][f"module.{name}"], mean)
        assert begin == EPOCHS - 1 or not torch.equal(mean, value)
    resumed = watched.run_in_two()
    for part in whole.keys() & {"model", "averaged", "optimizer", "scheduler", "swa_scheduler"}:
        same(resumed[part], whole[part])


def test_a_function_of_the_authors_own_gives_the_rate(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_rates.py").write_text("def halved(epoch: int) -> float:\n    return 0.5**epoch\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    watched = start("optimizer: {SGD: {lr: 0.2}}\nscheduler: {LambdaLR: my_rates:halved}")
    watched.run()
    assert watched.rates == [[0.2 * 0.5**epoch] for epoch in range(EPOCHS) for _ in range(STEPS)]


@pytest.mark.parametrize(
    ("rest", "flag", "kept"),
    [
        ("optimizer: SGD\nscheduler: {OneCycleLR: {max_lr: 0.1}}", "--epochs=6", True),
        ("scheduler: {OneCycleLR: {max_lr: 0.1, total_steps: 12}}", "--epochs=6", True),
        ("scheduler: OneCycleLR", "--batch-size=32", True),
        ("scheduler: CosineAnnealingLR", "--epochs=6", True),
        ("scheduler: CosineAnnealingLR", "--batch-size=32", False),
        ("scheduler: {CosineAnnealingLR: , warmup: 5}", "--warmup=4", True),
        ("scheduler: {StepLR: 2}", "--lr=0.5", True),
        ("scheduler: {StepLR: 2}", "--epochs=6", False),
        ("optimizer: {AdamW: {weight_decay: 0.1}}\nscheduler: {SWALR: 0.1, start: 2}", "--weight-decay=0.2", True),
    ],
)
def test_what_a_schedule_was_made_for_does_not_change_in_a_resumed_run(
    rest: str, flag: str, kept: bool, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    watched = start(rest)
    whole = watched.run()
    if not kept:
        assert watched.run("--resume", flag)["epoch"] == (6 if "epochs" in flag else whole["epoch"])
        return
    with pytest.raises(SystemExit) as caught:
        watched.run("--resume", flag)
    assert caught.value.code == 2
    told = capsys.readouterr().err.splitlines()[-1]
    name = flag.split("=")[0].strip("-").replace("-", "_")
    assert told.endswith(f"error: {name} cannot change: the schedule was made for it")


@pytest.mark.parametrize(
    ("optimizer", "before", "after"),
    [
        ("{SGD: {lr: 0.2, momentum: 0.9, weight_decay: 0.1}}", [[0.2]], [[0.5]]),
        ("{SGD: {lr: 0.2, momentum: 0.9}, groups: [{params: fc3, lr: 0.1 * $lr}]}", [[0.02, 0.2]], [[0.05, 0.5]]),
        ("{Muon: {lr: 0.2}}", [[0.2], [0.001]], [[0.5], [0.001]]),
    ],
)
def test_another_rate_counts_from_where_a_run_goes_on(
    optimizer: str, before: Rates, after: Rates, start: Start
) -> None:
    watched = start(f"optimizer: {optimizer}")
    watched.run("--epochs=2")
    assert watched.rates == [pytest.approx(each) for each in 2 * STEPS * before]
    more = ["--weight-decay=0.3"] if "weight_decay" in optimizer else []
    state = watched.run("--resume", "--epochs=4", "--lr=0.5", *more)
    assert watched.rates == [pytest.approx(each) for each in 2 * STEPS * after]
    if more:
        assert state["optimizer"]["param_groups"][0]["weight_decay"] == 0.3
        assert state["optimizer"]["state"][0]["momentum_buffer"].any()  # it was not lost
    watched.run("--resume", "--epochs=5")  # the new rate is the run's own by now
    assert watched.rates == [pytest.approx(each) for each in STEPS * after]


BUFFERS = """\
name: net
task: classification
input: [8]
layers:
  - Linear: 6
  %s
  - {buffer: {shape: [1, 6], init: {constant: .inf}}, name: highest}
  - {minimum: highest}
  - {Linear: 3}
data: {synthetic: 200}
"""


@pytest.mark.parametrize("rest", ["training: {ema: 0.5}", "scheduler: {SWALR: 0.1, start: 1}"])
@pytest.mark.parametrize("norm", ["ReLU", "BatchNorm1d"])
def test_averaged_weights_have_buffers_that_fit(rest: str, norm: str, start: Start) -> None:
    """Running statistics are averaged as the weights are; without any, buffers stay as they are."""
    network = BUFFERS % f"- {norm}" if norm == "ReLU" else NETWORK.replace("{LayerNorm: , name: norm}", norm)
    watched = start(rest, network)
    whole = watched.run()
    state = whole["averaged"]
    if norm == "ReLU":
        assert torch.equal(state["module.highest"], whole["model"]["highest"])
        return
    seen = [each["bn.running_mean"] for each in watched.weights]
    if "SWALR" in rest:
        torch.testing.assert_close(state["module.bn.running_mean"], torch.stack(seen[1:]).mean(0))
    assert not torch.equal(state["module.bn.running_mean"], seen[-1])


@pytest.mark.parametrize("warmup", [0, 1, 12, 30])
def test_a_warm_up_may_have_any_length(warmup: int, start: Start) -> None:
    watched = start("optimizer: {SGD: {lr: 0.2}}\nscheduler: {CosineAnnealingLR: , warmup: 5}")
    watched.run(f"--warmup={warmup}")
    expected = [0.2 * (step + 1) / warmup if warmup and step < warmup else 0.2 for step in range(TOTAL)]
    rates = [rate for (rate,) in watched.rates]
    assert rates[: max(warmup, 1)] == pytest.approx(expected[: max(warmup, 1)], rel=0.1)
    if warmup < TOTAL:
        assert max(rates) == pytest.approx(0.2) and rates[-1] < 0.02


def test_steps_are_counted_where_batches_are_added_up(start: Start) -> None:
    watched = start("optimizer: SGD\nscheduler: OneCycleLR\ntraining: {accumulate: 2, clip_grad_norm: 1, ema: 0.9}")
    whole = watched.run()
    assert len(watched.rates) == 2 * EPOCHS == whole["step"]
    assert watched.rates[-1][0] < 1e-3 * max(watched.rates)[0]
