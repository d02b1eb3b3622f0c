"""The signature of an emitted class: the parameters of its constructor, and the docstring with its shapes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from ...description.description import Arg, Written
from ...language import expressions
from ...language.expressions import Literal
from ...language.python import literal
from ...network.graph import Graph
from ...network.tensors import TensorType
from ...network.typed import ClassUse
from .plans import Parameter


def parameters_of(graph: Graph, use: ClassUse, names: set[str]) -> list[Parameter]:
    """Sizes of the input first, then arguments without a default, then those with one.

    Args:
        graph: the class.
        use: one of its uses.
        names: the arguments that the lines of the class need.
    """
    own = {arg.name for arg in graph.args}
    found = [Parameter(name, "int") for name in use.implicit if name in names and name not in own]
    sizes = [arg.name for arg in graph.args if arg.size and arg.name in names]
    is_model = bool(graph.shapes)  # whose sizes are known, so that it can be made without arguments
    found += [Parameter(name, "int", repr(use.values[name]) if is_model else None) for name in sizes]
    given = [arg for arg in graph.args if arg.name in names and not arg.computed]
    found += [Parameter(arg.name, _annotation(use.values.get(arg.name))) for arg in given if arg.value is None]
    return found + [defaulted(arg) for arg in given if arg.value is not None]


def defaulted(arg: Arg) -> Parameter:
    """The parameter of an argument that is given with its value: ``dim: int = 768``."""
    assert arg.value is not None
    default = value_of_default(arg.value)
    return Parameter(arg.name, _annotation(default), literal(default))


def value_of_default(value: Written) -> Any:
    """Return what is written as the default of an argument: a plain value, or a tuple of such."""
    if isinstance(value.value, tuple):
        return tuple(map(value_of_default, value.value))
    assert isinstance(value.value, Literal)
    return value.value.value


def _annotation(value: Any) -> str:
    if isinstance(value, tuple):
        kinds = {type(part).__name__ for part in value}
        return f"tuple[{kinds.pop() if len(kinds) == 1 else 'float'}, ...]"
    return type(value).__name__


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
