"""The schemas of items: layers, operations, structures, and the keys beside them."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from ...description.description import MAX_ROUNDS
from ...language.catalogue.registry import catalogue
from ...network.operations import OPERATIONS
from ...validate.initial import FUNCTIONS, REQUIRED
from ...validate.items import COMPANIONS, MORE_COMPANIONS, STRUCTURES
from .. import reference
from .calls import call, operation, operations_alone, stands_alone
from .values import CLASS, EXPRESSION, IDENTIFIER, NAME, NULL, Schema, any_of, attributes, choice, mapping, names, ref

SIZE: Schema = any_of([{"type": "integer", "minimum": 1}, EXPRESSION])


def definitions() -> dict[str, Schema]:
    """Return the definitions of items and their parts; ``item`` is for descriptions without blocks."""
    layers = catalogue().layers
    alone = {name: layers[name].doc for name in layers if stands_alone(layers[name])} | operations_alone()
    calls = {name: call(entry) for name, entry in layers.items()}  # editors show these names
    calls |= {name: operation(tensor_operation) for name, tensor_operation in OPERATIONS.items()}
    layer = mapping({name: ref(name) for name in layers}, minProperties=1, maxProperties=1)
    joining = {name: ref(name) for name, tensor_operation in OPERATIONS.items() if tensor_operation.most != 1}
    joined = {name: operations_alone()[name] for name in joining if name in operations_alone()}
    return {
        "item": any_of([choice(alone), _item("")]),
        "item with blocks": any_of([choice(alone), {"type": "string", "pattern": CLASS}, _item(" with blocks")]),
        "items": {"type": "array", "items": ref("item")},
        "items with blocks": {"type": "array", "items": ref("item with blocks")},
        "layer": any_of([choice({name: layers[name].doc for name in layers if stands_alone(layers[name])}), layer]),
        "block call": any_of([ref("value"), names(IDENTIFIER, ref("value"))], description="A block of this file."),
        "merge": any_of([choice(joined), mapping(joining, minProperties=1, maxProperties=1)]),
        "sources": any_of([_TENSORS, names(IDENTIFIER, any_of([_OPERAND, {"type": "boolean"}]))]),
        "one kind": {"allOf": [_one_at_least(), {"anyOf": _one_at_most()}]},
        "initial": _initial(),
        **calls,
    }


_OPERAND = any_of([NAME, {"type": "array", "items": NAME}])
_TENSORS = any_of([NAME, {"type": "array", "items": _OPERAND}])


def _item(blocks: str) -> Schema:
    layers = {name: ref(name) for name in catalogue().layers}
    # `repeat` alone is the operation, which shares its place with the key beside other kinds
    operations = {name: ref(name) for name in OPERATIONS if name not in COMPANIONS}
    pattern: Schema = {"patternProperties": {CLASS: ref("block call")}} if blocks else {}
    more: dict[str, Any] = {"allOf": [ref("one kind")], "dependencies": _dependencies(), **pattern}
    return mapping({**layers, **operations, **_structures(f"items{blocks}"), **_beside()}, **more)


def _structures(items: str) -> dict[str, Schema]:
    shape: Schema = {"type": "array", "items": SIZE}
    parts = {"shape": {"description": reference.help_of("parts", "shape"), **shape}}
    initial = {"init": any_of([ref("initial")], description=reference.help_of("parts", "init"))}
    tensor = any_of([shape, mapping({**parts, **initial}, ["shape"])])
    schemas = {
        "layers": ref(items),
        "residual": ref(items),
        "branches": attributes(ref(items), minProperties=1),
        "use": NAME,
        "parameter": tensor,
        "buffer": tensor,
        "import": {"type": "string", "pattern": r"^[A-Za-z][\w.]*:[A-Za-z]\w*$"},
    }
    assert set(schemas) == set(STRUCTURES)
    return {
        name: {"description": reference.help_of("structures", name), "allOf": [schema]}
        for name, schema in schemas.items()
    }


def _beside() -> dict[str, Schema]:
    rounds: list[Schema] = [{"type": "integer", "minimum": 0, "maximum": MAX_ROUNDS}, EXPRESSION]
    rounds.append(attributes(any_of([EXPRESSION, {"type": "array", "minItems": 1, "items": ref("value")}]), "i"))
    rounds.append({"type": "array", "minItems": 1, "items": any_of([{"type": "integer"}, EXPRESSION])})
    schemas = {
        "name": ref("attribute"),
        "as": any_of([ref("variable"), {"type": "array", "items": any_of([ref("variable"), {"const": "_"}])}]),
        "from": ref("sources"),
        "repeat": any_of(rounds),
        "if": any_of([{"type": "boolean"}, EXPRESSION]),
        "merge": ref("merge"),
        "args": names(IDENTIFIER, ref("value")),
        "output": {"type": "array", "items": SIZE},
    }
    assert set(schemas) == {*COMPANIONS, *(key for keys in MORE_COMPANIONS.values() for key in keys)}
    return {
        name: {"description": reference.help_of("beside", name), "allOf": [schema]} for name, schema in schemas.items()
    }


def _dependencies() -> dict[str, list[str]]:
    return {key: [kind] for kind, keys in MORE_COMPANIONS.items() for key in keys} | {"import": ["output"]}


def _one_at_least() -> Schema:
    beside = (*COMPANIONS, *(key for keys in MORE_COMPANIONS.values() for key in keys))
    return {"not": {"propertyNames": {"enum": [key for key in beside if key != "repeat"]}}}


def _one_at_most() -> list[Schema]:
    """Return the alternatives of an item with at most one kind beside its other keys."""
    tails = [(), *((key,) for keys in MORE_COMPANIONS.values() for key in keys), ("args", "output")]
    chosen = [
        (*companions, *tail) for tail in tails for count in range(6) for companions in combinations(COMPANIONS, count)
    ]
    return [{"required": list(keys), "maxProperties": len(keys) + 1} for keys in chosen]


def _initial() -> Schema:
    """Return the schema of a function of ``torch.nn.init``."""
    docs = {name: reference.help_of("parts", name) for name in FUNCTIONS}
    alone = {name: doc for name, doc in docs.items() if name not in REQUIRED}
    number = any_of([{"type": ["number", "string"]}])
    properties = {}
    for name, arguments in FUNCTIONS.items():
        needed = [REQUIRED[name]] if name in REQUIRED else []
        options = [number] if arguments else []
        options.append(mapping(dict.fromkeys(arguments, number), needed))
        properties[name] = any_of([*options, *([] if needed else [NULL])], description=docs[name])
    return any_of([choice(alone), mapping(properties, minProperties=1, maxProperties=1)])
