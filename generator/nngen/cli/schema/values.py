"""Schemas of values: the types, ranges and choices of arguments."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from typing import Any

from ...language.catalogue.entries import Parameter
from ...language.identifiers import MAX_LENGTH, taken

Schema = dict[str, Any]

_TOKEN = re.compile(r"(?P<base>\w+)(?P<optional>\??)(?:\[(?P<length>\d*)\])?")


def ref(name: str) -> Schema:
    """Return a reference to a definition."""
    return {"$ref": f"#/definitions/{name}"}


def any_of(schemas: Iterable[Schema], **more: Any) -> Schema:
    """Return the schema of a value that matches one of several schemas; equal ones count once."""
    distinct: list[Schema] = []
    for schema in schemas:
        distinct += [schema] if schema not in distinct else []
    return {**more, **distinct[0]} if len(distinct) == 1 else {**more, "anyOf": distinct}


def mapping(properties: dict[str, Schema], required: Iterable[str] = (), **more: Any) -> Schema:
    """Return the schema of a mapping with these keys and no others."""
    needed = list(required)
    head: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**head, **({"required": needed} if needed else {}), **more}


def names(pattern: str, value: Schema, **more: Any) -> Schema:
    """Return the schema of a mapping whose keys the author chooses, matching a pattern."""
    return {"type": "object", "patternProperties": {pattern: value}, "additionalProperties": False, **more}


def attributes(value: Schema, *also_taken: str, **more: Any) -> Schema:
    """Return the schema of a mapping whose keys become attributes or arguments."""
    free: Schema = {"allOf": [ref("attribute")], **({"not": {"enum": list(also_taken)}} if also_taken else {})}
    return {"type": "object", "propertyNames": free, "additionalProperties": value, **more}


def choice(described: dict[str, str]) -> Schema:
    """Return the schema of one of several words, each with its own help."""
    return {"anyOf": [{"const": word, "description": doc} for word, doc in described.items()]}


IDENTIFIER = f"^[A-Za-z][A-Za-z0-9_]{{0,{MAX_LENGTH - 1}}}$"
CLASS = f"^[A-Z][A-Za-z0-9_]{{0,{MAX_LENGTH - 1}}}$"
EXPRESSION = ref("expression")
NAME = ref("name")
NULL: Schema = {"type": "null"}

_KINDS_OF_NAMES = ("attribute", "variable", "project")

DEFINITIONS: dict[str, Schema] = {
    "expression": {"type": "string", "pattern": r"\$", "description": "An expression over $names."},
    "name": {"type": "string", "pattern": IDENTIFIER, "not": {"enum": keyword.kwlist}},
    **{kind: {"type": "string", "pattern": IDENTIFIER, "not": {"enum": taken(kind)}} for kind in _KINDS_OF_NAMES},
    "value": {
        "anyOf": [
            {"type": ["number", "boolean", "string", "null"]},
            {"type": "array", "items": ref("value")},
        ]
    },
    "numbers": {
        "anyOf": [
            {"type": "array", "minItems": 1, "items": {"type": "number"}},
            {"type": "array", "minItems": 1, "items": ref("numbers")},
        ]
    },
}


def parameter(argument: Parameter, doc: str, expressions: bool = False, tensors: bool = False) -> Schema:
    """Return the schema of an argument.

    Args:
        argument: the argument.
        doc: its help.
        expressions: whether its value may be an expression.
        tensors: whether a tensor is written as its name, as in operations, instead of its numbers.
    """
    options: list[Schema] = []
    for token in argument.types:
        if token == "int" and "float" in argument.types:
            continue
        options.append(NAME if token == "tensor" and tensors else _token(token, argument, expressions))
    if expressions and not all(token in ("module", "callable") for token in argument.types):
        options.append(EXPRESSION)
    more: Schema = {"description": doc + (f" Since torch {argument.since}." if argument.since else "")}
    if argument.default is not None:
        more["default"] = argument.default
    return any_of(options, **more)


def _token(token: str, argument: Parameter, expressions: bool) -> Schema:
    if "," in token:
        parts = [_token(part, argument, expressions) for part in token.split(",")]
        return {"type": "array", "items": parts, "minItems": len(parts), "maxItems": len(parts)}
    match = _TOKEN.fullmatch(token)
    assert match, token
    plain = _plain(match["base"], argument)
    if match["optional"]:
        plain = any_of([plain, NULL])
    if match["length"] is None:
        return plain
    element = any_of([plain, EXPRESSION]) if expressions else plain
    minimum = 0 if argument.default == [] else 1
    length = int(match["length"] or 0)
    sizes = {"minItems": length, "maxItems": length} if length else {"minItems": minimum}
    return {"type": "array", "items": element, **sizes}


def _plain(base: str, argument: Parameter) -> Schema:
    match base:
        case "none":
            return NULL
        case "bool":
            return {"type": "boolean"}
        case "true":
            return {"const": True}
        case "int" | "float":
            return {"type": "integer" if base == "int" else "number", **_range(argument)}
        case "str":
            return {"enum": list(argument.choices)} if argument.choices else {"type": "string"}
        case "tensor":
            return ref("numbers")
        case "module":
            return ref("layer")
        case "scheduler":
            return ref("scheduler")
        case "callable":
            return {"type": "string", "pattern": r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$|\$"}
    raise ValueError(f"the catalogue has an unknown type {base!r}")


def _range(argument: Parameter) -> Schema:
    limits: Schema = {}
    if argument.minimum is not None:
        limits["exclusiveMinimum" if argument.exclusive_minimum else "minimum"] = argument.minimum
    if argument.maximum is not None:
        limits["exclusiveMaximum" if argument.exclusive_maximum else "maximum"] = argument.maximum
    return limits
