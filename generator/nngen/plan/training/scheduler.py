"""Schedulers as code: what they count, and what only the training knows filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...description.calls import Call, Function, Schedule
from ...language import expressions
from ...language.catalogue.registry import catalogue
from ...language.expressions import Expr
from ...language.python import argument, literal
from ...training.schedules import BATCH, EPOCH, TIMES, calls, natural_unit, traits, unit_of

# those that are filled in with the length of the training
_FILLED_IN = ("T_max", "total_iters", "total_steps")


@dataclass(frozen=True, slots=True)
class SchedulePlan:
    """How the learning rate moves, as code.

    Attributes:
        name: the class of torch.
        steps: when it takes a step: after each ``step`` of the optimizer or ``epoch``, or with the ``metric``.
        arguments: those after the optimizer, when one call in ``main`` is all.
        source: otherwise, what ``make_scheduler`` returns.
        parameters: what that needs, each with its type and with what ``main`` passes.
        classes: torch's classes that it names.
        functions: the author's own, each a module and a name.
        ends: it raises an error when it takes more steps than it was made for.
    """

    name: str
    steps: str
    arguments: tuple[str, ...] = ()
    source: str = ""
    parameters: tuple[tuple[str, str, str], ...] = ()
    classes: tuple[str, ...] = ()
    functions: tuple[tuple[str, str], ...] = ()
    ends: bool = False

    @property
    def signature(self) -> list[str]:
        """The parameters of ``make_scheduler``."""
        return ["optimizer: Optimizer", *(f"{name}: {annotation}" for name, annotation, _ in self.parameters)]

    @property
    def words(self) -> str:
        """What ``make_scheduler`` returns, in a sentence."""
        moment = "batch" if self.steps == "step" else "epoch"
        return f"Return the scheduler, which takes a step after each {moment}."

    @property
    def made_for(self) -> frozenset[str]:
        """The settings of a run that it is made from, and so cannot change when it goes on."""
        code = " ".join((*self.arguments, *(passed for _, _, passed in self.parameters)))
        found = {*re.findall(r"config\.(\w+)", code), *(("epochs",) if self.ends else ())}
        return frozenset(found | ({"batch_size", "accumulate"} if "steps_per_epoch" in code else set()))


@dataclass(frozen=True, slots=True)
class _Span:
    """What a scheduler has before it, as code."""

    horizon: str
    unit: str
    to_steps: bool = False  # its numbers are epochs, and it takes a step after each batch
    group_rates: bool = False  # groups, or optimizers, have rates of their own
    prefix: str = ""  # before the names of settings


def plan_schedule(schedule: Schedule | None, group_rates: bool, several: bool = False) -> SchedulePlan | None:
    """The scheduler as code.

    Args:
        schedule: as described.
        group_rates: groups of parameters, or several optimizers, have learning rates of their own.
        several: each of several optimizers gets one.
    """
    if schedule is None:
        return None
    call = schedule.before if schedule.name == "SWALR" and schedule.before else schedule
    unit = unit_of(schedule)
    metric = traits(call.name).get("metric")
    steps = "metric" if metric else {BATCH: "step", EPOCH: "epoch"}[unit]
    ends = any(traits(each.name).get("raises_past_end") for each in calls(call))
    functions = tuple(_own_functions(call))
    has_code = any(isinstance(value, Function) for each in calls(call) for value in each.arguments.values())
    if schedule.warmup is None and not has_code and not several and "schedulers" not in call.arguments:
        horizon = "config.epochs" if unit == EPOCH else "config.epochs * steps_per_epoch"
        span = _Span(horizon, unit, group_rates=group_rates, prefix="config.")
        return SchedulePlan(call.name, steps, tuple(_arguments(call, span)), ends=ends)
    to_steps = schedule.unit is None and unit != natural_unit(schedule)
    span = _Span("epochs" if unit == EPOCH else "steps", unit, to_steps, group_rates)
    source = _source(call, span) if schedule.warmup is None else _with_warmup(schedule, span)
    name = call.name if schedule.warmup is None else "LinearLR" if schedule.constant else "SequentialLR"
    names = tuple(sorted({each.name for each in calls(call)} | ({"LinearLR", name} if schedule.warmup else set())))
    return SchedulePlan(name, steps, (), source, _parameters(source), names, functions, ends)


def _parameters(source: str) -> tuple[tuple[str, str, str], ...]:
    passed = {
        "lr": ("float", "config.lr"),
        "base_lr": ("float", "config.base_lr"),
        "warmup": ("int", "config.warmup"),
        "epochs": ("int", "config.epochs"),
        "steps": ("int", "config.epochs * steps_per_epoch"),
        "steps_per_epoch": ("int", "steps_per_epoch"),
    }
    # a name that is an argument of torch's, as in steps_per_epoch=3, is no use of ours
    used = set(re.findall(r"\b[a-z_]+\b(?!=[^=])", source))
    return tuple((name, *kind) for name, kind in passed.items() if name in used)


def _with_warmup(schedule: Schedule, span: _Span) -> str:
    """A warm-up, then the scheduler: both in one SequentialLR."""
    warmup = "LinearLR(optimizer, start_factor=1 / max(1, warmup), total_iters=warmup)"
    if schedule.constant:
        return warmup
    if schedule.name == "SequentialLR":
        parts, milestones = _segments(schedule, span, "warmup")
    else:
        after = _Span(f"max(1, {span.horizon} - warmup)", span.unit, span.to_steps)
        parts, milestones = [_source(schedule, after)], []
    return _sequence([warmup, *parts], ["warmup", *milestones])


def _sequence(parts: list[str], milestones: list[str]) -> str:
    return f"SequentialLR(optimizer, [{', '.join(parts)},], milestones=[{', '.join(milestones)}])"


def _segments(call: Call, span: _Span, begin: str = "") -> tuple[list[str], list[str]]:
    """The parts of a SequentialLR, each with its own length, and where they begin."""
    numbers = [int(each) for each in call.arguments["milestones"]]
    ends = [_times(number, span) for number in numbers]
    lengths = [_times(b - a, span) for a, b in zip([0, *numbers], numbers, strict=False)]
    last = " - ".join(filter(None, [span.horizon, begin, ends[-1] if ends else ""]))
    lengths.append(f"max(1, {last})")
    parts = [
        _source(each, _Span(length, span.unit, span.to_steps))
        for each, length in zip(call.arguments["schedulers"], lengths, strict=True)
    ]
    return parts, [f"{begin} + {end}" if begin else end for end in ends]


def _source(call: Call, span: _Span) -> str:
    """``CosineAnnealingLR(optimizer, T_max=epochs)``."""
    if call.name == "SequentialLR":
        return _sequence(*_segments(call, span))
    if call.name == "ChainedScheduler":
        return f"ChainedScheduler([{', '.join(_source(each, span) for each in call.arguments['schedulers'])},])"
    return f"{call.name}({', '.join(['optimizer', *_arguments(call, span)])})"


def _arguments(call: Call, span: _Span) -> Iterator[str]:
    """Arguments after the optimizer, as code."""
    given = dict(call.arguments)
    filled: dict[str, str] = {}
    cycles = traits(call.name).get("cycles_momentum")
    if cycles:
        for name in ("base_lr", "max_lr"):
            given.pop(name, None)
        filled |= {"base_lr": f"{span.prefix}base_lr"} if call.name == "CyclicLR" else {}
        filled["max_lr"] = (
            '[group["lr"] for group in optimizer.param_groups]' if span.group_rates else f"{span.prefix}lr"
        )
    for parameter in catalogue().schedulers[call.name].parameters:
        name = parameter.name
        if name in filled:
            yield f"{name}={filled[name]}"
        elif name in given and name in TIMES and span.to_steps:
            yield f"{name}={_times(given[name], span)}"
        elif name == "gamma" and span.to_steps and call.name == "ExponentialLR":
            yield f"gamma={literal(given[name])} ** (1 / steps_per_epoch)"
        elif name in given and isinstance(given[name], Function):
            yield f"{name}={_function(call, given[name], span)}"
        elif name in given:
            yield argument(name, given[name])
        elif name in traits(call.name).get("computed", ()) and name in _FILLED_IN:  # type: ignore[operator]
            if "steps_per_epoch" not in given:  # OneCycleLR takes these two in place of total_steps
                yield f"{name}={span.horizon}"
        elif name in TIMES and span.to_steps and parameter.default is not None:
            yield f"{name}={_times(parameter.default, span)}"


def _times(value: object, span: _Span) -> str:
    """A number of epochs, or a list of such, in what the scheduler counts."""
    if isinstance(value, list):
        return f"[{', '.join(_times(each, span) for each in value)}]"
    if not span.to_steps or value == 0:
        return literal(value)
    return "steps_per_epoch" if value == 1 else f"{literal(value)} * steps_per_epoch"


def _function(call: Call, function: Function, span: _Span) -> str:
    if function.expr is None:
        return function.attribute
    names = expressions.names(function.expr)
    if "scale_fn" in call.arguments:
        (counted,) = names or {"cycle"}
        return f"lambda {counted}: {_python(function.expr, {})}"
    counted = "step" if span.unit == BATCH else "epoch"
    rename = {"epoch": "(step // steps_per_epoch)"} if counted == "step" and "step" not in names else {}
    return f"lambda {counted}: {_python(function.expr, rename)}"


def _python(expr: Expr, rename: Mapping[str, str]) -> str:
    return expressions.to_python(expr, dict(rename))


def _own_functions(call: Call) -> Iterator[tuple[str, str]]:
    for each in calls(call):
        for value in each.arguments.values():
            if isinstance(value, Function) and value.expr is None:
                yield value.module, value.attribute
