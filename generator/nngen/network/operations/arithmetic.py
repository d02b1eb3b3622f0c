"""Elementwise operations on two tensors, or a tensor and a number: arithmetic, comparisons and logic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from ..dims import broadcast
from . import dtypes
from .base import OperationUse, Parameter, ShapeError, TensorOperation, TensorType
from .text import binary, call, prefixed, summed


class _Pairwise(TensorOperation):
    """Operations on broadcast tensors, the second of which may be a number."""

    def __init__(
        self,
        name: str,
        *parameters: Parameter,
        second: str = "other",
        scalar_operand: bool = True,
        variadic: bool = False,
    ) -> None:
        super().__init__(
            name, *parameters, operands=("input", second), scalar_operand=scalar_operand, variadic=variadic
        )

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        values = self._values(use)
        dims = broadcast(*(tensor.dims for tensor in use.tensors))
        return (TensorType(dims, self.dtype(values, use)),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        second = self.operands[1]
        texts = list(operands) + ([arguments[second]] if second in arguments else [])
        return self.combine(texts, use)

    def dtype(self, values: Sequence[Any], use: OperationUse) -> str:
        """Return the dtype of the result for these operands, which are tensors or numbers."""
        return dtypes.result(*values)

    def combine(self, texts: Sequence[str], use: OperationUse) -> str:
        """Return the code of the operation, given that of its operands."""
        raise NotImplementedError

    def _values(self, use: OperationUse) -> list[Any]:
        second = self.operands[1]
        scalar = use.arguments.get(second)
        if len(use.tensors) == 1 and scalar is None:
            raise ShapeError(f"and it needs '{second}' too")
        if len(use.tensors) > 1 and scalar is not None:
            raise ShapeError(f"and '{second}' is given as a tensor and as a number")
        return [*use.tensors, *([scalar.value] if scalar else [])]


class Arithmetic(_Pairwise):
    """``add sub rsub mul pow``, written with operators of Python."""

    def __init__(self, name: str, symbol: str, *, second: str = "other", variadic: bool = False) -> None:
        super().__init__(name, second=second, variadic=variadic)
        self._symbol = symbol

    def dtype(self, values: Sequence[Any], use: OperationUse) -> str:
        dtype = dtypes.result(*values)
        if self._symbol == "-" and any(_is_bool(value) for value in values):
            raise ShapeError("and booleans cannot be subtracted; logical_not turns them round")
        if self._symbol == "**":
            exponent = values[1]
            if dtype == "bool" and isinstance(exponent, TensorType):
                raise ShapeError("and booleans have no powers")
            if isinstance(exponent, int) and exponent < 0 and not dtypes.is_float(dtype):
                raise ShapeError("and whole numbers have no negative powers")
        return dtype

    def combine(self, texts: Sequence[str], use: OperationUse) -> str:
        if self.name == "rsub":
            return binary(texts[1], self._symbol, texts[0])
        # torch adds -1 to booleans, but refuses to subtract 1 from them
        plain = self._symbol in ("+", "-") and not any(_is_bool(tensor) for tensor in use.tensors)
        combine = summed if plain else binary
        return reduce(lambda left, right: combine(left, self._symbol, right), texts)


class Division(_Pairwise):
    """``div``, with or without rounding."""

    def __init__(self) -> None:
        rounding = Parameter("rounding_mode", ("str", "none"), choices=("trunc", "floor"), keyword_only=True)
        super().__init__("div", rounding)

    def dtype(self, values: Sequence[Any], use: OperationUse) -> str:
        dtype = dtypes.result(*values)
        if use.value("rounding_mode") is None:
            return dtypes.floating(dtype)
        if dtype == "bool":
            raise ShapeError("and booleans cannot be divided with rounding")
        if not dtypes.is_float(dtype) and values[1] == 0:
            raise ShapeError("and this divides whole numbers by zero")
        return dtype

    def combine(self, texts: Sequence[str], use: OperationUse) -> str:
        mode = use.value("rounding_mode")
        if mode == "trunc":
            return call("torch.div", *texts, keywords=['rounding_mode="trunc"'])
        return binary(texts[0], "//" if mode == "floor" else "/", texts[1])


class Extreme(_Pairwise):
    """``minimum`` and ``maximum`` of two tensors."""

    def __init__(self, name: str) -> None:
        super().__init__(name, scalar_operand=False)

    def combine(self, texts: Sequence[str], use: OperationUse) -> str:
        return call(f"torch.{self.name}", *texts)


class ComparisonOperation(_Pairwise):
    """``eq ne lt le gt ge``."""

    def __init__(self, name: str, symbol: str) -> None:
        super().__init__(name)
        self._symbol = symbol

    def dtype(self, values: Sequence[Any], use: OperationUse) -> str:
        return "bool"

    def combine(self, texts: Sequence[str], use: OperationUse) -> str:
        return binary(texts[0], self._symbol, texts[1])


class Logical(_Pairwise):
    """``logical_and logical_or logical_xor``, written with operators of Python if all tensors are booleans."""

    def __init__(self, name: str, symbol: str) -> None:
        super().__init__(name, scalar_operand=False)
        self._symbol = symbol

    def dtype(self, values: Sequence[Any], use: OperationUse) -> str:
        return "bool"

    def combine(self, texts: Sequence[str], use: OperationUse) -> str:
        if all(tensor.dtype == "bool" for tensor in use.tensors):
            return binary(texts[0], self._symbol, texts[1])
        return call(f"torch.{self.name}", *texts)


class Not(TensorOperation):
    """``logical_not``."""

    def __init__(self) -> None:
        super().__init__("logical_not")

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        return (TensorType(use.input.dims, "bool"),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        if use.input.dtype == "bool":
            return prefixed("~", operands[0])
        return call("torch.logical_not", operands[0])


def _is_bool(value: object) -> bool:
    return isinstance(value, bool) or (isinstance(value, TensorType) and value.dtype == "bool")


OPERATIONS: tuple[TensorOperation, ...] = (
    Arithmetic("add", "+", variadic=True),
    Arithmetic("sub", "-"),
    Arithmetic("rsub", "-"),
    Arithmetic("mul", "*", variadic=True),
    Division(),
    Arithmetic("pow", "**", second="exponent"),
    Extreme("minimum"),
    Extreme("maximum"),
    ComparisonOperation("eq", "=="),
    ComparisonOperation("ne", "!="),
    ComparisonOperation("lt", "<"),
    ComparisonOperation("le", "<="),
    ComparisonOperation("gt", ">"),
    ComparisonOperation("ge", ">="),
    Logical("logical_and", "&"),
    Logical("logical_or", "|"),
    Logical("logical_xor", "^"),
    Not(),
)
