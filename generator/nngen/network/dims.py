"""Arithmetic of dimensions: sums, products and quotients with their sources, and broadcasting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from ..language import expressions
from ..language.expressions import Expr, ExpressionError, Literal, Operation
from .symbolic.conditions import apply, assuming, choose, times
from .symbolic.division import quotient, reduced
from .symbolic.sizes import Size, Symbolic, from_expression, terms_of
from .tensors import BATCH, Dim, TensorType


@dataclass(frozen=True, slots=True)
class Exact(Operation):
    """``a // b`` without a remainder, which torch has checked, so that ``b * (a // b)`` is ``a``."""


def total(dims: Sequence[Dim]) -> Dim:
    """Return the sum of dimensions: ``skip_channels + channels``."""
    return reduce(lambda left, right: _sum("+", left.size + right.size, left, right), dims)


def difference(first: Dim, second: Dim) -> Dim:
    """Return the difference of two dimensions: ``length - 1``."""
    return _sum("-", first.size - second.size, first, second)


def _sum(operator: str, size: Size, left: Dim, right: Dim) -> Dim:
    if right.size == 0 and not right.depends:
        return left
    if not left.depends and not right.depends:
        return Dim(size)
    added = right.expression()
    if operator == "+" and isinstance(right.size, int) and right.size < 0 and not right.depends:
        operator, added = "-", Literal(-right.size)
    source: Expr = Operation(operator, (left.expression(), added))
    terms = _polynomial([source])
    if terms is not None and len(terms_of(terms)) < _count(source):
        source = _expression(terms)  # 2 * channels, not channels + channels
    return _tidy(size, source)


def _count(expr: Expr) -> int:
    """Return the number of terms in a sum."""
    if isinstance(expr, Operation) and expr.operator in ("+", "-"):
        return sum(_count(operand) for operand in expr.operands)
    return 1


def product(dims: Sequence[Dim]) -> Dim:
    """Return the product of dimensions: ``heads * head_dim``."""
    merged = multiply(tuple(dims))
    for index, dim in enumerate(dims):
        if isinstance(dim.source, Exact):
            dividend, divisor = dim.source.operands
            factor = _source_quotient([other.expression() for other in (*dims[:index], *dims[index + 1 :])], [divisor])
            if factor is not None and not isinstance(factor, Exact):
                source = dividend if factor == Literal(1) else Operation("*", (factor, dividend))
                return _tidy(merged.size, source)
    return merged if merged.source is None else _tidy(merged.size, merged.source)


def solve(whole: Sequence[Dim], parts: Sequence[Dim]) -> Dim | None:
    """Return the dimension that completes the product of `parts` to that of `whole`; None if there is none."""
    size = quotient(volume(whole), volume(parts))
    if size is None:
        return None
    if not any(dim.depends for dim in (*whole, *parts)):
        return Dim(size)
    source = _source_quotient([dim.expression() for dim in whole], [dim.expression() for dim in parts])
    if source is None:
        source = Exact("//", (product(whole).expression(), product(parts).expression()))
    return _tidy(size, source)


def settle(whole: Sequence[Dim], parts: Sequence[Dim]) -> tuple[Dim, ...]:
    """Return the parts, with quotients such as ``dim // heads`` as `Exact` if their product is that of `whole`."""
    exact = tuple(
        (
            Dim(dim.size, Exact("//", dim.source.operands))
            if isinstance(dim.source, Operation) and dim.source.operator == "//" and dim.depends
            else dim
        )
        for dim in parts
    )
    if exact == tuple(parts):
        return exact
    whole_size, parts_size = from_expression(product(whole).expression()), from_expression(product(exact).expression())
    return exact if whole_size is not None and whole_size == parts_size else tuple(parts)


def volume(dims: Sequence[Dim]) -> Size:
    """Return the number of elements of a tensor with these dimensions."""
    size: Size = 1
    for dim in dims:
        size = dim.size * size
    return size


def of_one_sample(size: Size) -> Size:
    """Return a count divided by the batch size if it is a multiple of it, or else the count."""
    part = quotient(size, BATCH)
    return size if part is None else part


def broadcast(*shapes: Sequence[Dim]) -> tuple[Dim, ...]:
    """Return the shape of the result of an elementwise operation on tensors of these shapes.

    Raises:
        ShapeError: when the shapes cannot be broadcast.
    """
    return reduce(_broadcast, (tuple(shape) for shape in shapes))


def _broadcast(first: tuple[Dim, ...], second: tuple[Dim, ...]) -> tuple[Dim, ...]:
    rank = max(len(first), len(second))
    ones = (Dim(1),) * rank
    pairs = zip((*ones[len(first) :], *first), (*ones[len(second) :], *second))
    return tuple(_common(left, right, index, rank) for index, (left, right) in enumerate(pairs))


def _common(left: Dim, right: Dim, index: int, rank: int) -> Dim:
    if left.size == right.size:
        if is_choice(left) != is_choice(right):  # the other holds for both outcomes, or they would not fit
            return right if is_choice(left) else left
        return right if right.depends and not left.depends else left
    if left.size == 1 or right.size == 1:
        return right if left.size == 1 else left
    raise ShapeError(f"and {left.size} and {right.size} in dimension {index - rank} do not go together")


def _source_quotient(dividends: list[Expr], divisors: list[Expr]) -> Expr | None:
    """Return the quotient of two products in lowest terms: ``3 * dim`` by ``3 * heads`` is ``dim // heads``."""
    above, below = _polynomial(dividends), _polynomial(divisors)
    if above is None or below is None or below == 0:
        return None
    exact = quotient(above, below)
    if exact is not None:
        return _expression(exact)
    numerator, denominator = reduced(above, below)
    return Exact("//", (_expression(numerator), _expression(denominator)))


def _polynomial(factors: list[Expr]) -> Size | None:
    size: Size = 1
    for factor in factors:
        part = from_expression(factor)
        if part is None:
            return None
        size = part * size
    return size


def _expression(size: Size) -> Expr:
    return size.expression() if isinstance(size, Symbolic) else Literal(size)


def _tidy(size: Size, source: Expr) -> Dim:
    """Return a dimension, without its source if that adds nothing to the size."""
    if isinstance(size, Symbolic) and expressions.names(source) <= size.names():
        return Dim(size)
    return Dim(size, source)


class ShapeError(Exception):
    """Raised when a layer does not fit its inputs; the message follows "its input is (...) here, "."""


def map_size(dim: Dim, formula: Callable[[Any], Size]) -> Dim:
    """Return a dimension with a formula applied to its size, and to its source if that contains names."""
    size = formula(dim.size)
    if not dim.depends:
        return dim if size == dim.size else Dim(size)
    source = dim.expression()
    derived = apply(source, formula)
    if derived == source:
        return dim
    return Dim(size, None if isinstance(derived, Literal) else derived)


def multiply(dims: tuple[Dim, ...]) -> Dim:
    """Return the product of dimensions, written as a product: ``64 * 7 * 7``."""
    size: Size = 1
    source: Expr | None = None
    for dim in dims:
        if dim.size == 1 and not dim.depends:
            continue
        size = dim.size * size
        source = dim.expression() if source is None else times(source, dim.expression())
    return Dim(size, source)


def elements(dims: tuple[Dim, ...]) -> Size:
    """Return the number of elements of a sample with these dimensions, not counting the batch."""
    count: Size = 1
    for dim in dims:
        if dim.size != BATCH:
            count = dim.size * count
    return count


def either(
    test: Expr, built: TensorType, left_out: TensorType, active: bool, computed: Mapping[str, Expr] | None = None
) -> TensorType:
    """Return the type after an item with a condition, with sources for both outcomes if both have the same rank.

    Args:
        test: the condition.
        built: the type if the condition holds.
        left_out: the type if it does not.
        active: whether it holds in this use.
        computed: the expressions of names that are computed.
    """
    current = built if active else left_out
    if len(built.dims) != len(left_out.dims):
        return current
    return replace(
        current, dims=tuple(_either(test, *pair, active, computed) for pair in zip(built.dims, left_out.dims))
    )


def _either(test: Expr, built: Dim, left_out: Dim, active: bool, computed: Mapping[str, Expr] | None) -> Dim:
    if built == left_out:
        return built
    current = built if active else left_out
    if isinstance(built.size, Symbolic) or isinstance(left_out.size, Symbolic):
        return current
    source = choose(test, built.expression(), left_out.expression(), computed)
    return Dim(current.size, None if isinstance(source, Literal) else source)


def where(tensor: TensorType, test: Expr, values: Mapping[str, Any]) -> TensorType:
    """Return the type of a tensor inside an item with a condition, with sources simplified for the condition."""
    return replace(tensor, dims=tuple(_where(dim, test, values) for dim in tensor.dims))


def _where(dim: Dim, test: Expr, values: Mapping[str, Any]) -> Dim:
    if dim.source is None or (source := assuming(dim.source, test, True)) == dim.source:
        return dim
    try:
        return Dim(expressions.evaluate(source, values), None if isinstance(source, Literal) else source)
    except ExpressionError:  # the source uses the size of a tensor
        return dim


def is_choice(dim: Dim) -> bool:
    """Tell whether a size depends on a condition."""
    return isinstance(dim.source, Operation) and dim.source.operator == "if"
