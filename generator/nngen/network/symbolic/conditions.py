"""Sizes that depend on a condition: ``then if test else other``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ...language import expressions
from ...language.expressions import Expr, Literal, Name, Operation
from .sizes import Size, Symbolic, from_expression

MAX_NEAR = 12  # values beside the literals of conditions, at most
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def choose(test: Expr, then: Expr, other: Expr, computed: Mapping[str, Expr] | None = None) -> Expr:
    """Return ``then if test else other`` in its simplest form; `computed` has the expressions of computed names."""
    match test:
        case Operation("not", (opposite,)):
            return choose(opposite, other, then, computed)
    then, other = assuming(then, test, True), assuming(other, test, False)
    if not (expressions.names(test) or expressions.sizes(test)):
        return then if expressions.evaluate(test, {}) else other
    both = (_written_out(then, computed or {}), _written_out(other, computed or {}))
    if _same(*both, _equal_where(test, False)):
        return then  # without the item the two are equal: ``in_channels != 4 * channels`` is false there
    if _same(*both, _equal_where(test, True)):
        return other
    return Operation("if", (test, then, other))


def assuming(expr: Expr, test: Expr, outcome: bool) -> Expr:
    """Return the expression, simplified for a known outcome of a test."""
    match test:
        case Operation("not", (opposite,)):
            return assuming(expr, opposite, not outcome)
    match expr:
        case Operation("if", (condition, then, other)) if condition in (test, _opposite(test)):
            return assuming(then if (condition == test) == outcome else other, test, outcome)
        case Operation(_, operands) if any(isinstance(operand, Operation) for operand in operands):
            return replace(expr, operands=tuple(assuming(operand, test, outcome) for operand in operands))
    return expr


def times(left: Expr, right: Expr) -> Expr:
    """Return the product, with choices by the same test merged, and equal quotients squared."""
    match left, right:
        case Operation("*", (first, second)), Operation("if" | "//") if (both := times(second, right)) != Operation(
            "*", (second, right)
        ):
            return Operation("*", (first, both))
        case Operation("if", (test, a, b)), Operation("if", (other_test, c, d)) if test == other_test:
            return Operation("if", (test, times(a, c), times(b, d)))
        case Operation("//"), Operation("//") if left == right:
            return Operation("**", (left, Literal(2)))
    return Operation("*", (left, right))


def apply(expr: Expr, formula: Callable[[Any], Size]) -> Expr | None:
    """Return the source of a formula's result, given the source of a size; None if there is no expression for it."""
    match expr:
        case Operation("if", (test, then, other)):
            then_result, other_result = apply(then, formula), apply(other, formula)
            return choose(test, then_result, other_result) if then_result and other_result else None
    size = from_expression(expr)
    if size is None:
        return None
    result = formula(size)
    if result == size:
        return expr
    return result.expression() if isinstance(result, Symbolic) else Literal(result)


def _opposite(test: Expr) -> Expr | None:
    match test:
        case Operation(operator, operands) if operator in _OPPOSITE:
            return Operation(_OPPOSITE[operator], operands)
    return None


def _equal_where(test: Expr, outcome: bool) -> Iterator[tuple[Expr, Expr]]:
    """Yield the pairs that are equal if a test has an outcome: ``a`` and ``b`` if ``a != b or c`` is false."""
    match test:
        case Operation("and" | "or" as operator, parts) if (operator == "and") == outcome:
            for part in parts:
                yield from _equal_where(part, outcome)
        case Operation("not", (opposite,)):
            yield from _equal_where(opposite, not outcome)
        case Operation("==" | "!=" as operator, (left, right)) if (operator == "==") == outcome:
            yield left, right


def _same(first: Expr, second: Expr, equal: Iterator[tuple[Expr, Expr]]) -> bool:
    if _normal(first) == _normal(second):
        return True
    for left, right in equal:
        if {_normal(left), _normal(right)} == {_normal(first), _normal(second)}:
            return True
        if isinstance(left, Name) and _normal(_replaced(first, left, right)) == _normal(_replaced(second, left, right)):
            return True
    return False


def _replaced(expr: Expr, name: Name, value: Expr) -> Expr:
    match expr:
        case Name() if expr == name:
            return value
        case Operation(operator, operands):
            return Operation(operator, tuple(_replaced(operand, name, value) for operand in operands))
    return expr


def _written_out(expr: Expr, computed: Mapping[str, Expr]) -> Expr:
    for name, value in reversed(list(computed.items())):  # later names may use earlier ones
        expr = _replaced(expr, Name(name), value)
    return expr


def _normal(expr: Expr) -> Expr | Size:
    size = from_expression(expr)
    return expr if size is None else size


def near(value: Any, bounds: Iterable[Any]) -> tuple[Any, ...]:
    """Return values beside the literals of conditions, of the type of a value, which may change their outcomes."""
    same = sorted(bound for bound in bounds if type(bound) is type(value) and not isinstance(bound, bool))
    if isinstance(value, int):
        same = [bound + step for bound in same for step in (0, 1, -1) if bound + step >= 0][:MAX_NEAR]
    return tuple(other for other in dict.fromkeys(same) if other != value)
