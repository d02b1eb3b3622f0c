"""Elementwise operations on one tensor, and conversions of its dtype."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from . import dtypes
from .base import OperationUse, Parameter, ShapeError, TensorOperation, TensorType, keywords
from .reducing import expect_numbers
from .text import call, method, prefixed


class TorchFunction(TensorOperation):
    """A function of a tensor: ``torch.exp(x)``, ``F.gelu(x)`` or ``x.abs()``."""

    def __init__(
        self, name: str, form: str, *parameters: Parameter, numbers: str = "any", fraction: bool = False
    ) -> None:
        """Describe a function.

        Args:
            name: the name in descriptions, which is torch's.
            form: the module of the function, ``torch`` or ``F``, or ``.abs`` for a method.
            parameters: the parameters beside the tensor.
            numbers: the dtypes that it takes, as in `expect_numbers`.
            fraction: whether the result is a float for every dtype of the input.
        """
        super().__init__(name, *parameters)
        self._form = form
        self._numbers = numbers
        self._fraction = fraction

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        expect_numbers(use, self._numbers)
        dtype = use.input.dtype
        return (TensorType(use.input.dims, dtypes.floating(dtype) if self._fraction else dtype),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        extra = keywords(use, arguments, *(parameter.name for parameter in self.parameters))
        if self._form.startswith("."):
            return method(operands[0], self._form[1:], keywords=extra)
        return call(f"{self._form}.{self.name}", operands[0], keywords=extra)


class Negative(TorchFunction):
    """``neg``."""

    def __init__(self) -> None:
        super().__init__("neg", "-", numbers="ordered")

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return prefixed("-", operands[0])


class Clamp(TensorOperation):
    """``clamp``: limits elements to at least `min` and at most `max`."""

    def __init__(self) -> None:
        super().__init__("clamp", *(Parameter(name, ("float", "none")) for name in ("min", "max")))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        bounds = [use.value(name) for name in ("min", "max") if use.value(name) is not None]
        if not bounds:
            raise ShapeError("and it needs 'min' or 'max'")
        return (TensorType(use.input.dims, dtypes.result(use.input, *bounds)),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], "clamp", keywords=keywords(use, arguments, "min", "max"))


class Same(TensorOperation):
    """``detach contiguous clone``: the same values."""

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        return (use.input,)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], self.name)


class Convert(TensorOperation):
    """``float long ...``: the same values in another dtype."""

    def __init__(self, name: str, dtype: str) -> None:
        super().__init__(name)
        self._dtype = dtype

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        return (converted(use.input, self._dtype),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], self.name)


class To(TensorOperation):
    """``to``: a dtype by its name."""

    def __init__(self) -> None:
        super().__init__("to", Parameter("dtype", ("str",), required=True, choices=dtypes.DTYPES))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        return (converted(use.input, use.value("dtype")),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], "to", f"torch.{use.value('dtype')}")


class TypeAs(TensorOperation):
    """``type_as``: the dtype of another tensor."""

    def __init__(self) -> None:
        super().__init__("type_as", operands=("input", "other"))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        return (converted(use.input, use.tensors[1].dtype),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], "type_as", operands[1])


def converted(tensor: TensorType, dtype: str) -> TensorType:
    """Return the type with another dtype; if the dtype changes, the bound on its values is dropped."""
    return replace(tensor, dtype=dtype) if dtype == tensor.dtype else TensorType(tensor.dims, dtype)


_FRACTIONS = ("exp", "expm1", "log", "log1p", "log2", "sqrt", "rsqrt", "reciprocal", "sin", "cos", "erf")
_ROUNDING = ("floor", "ceil", "round", "trunc")
_FLOATS = ("silu", "mish", "hardswish", "logsigmoid")

OPERATIONS: tuple[TensorOperation, ...] = (
    Negative(),
    TorchFunction("abs", ".abs", numbers="ordered"),
    TorchFunction("sign", ".sign"),
    *(TorchFunction(name, "torch", fraction=True) for name in _FRACTIONS),
    *(TorchFunction(name, f".{name}", numbers="ordered") for name in _ROUNDING),
    TorchFunction("tanh", "torch", fraction=True),
    TorchFunction("sigmoid", "torch", fraction=True),
    TorchFunction("relu", "F", numbers="ordered"),
    TorchFunction("relu6", "F", numbers="ordered"),
    TorchFunction(
        "gelu", "F", Parameter("approximate", ("str",), default="none", choices=("none", "tanh")), numbers="float"
    ),
    *(TorchFunction(name, "F", numbers="float") for name in _FLOATS),
    TorchFunction("leaky_relu", "F", Parameter("negative_slope", ("float",), default=0.01), numbers="float"),
    TorchFunction("elu", "F", Parameter("alpha", ("float",), default=1.0), numbers="float"),
    TorchFunction(
        "softplus",
        "F",
        Parameter("beta", ("float",), default=1.0),
        Parameter("threshold", ("float",), default=20.0),
        numbers="float",
    ),
    Clamp(),
    Same("detach"),
    Same("contiguous"),
    Same("clone"),
    Convert("float", "float32"),
    Convert("double", "float64"),
    Convert("half", "float16"),
    Convert("long", "int64"),
    Convert("int", "int32"),
    Convert("bool", "bool"),
    To(),
    TypeAs(),
)
