"""Exact division of sizes, and what a size is at least."""

from __future__ import annotations

from collections import Counter
from functools import reduce
from math import gcd

from ...language import expressions
from .sizes import Monomial, Quotient, Size, Symbolic, atom_order, monomial, size_of, terms_of


def quotient(dividend: Size, divisor: Size) -> Size | None:
    """Return ``dividend / divisor`` where that is a whole polynomial."""
    if divisor == 0:
        return None
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend // divisor if dividend % divisor == 0 else None
    rest, by = dict(terms_of(dividend)), terms_of(divisor)
    atoms = sorted({atom for key in (*rest, *by) for atom in key}, key=atom_order)

    def order(key: Monomial) -> tuple[int, ...]:
        return tuple(key.count(atom) for atom in atoms)

    leading = max(by, key=order)
    terms: dict[Monomial, int] = {}
    while rest:
        first = max(rest, key=order)
        remaining = _without(first, leading)
        if remaining is None or rest[first] % by[leading]:
            return None
        factor = rest[first] // by[leading]
        terms[remaining] = factor
        for key, count in by.items():
            whole = monomial(*key, *remaining)
            rest[whole] = rest.get(whole, 0) - count * factor
        rest = {key: count for key, count in rest.items() if count}
    return size_of(terms)


def reduced(dividend: Size, divisor: Size) -> tuple[Size, Size]:
    """Return both without the numbers and names that divide every term of them."""
    above, below = terms_of(dividend), terms_of(divisor)
    shared = reduce(_shared, (*above, *below))
    common = size_of({shared: gcd(*above.values(), *below.values())})
    one, other = quotient(dividend, common), quotient(divisor, common)
    assert one is not None and other is not None
    return one, other


def lower_bound(size: Size) -> int:
    """Return what a size is at least, when every name stands for 1 or more; 0 when that is not known."""
    if isinstance(size, int):
        return size
    return 0 if _subtracts(size) else _at(size, 1)


def at_most(part: Size, whole: Size) -> bool:
    """Tell whether a size is never more than another, as far as trying tells."""
    if isinstance(part, int):
        return part <= lower_bound(whole)
    if isinstance(whole, int) or not part.names() <= whole.names():
        return False
    return all(_at(part, number) <= _at(whole, number) for number in (1, 2, 3, 100))


def _at(size: Symbolic, number: int) -> int:
    """Return the size where every name stands for the same number."""
    return int(expressions.evaluate(size.expression(), dict.fromkeys(size.names(), number)))


def _subtracts(size: Symbolic) -> bool:
    terms = terms_of(size)
    quotients = [atom for key in terms for atom in key if isinstance(atom, Quotient)]
    return any(count < 0 for count in terms.values()) or any(_subtracts(atom.dividend) for atom in quotients)


def _without(key: Monomial, factors: Monomial) -> Monomial | None:
    """Return a monomial divided by another; None where it is no multiple."""
    left = list(key)
    for factor in factors:
        if factor not in left:
            return None
        left.remove(factor)
    return tuple(left)


def _shared(one: Monomial, other: Monomial) -> Monomial:
    """Return what divides both."""
    counts = Counter(one) & Counter(other)
    return monomial(*counts.elements())
