"""Schemas of classes with their arguments: layers, losses, optimizers, schedulers, and tensor operations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...language.catalogue.entries import Entry
from ...network.operations import OPERATIONS, TensorOperation
from .. import reference
from .values import EXPRESSION, NAME, NULL, Schema, any_of, choice, mapping, parameter


def call(entry: Entry) -> Schema:
    """Return the schema of what may stand behind the name of a class."""
    expressions = entry.kind == "layer"
    written = [each for each in entry.parameters if not each.inferred]
    properties = {each.name: parameter(each, each.doc, expressions) for each in written}
    required = [each.name for each in written if each.required]
    options = [mapping(properties, required, **_together(entry))]
    doc = _doc(entry)
    if entry.main and set(required) <= {entry.main}:
        options.insert(0, bare(properties[entry.main]))
        doc += f" A bare value is {entry.main}."
    if not required:
        options.append(NULL)
    return any_of(options, description=doc)


def bare(argument: Schema) -> Schema:
    """Return the schema of an argument's value, without help: that of its name is shown."""
    return {key: value for key, value in argument.items() if key not in ("default", "description")}


def calls(entries: Iterable[Entry], **more: Any) -> Schema:
    """Return the schema of one of these classes, by its name alone or with arguments."""
    found = list(entries)
    alone = {each.name: _doc(each) for each in found if stands_alone(each)}
    options = [choice(alone)] if alone else []
    properties = {each.name: call(each) for each in found}
    return any_of([*options, mapping(properties, minProperties=1, maxProperties=1)], **more)


def calls_with(entries: Iterable[Entry], beside: dict[str, Schema], alone: Iterable[str] = ()) -> Schema:
    """Return the schema of one of these classes, with keys that may stand beside it.

    Args:
        entries: the classes.
        beside: those keys.
        alone: one of them is enough, without a class.
    """
    found = list(entries)
    plain = {each.name: _doc(each) for each in found if stands_alone(each)}
    one = [{"required": [each.name]} for each in found]
    missing = [{"required": [name], "not": {"anyOf": one}} for name in alone]
    properties = {**{each.name: call(each) for each in found}, **beside}
    return any_of([choice(plain), mapping(properties, oneOf=[*one, *missing])])


def stands_alone(entry: Entry) -> bool:
    """Return whether the name of a class is enough, since it needs no argument."""
    return not any(each.required and not each.inferred for each in entry.parameters) and not entry.traits.get("one_of")


def operation(given: TensorOperation) -> Schema:
    """Return the schema of what may stand behind the name of an operation."""
    docs = {each.name: reference.operation_argument_doc(each.name) for each in given.parameters}
    arguments = {each.name: parameter(each, docs[each.name], True, tensors=True) for each in given.parameters}
    operands = dict.fromkeys(given.operands, NAME)
    second = given.operands[1] if len(given.operands) > 1 else None
    if second:
        operands[second] = any_of(
            [NAME, EXPRESSION, {"type": ["number", "boolean"]}] if given.scalar_operand else [NAME]
        )
    required = [each.name for each in given.parameters if each.required]
    options = [mapping({**operands, **arguments}, required)]
    first = next(iter(arguments), "")
    doc = reference.operation_doc(given.name)
    if second:
        options.append(operands[second])
    elif first and set(required) <= {first}:
        options.append(bare(arguments[first]))
        doc += f" A bare value is {first}."
    options += _lists(given, list(arguments.values()), len(required))
    if not required:
        options.append(NULL)
    return any_of(options, description=doc)


def _lists(given: TensorOperation, arguments: Sequence[Schema], required: int) -> list[Schema]:
    found: list[Schema] = []
    if given.most != 1:
        found.append({"type": "array", "minItems": 1, "items": NAME})  # the tensors that it joins
    if arguments and not given.takes_list:
        found.append({"type": "array", "items": list(arguments), "minItems": required, "maxItems": len(arguments)})
    return found


def operations_alone() -> dict[str, str]:
    """Return the operations that need no arguments, with their help."""
    alone = [name for name, each in OPERATIONS.items() if not any(given.required for given in each.parameters)]
    return {name: reference.operation_doc(name) for name in alone}


def _doc(entry: Entry) -> str:
    return entry.doc + (f" Since torch {entry.since}." if entry.since else "")


def _together(entry: Entry) -> Schema:
    """Return the rules on arguments that exclude or need each other; ``nngen check`` knows rules on values."""
    found: Schema = {}
    for names in entry.traits.get("one_of", ()):
        found["oneOf"] = [_given(name) for name in names]
    if apart := [{"allOf": [_given(name) for name in names]} for names in entry.traits.get("at_most_one", ())]:
        found["not"] = any_of(apart)
    for names in entry.traits.get("together", ()):
        found["dependencies"] = {name: [other for other in names if other != name] for name in names}
    return found


def _given(name: str) -> Schema:
    return {"required": [name], "properties": {name: {"not": NULL}}}
