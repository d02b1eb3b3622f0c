"""Reads ``optimizer`` and ``scheduler``, each a class of torch with companion keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..description.calls import Call, Optimizer, ParameterGroup, Schedule
from ..language import expressions, load
from ..language.catalogue.entries import Entry
from ..language.catalogue.registry import catalogue
from ..language.catalogue.values import about, check_value
from ..language.expressions import ExpressionError
from ..language.load import Node, Scalar, describe
from ..language.problems import Problems
from .arguments import at
from .calls import read_call, split

DEFAULT_OPTIMIZER = Optimizer("Adam")
OPTIMIZER_KEYS = ("no_decay", "groups", "rest")
SCHEDULER_KEYS = ("warmup", "step", "before", "start")
# the names in expressions for a group's options: flags of the emitted train.py
GROUP_NAMES = ("lr", "weight_decay")
_PATTERN = re.compile(r"[A-Za-z0-9_.]+")


def read_optimizer(node: Node | None, problems: Problems) -> Optimizer | None:
    """Read the optimizer, by default Adam; return None, with a problem recorded, if it is invalid."""
    if _nothing(node):
        return DEFAULT_OPTIMIZER
    entries = catalogue().optimizers
    written = split(node, "optimizer", entries, OPTIMIZER_KEYS, problems)  # type: ignore[arg-type]
    if written is None:
        return None
    if written.kind.value in OPTIMIZER_KEYS:
        problems.add(f"{written.kind.value!r} stands beside an optimizer", written.kind, "such as AdamW: {lr: 1e-3}")
        return None
    call = read_call(written.kind, written.value, "optimizer", entries, problems)
    if call is None:
        return None
    no_decay = _patterns(written.beside.get("no_decay"), "no_decay", problems)
    groups = _groups(written.beside.get("groups"), entries[call.name], problems)
    other = _companion_call(written.beside.get("rest"), "rest", entries, problems)
    return Optimizer(call.name, call.arguments, call.position, no_decay, groups, other)


def read_schedule(node: Node | None, problems: Problems) -> Schedule | None:
    """Read the scheduler; return None if there is none, or, with a problem recorded, if it is invalid."""
    if _nothing(node):
        return None
    entries = catalogue().schedulers
    written = split(node, "scheduler", entries, SCHEDULER_KEYS, problems)  # type: ignore[arg-type]
    if written is None:
        return None
    beside = written.beside
    warmup = _whole(beside.get("warmup"), "warmup", "steps", problems)
    if written.kind.value in SCHEDULER_KEYS:
        if warmup is None:
            problems.add(
                f"{written.kind.value!r} stands beside a scheduler", written.kind, "such as CosineAnnealingLR:"
            )
            return None
        return Schedule("LinearLR", {}, written.kind.position, warmup, "batch", constant=True)
    call = read_call(written.kind, written.value, "scheduler", entries, problems)
    if call is None:
        return None
    unit = load.plain(beside["step"]) if "step" in beside else None
    if unit not in (None, "batch", "epoch"):
        problems.add(f"step: expected batch or epoch, found {describe(beside['step'])}", beside["step"])
        unit = None
    for key in ("before", "start"):
        if key in beside and call.name != "SWALR":
            hint = "one after the other is SequentialLR" if key == "before" else ""
            problems.add(f"{key!r} goes with SWALR, not with {call.name}", beside[key], hint)
    before = _companion_call(beside.get("before"), "before", entries, problems)
    start = _whole(beside.get("start"), "start", "epochs", problems)
    return Schedule(call.name, call.arguments, call.position, warmup, unit, before=before, start=start)


def _companion_call(node: Node | None, key: str, entries: Mapping[str, Entry], problems: Problems) -> Call | None:
    if _nothing(node):
        return None
    kind = "optimizer" if key == "rest" else "scheduler"
    call = split(node, key, entries, (), problems)  # type: ignore[arg-type]
    return read_call(call.kind, call.value, kind, entries, problems) if call else None


def _whole(node: Node | None, key: str, unit: str, problems: Problems) -> int | None:
    if node is None:
        return None
    value = load.plain(node)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 2**31:
        return value
    problems.add(f"{key}: expected a number of {unit}, found {describe(node)}", node)
    return None


def _patterns(node: Node | None, key: str, problems: Problems) -> tuple[str, ...]:
    """Read the parts of names that select the parameters of a group."""
    if node is None:
        return ()
    items = node.items if isinstance(node, load.Sequence) else (node,)
    patterns = []
    for item in items:
        value = load.plain(item)
        if isinstance(value, str) and _PATTERN.fullmatch(value) and len(value) <= 100:
            patterns.append(value)
        else:
            problems.add(
                f"{key}: expected a part of a parameter's name, found {describe(item)}", item, "such as bias, or head."
            )
    if not items:
        message = f"{key}: expected parts of parameters' names, found {describe(node)}"
        problems.add(message, node, "such as [bias, norm]")
    return tuple(patterns)


def _groups(node: Node | None, entry: Entry, problems: Problems) -> tuple[ParameterGroup, ...]:
    if node is None:
        return ()
    items = node.items if isinstance(node, load.Sequence) else ()
    if not items:
        problems.add(f"groups: expected a list, found {describe(node)}", node, "such as [{params: head, lr: 1e-4}]")
    groups = []
    for item in items:
        params = item.get("params") if isinstance(item, load.Mapping) else None
        if not isinstance(item, load.Mapping) or params is None:
            problems.add("a group needs 'params', parts of parameters' names", item, "such as {params: head, lr: 1e-4}")
            continue
        options: dict[str, Any] = {}
        for key, value in item.entries:
            if key.value != "params":
                options |= _option(key, value, entry, problems)
        if len(item.entries) == 1:
            problems.add("a group needs settings of its own", item, "such as {params: head, lr: 1e-4}")
        patterns = _patterns(params, "params", problems)
        if patterns:
            groups.append(ParameterGroup(patterns, options, item.position))
    return tuple(groups)


def _option(key: Scalar, node: Node, entry: Entry, problems: Problems) -> dict[str, Any]:
    name = str(key.value)
    parameter = entry.parameter(name)
    if parameter is None:
        names = [*(argument.name for argument in entry.parameters), "params"]
        problems.unknown(f"{entry.name} has no argument {name!r}", key, name, names)
        return {}
    value = load.plain(node)
    if isinstance(value, str) and expressions.is_expression(value):
        return _expression(name, node, problems)
    wrong = check_value(parameter, value)
    if wrong:
        problems.add(about(entry, name, wrong), node)
    return {} if wrong else {name: value}


def _expression(name: str, node: Node, problems: Problems) -> dict[str, Any]:
    try:
        expr = expressions.parse(str(load.plain(node)))
        for unknown in sorted(expressions.names(expr) - set(GROUP_NAMES)):
            problems.add(f"there is no ${unknown} here", node, "there are $lr and $weight_decay")
            return {}
        value = expressions.evaluate(expr, dict.fromkeys(GROUP_NAMES, 0.5))
    except ExpressionError as error:
        problems.add(f"{describe(node)}: {error}", at(node, error), error.hint)
        return {}
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        problems.add(f"{name}: {describe(node)} is no number from 0 on", node)
        return {}
    return {name: expr}


def _nothing(node: Node | None) -> bool:
    return node is None or (isinstance(node, Scalar) and node.value is None)
