"""The arithmetic of sizes, known ones and ones that vary at run time.

A size is an ``int``, or a ``Symbolic``: a polynomial with whole coefficients in names (``N``, ``time``) and in
quotients of such polynomials (``time // 2``). Shape rules are written once, with ``+ - * //``, and work for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd
from typing import Union

from ...language import expressions
from ...language.expressions import Expr, Literal, Name, Operation

MAX_SIZE = 2**31 - 1  # the largest size of a dimension


@dataclass(frozen=True, slots=True, order=True)
class Quotient:
    """``dividend // divisor`` that is not a polynomial."""

    text: str
    dividend: Symbolic
    divisor: int


Atom = Union[str, Quotient]
Monomial = tuple[Atom, ...]


def atom_order(atom: Atom) -> tuple[int, str]:
    """Return the sort key of an atom in a product: names come first."""
    return (0, atom) if isinstance(atom, str) else (1, atom.text)


def monomial(*atoms: Atom) -> Monomial:
    """Return the product of atoms in normal form."""
    return tuple(sorted(atoms, key=atom_order))


class Symbolic:
    """A size that is known only at run time. It is immutable, and equal to others with the same normal form."""

    __slots__ = ("_terms",)

    def __init__(self, terms: Mapping[Monomial, int]) -> None:
        self._terms: dict[Monomial, int] = {key: value for key, value in terms.items() if value}

    @staticmethod
    def name(name: str) -> Symbolic:
        """Return the size with this name."""
        return Symbolic({(name,): 1})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Symbolic) and self._terms == other._terms

    def __hash__(self) -> int:
        return hash(frozenset(self._terms.items()))

    def __repr__(self) -> str:
        return f"Symbolic({self})"

    def __str__(self) -> str:
        return expressions.to_python(self.expression())

    def __lt__(self, other: object) -> bool:  # only for the order of Quotient
        return str(self) < str(other)

    def __add__(self, other: Size) -> Size:
        terms = dict(self._terms)
        for key, value in terms_of(other).items():
            terms[key] = terms.get(key, 0) + value
        return size_of(terms)

    __radd__ = __add__

    def __neg__(self) -> Size:
        return self * -1

    def __sub__(self, other: Size) -> Size:
        return self + other * -1

    def __rsub__(self, other: Size) -> Size:
        return self * -1 + other

    def __mul__(self, other: Size) -> Size:
        terms: dict[Monomial, int] = {}
        for left, a in self._terms.items():
            for right, b in terms_of(other).items():
                key = monomial(*left, *right)
                terms[key] = terms.get(key, 0) + a * b
        return size_of(terms)

    __rmul__ = __mul__

    def __floordiv__(self, divisor: int) -> Size:
        whole = {key: value // divisor for key, value in self._terms.items() if value % divisor == 0 or not key}
        fractional = {key: value for key, value in self._terms.items() if key and value % divisor}
        constant = self._terms.get((), 0)
        if constant:
            fractional[()] = constant % divisor
        remainder = Symbolic(fractional)
        if not any(remainder._terms):  # only a constant, which is less than the divisor
            return size_of(whole)
        return _floor(remainder, divisor) + size_of(whole)

    def names(self) -> frozenset[str]:
        """Return the names that the size depends on."""
        atoms = [atom for key in self._terms for atom in key]
        inner = [{atom} if isinstance(atom, str) else atom.dividend.names() for atom in atoms]
        return frozenset[str]().union(*inner)

    def expression(self) -> Expr:
        """Return the size as an expression, with positive terms first and the constant last."""
        parts = sorted(self._terms.items(), key=lambda term: (not term[0], [atom_order(atom) for atom in term[0]]))
        positive_first = sorted(parts, key=lambda term: term[1] < 0)
        total: Expr | None = None
        for key, factor in positive_first:
            term = _product(abs(factor), key)
            if total is None:
                total = term if factor > 0 else Operation("negative", (term,))
            else:
                total = Operation("+" if factor > 0 else "-", (total, term))
        return total or Literal(0)


Size = int | Symbolic


def terms_of(size: Size) -> Mapping[Monomial, int]:
    """Return the terms of a size with their coefficients; 0 has none."""
    return size._terms if isinstance(size, Symbolic) else {(): size} if size else {}


def size_of(terms: Mapping[Monomial, int]) -> Size:
    """Return the size with these terms, as an ``int`` if it is constant."""
    size = Symbolic(terms)
    return size if any(size._terms) else size._terms.get((), 0)


def _floor(dividend: Symbolic, divisor: int) -> Size:
    if len(dividend._terms) == 1:
        ((key, factor),) = dividend._terms.items()
        if factor == 1 and len(key) == 1 and isinstance(key[0], Quotient):  # (t // 2) // 2 is t // 4
            inner = key[0]
            return inner.dividend // (inner.divisor * divisor)
    common = gcd(divisor, *dividend._terms.values())
    if common > 1:
        divided = Symbolic({key: value // common for key, value in dividend._terms.items()})
        return divided // (divisor // common)
    return Symbolic({(Quotient(f"{dividend} // {divisor}", dividend, divisor),): 1})


def _product(factor: int, key: Monomial) -> Expr:
    product: Expr | None = Literal(factor) if factor != 1 or not key else None
    index = 0
    while index < len(key):
        atom = key[index]
        count = 1
        while index + count < len(key) and key[index + count] == atom:
            count += 1
        index += count
        part: Expr = (
            Name(atom)
            if isinstance(atom, str)
            else Operation("//", (atom.dividend.expression(), Literal(atom.divisor)))
        )
        if count > 1:
            part = Operation("**", (part, Literal(count)))
        product = part if product is None else Operation("*", (product, part))
    return product or Literal(1)


def from_expression(expr: Expr) -> Size | None:
    """Return the expression as a size; None unless it has only whole numbers, names, ``+ - * //`` and powers."""
    match expr:
        case Literal(bool()):
            return None
        case Literal(int(value)):
            return value
        case Name(name):
            return Symbolic.name(name)
        case Operation(operator, (first, second)):
            left, right = from_expression(first), from_expression(second)
            if left is None or right is None:
                return None
            return combine(operator, left, right)
    return None


def combine(operator: str, left: Size, right: Size) -> Size | None:
    """Return the result of an operator on sizes; None if it is not a size."""
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if operator == "//" and isinstance(right, int) and right > 0:
        return left // right
    if operator == "**" and isinstance(right, int) and 0 < right < 10:
        product: Size = left
        for _ in range(right - 1):
            product = product * left
        return product
    return None
