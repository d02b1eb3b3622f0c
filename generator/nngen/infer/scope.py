"""The names of a class with their values, and the evaluation of expressions over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..description.description import SIZES_OF_INPUT, Written
from ..language import expressions
from ..language.expressions import Expr, ExpressionError, FunctionCall, Literal, Name, Operation, SizeOf
from ..language.problems import Problems
from ..network.symbolic.conditions import choose
from ..network.symbolic.sizes import MAX_SIZE, Size, Symbolic, combine, from_expression
from ..network.tensors import Argument, Dim, TensorType
from ..network.typed import RUNNING


class Scope:
    """The values of the arguments and loop variables of a class."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.values: dict[str, Any] = {}

    def evaluate(self, written: Written, tensors: Mapping[str, TensorType], runtime: bool = False) -> Argument | None:
        """Return a value with its source; None if it has no value, which is reported here or where a name is written.

        Args:
            written: the value as written.
            tensors: the tensors whose sizes its expressions may use.
            runtime: whether sizes that are known only at run time are allowed.
        """
        if isinstance(written.value, tuple):
            parts = [self.evaluate(part, tensors, runtime) for part in written.value]
            if not all(parts):
                return None
            elements = tuple(part for part in parts if part)
            return Argument(tuple(part.value for part in elements), elements, written.position)
        expr = self._expand(written.value)
        if not expressions.names(expr) <= set(self.values):
            return None  # a name without a value, which is reported where it is written
        if not {size.tensor for size in expressions.sizes(expr)} <= set(tensors):
            return None
        try:
            value = self._value(expr, tensors, runtime)
            return Argument(value, self._source(expr, tensors, runtime), written.position)
        except ExpressionError as error:
            self.problems.add(f"{expressions.to_text(written.value)}: {error}", written.position, error.hint)
            return None

    def _expand(self, expr: Expr) -> Expr:
        """Return the expression with ``$in_features`` replaced by the size of the input that it denotes."""
        match expr:
            case Name(name) if name in SIZES_OF_INPUT and name not in self.values:
                return SIZES_OF_INPUT[name]
            case Operation(operator, operands):
                return Operation(operator, tuple(self._expand(operand) for operand in operands))
            case FunctionCall(function, arguments):
                return FunctionCall(function, tuple(self._expand(argument) for argument in arguments))
        return expr

    def _value(self, expr: Expr, tensors: Mapping[str, TensorType], runtime: bool) -> Any:
        def size_of(size: SizeOf) -> int:
            value = _dim(size, tensors).size
            if isinstance(value, Symbolic):
                raise ExpressionError(f"${size.tensor}.size({size.dim}) is known only when the network runs")
            return value

        if not runtime or not any(isinstance(_dim(size, tensors).size, Symbolic) for size in expressions.sizes(expr)):
            return expressions.evaluate(expr, self.values, size_of)
        value = self._symbolic(expr, tensors)
        if value is None:
            raise ExpressionError("sizes that vary can be added, multiplied and divided by whole numbers")
        return value

    def _symbolic(self, expr: Expr, tensors: Mapping[str, TensorType]) -> Size | None:
        """Return the value as a size, which may vary; None if it is no size."""
        match expr:
            case SizeOf():
                return _dim(expr, tensors).size
            case Name(name):
                value = self.values[name]
                return value if isinstance(value, int) else None
            case Operation(operator, (left, right)):
                left_size, right_size = self._symbolic(left, tensors), self._symbolic(right, tensors)
                if left_size is None or right_size is None:
                    return None
                return combine(operator, left_size, right_size)
        return from_expression(expr)

    def _source(self, expr: Expr, tensors: Mapping[str, TensorType], runtime: bool) -> Expr:
        """Return the expression with the sizes of tensors replaced by their sources."""
        match expr:
            case SizeOf():
                dim = _dim(expr, tensors)
                source = dim.expression()
                asks = bool(expressions.sizes(source)) or isinstance(dim.size, Symbolic)
                changes = any(RUNNING in name for name in expressions.names(source))  # only the constructor knows it
                return expr if runtime and (asks or changes) else source
            case Operation(operator, operands):
                return Operation(operator, tuple(self._source(operand, tensors, runtime) for operand in operands))
            case FunctionCall(function, arguments):
                return FunctionCall(function, tuple(self._source(argument, tensors, runtime) for argument in arguments))
        return expr


def _dim(size: SizeOf, tensors: Mapping[str, TensorType]) -> Dim:
    tensor = tensors[size.tensor]
    rank = len(tensor.dims)
    if not -rank <= size.dim < rank:
        raise ExpressionError(f"${size.tensor} has {rank} dimensions with the batch, so it has no size({size.dim})")
    return tensor.dims[size.dim]


def as_dim(argument: Argument) -> Dim:
    """Return an argument as a dimension with its source."""
    literal = isinstance(argument.source, (tuple, Literal))
    return Dim(argument.value, None if literal else argument.source)  # type: ignore[arg-type]


def size_problem(value: Any) -> str | None:
    """Return the reason why a value cannot be the size of a dimension, or None."""
    if isinstance(value, Symbolic):
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_SIZE:
        return f"a size is a whole number from 1 on, not {value!r}"
    return None


def _constant(test: Expr | None) -> bool | None:
    """Return the outcome of a test without names; None if it has some."""
    if test is None or expressions.names(test) or expressions.sizes(test):
        return None
    try:
        return bool(expressions.evaluate(test, {}))
    except ExpressionError:
        return None


def substitute(expr: Expr, mapping: Mapping[Expr, Expr]) -> Expr | None:
    """Return the expression with its names and sizes replaced; None if one of them has no replacement."""
    match expr:
        case Name() | SizeOf():
            return mapping.get(expr)
        case Operation("if", (test, then, other)) if (outcome := _constant(substitute(test, mapping))) is not None:
            return substitute(then if outcome else other, mapping)  # what is not taken needs no replacement
        case Operation(operator, operands):
            replacements = [substitute(operand, mapping) for operand in operands]
            replaced = [replacement for replacement in replacements if replacement]
            if len(replaced) < len(operands):
                return None
            if operator == "if":
                test, then, other = replaced
                return choose(test, then, other)
            return Operation(operator, tuple(replaced))
        case FunctionCall(function, arguments):
            replacements = [substitute(argument, mapping) for argument in arguments]
            return (
                FunctionCall(function, tuple(replacement for replacement in replacements if replacement))
                if all(replacements)
                else None
            )
    return expr
