"""Schemas of classes with their arguments: layers, losses, optimizers, schedulers, and tensor operations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...language.catalogue.entries import Entry
from ...network.operations import OPERATIONS, TensorOperation
from .. import reference
from .values import EXPRESSION, NAME, NULL, Schema, any_of, choice, mapping, parameter


def call(entry: Entry) -> Schema:
    """Return the schema of the value after the name of a class."""
    expressions = entry.kind == "layer"
    written = [argument for argument in entry.parameters if not argument.inferred]
    properties = {argument.name: parameter(argument, argument.doc, expressions) for argument in written}
    required = [argument.name for argument in written if argument.required]
    options = [mapping(properties, required, **_together(entry))]
    doc = _doc(entry)
    if entry.main and set(required) <= {entry.main}:
        options.insert(0, bare(properties[entry.main]))
        doc += f" A bare value is {entry.main}."
    if not required:
        options.append(NULL)
    return any_of(options, description=doc)


def bare(argument: Schema) -> Schema:
    """Return the schema of an argument's value without the help, since editors show that of the class."""
    return {key: value for key, value in argument.items() if key not in ("default", "description")}


def calls(entries: Iterable[Entry], **more: Any) -> Schema:
    """Return the schema of one of these classes, by its name alone or with arguments."""
    classes = list(entries)
    alone = {entry.name: _doc(entry) for entry in classes if stands_alone(entry)}
    options = [choice(alone)] if alone else []
    properties = {entry.name: call(entry) for entry in classes}
    return any_of([*options, mapping(properties, minProperties=1, maxProperties=1)], **more)


def calls_with(entries: Iterable[Entry], beside: dict[str, Schema], alone: Iterable[str] = ()) -> Schema:
    """Return the schema of one of these classes, with the keys that are allowed beside it.

    Args:
        entries: the classes.
        beside: the schemas of the keys.
        alone: keys that are also allowed without a class.
    """
    classes = list(entries)
    plain = {entry.name: _doc(entry) for entry in classes if stands_alone(entry)}
    with_class = [{"required": [entry.name]} for entry in classes]
    without_class = [{"required": [name], "not": {"anyOf": with_class}} for name in alone]
    properties = {**{entry.name: call(entry) for entry in classes}, **beside}
    return any_of([choice(plain), mapping(properties, oneOf=[*with_class, *without_class])])


def stands_alone(entry: Entry) -> bool:
    """Return whether the name of a class can stand alone, because it needs no arguments."""
    has_required = any(argument.required and not argument.inferred for argument in entry.parameters)
    return not has_required and not entry.traits.get("one_of")


def operation(tensor_operation: TensorOperation) -> Schema:
    """Return the schema of the value after the name of an operation."""
    docs = {argument.name: reference.operation_argument_doc(argument.name) for argument in tensor_operation.parameters}
    arguments = {
        argument.name: parameter(argument, docs[argument.name], True, tensors=True)
        for argument in tensor_operation.parameters
    }
    operands = dict.fromkeys(tensor_operation.operands, NAME)
    second = tensor_operation.operands[1] if len(tensor_operation.operands) > 1 else None
    if second:
        operands[second] = any_of(
            [NAME, EXPRESSION, {"type": ["number", "boolean"]}] if tensor_operation.scalar_operand else [NAME]
        )
    required = [argument.name for argument in tensor_operation.parameters if argument.required]
    options = [mapping({**operands, **arguments}, required)]
    first = next(iter(arguments), "")
    doc = reference.operation_doc(tensor_operation.name)
    if second:
        options.append(operands[second])
    elif first and set(required) <= {first}:
        options.append(bare(arguments[first]))
        doc += f" A bare value is {first}."
    options += _lists(tensor_operation, list(arguments.values()), len(required))
    if not required:
        options.append(NULL)
    return any_of(options, description=doc)


def _lists(tensor_operation: TensorOperation, arguments: Sequence[Schema], required: int) -> list[Schema]:
    schemas: list[Schema] = []
    if tensor_operation.most != 1:
        schemas.append({"type": "array", "minItems": 1, "items": NAME})  # the tensors that it joins
    if arguments and not tensor_operation.takes_list:
        schemas.append({"type": "array", "items": list(arguments), "minItems": required, "maxItems": len(arguments)})
    return schemas


def operations_alone() -> dict[str, str]:
    """Return the operations that need no arguments, with their help."""
    alone = [
        name
        for name, tensor_operation in OPERATIONS.items()
        if not any(argument.required for argument in tensor_operation.parameters)
    ]
    return {name: reference.operation_doc(name) for name in alone}


def _doc(entry: Entry) -> str:
    return entry.doc + (f" Since torch {entry.since}." if entry.since else "")


def _together(entry: Entry) -> Schema:
    """Return the rules for arguments that exclude or need each other; ``nngen check`` checks rules for values."""
    rules: Schema = {}
    for names in entry.traits.get("one_of", ()):
        rules["oneOf"] = [_is_written(name) for name in names]
    if exclusive := [{"allOf": [_is_written(name) for name in names]} for names in entry.traits.get("at_most_one", ())]:
        rules["not"] = any_of(exclusive)
    for names in entry.traits.get("together", ()):
        rules["dependencies"] = {name: [other for other in names if other != name] for name in names}
    return rules


def _is_written(name: str) -> Schema:
    return {"required": [name], "properties": {name: {"not": NULL}}}
