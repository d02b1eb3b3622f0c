"""Parsing of values with their expressions, and binding of an item's value to the parameters of its class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..description.description import Block, Written
from ..language import expressions, load
from ..language.catalogue.entries import Entry, Parameter
from ..language.catalogue.values import about
from ..language.errors import Position
from ..language.expressions import ExpressionError, Literal
from ..language.load import Node, Scalar, Sequence
from ..language.problems import Problems
from ..language.suggest import did_you_mean, suggest


def written(node: Node, problems: Problems) -> Written | None:
    """Read a value and parse its expressions; return None, with a problem recorded, if it is invalid."""
    match node:
        case Scalar(str() as text) if expressions.is_expression(text):
            try:
                return Written(expressions.parse(text), node.position)
            except ExpressionError as error:
                problems.add(f"{load.describe(node)}: {error}", at(node, error), error.hint)
                return None
        case Scalar(value):
            return Written(Literal(value), node.position)
        case Sequence(items):
            parts = [written(item, problems) for item in items]
            return Written(tuple(part for part in parts if part), node.position) if all(parts) else None
    problems.add("expected a value or a list of values, found a mapping", node)
    return None


def at(node: Node, error: ExpressionError) -> Position | None:
    """Return the position in the file of an error in an expression."""
    position = node.position
    if position is None or not error.offset or position.end_column - position.column <= error.offset:
        return position
    return Position(position.line, position.column + error.offset, position.end_column)


def bind(entry: Entry, kind: Scalar, value: Node | None, problems: Problems) -> dict[str, Node] | None:
    """Return the arguments of an item by name.

    Args:
        entry: the class that the item names.
        kind: the name as written in the file.
        value: the value after the name, or None.
        problems: receives the mistakes. A misspelt argument is read as the most similar one, so that its value
            can be checked.

    Returns:
        The arguments, or None if a required one is missing.
    """
    arguments: dict[str, Node] = {}
    if isinstance(value, load.Mapping):
        for key, node in value.entries:
            parameter = _parameter(entry, key, arguments, value, problems)
            if parameter is not None:
                arguments[parameter.name] = node
    elif value is not None and not (isinstance(value, Scalar) and value.value is None):
        if entry.main is None:
            example = _example(entry)
            problems.add(
                f"{entry.name} has no main argument, so {load.describe(value)} has no meaning here", value, example
            )
            return None if missing_arguments(entry, {}) else {}
        arguments[entry.main] = value
    return _complete(entry, arguments, kind, problems)


def bind_block(block: Block, kind: Scalar, value: Node | None, problems: Problems) -> dict[str, Node] | None:
    """Return the arguments of a block by name; a bare value is the first argument that is not computed."""
    names = [arg.name for arg in block.args if not arg.computed]
    arguments: dict[str, Node] = {}
    if isinstance(value, load.Mapping):
        for key, node in value.entries:
            name = str(key.value)
            if name not in names:
                computed = any(arg.name == name for arg in block.args)
                nearest = suggest(name, [other for other in names if value.get(other) is None])
                problem = "is computed, and never passed" if computed else "is no argument of it"
                listed = f"its arguments are {', '.join(names)}" if names else "it has no arguments"
                hint = did_you_mean(nearest, listed)
                problems.add(f"{block.name}: {name!r} {problem}", key, "leave it out" if computed else hint)
                if nearest is None or computed:
                    continue
                name = nearest
            arguments[name] = node
    elif value is not None and not (isinstance(value, Scalar) and value.value is None):
        if not names:
            problems.add(f"{block.name} has no arguments, so {load.describe(value)} has no meaning here", value)
            return {}
        arguments[names[0]] = value
    missing = [arg.name for arg in block.args if arg.value is None and arg.name not in arguments]
    if missing:
        listed = " and ".join(repr(name) for name in missing)
        example = ", ".join(f"{name}: ..." for name in missing)
        problems.add(f"{block.name} needs {listed}", kind, f"write {block.name}: {{{example}}}")
        return None
    return arguments


def plain_arguments(
    entry: Entry,
    arguments: Mapping[str, Node],
    check: Callable[[Parameter, object], str | None],
    problems: Problems,
) -> dict[str, Any]:
    """Return the checked plain values of a loss, an optimizer or a scheduler, none of which has expressions."""
    values: dict[str, Any] = {}
    for name, node in arguments.items():
        parameter = entry.parameter(name)
        value = load.plain(node)
        wrong = check(parameter, value) if parameter else None
        if wrong:
            problems.add(about(entry, name, wrong), node)
        else:
            values[name] = value
    return values


def _parameter(
    entry: Entry, key: Scalar, bound: Mapping[str, Node], value: load.Mapping, problems: Problems
) -> Parameter | None:
    parameter = entry.parameter(str(key.value))
    if parameter is not None and not parameter.inferred:
        return parameter
    if parameter is not None:
        problems.add(f"{entry.name}: {key.value!r} follows from the input and is never written", key, "leave it out")
        return None
    used = {str(name.value) for name, _ in value.entries} | set(bound)
    free = [other.name for other in entry.parameters if not other.inferred and other.name not in used]
    message = f"{entry.name} has no argument {key.value!r}"
    nearest = problems.unknown(message, key, str(key.value), free, _arguments(entry))
    return entry.parameter(nearest) if nearest else None


def _complete(entry: Entry, bound: dict[str, Node], kind: Scalar, problems: Problems) -> dict[str, Node] | None:
    missing = missing_arguments(entry, bound)
    if not missing:
        return bound
    listed = " and ".join(repr(name) for name in missing)
    problems.add(f"{entry.name} needs {listed}", kind, _example(entry))
    return None


def missing_arguments(entry: Entry, bound: Mapping[str, object]) -> list[str]:
    """Return the required arguments that are not given."""
    required = [parameter.name for parameter in entry.parameters if parameter.required and not parameter.inferred]
    return [name for name in required if name not in bound]


def _example(entry: Entry) -> str:
    needed = [parameter.name for parameter in entry.parameters if parameter.required and not parameter.inferred]
    if needed:
        return f"write {entry.name}: {{{', '.join(f'{name}: ...' for name in needed)}}}"
    return _arguments(entry)


def _arguments(entry: Entry) -> str:
    names = [parameter.name for parameter in entry.parameters if not parameter.inferred]
    return f"its arguments are {', '.join(names)}" if names else f"write {entry.name} alone"
