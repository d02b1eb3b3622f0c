"""Small parts of inference: messages, and types seen from outside a block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import expressions
from .choices import either
from .expressions import Expr
from .graph import Argument, Dim, TensorType, shape_text
from .ops import ShapeError, Use
from .ops.base import Family, Outcome
from .scope import substitute
from .sizes import MAX_SIZE, Symbolic, from_expression
from .types import Typed


def unbuilt(typed: Typed) -> Typed:
    return replace(typed, parameters=0, buffers=0, flops=0, active=False)


def does_not_fit(called: str, inputs: tuple[TensorType, ...], error: ShapeError) -> str:
    shapes = [shape_text(each.sample_shape) for each in inputs]
    what = f"its input is {shapes[0]}" if len(shapes) == 1 else f"its inputs are {' and '.join(shapes)}"
    return f"{called} does not fit: {what} here, {error}"


def outward_type(tensor: TensorType, mapping: Mapping[Expr, Expr]) -> TensorType:
    return replace(tensor, dims=tuple(_outward_dim(dim, mapping) for dim in tensor.dims))


def _outward_dim(dim: Dim, mapping: Mapping[Expr, Expr]) -> Dim:
    if dim.source is None:
        return dim
    source = substitute(dim.source, mapping)
    if source is None or not (expressions.names(source) or expressions.sizes(source)):
        return Dim(dim.size)
    return Dim(dim.size, shortest(source))


def shortest(expr: Expr) -> Expr:
    """The expression, or its normal form where that is shorter: ``8 * width`` for ``2 * width + 6 * width``."""
    size = from_expression(expr) if not expressions.sizes(expr) else None
    normal = size.expression() if isinstance(size, Symbolic) else expr
    return normal if len(expressions.to_python(normal)) < len(expressions.to_python(expr)) else expr


# arguments whose numbers go into sizes behind channels, and into all sizes
_WINDOW = frozenset(("kernel_size", "stride", "padding", "dilation", "output_padding", "scale_factor"))
_FACTOR = frozenset(("upscale_factor", "downscale_factor"))


def known_sources(outputs: tuple[TensorType, ...], arguments: Mapping[str, Argument]) -> tuple[TensorType, ...]:
    """The types without the sources of sizes that were computed with the number of an argument that has a name.

    The number is what the argument is now; an expression with it would be wrong for any other.
    """
    named = {name for name, argument in arguments.items() if argument.names}
    start = 1 if named & _FACTOR else 2 if named & _WINDOW else None
    if start is None:
        return outputs
    return tuple(
        replace(each, dims=(*each.dims[:start], *(Dim(dim.size) for dim in each.dims[start:]))) for each in outputs
    )


def inferred_outputs(family: Family, use: Use, outcome: Outcome) -> tuple[TensorType, ...]:
    """The types with sources that are right for both values of switches that have a name: ``bidirectional``."""
    outputs = known_sources(outcome.outputs, use.arguments)
    for name, argument in use.arguments.items():
        if not isinstance(argument.value, bool) or isinstance(argument.source, tuple) or not argument.names:
            continue
        switched = replace(use, arguments={**use.arguments, name: replace(argument, value=not argument.value)})
        try:
            others = known_sources(family.infer(switched).outputs, use.arguments)
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
    return [listed(part) for part in value] if isinstance(value, tuple) else value


def numbers(value: Any) -> Any:
    """The value with a number for each size that varies, for checks of the type."""
    if isinstance(value, tuple):
        return tuple(numbers(part) for part in value)
    return 1 if isinstance(value, Symbolic) else value


def too_large(value: Any) -> str | None:
    parts = value if isinstance(value, tuple) else (value,)
    if any(isinstance(part, int) and abs(part) > MAX_SIZE for part in parts):
        return f"must be at most {MAX_SIZE}"
    return None
