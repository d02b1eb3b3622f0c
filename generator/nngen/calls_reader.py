"""Reads losses, optimizers and schedulers: a class of torch with its arguments."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from . import load
from .arguments import check_together, check_value
from .calls import Call, LossTerm, Named
from .catalogue import catalogue
from .entries import Entry
from .load import Node, Scalar, describe
from .losses import losses_for
from .names import identifier_problem
from .problems import Problems
from .suggest import suggest
from .tasks import UNKNOWN, Task
from .written import about, bind, plain_arguments

BESIDE_LOSS = ("from", "scale")


def known(call: Call | None, key: str, names: Collection[str], problems: Problems) -> Call | None:
    """The call if this version can train with it."""
    if call is None or call.name in names:
        return call
    problems.add(_not_yet(key, call.name), call.position, f"there are {', '.join(names)}")
    return None


def read_losses(node: Node | None, task: Task, problems: Problems) -> tuple[LossTerm, ...]:
    """The losses that are summed; the task's own when none is written."""
    if isinstance(node, load.Sequence) and node.items:
        terms = [_term(item, task, problems) for item in node.items]
        return tuple(term for term in terms if term) or _default(task)
    if node is None or (isinstance(node, Scalar) and node.value is None):
        if task is not UNKNOWN and not task.default_loss:
            problems.add(f"{task.name} needs a loss", node, "such as 'loss: MSELoss'")
        return _default(task)
    term = _term(node, task, problems)
    return (term,) if term else _default(task)


def _default(task: Task) -> tuple[LossTerm, ...]:
    return (LossTerm(Call(task.default_loss)),) if task.default_loss else ()


def _term(node: Node, task: Task, problems: Problems) -> LossTerm | None:
    """One loss, with what stands beside it."""
    sources: tuple[Named, ...] | None = None
    scale = 1.0
    if isinstance(node, load.Mapping):
        for key, value in node.entries:
            if key.value == "from":
                sources = _sources(value, problems)
            elif key.value == "scale":
                scale = _scale(value, problems)
        entries = tuple(entry for entry in node.entries if entry[0].value not in BESIDE_LOSS)
        named = [entry for entry in entries if entry[0].value in catalogue().losses]
        if len(entries) > 1 and len(named) == 1:
            for key, _ in entries:
                if key is not named[0][0]:
                    nearest = suggest(key.value, BESIDE_LOSS) if isinstance(key.value, str) else None
                    hint = f"did you mean {nearest!r}?" if nearest else f"there are {' and '.join(BESIDE_LOSS)}"
                    problems.add(f"loss: {describe(key)} has no meaning beside {named[0][0].value}", key, hint)
            entries = tuple(named)
        node = load.Mapping(entries, node.position)
    call = _loss(node, task, problems)
    return LossTerm(call, sources, scale) if call else None


def _sources(node: Node, problems: Problems) -> tuple[Named, ...] | None:
    items = node.items if isinstance(node, load.Sequence) else (node,)
    found = []
    for item in items:
        value = load.plain(item)
        if identifier_problem(value) is not None:
            problems.add(f"loss: from: expected the name of an output or a target, found {describe(item)}", item)
            return None
        found.append(Named(str(value), item.position))
    return tuple(found)


def _scale(node: Node, problems: Problems) -> float:
    value = load.plain(node)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value == 0:
        problems.add(f"loss: scale: expected a number other than 0, found {describe(node)}", node)
        return 1.0
    return value


def _loss(node: Node, task: Task, problems: Problems) -> Call | None:
    call = read_call(node, "loss", catalogue().losses, problems)
    fitting = losses_for(task.name)
    if call is not None and task is not UNKNOWN and call.name not in fitting:
        if task.name in catalogue().losses[call.name].traits.get("tasks", ()):
            problems.add(_not_yet("loss", call.name), call.position, f"there are {', '.join(fitting)}")
        else:
            problems.add(f"{call.name} is no loss for {task.name}", call.position, f"there are {', '.join(fitting)}")
        call = None
    return call


def _not_yet(key: str, name: str) -> str:
    return f"{name} is a known {key}, but this version of nngen cannot train with it yet"


def read_call(node: Node | None, key: str, entries: Mapping[str, Entry], problems: Problems) -> Call | None:
    """A loss, an optimizer or a scheduler; None without one, or when it cannot be read."""
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return None
    kind: Scalar | None = None
    value: Node | None = None
    if isinstance(node, Scalar):
        kind = node
    elif isinstance(node, load.Mapping) and len(node.entries) == 1:
        kind, value = node.entries[0]
    if kind is None or not isinstance(kind.value, str):
        example = next(iter(entries))
        problems.add(f"{key}: expected one name, as in '{key}: {example}', found {describe(node)}", node)
        return None
    entry = entries.get(kind.value)
    if entry is None:
        nearest = suggest(kind.value, entries)
        problems.add(f"unknown {key} {kind.value!r}", kind, f"did you mean {nearest!r}?" if nearest else "")
        return None
    bound = bind(entry, kind, value, problems)
    if bound is None:
        return None
    arguments = plain_arguments(entry, bound, check_value, problems)
    for name, phrase in check_together(entry, arguments):
        problems.add(about(entry, name, phrase), bound.get(name, kind))
    return Call(entry.name, arguments, kind.position)
