"""What is known of each layer of a network: for tables and for programs."""

from __future__ import annotations

from dataclasses import dataclass

from ..description.description import BlockCall, Layer
from ..language.errors import Position
from ..language.expressions import Literal
from ..network.graph import Fork, Nested, Node, Received
from ..network.symbolic.sizes import Size
from ..network.tensors import Argument, Module, TensorType, shape_text
from ..network.typed import ClassUse, Typed
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


@dataclass(frozen=True, slots=True)
class Row:
    """One layer, with texts that are ready to print."""

    name: str
    layer: str  # as it is constructed
    output_shape: str
    parameters: str
    flops: str


def rows(model: ClassUse) -> tuple[Row, ...]:
    """A row for each item of a model, in the order in which they run."""
    return tuple(_row(facts) for facts in layers(model))


def _row(facts: LayerFacts) -> Row:
    shape = shape_text(facts.outputs[0].sizes)
    return Row(facts.name, facts.layer, shape, f"{facts.parameters:,}", _number(facts.flops))


def _number(flops: Size) -> str:
    return f"{flops:,}" if isinstance(flops, int) else str(flops)
