"""Exact division and lower bounds of sizes."""

from __future__ import annotations

from collections import Counter
from functools import reduce
from math import gcd

from ...language import expressions
from .sizes import Monomial, Quotient, Size, Symbolic, atom_order, monomial, size_of, terms_of


def quotient(dividend: Size, divisor: Size) -> Size | None:
    """Return ``dividend / divisor`` if it is a polynomial with whole coefficients, or None."""
    if divisor == 0:
        return None
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend // divisor if dividend % divisor == 0 else None
    remainder, divisor_terms = dict(terms_of(dividend)), terms_of(divisor)
    atoms = sorted({atom for key in (*remainder, *divisor_terms) for atom in key}, key=atom_order)

    def order(key: Monomial) -> tuple[int, ...]:
        return tuple(key.count(atom) for atom in atoms)

    leading = max(divisor_terms, key=order)
    terms: dict[Monomial, int] = {}
    while remainder:
        first = max(remainder, key=order)
        factor_atoms = _without(first, leading)
        if factor_atoms is None or remainder[first] % divisor_terms[leading]:
            return None
        factor = remainder[first] // divisor_terms[leading]
        terms[factor_atoms] = factor
        for key, count in divisor_terms.items():
            whole = monomial(*key, *factor_atoms)
            remainder[whole] = remainder.get(whole, 0) - count * factor
        remainder = {key: count for key, count in remainder.items() if count}
    return size_of(terms)


def reduced(dividend: Size, divisor: Size) -> tuple[Size, Size]:
    """Return both divided by the numbers and names that all their terms have in common."""
    above, below = terms_of(dividend), terms_of(divisor)
    shared = reduce(_shared, (*above, *below))
    common = size_of({shared: gcd(*above.values(), *below.values())})
    numerator, denominator = quotient(dividend, common), quotient(divisor, common)
    assert numerator is not None and denominator is not None
    return numerator, denominator


def lower_bound(size: Size) -> int:
    """Return a lower bound of a size whose names are 1 or more; 0 if none is known."""
    if isinstance(size, int):
        return size
    return 0 if _subtracts(size) else _at(size, 1)


def at_most(part: Size, whole: Size) -> bool:
    """Tell whether a size is never larger than another, judged by a few values of their names."""
    if isinstance(part, int):
        return part <= lower_bound(whole)
    if isinstance(whole, int) or not part.names() <= whole.names():
        return False
    return all(_at(part, number) <= _at(whole, number) for number in (1, 2, 3, 100))


def _at(size: Symbolic, number: int) -> int:
    """Return the size if all its names have the same value."""
    return int(expressions.evaluate(size.expression(), dict.fromkeys(size.names(), number)))


def _subtracts(size: Symbolic) -> bool:
    terms = terms_of(size)
    quotients = [atom for key in terms for atom in key if isinstance(atom, Quotient)]
    return any(count < 0 for count in terms.values()) or any(_subtracts(atom.dividend) for atom in quotients)


def _without(key: Monomial, factors: Monomial) -> Monomial | None:
    """Return a monomial divided by another; None if it is not a multiple."""
    left = list(key)
    for factor in factors:
        if factor not in left:
            return None
        left.remove(factor)
    return tuple(left)


def _shared(first: Monomial, second: Monomial) -> Monomial:
    """Return the greatest common divisor of two monomials."""
    counts = Counter(first) & Counter(second)
    return monomial(*counts.elements())
