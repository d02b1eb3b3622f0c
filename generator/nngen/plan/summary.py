"""What is known of each layer of a network: for the table, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..description.description import BlockCall, Layer
from ..language.errors import Position, Problem, place_as_json, problems_as_json
from ..language.expressions import Literal
from ..network.graph import Argument, Fork, Module, Nested, Node, Received, TensorType
from ..network.symbolic.sizes import Size
from ..network.typed import ClassUse, Typed, TypedNetwork
from .model.constructor import Constructor


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """One item of a model, with all that is inside of it."""

    name: str  # the attribute; of an operation its result's, if it has one
    kind: str  # the class, block or operation
    layer: str  # as it is constructed
    outputs: tuple[TensorType, ...]
    parameters: int
    flops: Size  # of one sample
    position: Position | None


def layers(model: ClassUse) -> list[LayerFacts]:
    """Each item of a model, in the order in which they run."""
    constructor = Constructor(model.graph, model.types, {})
    found = []
    for node in model.graph.body.nodes:
        if isinstance(node.action, Received):
            continue
        typed = model.types[node.id]
        name = node.attribute or next((each for each in node.names if each), "")
        label = _label(node, typed, constructor)
        found.append(LayerFacts(name, node.kind, label, typed.outputs, *_counts(node, model), node.position))
    return found


def _counts(node: Node, model: ClassUse) -> tuple[int, Size]:
    typed = model.types[node.id]
    parameters, flops = typed.parameters, typed.flops
    bodies = [node.action.body] if isinstance(node.action, Nested) else []
    if isinstance(node.action, Fork):
        bodies = [body for _, body, _ in node.action.branches]
    for body in bodies:
        for inner in body.nodes:
            if inner.id in model.types:
                more_parameters, more_flops = _counts(inner, model)
                parameters, flops = parameters + more_parameters, flops + more_flops
    return parameters, flops


def _label(node: Node, typed: Typed, constructor: Constructor) -> str:
    arguments = {name: _value(argument) for name, argument in typed.arguments.items()}
    match node.action:
        case Layer(entry):
            text = constructor.layer_call(entry, arguments).removeprefix("nn.")
        case BlockCall(block, given):
            text = f"{block}({', '.join(f'{name}={arguments[name].value}' for name in given)})"
        case _:
            text = node.kind
    return f"{text} x {typed.loop.rounds}" if typed.loop else text


def _value(argument: Argument) -> Argument:
    """The argument as a number, where the model has a name for it."""
    if isinstance(argument.value, Module):
        return Module(argument.value.entry, {n: _value(a) for n, a in argument.value.arguments.items()}).as_argument()
    if isinstance(argument.source, tuple):
        return Argument(argument.value, tuple(_value(part) for part in argument.source))
    return argument if not argument.names else Argument(argument.value, Literal(argument.value))


def as_json(network: TypedNetwork, warnings: Iterable[Problem]) -> dict[str, Any]:
    """The network as plain values; a size that varies is a text, such as ``N``."""
    return {
        "models": [_model(model) for model in network.models],
        "parameters": network.parameters,
        "buffers": sum(model.buffers for model in network.models),
        "flops": _size(network.flops),
        **problems_as_json(warnings),
    }


def _model(model: ClassUse) -> dict[str, Any]:
    named = zip(model.graph.inputs, model.inputs, strict=True)
    return {
        "name": model.graph.class_name,
        "inputs": [{"name": name, **_tensor(tensor)} for name, tensor in named],
        "layers": [_layer(facts) for facts in layers(model)],
        "outputs": [_tensor(tensor) for tensor in model.outputs],
        "parameters": model.parameters,
        "flops": _size(model.flops),
    }


def _layer(facts: LayerFacts) -> dict[str, Any]:
    return {
        "name": facts.name,
        "kind": facts.kind,
        "layer": facts.layer,
        "outputs": [_tensor(tensor) for tensor in facts.outputs],
        "parameters": facts.parameters,
        "flops": _size(facts.flops),
        **place_as_json(facts.position),
    }


def _tensor(tensor: TensorType) -> dict[str, Any]:
    return {"shape": [_size(size) for size in tensor.sizes], "dtype": tensor.dtype}


def _size(size: Size) -> int | str:
    return size if isinstance(size, int) else str(size)
