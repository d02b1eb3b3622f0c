"""The network as a table: layers with shapes and counts."""

from __future__ import annotations

import textwrap
from itertools import accumulate

from ..network.tensors import shape_text
from ..network.typed import ClassUse, TypedNetwork
from ..plan.summary import _number, rows

WIDTH = 100
# minimum widths of columns that shrink, in order; the last ones and two spaces between columns add up to 100
_LIMITS = [("layer", 40), ("FLOPs", 24), ("layer", 26), ("name", 18), ("FLOPs", 16), ("output", 18)]
_LIMITS += [("name", 16), ("parameters", 16)]
_COLUMNS = ("name", "layer", "output", "parameters", "FLOPs")


Cells = tuple[str, str, str, str, str]


def table(network: TypedNetwork) -> str:
    """Return the table that ``nngen check`` prints, at most 100 columns wide."""
    sections = [_section(model) for model in network.models]
    once = "tied weights count once" if network.tied else ""
    total = ("total", once, "", f"{network.parameters:,}", _number(network.flops))
    lines = [_COLUMNS, *(line for section in sections for line in section), total]
    widths = _widths(lines)
    rule = "-" * max(len(_line(line, widths)) for line in lines)
    text = [_line(_COLUMNS, widths)]
    for model, section in zip(network.models, sections, strict=True):
        title = [shortened(model.graph.class_name, WIDTH), rule] if len(sections) > 1 else []
        text += [rule, *title, *(_line(line, widths) for line in section)]
    whole = []
    if not isinstance(network.flops, int) and len(total[4]) > widths["FLOPs"]:
        whole = textwrap.wrap(f"FLOPs in total: {total[4]}", WIDTH)
    return "\n".join([*text, rule, _line(total, widths), *whole])


def _section(model: ClassUse) -> list[Cells]:
    """Return the lines of one model: its inputs and its layers."""
    inputs = zip(model.graph.inputs, model.inputs, strict=True)
    body: list[Cells] = [("", name, shape_text(tensor.sizes), "", "") for name, tensor in inputs]
    return body + [(row.name, row.layer, row.output_shape, row.parameters, row.flops) for row in rows(model)]


def _widths(lines: list[Cells]) -> dict[str, int]:
    """Return the width of each column."""
    widths = {name: max(len(line[column]) for line in lines) for column, name in enumerate(_COLUMNS)}
    for name, minimum in _LIMITS:
        excess = sum(widths.values()) + 2 * (len(widths) - 1) - WIDTH
        widths[name] = max(min(widths[name], minimum), widths[name] - max(excess, 0))
    return widths


def _line(cells: Cells, widths: dict[str, int]) -> str:
    name, layer, output, *counts = (shortened(cell, size) for cell, size in zip(cells, widths.values(), strict=True))
    left = [name.ljust(widths["name"]), layer.ljust(widths["layer"]), output.ljust(widths["output"])]
    right = [count.rjust(widths[key]) for count, key in zip(counts, _COLUMNS[3:], strict=True)]
    return "  ".join([*left, *right]).rstrip()


def shortened(text: str, width: int) -> str:
    """Return a text cut to a width: a call or a shape loses its last parts, a number its last digits."""
    if len(text) <= width:
        return text
    if text.replace(",", "").isdigit():
        return f"{int(text.replace(',', '')):.4e}"
    opening, closing = text.find("("), text.rfind(")")
    if 0 <= opening < closing and (not opening or text[:opening].replace(".", "").isidentifier()):
        return _shorter_call(text[: opening + 1], text[opening + 1 : closing], text[closing:], width)
    return f"{text[: width - 3]}..."


def _shorter_call(head: str, inner: str, tail: str, width: int) -> str:
    """Return a call with the arguments that fit, ``Conv2d(3, 64, ...)``; an argument that is a call may be cut."""
    kept: list[str] = []
    room = width - len(head) - len(tail) - len(", ...")
    for part in _parts(inner):
        used = sum(len(argument) + 2 for argument in kept)
        shown = shortened(part, room - used) if "(" in part and room - used > part.find("(") + 5 else part
        if used + len(shown) > room:
            break
        kept.append(shown)
    text = f"{head}{', '.join([*kept, '...'])}{tail}"
    return text if len(text) <= width else f"{text[: width - 3]}..."


def _parts(inner: str) -> list[str]:
    """Return the parts of a text between its commas, except commas inside brackets."""
    depths = accumulate((letter in "([{") - (letter in ")]}") for letter in inner)
    cuts = [
        index for index, (letter, depth) in enumerate(zip(inner, depths, strict=True)) if letter == "," and not depth
    ]
    return [inner[start:end].strip() for start, end in zip([0, *(cut + 1 for cut in cuts)], [*cuts, len(inner)])]
