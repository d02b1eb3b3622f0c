"""The network as a table: layers with shapes and counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .expressions import Literal
from .graph import Argument, Module, TypedGraph, shape_text
from .plan import module_call


@dataclass(frozen=True, slots=True)
class Row:
    """One layer, with texts that are ready to print."""

    name: str
    layer: str  # as it is constructed
    output_shape: str
    parameters: str
    flops: str


def rows(typed: TypedGraph) -> tuple[Row, ...]:
    """A row for each module, in the order in which they run."""
    return tuple(
        Row(
            node.attribute,
            module_call(node, _values(inferred.arguments)).removeprefix("nn."),
            shape_text(inferred.outputs[0].sizes),
            f"{inferred.parameters:,}",
            f"{inferred.flops:,}",
        )
        for node, inferred in typed.modules()
    )


def _values(arguments: Mapping[str, Argument]) -> dict[str, Argument]:
    """The arguments as numbers, where the model has names for them."""
    return {name: _value(argument) for name, argument in arguments.items()}


def _value(argument: Argument) -> Argument:
    if isinstance(argument.value, Module):
        return Module(argument.value.entry, _values(argument.value.arguments)).as_argument()
    if isinstance(argument.source, tuple):
        return Argument(argument.value, tuple(_value(part) for part in argument.source))
    return argument if not argument.names else Argument(argument.value, Literal(argument.value))


def table(typed: TypedGraph, width: int = 100) -> str:
    """The table that ``nngen check`` prints; long layers are cut so that it fits."""
    body = [("", "input", shape_text(typed.input.sizes), "", "")]
    body += [(row.name, row.layer, row.output_shape, row.parameters, row.flops) for row in rows(typed)]
    total_flops = sum(inferred.flops for _, inferred in typed.modules() if isinstance(inferred.flops, int))
    total = ("total", "", "", f"{typed.parameters:,}", f"{total_flops:,}")
    head = ("name", "layer", "output", "parameters", "FLOPs")
    lines = [head, *body, total]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    widths[1] = min(widths[1], max(20, width - sum(widths) + widths[1] - 8))
    text = [_line(line, widths) for line in lines]
    rule = "-" * max(len(line) for line in text)
    return "\n".join([text[0], rule, *text[1:-1], rule, text[-1]])


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    cut = [cell if len(cell) <= size else cell[: size - 3] + "..." for cell, size in zip(cells, widths)]
    aligned = [cell.ljust(size) for cell, size in zip(cut[:3], widths)]
    aligned += [cell.rjust(size) for cell, size in zip(cut[3:], widths[3:])]
    return "  ".join(aligned).rstrip()
