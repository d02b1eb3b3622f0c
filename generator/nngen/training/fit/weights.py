"""Checks the tensors among the arguments of a loss against the outputs that it takes."""

from __future__ import annotations

from typing import Any

from ...description.target_kinds import INDEX
from ...language.problems import Problems
from ...network.graph import shape_text
from ..loss_terms import Term
from ..losses import LOSSES, classes_of


def check_weights(term: Term, kind: str, problems: Problems) -> None:
    """Notes weights that are not as many as the classes or outputs that they are for.

    Args:
        term: a loss.
        kind: of its target.
        problems: where mistakes are noted.
    """
    output = term.output
    if output is None or not output.shape or term.loss.learns:
        return
    classes = classes_of(kind, output)
    for name in LOSSES[term.call.name].tensors:
        shape = _shape(term.call.arguments.get(name))
        if shape is None:
            continue
        if INDEX in term.loss.targets:
            if isinstance(classes, int) and shape != (classes,):
                message = f"{term.call.name}: {name} has {_count(shape)}, and the network {classes} classes"
                problems.add(message, term.position)
        elif not output.varies and not _broadcasts(shape, output.example):
            message = (
                f"{term.call.name}: {name} has {_count(shape)}, and the network ends in {shape_text(output.shape)}"
            )
            problems.add(message, term.position)


def _shape(value: Any) -> tuple[int, ...] | None:
    if not isinstance(value, (list, tuple)):
        return None
    return (len(value), *(_shape(value[0]) or ())) if value else (0,)


def _count(shape: tuple[int, ...]) -> str:
    if len(shape) > 1:
        return f"the shape {shape_text(shape)}"
    return f"{shape[0]} number{'s' if shape[0] != 1 else ''}"


def _broadcasts(shape: tuple[int, ...], output: tuple[int, ...]) -> bool:
    if len(shape) > len(output):
        return False
    return all(size in (1, full) for size, full in zip(reversed(shape), reversed(output)))
