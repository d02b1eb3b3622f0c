"""The docstrings of emitted classes: the shapes that they take and give."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from ...language import expressions
from ...network.graph import TensorType
from ...network.typed import ClassUse

MAX_LINE = 81  # with the indentation and the quotes it fits into a line of black's


def docstring(uses: tuple[ClassUse, ...], names: Collection[str]) -> tuple[str, ...]:
    """What the class takes and gives, where that is the same in all uses."""
    taken, *others = {shapes_text(use.inputs, names) for use in uses}
    given, *more = {shapes_text(use.outputs, names) for use in uses}
    if others or more or taken is None or given is None:
        return ()
    tensors = [each for use in uses for each in (*use.inputs, *use.outputs)]
    return (*_maps(taken, given), "", legend(tensors))


def _maps(taken: str, given: str) -> tuple[str, ...]:
    """What is taken and given, in as many lines as it needs."""
    line = f"Maps {taken} to {given}."
    if len(line) <= MAX_LINE:
        return (line,)
    return ("Maps", *_shapes("    ", taken, ""), "to", *_shapes("    ", given, "."))


def _shapes(indent: str, text: str, end: str) -> list[str]:
    """Shapes one a line."""
    shapes = text.replace("), (", "),\n(").split("\n")
    return [f"{indent}{shape}" for shape in (*shapes[:-1], shapes[-1] + end)]


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
