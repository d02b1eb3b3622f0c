"""Expressions such as ``4 * $width``: parsing with ``ast``, checking, evaluation and printing as Python.

``eval`` is never called; numbers, and the work to compute them, are bounded.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Union

from .python import literal

MAX_LENGTH = 200
MAX_BITS = 63

Value = int | float | bool | str | None


class ExpressionError(Exception):
    """Raised for an expression that is invalid or has no value; `offset` counts characters from 0."""

    def __init__(self, message: str, offset: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.offset = offset
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, truth value or null."""

    value: Value


@dataclass(frozen=True, slots=True)
class Name:
    """``$name``: the value of an argument or a loop variable."""

    name: str


@dataclass(frozen=True, slots=True)
class SizeOf:
    """``$tensor.size(dim)``: the size of a dimension of a tensor."""

    tensor: str
    dim: int


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator with one or two operands, a comparison, or ``if`` with its test and the values of its two cases."""

    operator: str
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A call of a function of the language: ``min($width, 4)``."""

    function: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """A mathematical constant: ``pi``."""

    name: str


Expr = Union[Literal, Name, SizeOf, Operation, FunctionCall, Constant]

# of the language and of Python alike: the proof of emitted code evaluates with them, too
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "round": round,
    "int": int,
    "len": len,
}
LAST = "last"  # the last element of a list, which only sizes behind a loop over the list have

# functions of the module math, for learning-rate schedules
_MATH: dict[str, Callable[[float], float]] = {
    name: getattr(math, name) for name in ("cos", "exp", "log", "sin", "sqrt", "tanh")
}
_CONSTANTS = {"pi": math.pi}
BINARY: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
}
COMPARE: dict[type[ast.AST], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
COMPUTE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# binding strength, as in Python
_STRENGTH = {"if": 0.5, "or": 1, "and": 2, "not": 3}
_STRENGTH |= {"+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6, "negative": 7, "**": 8}
_STRENGTH |= dict.fromkeys(COMPARE.values(), 4)
_ATOM = 9

# replaces '$' for ast: one identifier character, which keeps offsets, and which no keyboard types
_MARK = "\u01c3"
_REFERENCE = re.compile(r"\$[A-Za-z_]")


def is_expression(text: str) -> bool:
    """Tell whether a text contains a ``$name``."""
    return _REFERENCE.search(text) is not None


def parse(text: str, mathematical: bool = False) -> Expr:
    """Parse an expression.

    Args:
        text: the expression.
        mathematical: whether ``pi`` and functions such as ``cos`` are allowed.

    Raises:
        ExpressionError: when it is too long, or uses anything but numbers, ``$`` names, the operators and
            the functions of the language.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression has {len(text)} characters; it may have {MAX_LENGTH}")
    if _MARK in text:
        raise ExpressionError("this character is not part of the language", text.index(_MARK))
    try:
        tree = ast.parse(text.replace("$", _MARK), mode="eval").body
    except SyntaxError as error:
        hint = ""
        if text.count("(") != text.count(")"):
            hint = "a comma or bracket inside {} or [] splits an expression; put quotes around it"
        raise ExpressionError("this is not an expression", max((error.offset or 1) - 1, 0), hint) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("this is not an expression, or it is nested too deep") from None
    expr = _convert(tree)
    if not mathematical:
        _refuse_mathematics(tree)
    return expr


def _refuse_mathematics(tree: ast.expr) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and (node.id in _MATH or node.id in _CONSTANTS):
            raise ExpressionError(f"{node.id!r} is for the learning rate of a scheduler", node.col_offset)


def _convert(node: ast.expr) -> Expr:
    match node:
        case ast.Constant(value=int() | float() | bool() as value):
            return Literal(value)
        case ast.Constant(value=str() as value):
            return Literal(value)
        case ast.Name(id=name) if name.startswith(_MARK) and name[1:].isascii() and name[1:].isidentifier():
            return Name(name[1:])
        case ast.Name(id=name) if name in _CONSTANTS:
            return Constant(name)
        case ast.Name(id=name):
            hint = f"write ${name}" if name.isascii() else ""
            raise ExpressionError(f"{name.replace(_MARK, '$')!r} is no name", node.col_offset, hint)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return Literal(-value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Operation("negative", (_convert(operand),))
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _convert(operand)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Operation("not", (_convert(operand),))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
            return Operation(BINARY[type(op)], (_convert(left), _convert(right)))
        case ast.BoolOp(op=bool_op, values=values):
            name = "and" if isinstance(bool_op, ast.And) else "or"
            return reduce(lambda left, right: Operation(name, (left, right)), (_convert(value) for value in values))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARE:
            return Operation(COMPARE[type(op)], (_convert(left), _convert(right)))
        case ast.Call(func=ast.Attribute(value=ast.Name(id=tensor), attr="size"), args=[dim], keywords=[]):
            return _size(tensor, _convert(dim), node)
        case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]) if (
            function in FUNCTIONS or function in _MATH
        ):
            return FunctionCall(function, tuple(_convert(argument) for argument in arguments))
    allowed = "numbers, $names, + - * / // % **, comparisons, and or not, min max abs round int len"
    allowed += "; of a scheduler also cos exp log sin sqrt tanh and pi"
    raise ExpressionError(f"an expression may have {allowed}", node.col_offset)


def _size(tensor: str, dim: Expr, node: ast.expr) -> Expr:
    if not tensor.startswith(_MARK):
        raise ExpressionError(f"{tensor!r} is no name", node.col_offset, f"write ${tensor}.size(...)")
    if not isinstance(dim, Literal) or not isinstance(dim.value, int) or isinstance(dim.value, bool):
        raise ExpressionError("size() takes the number of a dimension", node.col_offset)
    return SizeOf(tensor[1:], dim.value)


def names(expr: Expr) -> frozenset[str]:
    """Return the names whose values an expression needs."""
    match expr:
        case Name(name):
            return frozenset((name,))
        case Operation(_, parts) | FunctionCall(_, parts):
            return frozenset[str]().union(*(names(part) for part in parts))
    return frozenset()


def literals(expr: Expr) -> Iterator[Any]:
    """Yield the values of the literals in an expression."""
    match expr:
        case Literal(value):
            yield value
        case Operation(_, parts) | FunctionCall(_, parts):
            for part in parts:
                yield from literals(part)


def sizes(expr: Expr) -> frozenset[SizeOf]:
    """Return the sizes of tensors that an expression refers to."""
    match expr:
        case SizeOf():
            return frozenset((expr,))
        case Operation(_, parts) | FunctionCall(_, parts):
            return frozenset[SizeOf]().union(*(sizes(part) for part in parts))
    return frozenset()


def evaluate(expr: Expr, values: Mapping[str, Any], size_of: Callable[[SizeOf], int] | None = None) -> Any:
    """Return the value of an expression.

    Args:
        expr: the expression.
        values: a value for each name.
        size_of: returns the size of a tensor's dimension; None if there are no tensors.

    Raises:
        ExpressionError: for a name without a value, a division by zero, or a number out of bounds.
    """
    match expr:
        case Literal(value):
            return value
        case Constant(name):
            return _CONSTANTS[name]
        case Name(name):
            if name not in values:
                raise ExpressionError(f"there is no ${name} here")
            return values[name]
        case SizeOf():
            if size_of is None:
                raise ExpressionError(f"there is no tensor ${expr.tensor} here")
            return size_of(expr)
        case Operation("and", (left, right)):
            return evaluate(left, values, size_of) and evaluate(right, values, size_of)
        case Operation("or", (left, right)):
            return evaluate(left, values, size_of) or evaluate(right, values, size_of)
        case Operation("if", (test, then, other)):
            return evaluate(then if evaluate(test, values, size_of) else other, values, size_of)
        case Operation(name, operands):
            return _compute(name, [evaluate(operand, values, size_of) for operand in operands])
        case FunctionCall(function, arguments):
            return _call(function, [evaluate(argument, values, size_of) for argument in arguments])


def _call(function: str, arguments: list[Any]) -> Any:
    try:
        if function == LAST:
            return arguments[0][-1]
        return _bounded((FUNCTIONS.get(function) or _MATH[function])(*arguments))
    except (TypeError, ValueError, OverflowError, IndexError) as error:
        if function in _MATH and not isinstance(error, TypeError):  # Python's words for it change
            raise ExpressionError(f"{function} of {arguments[0]} is no number") from None
        raise ExpressionError(f"{function}: {error}") from None


def _compute(name: str, operands: list[Any]) -> Any:
    if name == "not":
        return not operands[0]
    if name not in ("==", "!=") and not all(isinstance(operand, (int, float)) for operand in operands):
        wrong = next(operand for operand in operands if not isinstance(operand, (int, float)))
        raise ExpressionError(f"{name!r} takes numbers, not {wrong!r}")
    if name == "negative":
        return -operands[0]
    left, right = operands
    if name in ("/", "//", "%") and right == 0:
        raise ExpressionError("this divides by zero")
    if name == "**" and abs(left) > 1 and abs(right) * math.log2(abs(left)) > MAX_BITS:
        raise ExpressionError(f"{left} ** {right} is too large")
    try:
        return _bounded(COMPUTE[name](left, right))
    except (ArithmeticError, ValueError) as error:
        raise ExpressionError(str(error)) from None


def _bounded(value: Any) -> Any:
    if isinstance(value, complex) or (isinstance(value, float) and not math.isfinite(value)):
        raise ExpressionError(f"{value} is no number to compute with")
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise ExpressionError("the number is too large")
    return value


def to_python(expr: Expr, rename: Mapping[str, str] | None = None) -> str:
    """Return the expression as Python source; `rename` maps names to the source that replaces them."""
    return _print(expr, rename or {}, 0)


def _print(expr: Expr, rename: Mapping[str, str], outside: float) -> str:
    match expr:
        case Literal(value):
            # repr, since names that `update` recorded depend on its quotes
            text, strength = repr(value) if isinstance(value, str) else literal(value), float(_ATOM)
            if isinstance(value, (int, float)) and value < 0:
                strength = _STRENGTH["negative"]
        case Name(name):
            text, strength = rename.get(name, name), _ATOM
        case SizeOf(tensor, dim):
            text, strength = f"{rename.get(tensor, tensor)}.size({dim})", _ATOM
        case Constant(name):
            text, strength = f"math.{name}", _ATOM
        case FunctionCall("last", (argument,)):
            text, strength = f"{_print(argument, rename, _ATOM)}[-1]", _ATOM
        case FunctionCall(function, arguments):
            function = f"math.{function}" if function in _MATH else function
            text = f"{function}({', '.join(_print(argument, rename, 0) for argument in arguments)})"
            strength = _ATOM
        case Operation(name, operands):
            strength = _STRENGTH[name]
            text = _print_operation(name, [(operand, strength) for operand in operands], rename)
    return f"({text})" if strength < outside else text


def _print_operation(name: str, operands: list[tuple[Expr, float]], rename: Mapping[str, str]) -> str:
    if name == "if":
        (test, strength), (then, _), (other, _) = operands
        above = _STRENGTH["or"]
        return f"{_print(then, rename, above)} if {_print(test, rename, above)} else {_print(other, rename, strength)}"
    if name in ("not", "negative"):
        operand, strength = operands[0]
        return ("not " if name == "not" else "-") + _print(operand, rename, strength)
    (left, strength), (right, _) = operands
    if name == "**":  # right-associative
        return f"{_print(left, rename, strength + 1)} ** {_print(right, rename, _STRENGTH['negative'])}"
    loose = name in ("and", "or", "+", "*")  # (a + b) + c and a + (b + c) are the same
    left_strength = strength + 1 if name in COMPARE.values() else strength
    same = isinstance(right, Operation) and right.operator == name
    return f"{_print(left, rename, left_strength)} {name} {_print(right, rename, strength + (not (loose and same)))}"


def to_text(expr: Expr) -> str:
    """Return the expression in the notation of descriptions: ``4 * $width``."""
    tensors = {size.tensor for size in sizes(expr)}
    return to_python(expr, {name: f"${name}" for name in names(expr) | tensors})
