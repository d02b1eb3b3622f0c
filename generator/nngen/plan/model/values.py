"""The code of expressions in descriptions."""

from __future__ import annotations

from collections.abc import Mapping

from ...language import expressions
from ...language.expressions import Expr, Name, Operation, SizeOf
from ...network.operations.text import method
from ...network.operations.value import Form, Value


def value_of(expr: Expr, values: Mapping[str, Value]) -> Value:
    """Return the code of an expression.

    Args:
        expr: the expression.
        values: the code of its names and tensors, where it differs from their names.
    """
    text = expressions.to_python(expr, values)
    match expr:
        case Name(name):
            return values.get(name, Value.name(name))
        case SizeOf(tensor, dim):
            return method(values.get(tensor, Value.name(tensor)), "size", str(dim))
        case Operation("or" | "if"):
            return Value(text, Form.CHOICE)
        case Operation("+" | "-" | "*" | "/" | "//" | "%" | "**", (left, right)):
            return Value(text, Form.OPERATOR, (value_of(left, values), value_of(right, values)))
    return Value(text)
