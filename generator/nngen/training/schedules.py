"""What is known of schedulers: what they count, and what they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..description.calls import Call, Function, Schedule
from ..language import expressions
from ..language.catalogue.registry import catalogue

BATCH, EPOCH = "batch", "epoch"

# arguments that are numbers of epochs, or of batches where a scheduler takes a step after each
TIMES = ("step_size", "milestones", "total_iters", "T_max", "T_0")


def traits(name: str) -> Mapping[str, object]:
    """What the catalogue knows of a scheduler."""
    return catalogue().schedulers[name].traits


def unit_of(schedule: Schedule) -> str:
    """Whether a scheduler takes a step after each batch or each epoch."""
    if schedule.warmup is not None:
        return BATCH
    return schedule.unit or natural_unit(schedule)


def natural_unit(call: Call) -> str:
    """What the numbers of a scheduler count where nothing else is written."""
    inner = [natural_unit(each) for each in call.arguments.get("schedulers", ())]
    function = call.arguments.get("lr_lambda")
    counts_steps = isinstance(function, Function) and function.expr and "step" in expressions.names(function.expr)
    return BATCH if traits(call.name)["step"] == "batch" or BATCH in inner or counts_steps else EPOCH


def calls(call: Call) -> Iterator[Call]:
    """A scheduler and those in it."""
    yield call
    for each in call.arguments.get("schedulers", ()):
        yield from calls(each)
