"""Small parts of inference: messages, and types seen from outside a block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..language import expressions
from ..language.catalogue.entries import Entry
from ..language.expressions import Expr, Operation
from ..network.dims import either
from ..network.layers import ShapeError, Use, family_of
from ..network.layers.base import Family, Outcome
from ..network.symbolic.sizes import MAX_SIZE, Symbolic, from_expression
from ..network.tensors import Argument, Dim, TensorType, shape_text
from ..network.typed import Typed
from .scope import substitute


def unbuilt(typed: Typed) -> Typed:
    """Return the types of a node whose condition does not hold, so that nothing is built."""
    return replace(typed, parameters=0, buffers=0, flops=0, active=False)


def called(entry: Entry, arguments: Mapping[str, Argument]) -> str:
    """Return the layer as its error names it: ``MaxPool2d(2)``."""
    family = family_of(entry)
    leading = family.positional(entry, arguments) if family else 0
    positional = {parameter.name for parameter in entry.parameters[:leading]}
    shown = [
        str(argument.value) if name in positional else f"{name}={argument.value!r}"
        for name, argument in arguments.items()
    ]
    return f"{entry.name}({', '.join(shown)})" if shown else entry.name


def does_not_fit(called: str, inputs: tuple[TensorType, ...], error: ShapeError) -> str:
    """Return the message for a module or operation that its inputs do not fit."""
    shapes = [shape_text(tensor.sample_shape) for tensor in inputs]
    what = f"its input is {shapes[0]}" if len(shapes) == 1 else f"its inputs are {' and '.join(shapes)}"
    return f"{called} does not fit: {what} here, {error}"


def outward_type(tensor: TensorType, mapping: Mapping[Expr, Expr]) -> TensorType:
    """Return a type of a block as it is seen outside, with the names that hold there."""
    return replace(tensor, dims=tuple(_outward_dim(dim, mapping) for dim in tensor.dims))


def _outward_dim(dim: Dim, mapping: Mapping[Expr, Expr]) -> Dim:
    if dim.source is None:
        return dim
    source = substitute(dim.source, mapping)
    if source is None or not (expressions.names(source) or expressions.sizes(source)):
        return Dim(dim.size)
    return Dim(dim.size, shortest(source))


def shortest(expr: Expr) -> Expr:
    """Return the expression, or its normal form where that is shorter: ``8 * width`` for ``2 * width + 6 * width``."""
    size = from_expression(expr) if not expressions.sizes(expr) else None
    normal = size.expression() if isinstance(size, Symbolic) else expr
    return normal if len(expressions.to_python(normal)) < len(expressions.to_python(expr)) else expr


# arguments whose numbers go into sizes behind channels, and into all sizes
_WINDOW = frozenset(("kernel_size", "stride", "padding", "dilation", "output_padding", "scale_factor"))
_FACTOR = frozenset(("upscale_factor", "downscale_factor"))


def known_sources(use: Use, outputs: tuple[TensorType, ...]) -> tuple[TensorType, ...]:
    """Return the types without the sources of sizes that were computed with the number of an argument that has a name.

    The number is what the argument is now; an expression with it would be wrong for any other. Windows side by side
    have one: ``image_size // patch_size``.
    """
    named = {name for name, argument in use.arguments.items() if argument.names}
    start = 1 if named & _FACTOR else 2 if named & _WINDOW else None
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
    """Return a size with the source that it has as a number of windows side by side, else without one."""
    size = output.dims[index].size
    if side is None or isinstance(size, Symbolic) or len(output.dims) != len(use.input.dims):
        return Dim(size)
    return Dim(size, Operation("//", (use.input.dims[index].expression(), side)))


def _side_by_side(use: Use) -> Expr | None:
    """Return the size of windows that neither overlap nor leave gaps: ``patch_size``."""
    kernel, given = use.arguments.get("kernel_size"), set(use.arguments)
    if use.entry.family not in ("conv", "pool") or kernel is None or isinstance(kernel.source, tuple):
        return None
    if given & {"padding", "dilation", "ceil_mode"} or ("stride" not in given and use.entry.family == "conv"):
        return None
    return kernel.source if use.arguments.get("stride", kernel).source == kernel.source else None


def inferred_outputs(family: Family, use: Use, outcome: Outcome) -> tuple[TensorType, ...]:
    """Return the types with sources that are right for both values of switches that have a name: ``bidirectional``."""
    outputs = known_sources(use, outcome.outputs)
    for name, argument in use.arguments.items():
        if not isinstance(argument.value, bool) or isinstance(argument.source, tuple) or not argument.names:
            continue
        switched = replace(use, arguments={**use.arguments, name: replace(argument, value=not argument.value)})
        try:
            others = known_sources(switched, family.infer(switched).outputs)
        except ShapeError:  # with the other value it does not fit, whatever is behind it
            continue
        if len(others) == len(outputs):
            pairs = zip(outputs, others)
            outputs = tuple(
                either(argument.source, *((now, other) if argument.value else (other, now)), bool(argument.value))
                for now, other in pairs
            )
    return outputs


def listed(value: Any) -> Any:
    """Return the value with lists in place of tuples, as YAML has them."""
    return [listed(part) for part in value] if isinstance(value, tuple) else value


def numbers(value: Any) -> Any:
    """Return the value with a number for each size that varies, for checks of the type."""
    if isinstance(value, tuple):
        return tuple(numbers(part) for part in value)
    return 1 if isinstance(value, Symbolic) else value


def operand_problem(value: Any) -> str | None:
    """Return why a value cannot stand in the place of a tensor, or None."""
    return None if isinstance(value, (int, float)) else f"expected the name of a tensor or a number, found {value!r}"


def too_large(value: Any) -> str | None:
    """Return why a number is too large for torch, or None."""
    parts = value if isinstance(value, tuple) else (value,)
    if any(isinstance(part, int) and abs(part) > MAX_SIZE for part in parts):
        return f"must be at most {MAX_SIZE}"
    return None
