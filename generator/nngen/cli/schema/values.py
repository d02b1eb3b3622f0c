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
    """Return the schema of one of several; equal ones count once."""
    found: list[Schema] = []
    for schema in schemas:
        found += [schema] if schema not in found else []
    return {**more, **found[0]} if len(found) == 1 else {**more, "anyOf": found}


def mapping(properties: dict[str, Schema], required: Iterable[str] = (), **more: Any) -> Schema:
    """Return the schema of a mapping with these keys and no others."""
    needed = list(required)
    head: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**head, **({"required": needed} if needed else {}), **more}


def names(pattern: str, value: Schema, **more: Any) -> Schema:
    """Return the schema of a mapping whose names the author chooses."""
    return {"type": "object", "patternProperties": {pattern: value}, "additionalProperties": False, **more}


def attributes(value: Schema, *also_taken: str, **more: Any) -> Schema:
    """Return the schema of a mapping whose names become attributes or arguments."""
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

_NAMED = ("attribute", "variable", "project")

DEFINITIONS: dict[str, Schema] = {
    "expression": {"type": "string", "pattern": r"\$", "description": "An expression over $names."},
    "name": {"type": "string", "pattern": IDENTIFIER, "not": {"enum": keyword.kwlist}},
    **{what: {"type": "string", "pattern": IDENTIFIER, "not": {"enum": taken(what)}} for what in _NAMED},
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


def parameter(given: Parameter, doc: str, expressions: bool = False, tensors: bool = False) -> Schema:
    """Return the schema of an argument.

    Args:
        given: the argument.
        doc: its help.
        expressions: whether it may be one.
        tensors: whether a tensor is its name, as in operations; else it is numbers.
    """
    options: list[Schema] = []
    for token in given.types:
        if token == "int" and "float" in given.types:
            continue
        options.append(NAME if token == "tensor" and tensors else _token(token, given, expressions))
    if expressions and not all(token in ("module", "callable") for token in given.types):
        options.append(EXPRESSION)
    more: Schema = {"description": doc + (f" Since torch {given.since}." if given.since else "")}
    if given.default is not None:
        more["default"] = given.default
    return any_of(options, **more)


def _token(token: str, given: Parameter, expressions: bool) -> Schema:
    if "," in token:
        parts = [_token(part, given, expressions) for part in token.split(",")]
        return {"type": "array", "items": parts, "minItems": len(parts), "maxItems": len(parts)}
    match = _TOKEN.fullmatch(token)
    assert match, token
    plain = _plain(match["base"], given)
    if match["optional"]:
        plain = any_of([plain, NULL])
    if match["length"] is None:
        return plain
    element = any_of([plain, EXPRESSION]) if expressions else plain
    least = 0 if given.default == [] else 1
    length = int(match["length"] or 0)
    sizes = {"minItems": length, "maxItems": length} if length else {"minItems": least}
    return {"type": "array", "items": element, **sizes}


def _plain(base: str, given: Parameter) -> Schema:
    match base:
        case "none":
            return NULL
        case "bool":
            return {"type": "boolean"}
        case "true":
            return {"const": True}
        case "int" | "float":
            return {"type": "integer" if base == "int" else "number", **_range(given)}
        case "str":
            return {"enum": list(given.choices)} if given.choices else {"type": "string"}
        case "tensor":
            return ref("numbers")
        case "module":
            return ref("layer")
        case "scheduler":
            return ref("scheduler")
        case "callable":
            return {"type": "string", "pattern": r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$|\$"}
    raise ValueError(f"the catalogue has an unknown type {base!r}")


def _range(given: Parameter) -> Schema:
    found: Schema = {}
    if given.minimum is not None:
        found["exclusiveMinimum" if given.exclusive_minimum else "minimum"] = given.minimum
    if given.maximum is not None:
        found["exclusiveMaximum" if given.exclusive_maximum else "maximum"] = given.maximum
    return found
