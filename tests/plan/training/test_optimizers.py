"""Every optimizer of torch in an emitted ``train.py``: it does what torch does by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn, optim
from torch.optim import lr_scheduler as schedulers

from nngen.language.catalogue.registry import catalogue
from watched import EPOCHS, STEPS, Start, Watched, check_resumed, same, starter

torch.set_num_threads(1)  # the networks are tiny


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    return starter(tmp_path, monkeypatch)


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
