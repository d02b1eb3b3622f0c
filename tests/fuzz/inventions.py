"""Layers, operations and calls with arguments of every kind, most of which do not fit."""

from __future__ import annotations

from random import Random
from typing import Any

from nngen.language.catalogue.entries import Parameter
from nngen.language.catalogue.registry import catalogue
from nngen.network.operations import OPERATIONS

VALUES: tuple[Any, ...] = (
    0,
    -1,
    1,
    2,
    3,
    7,
    -2,
    0.5,
    -0.5,
    1e-30,
    10**9,
    2**31,
    10**17,
    float("inf"),
    float("nan"),
    True,
)
VALUES += (None, "", "x", "input", "$x", "$in_features", "$width", "-$width", "$x.size(1)", "$input.size(-1)", "1 / 0")
VALUES += ([], {}, [0], [1, 2], [[1, 2], [3]], [-1, -1], {"a": 1}, [None], "same", "mean", [2, 2, 2], ["x", "x"])
_SMALL = (0, 1, 1, 1, 2, 2, 3, 4, 5, 8, -1, -1, -2)


def invented_item(random: Random, found: list[tuple[Any, Any]]) -> Any:
    """Return an item of a list of layers.

    Args:
        random: the source of choices.
        found: the places of the description, for the names of its tensors.
    """
    names = [owner[key] for owner, key in found if key == "as" and isinstance(owner[key], str)]
    tensors = ["x", "x", "input", *names]
    if random.random() < 0.75:
        operation = OPERATIONS[random.choice(list(OPERATIONS))]
        parameters = [*operation.parameters]
        if operation.scalar_operand:
            parameters.append(Parameter(operation.operands[1], ("tensor", "float", "bool")))
        item: dict[str, Any] = {operation.name: _arguments(parameters, random, tensors)}
    else:
        entry = catalogue().layers[random.choice(list(catalogue().layers))]
        item = {entry.name: _arguments([each for each in entry.parameters if not each.inferred], random, tensors)}
    if random.random() < 0.25:
        item["from"] = random.choice(
            (random.choice(tensors), [random.choice(tensors) for _ in range(random.choice((0, 2, 3)))])
        )
    if random.random() < 0.1:
        item["as"] = random.choice(("y", ["y"], ["x", "_"], ["_", "x"], ["a", "x", "b"]))
    if random.random() < 0.1:
        item["if"] = random.choice((True, False, 0, "$in_features == 8", "$x", None, []))
    if random.random() < 0.1:
        item["repeat"] = random.choice((0, 1, 2, 3, "$in_features", {"w": [1, 2]}, 100))
    return item


def invented_call(key: str, random: Random) -> Any:
    """Return the value of ``loss``, ``optimizer`` or ``scheduler``."""
    kinds = {"loss": catalogue().losses, "optimizer": catalogue().optimizers, "scheduler": catalogue().schedulers}
    entry = kinds[key][random.choice(list(kinds[key]))]
    return {entry.name: _arguments([each for each in entry.parameters if not each.inferred], random, ["x"])}


def _arguments(parameters: list[Parameter], random: Random, tensors: list[str]) -> Any:
    """Return some of the arguments, required ones nearly always; now and then a bare value or list."""
    if random.random() < 0.15:
        return random.choice(
            (None, random.choice(VALUES), [random.choice(_SMALL) for _ in range(random.choice((1, 2, 3)))])
        )
    chosen = [each for each in parameters if random.random() < (0.95 if each.required else 0.3)]
    return {each.name: _value(each, random, tensors) for each in chosen}


def _value(parameter: Parameter, random: Random, tensors: list[str]) -> Any:
    if random.random() < 0.12:
        return random.choice(VALUES)
    token = random.choice(parameter.types)
    if "[" in token or "," in token:
        return [random.choice(_SMALL) for _ in range(random.choice((1, 2, 2, 3, 4)))]
    match token.rstrip("?"):
        case "int":
            return random.choice((*_SMALL, "$in_features", "$input.size(1)"))
        case "float":
            return random.choice((0.0, 0.1, 0.5, 1.0, 2.0, -1.0, random.choice(_SMALL)))
        case "bool" | "true":
            return random.random() < 0.5
        case "str":
            return random.choice(parameter.choices or ("same", "mean", "ij,jk->ik", "...i->...", "bi,bj->bij"))
        case "tensor":
            return random.choice(tensors)
        case "module":
            return random.choice(("ReLU", {"TransformerEncoderLayer": 2}, "GELU", {"Linear": 3}))
    return random.choice((None, "ReLU", 1))
