"""Operations that reduce dimensions or work along one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..symbolic.division import at_most
from ..symbolic.sizes import Symbolic
from ..tensors import BATCH, Dim
from . import dtypes
from .base import OperationUse, Parameter, ShapeError, TensorOperation, TensorType, axis, keywords
from .text import call, member, method

_ONE = Parameter("dim", ("int", "none"))
_SEVERAL = Parameter("dim", ("int", "int[]", "none"))
_KEEP_NAMED = ("sum", "mean", "prod", "max", "min")  # torch has keepdim only beside dim
_KEEPDIM = Parameter("keepdim", ("bool",), default=False)


class Reduce(TensorOperation):
    """Operations that reduce one, several or all dimensions to one number."""

    def __init__(self, name: str, dim: Parameter, *others: Parameter, numbers: str = "any", dtype: str = "") -> None:
        super().__init__(name, dim, _KEEPDIM, *others)
        self._numbers = numbers
        self._dtype = dtype

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        expect_numbers(use, self._numbers)
        return (TensorType(self._left(use), self._result(use.input.dtype)),)

    def _result(self, dtype: str) -> str:
        match self._dtype:
            case "":
                return dtype
            case "fraction":
                return dtypes.floating(dtype)
            case "whole":  # sums of whole numbers are int64
                return dtype if dtypes.is_float(dtype) else "int64"
            case "bool":
                return dtype if dtype == "uint8" else "bool"
        return self._dtype

    def _left(self, use: OperationUse) -> tuple[Dim, ...]:
        dims, keep = use.input.dims, use.value("keepdim")
        if use.value("dim") is None:
            if keep and self.name in _KEEP_NAMED:
                raise ShapeError("and keepdim needs 'dim'")
            return (Dim(1),) * len(dims) if keep else ()
        places = [axis(dim, max(len(dims), 1)) for dim in use.elements("dim")]
        if len(set(places)) < len(places):
            raise ShapeError("and a dimension is named twice")
        kept = ((dim, index in places) for index, dim in enumerate(dims))
        return tuple(Dim(1) if is_reduced else dim for dim, is_reduced in kept if keep or not is_reduced)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        names = (parameter.name for parameter in self.parameters)
        return method(operands[0], self.name, keywords=keywords(use, arguments, *names))


class Extremum(Reduce):
    """``max`` and ``min``: the values without their indices, which argmax and argmin return."""

    def __init__(self, name: str) -> None:
        super().__init__(name, _ONE)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        code = super().text(operands, arguments, use)
        return member(code, "values") if use.value("dim") is not None else code


class Norm(Reduce):
    """``norm``: the norm of vectors along dimensions."""

    def __init__(self) -> None:
        super().__init__("norm", _SEVERAL, Parameter("p", ("float",), default=2, keyword_only=True), numbers="float")

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        if len(use.elements("dim")) > 2 and not use.says("p"):  # without p torch computes the norm of a matrix
            extra = ["p=2", *keywords(use, arguments, "dim", "keepdim")]
            return method(operands[0], "norm", keywords=extra)
        return super().text(operands, arguments, use)


class Along(TensorOperation):
    """Operations along a dimension that keep the shape: ``softmax log_softmax cumsum``."""

    def __init__(self, name: str, numbers: str = "any") -> None:
        super().__init__(name, Parameter("dim", ("int",), required=True))
        self._numbers = numbers

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        expect_numbers(use, self._numbers)
        dims = use.input.dims
        dim = axis(use.value("dim"), max(len(dims), 1))
        if self.name.endswith("softmax") and dims and dims[dim].size == BATCH:
            raise ShapeError(f"and dim {dim} is the batch; the one after it is 1")
        dtype = use.input.dtype
        return (TensorType(dims, dtype if dtypes.is_float(dtype) else "int64"),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], self.name, keywords=[f"dim={arguments['dim']}"])


class Normalize(TensorOperation):
    """``normalize``: vectors of length 1."""

    def __init__(self) -> None:
        dim, eps = Parameter("dim", ("int",), default=1), Parameter("eps", ("float",), default=1e-12, keyword_only=True)
        super().__init__("normalize", dim, Parameter("p", ("float",), default=2.0, keyword_only=True), eps)

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        expect_numbers(use, "float")
        axis(use.value("dim"), max(len(use.input.dims), 1))
        return (use.input,)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        dim = [f"dim={arguments.get('dim', '1')}"]
        return call(
            "F.normalize", operands[0], keywords=keywords(use, arguments, "p") + dim + keywords(use, arguments, "eps")
        )


class TopK(TensorOperation):
    """``topk``: the largest elements along a dimension, and their indices."""

    several = True

    def __init__(self) -> None:
        k, dim = Parameter("k", ("int",), required=True, minimum=1), Parameter("dim", ("int",), default=-1)
        flags = (Parameter(name, ("bool",), default=True) for name in ("largest", "sorted"))
        super().__init__("topk", k, dim, *flags)

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        expect_numbers(use, "ordered")
        dims = use.input.dims
        dim, k = axis(use.value("dim"), max(len(dims), 1)), use.dim("k")
        size = dims[dim].size if dims else 1
        if isinstance(k.size, int) and isinstance(size, int) and k.size > size:
            raise ShapeError(f"and dim {dim} has only {size}")
        if isinstance(k.size, Symbolic) and not at_most(k.size, size):
            raise ShapeError(f"and whether dim {dim} has {k.size} is not known: it has {size}")
        values = replace(use.input, dims=(*dims[:dim], k, *dims[dim + 1 :]) if dims else ())
        return values, TensorType(values.dims, "int64")

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        extra = keywords(use, arguments, "dim", "largest", "sorted")
        return method(operands[0], "topk", arguments["k"], keywords=extra)


def expect_numbers(use: OperationUse, kind: str) -> None:
    """Check the dtype of the input.

    Args:
        use: the use of the operation.
        kind: ``float`` for floating point only, ``ordered`` for all dtypes but bool, ``any`` for all.

    Raises:
        ShapeError: for another dtype.
    """
    dtype = use.input.dtype
    if kind == "float" and not dtypes.is_float(dtype):
        raise ShapeError(f"of dtype {dtype}, and it takes floating point numbers")
    if kind == "ordered" and dtype == "bool":
        raise ShapeError("of dtype bool, and it takes numbers")


_CORRECTION = Parameter("correction", ("int",), default=1, keyword_only=True)

OPERATIONS: tuple[TensorOperation, ...] = (
    Reduce("sum", _SEVERAL, dtype="whole"),
    Reduce("mean", _SEVERAL, numbers="float"),
    Reduce("prod", _ONE, dtype="whole"),
    Extremum("max"),
    Extremum("min"),
    Reduce("amax", _SEVERAL),
    Reduce("amin", _SEVERAL),
    Reduce("std", _SEVERAL, _CORRECTION, numbers="float"),
    Reduce("var", _SEVERAL, _CORRECTION, numbers="float"),
    Reduce("logsumexp", Parameter("dim", ("int", "int[]"), required=True), dtype="fraction"),
    Reduce("any", _SEVERAL, dtype="bool"),
    Reduce("all", _SEVERAL, dtype="bool"),
    Norm(),
    Reduce("argmax", _ONE, numbers="ordered", dtype="int64"),
    Reduce("argmin", _ONE, numbers="ordered", dtype="int64"),
    Along("softmax", numbers="float"),
    Along("log_softmax", numbers="float"),
    Along("cumsum"),
    Normalize(),
    TopK(),
)
