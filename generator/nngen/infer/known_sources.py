"""Helpers of inference: messages, and types with the sources of sizes that are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..language import expressions
from ..language.catalogue.entries import Entry
from ..language.expressions import Expr, Operation
from ..network.dims import either
from ..network.graph import Node
from ..network.layers import ShapeError, Use, family_of
from ..network.layers.base import Family, Outcome
from ..network.symbolic.sizes import MAX_SIZE, Symbolic, from_expression
from ..network.tensors import Argument, Dim, TensorType, shape_text
from ..network.typed import Typed
from .scope import substitute


def unbuilt(typed: Typed) -> Typed:
    """Return the types of a node that is not built because its condition is false."""
    return replace(typed, parameters=0, buffers=0, flops=0, active=False)


def called(entry: Entry, arguments: Mapping[str, Argument]) -> str:
    """Return a layer as messages show it: ``MaxPool2d(2)``."""
    family = family_of(entry)
    leading = family.positional(entry, arguments) if family else 0
    positional = {parameter.name for parameter in entry.parameters[:leading]}
    shown = [
        str(argument.value) if name in positional else f"{name}={argument.value!r}"
        for name, argument in arguments.items()
    ]
    return f"{entry.name}({', '.join(shown)})" if shown else entry.name


def does_not_fit(called: str, inputs: tuple[TensorType, ...], error: ShapeError) -> str:
    """Return the message for a module or an operation that does not fit its inputs."""
    shapes = [shape_text(tensor.sample_shape) for tensor in inputs]
    actual = f"its input is {shapes[0]}" if len(shapes) == 1 else f"its inputs are {' and '.join(shapes)}"
    return f"{called} does not fit: {actual} here, {error}"


def parts_problem(node: Node, typed: Typed) -> str | None:
    """Return the message for a node whose results have more names than there are, or None."""
    names, parts = len(node.names), len(typed.outputs)
    if not node.parts or names <= parts:
        return None
    tensors = "one tensor" if parts == 1 else f"{parts} tensors"
    return f"{node.kind} gives {tensors}, and 'as' names {names}"


def outward_type(tensor: TensorType, mapping: Mapping[Expr, Expr]) -> TensorType:
    """Return the type of a block's tensor with sources that are valid outside the block.

    Args:
        tensor: the type inside the block.
        mapping: the expressions outside the block for the names and sizes inside it.
    """
    return replace(tensor, dims=tuple(_outward_dim(dim, mapping) for dim in tensor.dims))


def _outward_dim(dim: Dim, mapping: Mapping[Expr, Expr]) -> Dim:
    if dim.source is None:
        return dim
    source = substitute(dim.source, mapping)
    if source is None or not (expressions.names(source) or expressions.sizes(source)):
        return Dim(dim.size)
    return Dim(dim.size, shortest(source))


def shortest(expr: Expr) -> Expr:
    """Return the expression, or its normal form if that is shorter: ``8 * width`` for ``2 * width + 6 * width``."""
    size = from_expression(expr) if not expressions.sizes(expr) else None
    normal = size.expression() if isinstance(size, Symbolic) else expr
    return normal if len(expressions.to_python(normal)) < len(expressions.to_python(expr)) else expr


# arguments that determine the sizes after the channels, and those that determine all sizes after the batch
_WINDOW = frozenset(("kernel_size", "stride", "padding", "dilation", "output_padding", "scale_factor"))
_FACTOR = frozenset(("upscale_factor", "downscale_factor"))


def known_sources(use: Use, outputs: tuple[TensorType, ...]) -> tuple[TensorType, ...]:
    """Return the types without sources of sizes that were computed with the current value of a named argument.

    Such a source would be wrong for any other value of the argument. Adjacent windows are an exception, since the
    source of their number has the argument's name: ``image_size // patch_size``.
    """
    symbolic = {name for name, argument in use.arguments.items() if argument.names}
    start = 1 if symbolic & _FACTOR else 2 if symbolic & _WINDOW else None
    if start is None:
        return outputs
    side = _side_by_side(use)
    return tuple(
        replace(
            output,
            dims=(
                *output.dims[:start],
                *(_windows(use, side, output, index) for index in range(start, len(output.dims))),
            ),
        )
        for output in outputs
    )


def _windows(use: Use, side: Expr | None, output: TensorType, index: int) -> Dim:
    """Return a size whose source is the number of adjacent windows, or without a source if there are none."""
    size = output.dims[index].size
    if side is None or isinstance(size, Symbolic) or len(output.dims) != len(use.input.dims):
        return Dim(size)
    return Dim(size, Operation("//", (use.input.dims[index].expression(), side)))


def _side_by_side(use: Use) -> Expr | None:
    """Return the size of windows that neither overlap nor leave gaps, such as ``patch_size``, or None."""
    kernel, written = use.arguments.get("kernel_size"), set(use.arguments)
    if use.entry.family not in ("conv", "pool") or kernel is None or isinstance(kernel.source, tuple):
        return None
    if written & {"padding", "dilation", "ceil_mode"} or ("stride" not in written and use.entry.family == "conv"):
        return None
    return kernel.source if use.arguments.get("stride", kernel).source == kernel.source else None


def inferred_outputs(family: Family, use: Use, outcome: Outcome) -> tuple[TensorType, ...]:
    """Return the types with sources that hold for both values of named Boolean arguments such as ``bidirectional``."""
    outputs = known_sources(use, outcome.outputs)
    for name, argument in use.arguments.items():
        if not isinstance(argument.value, bool) or isinstance(argument.source, tuple) or not argument.names:
            continue
        switched = replace(use, arguments={**use.arguments, name: replace(argument, value=not argument.value)})
        try:
            switched_outputs = known_sources(switched, family.infer(switched).outputs)
        except ShapeError:  # with the other value the layer does not fit at all
            continue
        if len(switched_outputs) == len(outputs):
            pairs = zip(outputs, switched_outputs)
            outputs = tuple(
                either(
                    argument.source,
                    *((output, switched_output) if argument.value else (switched_output, output)),
                    bool(argument.value),
                )
                for output, switched_output in pairs
            )
    return outputs


def listed(value: Any) -> Any:
    """Return the value with lists in place of tuples, as in YAML."""
    return [listed(part) for part in value] if isinstance(value, tuple) else value


def numbers(value: Any) -> Any:
    """Return the value with 1 for each size that varies, for checks of its type."""
    if isinstance(value, tuple):
        return tuple(numbers(part) for part in value)
    return 1 if isinstance(value, Symbolic) else value


def operand_problem(value: Any) -> str | None:
    """Return the reason why a value cannot replace a tensor, or None."""
    return None if isinstance(value, (int, float)) else f"expected the name of a tensor or a number, found {value!r}"


def too_large(value: Any) -> str | None:
    """Return the reason why a value has a number too large for torch, or None."""
    parts = value if isinstance(value, tuple) else (value,)
    if any(isinstance(part, int) and abs(part) > MAX_SIZE for part in parts):
        return f"must be at most {MAX_SIZE}"
    return None
