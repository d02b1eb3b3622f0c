"""Constructor calls of torch's classes in idiomatic code."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...language import expressions
from ...language.catalogue.entries import Entry
from ...language.expressions import Expr, Literal
from ...language.python import literal, tuple_of
from ...network.layers import family_of
from ...network.tensors import Argument, Module

Printer = Callable[[Expr], str]


def constructor(entry: Entry, arguments: Mapping[str, Argument], expression: Printer = expressions.to_python) -> str:
    """Return the call of a constructor: ``nn.Conv2d(1, 32, kernel_size=3, padding=1)``.

    Defaults are left out, and the leading arguments have no names.

    Args:
        entry: the class.
        arguments: the written and the inferred arguments.
        expression: returns the code of an expression over names.
    """
    family = family_of(entry)
    fixed = family.fixed(entry) if family else {}
    available = {**arguments, **fixed}
    written = {
        parameter.name: available[parameter.name]
        for parameter in entry.parameters
        if parameter.name in available
        and (parameter.required or parameter.name in fixed or _differs(available[parameter.name], parameter.default))
    }
    texts = {name: source(argument, expression) for name, argument in written.items()}
    leading = family.positional(entry, written) if family else 0
    for parameter in entry.parameters[leading:]:  # ``kernel_size``, not ``kernel_size=kernel_size``
        if parameter.keyword_only or texts.get(parameter.name) != parameter.name:
            break
        leading += 1
    positional = {parameter.name for parameter in entry.parameters[:leading]}
    passed = [text if name in positional else f"{name}={text}" for name, text in texts.items()]
    return f"nn.{entry.name}({', '.join(passed)})"


def source(argument: Argument, expression: Printer = expressions.to_python) -> str:
    """Return the code of an argument; sizes of tensors, which have no name here, become numbers."""
    if isinstance(argument.value, Module):
        return constructor(argument.value.entry, argument.value.arguments, expression)
    if isinstance(argument.source, tuple):
        return tuple_of(source(part, expression) for part in argument.source)
    if isinstance(argument.source, Literal) or expressions.sizes(argument.source):
        return literal(argument.value)
    return expression(argument.source)


def _differs(argument: Argument, default: object) -> bool:
    if argument.names:
        return True  # in other uses its value may differ from the default
    value = list(argument.value) if isinstance(argument.value, tuple) else argument.value
    return bool(value != default) or isinstance(value, bool) != isinstance(default, bool)
