"""The network as a table: layers with shapes and counts."""

from __future__ import annotations

from dataclasses import dataclass

from .constructor import Constructor
from .description import BlockCall, Layer
from .expressions import Literal
from .graph import Argument, Fork, Module, Nested, Node, Received, shape_text
from .sizes import Size
from .types import ClassUse, Typed, TypedNetwork

MAX_FLOPS = 32  # characters; those of sizes that vary are polynomials


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
    graph = model.graph
    constructor = Constructor(graph, model.types, {})
    found = []
    for node in graph.body.nodes:
        typed = model.types[node.id]
        if not isinstance(node.action, Received):
            parameters, flops = _counts(node, model)
            shape = shape_text(typed.outputs[0].sizes)
            name = node.attribute or next((each for each in node.names if each), "")
            found.append(Row(name, _label(node, typed, constructor), shape, f"{parameters:,}", _number(flops)))
    return tuple(found)


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


def _number(flops: Size) -> str:
    return f"{flops:,}" if isinstance(flops, int) else str(flops)


def _value(argument: Argument) -> Argument:
    """The argument as a number, where the model has a name for it."""
    if isinstance(argument.value, Module):
        return Module(argument.value.entry, {n: _value(a) for n, a in argument.value.arguments.items()}).as_argument()
    if isinstance(argument.source, tuple):
        return Argument(argument.value, tuple(_value(part) for part in argument.source))
    return argument if not argument.names else Argument(argument.value, Literal(argument.value))


def table(network: TypedNetwork, width: int = 100) -> str:
    """The table that ``nngen check`` prints; long layers are cut so that it fits."""
    sections = [_section(model) for model in network.models]
    once = "tied weights count once" if network.tied else ""
    total = ("total", once, "", f"{network.parameters:,}", _number(network.flops))
    head = ("name", "layer", "output", "parameters", "FLOPs")
    lines = [head, *(line for section in sections for line in section), total]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    flops = min(widths[4], MAX_FLOPS)
    widths[1] = min(widths[1], max(20, width - sum(widths[:4]) - flops + widths[1] - 8))
    widths[4] = min(widths[4], MAX_FLOPS)
    rule = "-" * max(len(_line(line, widths)) for line in lines)
    text = [_line(head, widths)]
    for model, section in zip(network.models, sections, strict=True):
        title = [model.graph.class_name, rule] if len(sections) > 1 else []
        text += [rule, *title, *(_line(line, widths) for line in section)]
    whole = [f"FLOPs in total: {total[4]}"] if len(total[4]) > MAX_FLOPS else []
    return "\n".join([*text, rule, _line(total, widths), *whole])


Cells = tuple[str, str, str, str, str]


def _section(model: ClassUse) -> list[Cells]:
    """The inputs and the layers of one model."""
    inputs = zip(model.graph.inputs, model.inputs, strict=True)
    body: list[Cells] = [("", name, shape_text(each.sizes), "", "") for name, each in inputs]
    return body + [(row.name, row.layer, row.output_shape, row.parameters, row.flops) for row in rows(model)]


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    cut = [cell if len(cell) <= size else cell[: size - 3] + "..." for cell, size in zip(cells, widths)]
    aligned = [cell.ljust(size) for cell, size in zip(cut[:3], widths)]
    aligned += [cell.rjust(size) for cell, size in zip(cut[3:], widths[3:])]
    return "  ".join(aligned).rstrip()
