"""Operations that create tensors from the device, or also from the shape, of another one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..dims import difference
from ..symbolic.sizes import MAX_SIZE, Symbolic
from ..tensors import Dim
from . import dtypes
from .base import OperationUse, Parameter, ShapeError, TensorOperation, TensorType
from .reducing import expect_numbers
from .text import atom, call, method, unpacked

_SIZE = Parameter("size", ("int[]", "int"), required=True, minimum=1)
_DTYPE = Parameter("dtype", ("str", "none"), choices=dtypes.DTYPES, keyword_only=True)
_NUMBER = replace(_DTYPE, choices=dtypes.DTYPES[1:])
_FLOAT = replace(_DTYPE, choices=tuple(filter(dtypes.is_float, dtypes.DTYPES)))


class New(TensorOperation):
    """A tensor of its own size on the device of the operand."""

    def __init__(self, name: str, *parameters: Parameter, dtype: Parameter = _DTYPE) -> None:
        super().__init__(name, *parameters, dtype)

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        return (TensorType(self.dims(use), use.value("dtype") or self.default_dtype(use)),)

    def dims(self, use: OperationUse) -> tuple[Dim, ...]:
        """Return the dimensions of the new tensor."""
        return use.dims("size")

    def default_dtype(self, use: OperationUse) -> str:
        """Return the dtype if none is given."""
        return dtypes.DEFAULT

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        dtype = [f"dtype=torch.{use.value('dtype')}"] if use.says("dtype") else []
        device = f"device={atom(operands[0])}.device"
        return call(f"torch.{self.name}", *self.positional(arguments, use), keywords=[*dtype, device])

    def positional(self, arguments: Mapping[str, str], use: OperationUse) -> Sequence[str]:
        """Return the code of the positional arguments."""
        return unpacked(arguments["size"])


class Full(New):
    """``full``: a number everywhere."""

    def __init__(self) -> None:
        super().__init__("full", _SIZE, Parameter("fill_value", ("float", "bool"), required=True))

    def default_dtype(self, use: OperationUse) -> str:
        return dtypes.of_scalar(use.value("fill_value"))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        (output,) = super().types(use)
        _expect_held(output.dtype, use.value("fill_value"))
        return (output,)

    def positional(self, arguments: Mapping[str, str], use: OperationUse) -> Sequence[str]:
        size = arguments["size"]
        return [size if isinstance(use.value("size"), tuple) else f"({size},)", arguments["fill_value"]]


class Eye(New):
    """``eye``: ones on the diagonal."""

    def __init__(self) -> None:
        n, m = Parameter("n", ("int",), required=True, minimum=1), Parameter("m", ("int", "none"), minimum=1)
        super().__init__("eye", n, m)

    def dims(self, use: OperationUse) -> tuple[Dim, ...]:
        rows = use.dim("n")
        return rows, use.dim("m") if use.value("m") is not None else rows

    def positional(self, arguments: Mapping[str, str], use: OperationUse) -> Sequence[str]:
        return [arguments[name] for name in ("n", "m") if name == "n" or use.says(name)]


class Arange(New):
    """``arange``: numbers from `start` to `end`, exclusive."""

    def __init__(self) -> None:
        start = Parameter("start", ("float",), default=0, keyword_only=True)
        step = Parameter("step", ("float",), default=1, keyword_only=True)
        end = Parameter("end", ("float",), required=True)
        super().__init__("arange", end, start, step, dtype=_NUMBER)

    def dims(self, use: OperationUse) -> tuple[Dim, ...]:
        start, end, step = (use.value(name) for name in ("start", "end", "step"))
        if step == 0:
            raise ShapeError("and step cannot be 0")
        if any(isinstance(value, float) for value in (start, end, step)):
            if any(isinstance(value, Symbolic) for value in (start, end, step)):
                raise ShapeError("and how many numbers there are is not known when its bounds vary and have fractions")
            if not dtypes.is_float(use.value("dtype") or dtypes.DEFAULT):
                raise ShapeError(f"and {use.value('dtype')} cannot hold fractions")
            count = (end - start) / step
            if not abs(count) <= MAX_SIZE:
                raise ShapeError(f"and {count:g} numbers are too many")
            return (Dim(math.ceil(count)),)
        if isinstance(step, Symbolic):
            raise ShapeError("and how many numbers there are is not known when step varies")
        length = difference(use.dim("end"), use.dim("start"))
        if step != 1:
            length = Dim(-(-length.size // step) if step > 0 else -(length.size // -step))
        return (length,)

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        (output,) = super().types(use)
        start, step = use.value("start"), use.value("step")
        upwards = isinstance(start, int) and isinstance(step, int) and start >= 0 < step
        whole = upwards and isinstance(use.value("end"), int) and not dtypes.is_float(output.dtype)
        return (replace(output, high=use.dim("end") if whole else None),)

    def default_dtype(self, use: OperationUse) -> str:
        values = (use.value(name) for name in ("start", "end", "step"))
        return dtypes.DEFAULT if any(isinstance(value, float) for value in values) else "int64"

    def positional(self, arguments: Mapping[str, str], use: OperationUse) -> Sequence[str]:
        step = [arguments["step"]] if self._counts(use, "step") else []
        start = [arguments.get("start", "0")] if step or self._counts(use, "start") else []
        return [*start, arguments["end"], *step]

    def _counts(self, use: OperationUse, name: str) -> bool:
        return use.says(name) or isinstance(use.value(name), float)  # 0.0 makes floats, 0 makes ints


class Linspace(New):
    """``linspace``: `steps` numbers from `start` to `end`."""

    def __init__(self) -> None:
        bounds = (Parameter(name, ("float",), required=True) for name in ("start", "end"))
        super().__init__("linspace", *bounds, Parameter("steps", ("int",), required=True, minimum=1), dtype=_FLOAT)

    def dims(self, use: OperationUse) -> tuple[Dim, ...]:
        return (use.dim("steps"),)

    def positional(self, arguments: Mapping[str, str], use: OperationUse) -> Sequence[str]:
        return [arguments[name] for name in ("start", "end", "steps")]


class Like(TensorOperation):
    """``zeros_like rand_like ...``: a new tensor of the operand's shape and dtype."""

    def __init__(self, name: str, *parameters: Parameter, numbers: str = "any") -> None:
        super().__init__(name, *parameters)
        self._numbers = numbers

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        expect_numbers(use, self._numbers)
        if self.name == "full_like":
            _expect_held(use.input.dtype, use.value("fill_value"))
        return (TensorType(use.input.dims, use.input.dtype),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        texts = [arguments[parameter.name] for parameter in self.parameters if parameter.name in arguments]
        return call(f"torch.{self.name}", operands[0], *texts)


class Bernoulli(TensorOperation):
    """``bernoulli``: zeros and ones, with the input as probabilities, or with the probability `p` in its shape."""

    def __init__(self) -> None:
        super().__init__("bernoulli", Parameter("p", ("float", "none"), minimum=0, maximum=1))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        if use.value("p") is None:
            expect_numbers(use, "float")
        return (TensorType(use.input.dims, use.input.dtype),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        if use.value("p") is None:
            return call("torch.bernoulli", operands[0])
        return method(operands[0], "bernoulli", arguments["p"])


def _expect_held(dtype: str, value: float) -> None:
    if not dtypes.holds(dtype, value):
        raise ShapeError(f"and {dtype} cannot hold {value}")


OPERATIONS: tuple[TensorOperation, ...] = (
    Arange(),
    Linspace(),
    New("zeros", _SIZE),
    New("ones", _SIZE),
    Full(),
    Eye(),
    New("rand", _SIZE, dtype=_FLOAT),
    New("randn", _SIZE, dtype=_FLOAT),
    Like("zeros_like"),
    Like("ones_like"),
    Like("full_like", Parameter("fill_value", ("float", "bool"), required=True)),
    Like("rand_like", numbers="float"),
    Like("randn_like", numbers="float"),
    Bernoulli(),
)
