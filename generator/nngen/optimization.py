"""Optimizers and schedulers that one training loop can use, by what the catalogue knows of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from .calls import Call
from .catalogue import Entry, catalogue
from .printing import call_arguments
from .problems import Problems

# traits of optimizers that need a loop of their own, and of schedulers that need code or other schedulers
_OTHER_LOOPS = ("needs_closure", "matrices_only", "sparse_gradients")
_OTHER_SCHEDULERS = ("LambdaLR", "MultiplicativeLR", "SWALR")
_CONFLICTS_WITH_FUSED = ("foreach", "fused", "differentiable")
# arguments that only training knows, as code
_FILLED_IN: Mapping[str, str] = {
    "T_max": "config.epochs",
    "total_iters": "config.epochs",
    "total_steps": "config.epochs * steps_per_epoch",
}


@cache
def optimizers() -> Mapping[str, Entry]:
    """Those that take a plain step."""
    known = catalogue().optimizers
    return {name: known[name] for name in known if not any(trait in known[name].traits for trait in _OTHER_LOOPS)}


@cache
def schedulers() -> Mapping[str, Entry]:
    """Those that need nothing but numbers."""
    known = catalogue().schedulers
    return {
        name: known[name] for name in known if name not in _OTHER_SCHEDULERS and "composite" not in known[name].traits
    }


def default_lr(optimizer: str) -> float:
    """The learning rate that torch takes when none is given; a flag needs a value."""
    parameter = optimizers()[optimizer].parameter("lr")
    assert parameter is not None and isinstance(parameter.default, (int, float))
    return float(parameter.default)


def scheduler_step(scheduler: str) -> str:
    """When a scheduler takes its step: after a ``step`` of the optimizer, an ``epoch``, or with the ``metric``."""
    traits = schedulers()[scheduler].traits
    if traits.get("metric"):
        return "metric"
    return "step" if traits["step"] == "batch" else "epoch"


def optimizer_arguments(optimizer: Call) -> tuple[str, ...]:
    """Arguments after the parameters, as code; what has a flag is taken from it."""
    given = dict(optimizer.arguments)
    given.pop("lr", None)
    lines = ["lr=config.lr"]
    if given.pop("weight_decay", None) is not None:
        lines.append("weight_decay=config.weight_decay")
    lines += call_arguments(given, indent=8)
    # one kernel for all weights: 1.4 times the speed for small networks; Adagrad has it on the CPU alone
    fused = optimizers()[optimizer.name].traits.get("fused") and optimizer.name != "Adagrad"
    if fused and not any(name in given for name in _CONFLICTS_WITH_FUSED):
        lines.append("fused=True")
    return tuple(lines)


def scheduler_arguments(scheduler: Call | None) -> tuple[str, ...]:
    """Arguments after the optimizer, as code; those that follow from the training are filled in."""
    if scheduler is None:
        return ()
    computed = [
        name for name in schedulers()[scheduler.name].traits.get("computed", ()) if name not in scheduler.arguments
    ]
    if "steps_per_epoch" in scheduler.arguments:
        computed = []  # OneCycleLR takes these two in place of total_steps
    lines = [f"{name}={_FILLED_IN[name]}" for name in computed if name not in scheduler.arguments]
    return (*lines, *call_arguments(scheduler.arguments, indent=8))


def check_together(optimizer: Call, scheduler: Call | None, problems: Problems) -> None:
    """Notes a scheduler that moves the momentum of an optimizer that has none."""
    if scheduler is None or scheduler.arguments.get("cycle_momentum") is False:
        return
    cycles = schedulers()[scheduler.name].traits.get("cycles_momentum")
    if cycles and "momentum" not in optimizers()[optimizer.name].traits:
        message = f"{scheduler.name} cycles the momentum, and {optimizer.name} has none"
        problems.add(message, scheduler.position, "write cycle_momentum: false")
