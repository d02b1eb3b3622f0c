"""Builds the code of Python expressions, with parentheses where Python needs them."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .value import UNTYPED, Form, Value

# binding strength of the outermost operator of an expression
_OPERATORS: dict[type[ast.AST], int] = {
    ast.IfExp: 0,
    ast.Lambda: 0,
    ast.Or: 1,
    ast.And: 2,
    ast.Not: 3,
    ast.Compare: 4,
    ast.BitOr: 5,
    ast.BitXor: 6,
    ast.BitAnd: 7,
    ast.Add: 9,
    ast.Sub: 9,
    ast.Mult: 10,
    ast.Div: 10,
    ast.FloorDiv: 10,
    ast.Mod: 10,
    ast.MatMult: 10,
    ast.USub: 11,
    ast.UAdd: 11,
    ast.Invert: 11,
    ast.Pow: 12,
}
_SYMBOLS = {"|": 5, "^": 6, "&": 7, "+": 9, "-": 9, "*": 10, "/": 10, "//": 10, "@": 10, "**": 12}
_COMPARE = 4
_UNARY = 11
_ATOM = 20


def _strength(text: str) -> int:
    if isinstance(text, Value) and text.form in (Form.NAME, Form.ATTRIBUTE, Form.CALL, Form.INDEX):
        return _ATOM
    node = ast.parse(text, mode="eval").body
    match node:
        case ast.BinOp(op=op) | ast.UnaryOp(op=op) | ast.BoolOp(op=op):
            return _OPERATORS[type(op)]
    return _OPERATORS.get(type(node), _ATOM)


def _wrap(text: str, least: int) -> str:
    return text if _strength(text) >= least else f"({text})"


def atom(text: str) -> str:
    """Return the code, in parentheses unless ``.method()`` or ``[index]`` can follow."""
    return _wrap(text, _ATOM)


def binary(left: str, symbol: str, right: str) -> Value:
    """Return ``left symbol right`` for an operator or a comparison."""
    strength = _SYMBOLS.get(symbol, _COMPARE)
    form = Form.OPERATOR if symbol in _SYMBOLS else Form.COMPARISON
    text = f"{_wrap(left, strength + (strength == _COMPARE))} {symbol} {_wrap(right, strength + 1)}"
    if symbol == "**":  # right-associative
        text = f"{_wrap(left, strength + 1)} ** {_wrap(right, _UNARY)}"
    return Value(text, form, (Value.of(left), Value.of(right)))


def summed(left: str, symbol: str, right: str) -> Value:
    """Return ``left symbol right`` for ``+`` and ``-``, with ``x - 1`` instead of ``x + -1``."""
    positive = _negated(right)
    return binary(left, {"+": "-", "-": "+"}[symbol], positive) if positive else binary(left, symbol, right)


def prefixed(symbol: str, text: str) -> str:
    """Return ``-x`` or ``~x``."""
    return symbol + _wrap(text, _UNARY)


def call(function: str, *arguments: str, keywords: Iterable[str] = ()) -> Value:
    """Return ``function(arguments, keywords)`` for a function with its module, such as ``torch.where``."""
    root, *names = function.split(".")
    return Value(_called(function, arguments, keywords), Form.CALL, root=root, links=len(names))


def method(operand: str, name: str, *arguments: str, keywords: Iterable[str] = ()) -> Value:
    """Return ``operand.name(arguments, keywords)``."""
    receiver = Value.of(operand)
    root = "" if name in UNTYPED else receiver.root
    text = _called(f"{atom(operand)}.{name}", arguments, keywords)
    return Value(text, Form.CALL, (receiver,), root, receiver.links + 1)


def member(operand: str, name: str) -> Value:
    """Return ``operand.name``."""
    value = Value.of(operand)
    return Value(f"{atom(operand)}.{name}", Form.ATTRIBUTE, (value,), value.root, value.links + 1)


def indexed(operand: str, *indices: str) -> Value:
    """Return ``operand[indices]``."""
    value = Value.of(operand)
    return Value(f"{atom(operand)}[{', '.join(indices)}]", Form.INDEX, (value,), value.root, value.links + 1)


def _called(function: str, arguments: Iterable[str], keywords: Iterable[str]) -> str:
    return f"{function}({', '.join([*arguments, *keywords])})"


def unpacked(text: str) -> tuple[str, ...]:
    """Return the code of a tuple's elements; other code is a single element, which torch accepts as well."""
    node = ast.parse(text, mode="eval").body
    if not isinstance(node, (ast.Tuple, ast.List)):
        return (text,)
    return tuple(ast.get_source_segment(text, element) or "" for element in node.elts)


def listed(text: str) -> str:
    """Return the code of a tuple as that of a list; other code is unchanged."""
    is_tuple = isinstance(ast.parse(text, mode="eval").body, ast.Tuple)
    return f"[{', '.join(unpacked(text))}]" if is_tuple else text


def _negated(text: str) -> str | None:
    """Return a negative number without its sign; None for other code."""
    match ast.parse(text, mode="eval").body:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return text.lstrip()[1:].strip()
    return None
