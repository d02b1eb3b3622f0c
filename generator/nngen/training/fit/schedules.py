"""Checks of a scheduler: its parts, what it counts, its expressions."""

from __future__ import annotations

from ...description.calls import Call, Function, Schedule
from ...description.settings import Training
from ...language import expressions
from ...language.expressions import ExpressionError
from ...language.problems import Problems
from ...language.suggest import did_you_mean, suggest
from ..schedules import BATCH, EPOCH, calls, natural_unit, traits

_HIGHEST_EPOCH = 1000  # that expressions are tried at


def check_schedule(schedule: Schedule, training: Training, problems: Problems) -> None:
    """Note what torch's scheduler would refuse."""
    _check_parts(schedule, problems)
    _check_unit(schedule, problems)
    for call in calls(schedule):
        for name, value in call.arguments.items():
            if isinstance(value, Function) and value.expr is not None:
                _check_function(call, name, value, training, problems)
    if schedule.warmup is not None and not schedule.constant:
        _check_warmup(schedule, problems)
    if schedule.name == "SWALR":
        _check_averaging(schedule, training, problems)


def _check_parts(call: Call, problems: Problems) -> None:
    """Note schedulers that torch cannot run inside of another."""
    parts = call.arguments.get("schedulers", ())
    for part in parts:
        facts = traits(part.name)
        if facts.get("metric"):
            message = f"{part.name} waits for a metric, which {call.name} does not hand on"
            problems.add(message, part.position, f"take {part.name} alone, or another one here")
        elif facts.get("cycles_momentum"):
            message = f"{part.name} sets the learning rate of the whole training, so it is no part of {call.name}"
            problems.add(message, part.position, f"take {part.name} alone")
        elif facts.get("composite"):
            problems.add(f"{part.name} is no part of {call.name}", part.position, "put its schedulers into one list")
        elif part.name == "SWALR":
            hint = "write scheduler: {SWALR: ..., before: CosineAnnealingLR, start: 75}"
            message = f"SWALR comes with an average of the weights, so it is no part of {call.name}"
            problems.add(message, part.position, hint)
        elif call.name == "ChainedScheduler" and part.name == "LambdaLR" and part is not parts[0]:
            problems.warn("LambdaLR undoes what the schedulers before it did", part.position, "put it first")
    if call.name == "SequentialLR" and len(call.arguments["milestones"]) != len(parts) - 1 and parts:
        needed = len(parts) - 1
        message = f"SequentialLR: {len(parts)} schedulers need {needed} milestone{'' if needed == 1 else 's'}"
        problems.add(f"{message}, and there are {len(call.arguments['milestones'])}", call.position, _MILESTONES)


_MILESTONES = "a milestone is where the next scheduler takes over"


def _check_unit(schedule: Schedule, problems: Problems) -> None:
    natural = natural_unit(schedule)
    if schedule.unit == EPOCH and natural == BATCH:
        problems.add(f"{schedule.name} takes a step after each batch", schedule.position, "leave 'step: epoch' out")
    elif schedule.unit == BATCH and traits(schedule.name).get("metric"):
        problems.add(f"{schedule.name} takes a step after each epoch, with the metric", schedule.position, _NO_BATCH)
    elif schedule.unit == BATCH and schedule.name == "SWALR":
        problems.add("SWALR takes a step after each epoch", schedule.position, _NO_BATCH)


_NO_BATCH = "leave 'step: batch' out"


def _check_warmup(schedule: Schedule, problems: Problems) -> None:
    facts = traits(schedule.name)
    hint = "leave warmup out"
    if facts.get("cycles_momentum"):
        option = "pct_start" if schedule.name == "OneCycleLR" else "step_size_up"
        problems.add(f"{schedule.name} begins low and climbs by itself", schedule.position, f"see {option}; {hint}")
    elif facts.get("metric"):
        message = f"{schedule.name} waits for a metric, and cannot come after a warm-up in a SequentialLR"
        problems.add(message, schedule.position, "take CosineAnnealingLR, or leave warmup out")
    elif schedule.name in ("ChainedScheduler", "SWALR"):
        problems.add(f"{schedule.name} cannot come after a warm-up in a SequentialLR", schedule.position, hint)
    elif schedule.unit is None:
        for call in calls(schedule):
            if call.name == "MultiplicativeLR":
                message = "with a warm-up the learning rate is set after each batch, and this is a factor for an epoch"
                problems.add(f"MultiplicativeLR: {message}", call.position, "take ExponentialLR or LambdaLR")


def _check_averaging(schedule: Schedule, training: Training, problems: Problems) -> None:
    if training.ema is not None:
        problems.add("SWALR and ema both average the weights", schedule.position, "leave one of them out")
    if schedule.start is not None and schedule.start >= training.epochs:
        message = f"SWALR: averaging would start after epoch {schedule.start}, and there are {training.epochs} epochs"
        problems.add(message, schedule.position)
    if schedule.before is not None:
        inner = Schedule(schedule.before.name, schedule.before.arguments, schedule.before.position)
        if inner.name == "SWALR" or natural_unit(inner) == BATCH or traits(inner.name).get("metric"):
            problems.add(f"{inner.name} cannot come before SWALR", inner.position, "such as CosineAnnealingLR")
        else:
            check_schedule(inner, training, problems)


def _check_function(call: Call, argument: str, function: Function, training: Training, problems: Problems) -> None:
    """Note an expression that is no number somewhere in the training."""
    assert function.expr is not None
    names = expressions.names(function.expr)
    if argument == "scale_fn":
        counted = call.arguments.get("scale_mode", "cycle")
        counted = "iterations" if counted == "iterations" else "cycle"
        known, example = {counted}, "1 / 2 ** $" + counted
    else:
        counted = "step" if "step" in names else "epoch"
        known, example = {counted, "epochs", "steps", "steps_per_epoch"}, "0.95 ** $epoch"
    for name in sorted(names - known):
        listed = ", ".join(f"${variable}" for variable in sorted(known))
        hint = did_you_mean(suggest(name, known), f"there are {listed}", variable=True)
        if name == "epoch":
            hint = "it counts epochs or steps, not both"
        problems.add(f"{call.name}: there is no ${name} here", call.position, hint)
        return
    if counted not in names:
        problems.add(f"{call.name}: {argument} does not depend on ${counted}", call.position, f"such as {example}")
        return
    per_epoch = 100
    values = {"epochs": training.epochs, "steps_per_epoch": per_epoch, "steps": training.epochs * per_epoch}
    last = training.epochs if counted == "epoch" else training.epochs * per_epoch
    for moment in sorted({*range(min(last, _HIGHEST_EPOCH) + 1), last}):
        try:
            value = expressions.evaluate(function.expr, {**values, counted: moment})
        except ExpressionError as error:
            if moment > 1 and "too large" in str(error):
                return  # our numbers have bounds, Python's have none
            problems.add(f"{call.name}: {argument} has no value at {counted} {moment}: {error}", call.position)
            return
        if isinstance(value, (bool, str)) or not isinstance(value, (int, float)) or value < 0:
            message = f"{call.name}: {argument} is {value!r} at {counted} {moment}, and a factor is a number from 0 on"
            problems.add(message, call.position)
            return
