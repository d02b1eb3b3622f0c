"""The docstrings of emitted classes: the shapes that they take and give."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from . import expressions
from .graph import TensorType
from .types import ClassUse


def docstring(uses: tuple[ClassUse, ...], names: Collection[str]) -> tuple[str, ...]:
    """What the class takes and gives, where that is the same in all uses."""
    taken = {shapes_text(use.inputs, names) for use in uses}
    given = {shapes_text(use.outputs, names) for use in uses}
    if len(taken) > 1 or len(given) > 1 or None in taken | given:
        return ()
    tensors = [each for use in uses for each in (*use.inputs, *use.outputs)]
    return (f"Maps {taken.pop()} to {given.pop()}.", "", legend(tensors))


def legend(tensors: Iterable[TensorType]) -> str:
    """What the letters in shapes mean."""
    letters = {name for each in tensors for dim in each.dims for name in _varying(dim.size)}
    return f"N is the batch size{_vary(sorted(letters - {'N'}))}."


def _vary(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(f"; {name} varies" for name in names)
    return f"; {', '.join(names[:-1])} and {names[-1]} vary"


def _varying(size: Any) -> frozenset[str]:
    return frozenset() if isinstance(size, int) else size.names()


def shapes_text(tensors: tuple[TensorType, ...], names: Collection[str]) -> str | None:
    """Shapes for a reader; None where one is known only by asking a tensor."""
    if any(dim.source is not None and expressions.sizes(dim.source) for each in tensors for dim in each.dims):
        return None
    return ", ".join(each.text(names) for each in tensors)
