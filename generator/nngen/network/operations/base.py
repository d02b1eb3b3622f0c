"""What a tensor operation says of itself: its arguments, its shape rule, and the Python that a person would write."""

from __future__ import annotations

import ast
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
MAX_RANK = 25  # of what torch computes with element by element

# the arguments that may be a size known only at run time
AT_RUN_TIME = frozenset(
    "other exponent shape sizes size repeats split_size_or_sections start end length index step k pad num_classes "
    "n m steps total_length shifts diagonal min max".split()
)

# what the code of an operation may need from outside
MODULES = {
    "torch": "import torch",
    "F": "import torch.nn.functional as F",
    "pack_padded_sequence": "from torch.nn.utils.rnn import pack_padded_sequence",
    "pad_packed_sequence": "from torch.nn.utils.rnn import pad_packed_sequence",
}


@dataclass(frozen=True, slots=True)
class OperationUse:
    """An operation with its tensors and arguments.

    ``tensors`` are those of ``from``, in the order of torch's call. ``arguments`` are the others by torch's names:
    plain values, tuples, or a ``Symbolic`` for a size that is known at run time; for an argument that is a tensor,
    its ``TensorType``. A scalar in place of the second operand is an argument of that operand's name. ``sizes`` has
    the dimensions that a ``$tensor.size(k)`` in the arguments stands for.
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
        """Return an argument's value, or its default."""
        if name in self.arguments:
            return self.arguments[name].value
        parameter = self.operation.parameter(name)
        return parameter.default if parameter else None

    def tensor(self, name: str) -> TensorType:
        """Return an argument that is a tensor.

        Raises:
            ShapeError: when it is missing.
        """
        value = self.value(name)
        if not isinstance(value, TensorType):
            raise ShapeError(f"and {self.operation.name} needs the tensor '{name}'")
        return value

    def elements(self, name: str) -> tuple[Any, ...]:
        """Return an argument that is one value or a list of them, as a tuple; empty when there is none."""
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
        """Tell whether an argument has to be printed: it is given, and is not just the default."""
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
        """Return the expression with the sources of sizes in place of the sizes; None where one is not known."""
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
    """A tensor operation. A subclass is a family; an instance is all that nngen knows of one of torch's functions.

    Attributes:
        name: its name in descriptions, which is torch's.
        parameters: torch's arguments beside the operands, in torch's order; one that is `keyword_only` is not given
            by position. One of type ``tensor`` takes a tensor's name, or a tensor of ``from`` behind the operands.
        operands: torch's names of the tensors that come first.
        least: how many tensors ``from`` gives at least.
        most: how many it gives at most; None is any number.
        scalar_operand: whether the second operand may be a number instead.
        several: whether the code gives a tuple of tensors, even of one.
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
        """Whether a list is the first argument, and not all arguments in order."""
        return bool(self.parameters) and any("[" in token for token in self.parameters[0].types)

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of that name; the second operand too where it may be a number."""
        if self.scalar_operand and name == self.operands[1]:
            return Parameter(name, ("tensor", "float", "bool"))
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def infer(self, use: OperationUse) -> tuple[TensorType, ...]:
        """Return the types of the results.

        Raises:
            ShapeError: when the operation does not fit what flows in.
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
        """Return the Python expression for texts of tensors and arguments, in names that `imports` brings in."""
        names = self._left_over(use)
        extra = dict(zip(names, operands[len(self.operands) :]))
        kept = operands[: len(self.operands)] if names else operands
        endless = {name: literal(each.value) for name, each in use.arguments.items() if _is_endless(each.value)}
        return Value.of(self.text(kept, {**arguments, **extra, **endless}, self._with_tensor_arguments(use)))

    def imports(self, use: OperationUse) -> frozenset[str]:
        """Return which of `MODULES` the code needs."""
        operands = [f"t{index}" for index in range(len(use.tensors))]
        code = self.code(operands, {name: f"a_{name}" for name in use.arguments}, use)
        return frozenset(node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)) & set(MODULES)

    def flops(self, use: OperationUse) -> Size:
        """Return the FLOPs of one sample, two for each multiplication with an addition, for a use that fits."""
        return 0

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        """Return the types by the shape rule; every tensor argument is in `use.arguments`."""
        raise NotImplementedError

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        """Return the Python expression; every tensor argument is in `arguments`."""
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
        """Whether it works on packed sequences."""
        return False

    def _left_over(self, use: OperationUse) -> tuple[str, ...]:
        """Return the arguments that tensors of `from` behind the operands stand for."""
        return tuple(name for name in self._tensor_parameters if name not in use.arguments)

    def _with_tensor_arguments(self, use: OperationUse) -> OperationUse:
        names = self._left_over(use)
        if not names:
            return use
        extra = {name: Argument(tensor, Name(name)) for name, tensor in zip(names, use.tensors[len(self.operands) :])}
        return replace(use, tensors=use.tensors[: len(self.operands)], arguments={**use.arguments, **extra})


def axis(dim: int, rank: int, tensor: TensorType | None = None) -> int:
    """Return the number of a dimension, counted from the front.

    Raises:
        ShapeError: when there is none of that number.
    """
    if not -rank <= dim < rank:
        raise ShapeError(f"so dim {dim} is out of range: counted with the batch, there are {rank} dimensions")
    return dim % rank


def keywords(use: OperationUse, arguments: Mapping[str, str], *names: str) -> list[str]:
    """Return ``name=text`` for those arguments that have to be printed."""
    return [f"{name}={arguments[name]}" for name in names if use.says(name)]


def _is_possible(size: Size) -> bool:
    """Tell whether there can be so many elements; a size that varies is taken to be large."""
    if isinstance(size, int):
        return 1 <= size <= MAX_SIZE
    return bool(expressions.evaluate(size.expression(), dict.fromkeys(size.names(), LARGE)) >= 1)


def _is_endless(value: object) -> bool:
    """Tell whether a value is an infinity, which no literal of Python stands for."""
    return isinstance(value, float) and not math.isfinite(value)


def _plain(argument: Argument) -> bool:
    """Tell whether an argument's source is the value itself, the same in every use."""
    if isinstance(argument.source, tuple):
        return all(_plain(part) for part in argument.source)
    return isinstance(argument.source, Literal)
