"""Reads a call of a torch class outside the network: its name, its arguments and its companion keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..description.calls import Call, Function
from ..language import expressions, load
from ..language.catalogue.entries import Entry
from ..language.catalogue.registry import catalogue
from ..language.catalogue.values import about, check_together, check_value
from ..language.expressions import ExpressionError
from ..language.identifiers import function_problem, identifier_problem
from ..language.load import Node, Scalar, describe
from ..language.problems import Problems
from .arguments import at, bind, missing_arguments, plain_arguments


@dataclass(frozen=True, slots=True)
class WrittenCall:
    """The name of a class as written, the value after it, and the companion keys beside it."""

    kind: Scalar
    value: Node | None
    beside: Mapping[str, Node]


def split(
    node: Node, key: str, entries: Mapping[str, Entry], companions: Collection[str], problems: Problems
) -> WrittenCall | None:
    """Split ``Name`` or ``{Name: arguments, companion: ...}`` into its parts.

    Args:
        node: the value to split.
        key: the key of the description that has it, for messages.
        entries: the classes that it may name.
        companions: the keys that may stand beside the name.
        problems: receives the mistakes.

    Returns:
        The parts, or None, with a problem recorded, for any other value. If there are companions but no name, `kind`
        is the first companion.
    """
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return WrittenCall(node, None, {})
    kinds: list[tuple[Scalar, Node]] = []
    beside: dict[str, Node] = {}
    if isinstance(node, load.Mapping):
        kinds = [entry for entry in node.entries if entry[0].value not in companions]
        beside = {str(name.value): value for name, value in node.entries if name.value in companions}
        if not kinds and beside:
            return WrittenCall(node.entries[0][0], None, beside)
    if len(kinds) != 1 and not (kinds and sum(kind.value in entries for kind, _ in kinds) == 1):
        problems.add(
            f"{key}: expected one name, as in '{key}: {next(iter(entries))}', found {describe(node)}",
            kinds[1][0] if len(kinds) > 1 else node,
        )
        return None
    for kind, value in kinds:
        if len(kinds) > 1 and kind.value not in entries:
            listed = f"there are {', '.join(companions)}" if companions else "arguments stand behind the name"
            message = f"{key}: {kind.value!r} has no meaning here"
            nearest = problems.unknown(message, kind, str(kind.value), companions, listed)
            beside |= {nearest: value} if nearest else {}
    kind, value = next(entry for entry in kinds if len(kinds) == 1 or entry[0].value in entries)
    if not isinstance(kind.value, str):
        problems.add(f"{key}: expected one name, as in '{key}: {next(iter(entries))}', found {describe(node)}", node)
        return None
    return WrittenCall(kind, value, beside)


def read_call(
    kind: Scalar, value: Node | None, key: str, entries: Mapping[str, Entry], problems: Problems
) -> Call | None:
    """Return the call of a class with its arguments; None, with a problem recorded, if it is invalid."""
    entry = entries.get(str(kind.value))
    if entry is None:
        problems.unknown(f"unknown {key} {kind.value!r}", kind, str(kind.value), entries)
        return None
    bound = bind(entry, kind, value, problems)
    if bound is None:
        return None
    arguments: dict[str, Any] = {}
    for name in list(bound):
        parameter = entry.parameter(name)
        if parameter is not None and parameter.types == ("scheduler[]",):
            arguments[name] = _calls(bound.pop(name), f"{entry.name}: {name}", key, entries, problems)
        elif parameter is not None and "callable" in parameter.types and _is_expression(bound[name]):
            arguments[name] = _function(bound.pop(name), problems)
    plain = plain_arguments(entry, bound, check_value, problems)
    for name, item in plain.items():
        parameter = entry.parameter(name)
        if parameter is not None and "callable" in parameter.types and isinstance(item, str):
            plain[name] = _own(item, bound[name], problems)
    arguments = {
        parameter.name: (arguments | plain)[parameter.name]
        for parameter in entry.parameters
        if parameter.name in arguments | plain
    }
    for name, phrase in check_together(entry, arguments):
        problems.add(about(entry, name, phrase), bound.get(name, kind))
    if missing_arguments(entry, arguments):
        return None  # their values have mistakes, and nothing can stand for them
    return Call(entry.name, arguments, kind.position)


def _calls(node: Node, place: str, key: str, entries: Mapping[str, Entry], problems: Problems) -> tuple[Call, ...]:
    if not isinstance(node, load.Sequence) or not node.items:
        problems.add(f"{place}: expected a list of {key}s, found {describe(node)}", node)
        return ()
    calls = []
    for item in node.items:
        written = split(item, key, entries, (), problems)
        calls.append(read_call(written.kind, written.value, key, entries, problems) if written else None)
    return tuple(call for call in calls if call)


def _is_expression(node: Node) -> bool:
    value = load.plain(node)
    return isinstance(value, str) and expressions.is_expression(value)


def _function(node: Node, problems: Problems) -> Function | None:
    try:
        return Function(expressions.parse(str(load.plain(node)), mathematical=True))
    except ExpressionError as error:
        problems.add(f"{describe(node)}: {error}", at(node, error), error.hint)
        return None


def _own(path: str, node: Node, problems: Problems) -> Function | None:
    module, _, attribute = path.partition(":")
    problem = next(filter(None, map(identifier_problem, module.split("."))), None) or function_problem(attribute)
    if problem is None and any(attribute in entries for entries in (catalogue().optimizers, catalogue().schedulers)):
        problem = f"{attribute!r} is a class of torch"
    if problem:
        problems.add(problem, node)
        return None
    return Function(None, module, attribute)
