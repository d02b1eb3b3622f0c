"""Constructors of torch's classes with their arguments, as people write them."""

from __future__ import annotations

from collections.abc import Mapping

from . import expressions
from .entries import Entry
from .expressions import Literal
from .graph import Argument, Module
from .ops import family_of


def constructor(entry: Entry, arguments: Mapping[str, Argument]) -> str:
    """``nn.Conv2d(1, 32, kernel_size=3, padding=1)``: defaults are left out, the leading arguments have no names."""
    written = written_arguments(entry, arguments)
    family = family_of(entry)
    leading = family.positional(entry, written) if family else 0
    positional = {parameter.name for parameter in entry.parameters[:leading]}
    printed = [
        source(argument) if name in positional else f"{name}={source(argument)}" for name, argument in written.items()
    ]
    return f"nn.{entry.name}({', '.join(printed)})"


def written_arguments(entry: Entry, arguments: Mapping[str, Argument]) -> dict[str, Argument]:
    """The arguments that have to be printed, in torch's order."""
    family = family_of(entry)
    fixed = family.fixed(entry) if family else {}
    given = {**arguments, **fixed}
    return {
        parameter.name: given[parameter.name]
        for parameter in entry.parameters
        if parameter.name in given
        and (parameter.required or parameter.name in fixed or _differs(given[parameter.name], parameter.default))
    }


def source(argument: Argument) -> str:
    """The Python source of an argument; a size of the input that has no name is a number."""
    if isinstance(argument.value, Module):
        return constructor(argument.value.entry, argument.value.arguments)
    if isinstance(argument.source, tuple):
        parts = [source(part) for part in argument.source]
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
    if isinstance(argument.source, Literal) or expressions.sizes(argument.source):
        return repr(argument.value)
    return expressions.to_python(argument.source)


def _differs(argument: Argument, default: object) -> bool:
    if argument.names:
        return True  # a source with names says more than the value that it has today
    value = list(argument.value) if isinstance(argument.value, tuple) else argument.value
    return bool(value != default) or isinstance(value, bool) != isinstance(default, bool)
