"""Operations that select elements by position, by index or by mask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..dims import broadcast, difference, total
from ..symbolic.division import at_most, lower_bound
from ..symbolic.sizes import Symbolic
from ..tensors import Dim
from . import dtypes
from .base import OperationUse, Parameter, ShapeError, TensorOperation, TensorType, axis
from .text import call, indexed, method

_DIM = Parameter("dim", ("int",), required=True)


class Select(TensorOperation):
    """``select``: one index of a dimension, which is removed."""

    def __init__(self) -> None:
        super().__init__("select", _DIM, Parameter("index", ("int",), required=True))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        dims = use.input.dims
        dim, index = axis(use.value("dim"), len(dims)), use.value("index")
        size = dims[dim].size
        if isinstance(size, int) and isinstance(index, int) and not -size <= index < size:
            raise ShapeError(f"and index {index} is out of range: dim {dim} has {size}")
        return (replace(use.input, dims=(*dims[:dim], *dims[dim + 1 :])),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return subscript(operands[0], use.value("dim"), arguments["index"])


class Slice(TensorOperation):
    """``slice``: ``x[:, start:end:step]``."""

    def __init__(self) -> None:
        bounds = (Parameter(name, ("int", "none")) for name in ("start", "end"))
        super().__init__("slice", _DIM, *bounds, Parameter("step", ("int",), default=1, minimum=1))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        dims = use.input.dims
        dim, step = axis(use.value("dim"), len(dims)), use.value("step")
        start, end = (use.dim(name) if use.value(name) is not None else None for name in ("start", "end"))
        if not isinstance(step, int) or step < 1:
            raise ShapeError("and step must be 1 or more")
        length = _length(dims[dim], start, end)
        if step > 1:
            length = Dim(-(-length.size // step))
        return (replace(use.input, dims=(*dims[:dim], length, *dims[dim + 1 :])),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        start, end, step = (arguments[name] if use.says(name) else "" for name in ("start", "end", "step"))
        return subscript(operands[0], use.value("dim"), f"{start}:{end}" + (f":{step}" if step else ""))


class Narrow(TensorOperation):
    """``narrow``: `length` elements from `start` on, all of which have to exist."""

    def __init__(self) -> None:
        start, length = Parameter("start", ("int",), required=True), Parameter("length", ("int",), required=True)
        super().__init__("narrow", _DIM, start, length)

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        dims = use.input.dims
        dim, start, length = axis(use.value("dim"), len(dims)), use.value("start"), use.dim("length")
        size = dims[dim].size
        if isinstance(start, int):
            if isinstance(size, int) and not -size <= start <= size:
                raise ShapeError(f"and start {start} is out of range: dim {dim} has {size}")
            left = -start if start < 0 else size - start
            if isinstance(length.size, int) and isinstance(left, int) and length.size > left:
                raise ShapeError(f"and {length.size} elements from {start} on are not there: dim {dim} has {size}")
        return (replace(use.input, dims=(*dims[:dim], length, *dims[dim + 1 :])),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], "narrow", *(arguments[name] for name in ("dim", "start", "length")))


class IndexSelect(TensorOperation):
    """``index_select``: the elements of a dimension at the indices in a tensor."""

    def __init__(self) -> None:
        super().__init__("index_select", _DIM, Parameter("index", ("tensor",), required=True))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        dims, index = use.input.dims, use.tensor("index")
        dim = axis(use.value("dim"), len(dims))
        _expect_dtype("index", index, ("int32", "int64"))
        if len(index.dims) > 1:
            raise ShapeError(f"and the index has {len(index.dims)} dimensions, not 1")
        _expect_inside(index, dims[dim])
        length = index.dims[0] if index.dims else Dim(1)
        return (replace(use.input, dims=(*dims[:dim], length, *dims[dim + 1 :])),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], "index_select", arguments["dim"], arguments["index"])


class Gather(TensorOperation):
    """``gather``: for each element of the index, the input's element at that position along a dimension."""

    def __init__(self) -> None:
        super().__init__("gather", _DIM, Parameter("index", ("tensor",), required=True))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        dims, index = use.input.dims, use.tensor("index")
        dim = axis(use.value("dim"), len(dims))
        _expect_dtype("index", index, ("int64",))
        if len(index.dims) != len(dims):
            raise ShapeError(f"and the index has {len(index.dims)} dimensions, not {len(dims)}")
        for place, (whole, part) in enumerate(zip(dims, index.dims)):
            if place != dim and not at_most(part.size, whole.size):
                varies = ", which varies" if isinstance(whole.size, Symbolic) else ""
                raise ShapeError(f"and the index has {part.size} in dim {place}, where there is {whole.size}{varies}")
        _expect_inside(index, dims[dim])
        return (replace(use.input, dims=index.dims),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], "gather", arguments["dim"], arguments["index"])


class Index(TensorOperation):
    """``index``: ``table[index]``, or ``x[rows, columns]`` for several leading dimensions."""

    def __init__(self) -> None:
        super().__init__("index", operands=("input", "indices"), variadic=True)

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        indices, dims = use.tensors[1:], use.input.dims
        for index in indices:
            _expect_dtype("index", index, ("int32", "int64"))
        if len(indices) > len(dims):
            raise ShapeError(f"and {len(indices)} indices are too many for {len(dims)} dimensions")
        for index, dim in zip(indices, dims):
            _expect_inside(index, dim)
        return (replace(use.input, dims=(*broadcast(*(index.dims for index in indices)), *dims[len(indices) :])),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return indexed(*operands)


class MaskedFill(TensorOperation):
    """``masked_fill``: replaces elements by a number where the mask is true."""

    def __init__(self) -> None:
        mask = Parameter("mask", ("tensor",), required=True)
        super().__init__("masked_fill", mask, Parameter("value", ("float", "bool"), required=True))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        mask, value = use.tensor("mask"), use.value("value")
        _expect_dtype("mask", mask, ("bool",))
        if not dtypes.holds(use.input.dtype, value):
            raise ShapeError(f"of dtype {use.input.dtype}, which cannot hold {value}")
        return (TensorType(broadcast(use.input.dims, mask.dims), use.input.dtype),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], "masked_fill", arguments["mask"], arguments["value"])


class Where(TensorOperation):
    """``where``: elements of `input` where the condition holds, and of `other` elsewhere."""

    def __init__(self) -> None:
        choices = (Parameter(name, ("tensor", "float", "bool"), required=True) for name in ("input", "other"))
        super().__init__("where", *choices, operands=("condition",))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        _expect_dtype("condition", use.input, ("bool",))
        values = [use.value(name) for name in ("input", "other")]
        if None in values:
            raise ShapeError("and it needs 'input' and 'other' too")
        shapes = [value.dims for value in values if isinstance(value, TensorType)]
        return (TensorType(broadcast(use.input.dims, *shapes), dtypes.result(*values)),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return call("torch.where", operands[0], arguments["input"], arguments["other"])


class Triangle(TensorOperation):
    """``tril`` and ``triu``: zeros above or below a diagonal."""

    def __init__(self, name: str) -> None:
        super().__init__(name, Parameter("diagonal", ("int",), default=0))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        if len(use.input.dims) < 2:
            raise ShapeError("and it takes matrices")
        return (use.input,)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        extra = [f"diagonal={arguments['diagonal']}"] if use.says("diagonal") else []
        return method(operands[0], self.name, keywords=extra)


def subscript(operand: str, dim: int, index: str) -> str:
    """Return ``x[:, :, index]``, or ``x[..., index]`` for a dimension counted from the end."""
    if dim >= 0:
        return indexed(operand, *[":"] * dim, index)
    return indexed(operand, "...", index, *[":"] * (-dim - 1))


def _length(whole: Dim, start: Dim | None, end: Dim | None) -> Dim:
    """Return the length of a slice; bounds that vary are assumed to lie inside, as in ``mask[:, :time]``."""
    first = _bound(whole, start) if start is not None else Dim(0)
    last = _bound(whole, end) if end is not None else whole
    length = difference(last, first)
    return Dim(0) if isinstance(length.size, int) and length.size < 0 else length


def _bound(whole: Dim, bound: Dim) -> Dim:
    """Return a bound counted from the front."""
    if isinstance(bound.size, Symbolic):
        return bound
    if not -lower_bound(whole.size) <= bound.size <= lower_bound(whole.size):
        if isinstance(whole.size, int):  # clipped, as in Python
            return Dim(0) if bound.size < 0 else Dim(whole.size)
        raise ShapeError(f"and whether {bound.size} lies inside is not known: its {whole.size} varies")
    return total((whole, bound)) if bound.size < 0 else bound


def _expect_dtype(noun: str, tensor: TensorType, allowed: tuple[str, ...]) -> None:
    if tensor.dtype not in allowed:
        raise ShapeError(f"and the {noun} must be {' or '.join(allowed)}, not {tensor.dtype}")


def _expect_inside(index: TensorType, dim: Dim) -> None:
    high = index.high.size if index.high else 0
    if isinstance(high, int) and isinstance(dim.size, int) and high > dim.size:
        raise ShapeError(f"and the index goes up to {high - 1}, where there is {dim.size}")


OPERATIONS: tuple[TensorOperation, ...] = (
    Select(),
    Slice(),
    Narrow(),
    IndexSelect(),
    Gather(),
    Index(),
    MaskedFill(),
    Where(),
    Triangle("tril"),
    Triangle("triu"),
)
