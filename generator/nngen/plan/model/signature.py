"""The parameters of emitted constructors: arguments of a class with their annotations and defaults."""

from __future__ import annotations

from typing import Any

from ...description.description import Arg
from ...language import expressions
from ...network.graph import Graph
from ...network.typed import ClassUse
from .lines import Parameter


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
    default = _default(arg.value.value)
    return Parameter(arg.name, _annotation(default), _literal(default))


def _default(value: Any) -> Any:
    return tuple(_default(part.value) for part in value) if isinstance(value, tuple) else value.value


def _literal(value: Any) -> str:
    if not isinstance(value, tuple):
        return expressions.literal(value)
    return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"


def _annotation(value: Any) -> str:
    if isinstance(value, tuple):
        kinds = {type(part).__name__ for part in value}
        return f"tuple[{kinds.pop() if len(kinds) == 1 else 'float'}, ...]"
    return type(value).__name__
