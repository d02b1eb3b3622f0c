"""Every scheduler of torch in an emitted ``train.py``, and averaged weights: the rates are those of torch by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn, optim
from torch.optim import lr_scheduler as schedulers
from torch.optim.swa_utils import SWALR

from nngen.language.catalogue.registry import catalogue
from watched import EPOCHS, NETWORK, STEPS, Rates, Start, check_resumed, same, starter

torch.set_num_threads(1)  # the networks are tiny


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    return starter(tmp_path, monkeypatch)


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


def test_one_cycle_has_the_rate_of_each_group_at_its_top(start: Start) -> None:
    rest = "optimizer: {SGD: {lr: 0.1, momentum: 0.9}, groups: [{params: fc3, lr: 0.1 * $lr}]}\nscheduler: OneCycleLR"
    watched = start(rest)
    watched.run("--lr=0.5")
    assert [max(rates) for rates in zip(*watched.rates, strict=True)] == pytest.approx([0.05, 0.5], rel=0.01)


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
