"""The base of tensor operations, which define arguments, shape rules and Python code."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from ...language import expressions
from ...language.catalogue.entries import Parameter
from ...language.expressions import Expr, FunctionCall, Literal, Name, SizeOf
from ...language.python import literal
from ..dims import ShapeError
from ..symbolic.sizes import MAX_SIZE, Size, Symbolic
from ..tensors import Argument, Dim, TensorType, shape_text
from .value import Value

__all__ = ["Argument", "Dim", "OperationUse", "Parameter", "ShapeError", "TensorOperation", "TensorType"]

MAX_OUTPUTS = 1000
LARGE = 1000
MAX_RANK = 25  # the largest rank of torch's elementwise operations

# the arguments that may be sizes known only at run time
AT_RUN_TIME = frozenset(
    "other exponent shape sizes size repeats split_size_or_sections start end length index step k pad num_classes "
    "n m steps total_length shifts diagonal min max".split()
)


@dataclass(frozen=True, slots=True)
class OperationUse:
    """An operation with its tensors and arguments.

    ``tensors`` are those of ``from``, in the order of torch's call. ``arguments`` are the others by torch's names:
    plain values, tuples, a ``Symbolic`` for a size that is known only at run time, or the ``TensorType`` of a tensor.
    A scalar in place of the second operand is an argument of that operand's name. ``sizes`` has the dimensions for
    each ``$tensor.size(k)`` in the arguments.
    """

    operation: TensorOperation
    tensors: tuple[TensorType, ...]
    arguments: Mapping[str, Argument]
    sizes: Mapping[SizeOf, Dim] = field(default_factory=dict)

    @property
    def input(self) -> TensorType:
        """The first tensor."""
        return self.tensors[0]

    def value(self, name: str) -> Any:
        """Return the value of an argument, or its default."""
        if name in self.arguments:
            return self.arguments[name].value
        parameter = self.operation.parameter(name)
        return parameter.default if parameter else None

    def tensor(self, name: str) -> TensorType:
        """Return the type of an argument that is a tensor.

        Raises:
            ShapeError: when the argument is missing.
        """
        value = self.value(name)
        if not isinstance(value, TensorType):
            raise ShapeError(f"and {self.operation.name} needs the tensor '{name}'")
        return value

    def elements(self, name: str) -> tuple[Any, ...]:
        """Return an argument that is a value or a list of values as a tuple; empty if it is None."""
        value = self.value(name)
        if value is None:
            return ()
        return value if isinstance(value, tuple) else (value,)

    def dim(self, name: str) -> Dim:
        """Return an argument that becomes a size, with its source."""
        argument = self.arguments.get(name)
        return self._dim(argument) if argument else Dim(self.value(name))

    def dims(self, name: str) -> tuple[Dim, ...]:
        """Return an argument that becomes several sizes, with their sources."""
        argument = self.arguments.get(name)
        if argument is None:
            return tuple(Dim(size) for size in self.elements(name))
        if isinstance(argument.source, tuple):
            return tuple(self._dim(part) for part in argument.source)
        if isinstance(argument.value, tuple):
            return tuple(Dim(size) for size in argument.value)
        return (self._dim(argument),)

    def says(self, name: str) -> bool:
        """Tell whether an argument has to be printed, because it is given and differs from the default."""
        argument = self.arguments.get(name)
        if argument is None:
            return False
        parameter = self.operation.parameter(name)
        default = parameter.default if parameter else None
        same = argument.value == default and isinstance(argument.value, bool) == isinstance(default, bool)
        return not (same and _plain(argument))

    def _dim(self, argument: Argument) -> Dim:
        if isinstance(argument.source, (tuple, Literal)):
            return Dim(argument.value)
        source = self._in_source(argument.source)
        return Dim(argument.value, source if source and expressions.names(source) else None)

    def _in_source(self, expr: Expr) -> Expr | None:
        """Return the expression with the sizes of tensors replaced by their sources; None if one is unknown."""
        match expr:
            case SizeOf():
                return self.sizes[expr].expression() if expr in self.sizes else None
            case expressions.Operation(_, parts) | FunctionCall(_, parts):
                operands = [self._in_source(part) for part in parts]
                kind = FunctionCall if isinstance(expr, FunctionCall) else expressions.Operation
                name = expr.function if isinstance(expr, FunctionCall) else expr.operator
                return kind(name, tuple(part for part in operands if part)) if all(operands) else None
        return expr


class TensorOperation:
    """A tensor operation. A subclass has the rules of a family, an instance is one of torch's functions.

    Attributes:
        name: the name in descriptions, which is torch's.
        parameters: torch's parameters beside the operands, in torch's order; `keyword_only` ones are not passed by
            position. Those of type ``tensor`` take the name of a tensor, or a tensor of ``from`` after the operands.
        operands: torch's names of the leading tensors.
        least: the minimum number of tensors in ``from``.
        most: the maximum number of tensors in ``from``; None for any number.
        scalar_operand: whether the second operand may be a number.
        several: whether the code returns a tuple of tensors, even of a single one.
    """

    several: ClassVar[bool] = False

    def __init__(
        self,
        name: str,
        *parameters: Parameter,
        operands: tuple[str, ...] = ("input",),
        scalar_operand: bool = False,
        variadic: bool = False,
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.operands = operands
        self.scalar_operand = scalar_operand
        self.least = 1 if scalar_operand else len(operands)
        self._tensor_parameters = tuple(parameter.name for parameter in parameters if "tensor" in parameter.types)
        self.most: int | None = None if variadic else len(operands) + len(self._tensor_parameters)

    @property
    def takes_list(self) -> bool:
        """Whether a list is the value of the first argument rather than all arguments in order."""
        return bool(self.parameters) and any("[" in token for token in self.parameters[0].types)

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of that name, or None; a second operand that may be a number counts as one."""
        if self.scalar_operand and name == self.operands[1]:
            return Parameter(name, ("tensor", "float", "bool"))
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def infer(self, use: OperationUse) -> tuple[TensorType, ...]:
        """Return the types of the results.

        Raises:
            ShapeError: when the operation does not fit its tensors or arguments.
        """
        self._check_tensors(use)
        self._check_values(use)
        outputs = self.types(self._with_tensor_arguments(use))
        if len(outputs) > MAX_OUTPUTS:
            raise ShapeError(f"and it would give {len(outputs)} tensors; {MAX_OUTPUTS} are possible")
        for output in outputs:
            if len(output.dims) > MAX_RANK:
                raise ShapeError(f"and it would give {len(output.dims)} dimensions; {MAX_RANK} are possible")
            if not all(_is_possible(size) for size in output.sizes):
                raise ShapeError(f"and it would give {shape_text(output.sample_shape)}")
        return outputs

    def code(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> Value:
        """Return the Python expression, which may use the names of `imports`.

        Args:
            operands: the code of the tensors.
            arguments: the code of the arguments by name.
            use: the types and values of both.
        """
        names = self._left_over(use)
        extra = dict(zip(names, operands[len(self.operands) :]))
        kept = operands[: len(self.operands)] if names else operands
        infinite = {name: literal(arg.value) for name, arg in use.arguments.items() if _is_infinite(arg.value)}
        return Value.of(self.text(kept, {**arguments, **extra, **infinite}, self._with_tensor_arguments(use)))

    def flops(self, use: OperationUse) -> Size:
        """Return the FLOPs of one sample, two per multiply-add, for a valid use."""
        return 0

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        """Return the types of the results by the shape rule; every tensor argument is in `use.arguments`.

        Raises:
            ShapeError: when the operation does not fit its tensors or arguments.
        """
        raise NotImplementedError

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        """Return the Python expression, given the code of the operands and of all arguments."""
        raise NotImplementedError

    def _check_tensors(self, use: OperationUse) -> None:
        count = len(use.tensors)
        if count < self.least:
            raise ShapeError(f"and it takes {self.least} tensors ({', '.join(self.operands)})")
        if self.most is not None and count > self.most:
            raise ShapeError(f"and it takes {self.most} tensor{'s' if self.most > 1 else ''}")
        tensors = [argument.value for argument in use.arguments.values() if isinstance(argument.value, TensorType)]
        if any(tensor.packed for tensor in (*use.tensors, *tensors)) and not self.takes_packed:
            raise ShapeError("which is a packed sequence; pad_packed_sequence makes a tensor of it")

    def _check_values(self, use: OperationUse) -> None:
        for name, argument in use.arguments.items():
            parameter = self.parameter(name)
            if parameter and parameter.choices and argument.value not in (None, *parameter.choices):
                raise ShapeError(f"and {name} is one of {', '.join(parameter.choices)}")
            varying = next((size for size in use.elements(name) if isinstance(size, Symbolic)), None)
            if varying is not None and name not in AT_RUN_TIME:
                raise ShapeError(f"and {name} must be known before it runs, while {varying} varies")

    @property
    def takes_packed(self) -> bool:
        """Whether the operation takes packed sequences."""
        return False

    def _left_over(self, use: OperationUse) -> tuple[str, ...]:
        """Return the tensor parameters that take their tensors from `from`, after the operands."""
        return tuple(name for name in self._tensor_parameters if name not in use.arguments)

    def _with_tensor_arguments(self, use: OperationUse) -> OperationUse:
        names = self._left_over(use)
        if not names:
            return use
        extra = {name: Argument(tensor, Name(name)) for name, tensor in zip(names, use.tensors[len(self.operands) :])}
        return replace(use, tensors=use.tensors[: len(self.operands)], arguments={**use.arguments, **extra})


def axis(dim: int, rank: int, tensor: TensorType | None = None) -> int:
    """Return the index of a dimension, counted from the front.

    Raises:
        ShapeError: when the index is out of range.
    """
    if not -rank <= dim < rank:
        raise ShapeError(f"so dim {dim} is out of range: counted with the batch, there are {rank} dimensions")
    return dim % rank


def keywords(use: OperationUse, arguments: Mapping[str, str], *names: str) -> list[str]:
    """Return the code ``name=value`` of those arguments that have to be printed."""
    return [f"{name}={arguments[name]}" for name in names if use.says(name)]


def _is_possible(size: Size) -> bool:
    """Tell whether a dimension can have this size; sizes that vary are assumed to be large."""
    if isinstance(size, int):
        return 1 <= size <= MAX_SIZE
    return bool(expressions.evaluate(size.expression(), dict.fromkeys(size.names(), LARGE)) >= 1)


def _is_infinite(value: object) -> bool:
    """Tell whether a value is infinite or nan, for which Python has no literal."""
    return isinstance(value, float) and not math.isfinite(value)


def _plain(argument: Argument) -> bool:
    """Tell whether the source of an argument is a literal, so that its value is the same in every use."""
    if isinstance(argument.source, tuple):
        return all(_plain(part) for part in argument.source)
    return isinstance(argument.source, Literal)
