"""Expressions of descriptions, evaluated on numbers."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

NAME = re.compile(r"\$([A-Za-z_]\w*)")

_SIZES_OF_INPUT = {"in_channels": 1, "in_features": -1}
_FUNCTIONS = {"min": min, "max": max, "abs": abs, "round": round, "int": int, "len": len}
_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_UNARY: dict[type, Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_}


class Meaningless(Exception):
    """The description has no meaning with these values."""


def is_expression(value: Any) -> bool:
    """Tell whether a value of a description has to be evaluated."""
    return isinstance(value, str) and NAME.search(value) is not None


def evaluate(value: Any, names: Mapping[str, Any], tensors: Mapping[str, Any]) -> Any:
    """Return the value of an expression or of a list of expressions; other values are returned as they are.

    Args:
        value: what stands in the description.
        names: the values of arguments and of the variables of loops.
        tensors: the tensors whose sizes it may ask for, among them ``input``.

    Raises:
        Meaningless: when it has no value here.
    """
    if isinstance(value, list):
        return [evaluate(part, names, tensors) for part in value]
    if not is_expression(value):
        return value
    tree = ast.parse(NAME.sub(r"\1", value).strip(), mode="eval")
    return _Evaluation(names, tensors).value(tree.body)


class _Evaluation:
    def __init__(self, names: Mapping[str, Any], tensors: Mapping[str, Any]) -> None:
        self.names = names
        self.tensors = tensors

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value):
                return value
            case ast.Name(name):
                return self._name(name)
            case ast.BinOp(left, kind, right):
                return _BINARY[type(kind)](self.value(left), self.value(right))
            case ast.UnaryOp(kind, operand):
                return _UNARY[type(kind)](self.value(operand))
            case ast.BoolOp(ast.And(), parts):
                return all(self.value(part) for part in parts)
            case ast.BoolOp(ast.Or(), parts):
                return any(self.value(part) for part in parts)
            case ast.Compare(left, [kind], [right]):
                return _COMPARISONS[type(kind)](self.value(left), self.value(right))
            case ast.Call(ast.Attribute(ast.Name(tensor), "size"), [dim]):
                return self._tensor(tensor).shape[self.value(dim)]
            case ast.Call(ast.Name(function), parts):
                return _FUNCTIONS[function](*map(self.value, parts))
            case ast.Subscript(of, index):
                return self.value(of)[self.value(index)]
        raise Meaningless(f"no value: {ast.unparse(node)}")

    def _name(self, name: str) -> Any:
        if name in self.names:
            return self.names[name]
        if name in _SIZES_OF_INPUT:
            return self._tensor("input").shape[_SIZES_OF_INPUT[name]]
        raise Meaningless(f"there is no ${name}")

    def _tensor(self, name: str) -> Any:
        if self.tensors.get(name) is None:
            raise Meaningless(f"there is no tensor {name}")
        return self.tensors[name]
