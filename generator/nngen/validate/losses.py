"""Reads the losses that are summed, with the keys beside them."""

from __future__ import annotations

import math

from ..description.calls import Call, LossTerm, Named
from ..language import load
from ..language.catalogue.registry import catalogue
from ..language.identifiers import identifier_problem
from ..language.load import Node, Scalar, describe
from ..language.problems import Problems
from ..training.tasks import TASKS, UNKNOWN, Task
from .calls import read_call, split

BESIDE_LOSS = ("from", "scale")


def read_losses(node: Node | None, task: Task, problems: Problems) -> tuple[LossTerm, ...]:
    """Read the losses that are summed; the task's default if none is written or one is invalid."""
    if task.losses:
        return (LossTerm(_own_loss(node, task, problems) or Call(task.default_loss)),)
    if isinstance(node, load.Sequence) and node.items:
        terms = [_term(item, task, problems) for item in node.items]
        return tuple(term for term in terms if term) or _default(task)
    if node is None or (isinstance(node, Scalar) and node.value is None):
        if task is not UNKNOWN and not task.default_loss:
            problems.add(f"{task.name} needs a loss", node, "such as 'loss: MSELoss'")
        return _default(task)
    term = _term(node, task, problems)
    return (term,) if term else _default(task)


def _own_loss(node: Node | None, task: Task, problems: Problems) -> Call | None:
    """Read the name of one of the task's own losses, which are not classes of torch."""
    value = None if node is None else load.plain(node)
    if node is None or value is None:
        return None
    if isinstance(value, str) and value in task.losses:
        return Call(value, position=node.position)
    message = f"loss: expected the name of a loss of {task.name}, found {describe(node)}"
    problems.unknown(message, node, value, task.losses, f"there are {', '.join(task.losses)}")
    return None


def _default(task: Task) -> tuple[LossTerm, ...]:
    return (LossTerm(Call(task.default_loss)),) if task.default_loss else ()


def _term(node: Node, task: Task, problems: Problems) -> LossTerm | None:
    """Read a loss with the keys beside it."""
    known = catalogue().losses
    written = split(node, "loss", known, BESIDE_LOSS, problems)
    if written is None:
        return None
    sources = _sources(written.beside["from"], problems) if "from" in written.beside else None
    scale = _scale(written.beside["scale"], problems) if "scale" in written.beside else 1.0
    call = read_call(written.kind, written.value, "loss", known, problems)
    return LossTerm(call, sources, scale) if call and _is_trained(call, task, problems) else None


def _is_trained(call: Call, task: Task, problems: Problems) -> bool:
    suitable = task.torch_losses
    if task is UNKNOWN or call.name in suitable:
        return True
    takers = [other for other in TASKS.values() if call.name in other.torch_losses]
    replacement = catalogue().losses[call.name].traits.get("deprecated")
    if replacement:
        problems.add(f"{call.name} is deprecated in torch", call.position, f"write {replacement}: it does the same")
    elif all(other.several for other in takers):  # it takes what one output with one target does not have
        hint = f"take task: {' or '.join(other.name for other in takers)}, or {', '.join(suitable)}"
        problems.add(f"{call.name} is no loss for {task.name}", call.position, hint)
    else:
        problems.add(f"{call.name} is no loss for {task.name}", call.position, f"there are {', '.join(suitable)}")
    return False


def _sources(node: Node, problems: Problems) -> tuple[Named, ...] | None:
    items = node.items if isinstance(node, load.Sequence) else (node,)
    sources = []
    for item in items:
        value = load.plain(item)
        if identifier_problem(value) is not None:
            problems.add(f"loss: from: expected the name of an output or a target, found {describe(item)}", item)
            return None
        sources.append(Named(str(value), item.position))
    return tuple(sources)


def _scale(node: Node, problems: Problems) -> float:
    value = load.plain(node)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value == 0:
        problems.add(f"loss: scale: expected a number other than 0, found {describe(node)}", node)
        return 1.0
    return value
