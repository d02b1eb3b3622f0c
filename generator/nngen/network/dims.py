"""Arithmetic of dimensions: sums, products and quotients with their sources, and broadcasting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from math import gcd
from typing import Any

from ..language import expressions
from ..language.expressions import Expr, ExpressionError, Literal, Name, Operation
from .symbolic.conditions import apply, assuming, choose, times
from .symbolic.sizes import Size, Symbolic, from_expression
from .tensors import BATCH, Dim, TensorType

_Monomial = tuple[Expr, ...]  # atoms, sorted by their texts
_Terms = dict[_Monomial, int]


@dataclass(frozen=True, slots=True)
class Exact(Operation):
    """``a // b`` that leaves no rest, since torch has checked that: then ``b * (a // b)`` is ``a``."""


def total(dims: Sequence[Dim]) -> Dim:
    """The sum of dimensions: ``skip_channels + channels``."""
    return reduce(lambda left, right: _sum("+", left.size + right.size, left, right), dims)


def difference(first: Dim, second: Dim) -> Dim:
    """The first without the second."""
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
    if terms is not None and len(_terms_of(terms)) < _count(source):
        source = _expression(terms)  # 2 * channels, not channels + channels
    return _tidy(size, source)


def _count(expr: Expr) -> int:
    """How many terms are added up in it."""
    if isinstance(expr, Operation) and expr.operator in ("+", "-"):
        return sum(_count(operand) for operand in expr.operands)
    return 1


def product(dims: Sequence[Dim]) -> Dim:
    """The product of dimensions: ``heads * head_dim``."""
    merged = multiply(tuple(dims))
    for index, dim in enumerate(dims):
        if isinstance(dim.source, Exact):
            dividend, divisor = dim.source.operands
            rest = _source_quotient([other.expression() for other in (*dims[:index], *dims[index + 1 :])], [divisor])
            if rest is not None and not isinstance(rest, Exact):
                source = dividend if rest == Literal(1) else Operation("*", (rest, dividend))
                return _tidy(merged.size, source)
    return merged if merged.source is None else _tidy(merged.size, merged.source)


def solve(whole: Sequence[Dim], parts: Sequence[Dim]) -> Dim | None:
    """The dimension that makes a product of `parts` equal to that of `whole`; None where there is none."""
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
    """The parts, where a ``dim // heads`` among them is known to be exact since the parts make up the whole."""
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
    given, made = from_expression(product(whole).expression()), from_expression(product(exact).expression())
    return exact if given is not None and given == made else tuple(parts)


def volume(dims: Sequence[Dim]) -> Size:
    """How many elements there are."""
    size: Size = 1
    for dim in dims:
        size = dim.size * size
    return size


def of_one_sample(size: Size) -> Size:
    """A count with the batch taken out of it, where it is in it."""
    part = quotient(size, BATCH)
    return size if part is None else part


def broadcast(*shapes: Sequence[Dim]) -> tuple[Dim, ...]:
    """The shape that torch gives to an operation on tensors of these shapes.

    Raises:
        ShapeError: when they do not go together.
    """
    return reduce(_broadcast, (tuple(shape) for shape in shapes))


def _broadcast(first: tuple[Dim, ...], second: tuple[Dim, ...]) -> tuple[Dim, ...]:
    rank = max(len(first), len(second))
    ones = (Dim(1),) * rank
    pairs = zip((*ones[len(first) :], *first), (*ones[len(second) :], *second))
    return tuple(_common(left, right, index, rank) for index, (left, right) in enumerate(pairs))


def _common(left: Dim, right: Dim, index: int, rank: int) -> Dim:
    if left.size == right.size:
        if is_choice(left) != is_choice(right):  # that it fits tells that the other holds for both outcomes
            return right if is_choice(left) else left
        return right if right.depends and not left.depends else left
    if left.size == 1 or right.size == 1:
        return right if left.size == 1 else left
    raise ShapeError(f"and {left.size} and {right.size} in dimension {index - rank} do not go together")


def lower_bound(size: Size) -> int:
    """What a size is at least, when every name stands for 1 or more; 0 when that is not known."""
    if isinstance(size, int):
        return size
    expr = size.expression()
    if _subtracts(expr):
        return 0
    return _at(size, dict.fromkeys(size.names(), 1))


def at_most(part: Size, whole: Size) -> bool:
    """Whether a size is never more than another, as far as trying tells."""
    if isinstance(part, int):
        return part <= lower_bound(whole)
    if isinstance(whole, int) or not part.names() <= whole.names():
        return False
    tried = (dict.fromkeys(whole.names(), number) for number in (1, 2, 3, 100))
    return all(_at(part, values) <= _at(whole, values) for values in tried)


def _at(size: Symbolic, values: dict[str, int]) -> int:
    return int(expressions.evaluate(size.expression(), values))


def _subtracts(expr: Expr) -> bool:
    match expr:
        case Operation(operator, operands):
            return operator in ("-", "negative") or any(_subtracts(operand) for operand in operands)
        case Literal(int() as value):
            return value < 0
    return False


def quotient(dividend: Size, divisor: Size) -> Size | None:
    """``dividend / divisor`` where that is a whole polynomial."""
    if divisor == 0:
        return None
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend // divisor if dividend % divisor == 0 else None
    rest, by = _terms_of(dividend), _terms_of(divisor)
    atoms = sorted({atom for key in (*rest, *by) for atom in key}, key=expressions.to_python)

    def order(key: _Monomial) -> tuple[int, ...]:
        return tuple(key.count(atom) for atom in atoms)

    leading = max(by, key=order)
    found: _Terms = {}
    while rest:
        first = max(rest, key=order)
        remaining = _without(first, leading)
        if remaining is None or rest[first] % by[leading]:
            return None
        factor = rest[first] // by[leading]
        found[remaining] = factor
        for key, count in by.items():
            whole = _sorted((*key, *remaining))
            rest[whole] = rest.get(whole, 0) - count * factor
        rest = {key: count for key, count in rest.items() if count}
    return _size(found)


def _source_quotient(dividends: list[Expr], divisors: list[Expr]) -> Expr | None:
    """The quotient of two products as a person writes it: ``3 * dim`` by ``3`` and ``heads`` is ``dim // heads``."""
    above, below = _polynomial(dividends), _polynomial(divisors)
    if above is None or below is None or below == 0:
        return None
    exact = quotient(above, below)
    if exact is not None:
        return _expression(exact)
    above_terms, below_terms = _terms_of(above), _terms_of(below)
    divided = gcd(*above_terms.values(), *below_terms.values())
    shared = _shared([*above_terms, *below_terms])
    common = _size({shared: divided})
    reduced = quotient(above, common), quotient(below, common)
    assert reduced[0] is not None and reduced[1] is not None
    return Exact("//", (_expression(reduced[0]), _expression(reduced[1])))


def _polynomial(factors: list[Expr]) -> Size | None:
    size: Size = 1
    for factor in factors:
        each = from_expression(factor)
        if each is None:
            return None
        size = each * size
    return size


def _expression(size: Size) -> Expr:
    return size.expression() if isinstance(size, Symbolic) else Literal(size)


def _tidy(size: Size, source: Expr) -> Dim:
    """A dimension whose source says no more than its size has none."""
    if isinstance(size, Symbolic) and expressions.names(source) <= size.names():
        return Dim(size)
    return Dim(size, source)


def _terms_of(size: Size) -> _Terms:
    return {key: count for key, count in _terms(_expression(size)).items() if count}


def _terms(expr: Expr) -> _Terms:
    match expr:
        case Literal(int(value)):
            return {(): value}
        case Operation("negative", (operand,)):
            return _times(_terms(operand), {(): -1})
        case Operation("+", (left, right)):
            return _plus(_terms(left), _terms(right))
        case Operation("-", (left, right)):
            return _plus(_terms(left), _times(_terms(right), {(): -1}))
        case Operation("*", (left, right)):
            return _times(_terms(left), _terms(right))
        case Operation("**", (base, Literal(int(exponent)))):
            return reduce(_times, [_terms(base)] * exponent)
    return {(expr,): 1}  # a name, or a quotient that is not whole


def _plus(left: _Terms, right: _Terms) -> _Terms:
    return {key: left.get(key, 0) + right.get(key, 0) for key in {**left, **right}}


def _times(left: _Terms, right: _Terms) -> _Terms:
    terms: _Terms = {}
    for first, a in left.items():
        for second, b in right.items():
            key = _sorted((*first, *second))
            terms[key] = terms.get(key, 0) + a * b
    return terms


def _sorted(key: _Monomial) -> _Monomial:
    return tuple(sorted(key, key=expressions.to_python))


def _without(key: _Monomial, factors: _Monomial) -> _Monomial | None:
    """A monomial divided by another; None where it is no multiple."""
    left = list(key)
    for factor in factors:
        if factor not in left:
            return None
        left.remove(factor)
    return tuple(left)


def _shared(keys: list[_Monomial]) -> _Monomial:
    """What divides all of them."""
    first, *others = keys
    shared: list[Expr] = []
    for atom in first:
        if all(other.count(atom) > shared.count(atom) for other in others) and first.count(atom) > shared.count(atom):
            shared.append(atom)
    return tuple(shared)


def _size(terms: _Terms) -> Size:
    size: Size = 0
    for key, count in terms.items():
        term: Size = count
        for atom in key:
            factor = Symbolic.name(atom.name) if isinstance(atom, Name) else from_expression(atom)
            assert factor is not None
            term = factor * term
        size = term + size
    return size


class ShapeError(Exception):
    """The layer does not fit what flows in; the message follows "its input is (...) here, "."""


def map_size(dim: Dim, formula: Callable[[Any], Size]) -> Dim:
    """A size computed from another, with its source where that has names in it."""
    size = formula(dim.size)
    if not dim.depends:
        return dim if size == dim.size else Dim(size)
    source = dim.expression()
    derived = apply(source, formula)
    if derived == source:
        return dim
    return Dim(size, None if isinstance(derived, Literal) else derived)


def multiply(dims: tuple[Dim, ...]) -> Dim:
    """The product of dimensions, written as a product: ``64 * 7 * 7``."""
    size: Size = 1
    source: Expr | None = None
    for dim in dims:
        if dim.size == 1 and not dim.depends:
            continue
        size = dim.size * size
        source = dim.expression() if source is None else times(source, dim.expression())
    return Dim(size, source)


def elements(dims: tuple[Dim, ...]) -> Size:
    """How many elements a sample with these dimensions has, its batch left out."""
    count: Size = 1
    for dim in dims:
        if dim.size != BATCH:
            count = dim.size * count
    return count


def either(
    test: Expr, built: TensorType, left_out: TensorType, active: bool, computed: Mapping[str, Expr] | None = None
) -> TensorType:
    """What flows on behind an item with a condition, where both have as many dimensions; else what flows now."""
    now = built if active else left_out
    if len(built.dims) != len(left_out.dims):
        return now
    return replace(now, dims=tuple(_either(test, *each, active, computed) for each in zip(built.dims, left_out.dims)))


def _either(test: Expr, built: Dim, left_out: Dim, active: bool, computed: Mapping[str, Expr] | None) -> Dim:
    if built == left_out:
        return built
    now = built if active else left_out
    if isinstance(built.size, Symbolic) or isinstance(left_out.size, Symbolic):
        return now
    source = choose(test, built.expression(), left_out.expression(), computed)
    return Dim(now.size, None if isinstance(source, Literal) else source)


def where(tensor: TensorType, test: Expr, values: Mapping[str, Any]) -> TensorType:
    """A tensor inside an item whose condition is the test."""
    return replace(tensor, dims=tuple(_where(dim, test, values) for dim in tensor.dims))


def _where(dim: Dim, test: Expr, values: Mapping[str, Any]) -> Dim:
    if dim.source is None or (source := assuming(dim.source, test, True)) == dim.source:
        return dim
    try:
        return Dim(expressions.evaluate(source, values), None if isinstance(source, Literal) else source)
    except ExpressionError:  # it asks a tensor for its size
        return dim


def is_choice(dim: Dim) -> bool:
    """Whether a size depends on a condition."""
    return isinstance(dim.source, Operation) and dim.source.operator == "if"
