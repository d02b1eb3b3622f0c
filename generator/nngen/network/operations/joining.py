"""Operations that join tensors, or split one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce

from ...language.expressions import Literal, Operation
from ..dims import is_choice, solve, total
from ..symbolic.division import quotient
from ..symbolic.sizes import Symbolic, from_expression
from ..tensors import Dim, shape_text
from . import dtypes
from .base import MAX_OUTPUTS, OperationUse, Parameter, ShapeError, TensorOperation, TensorType, axis
from .text import call, listed, method

_JOINED = Parameter("dim", ("int",), default=1)
_DIM = Parameter("dim", ("int",), default=0)


class Join(TensorOperation):
    """Operations that join any number of tensors along a dimension, by default 1."""

    def __init__(self, name: str) -> None:
        super().__init__(name, _JOINED, operands=("tensors",), variadic=True)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return call(f"torch.{self.name}", f"[{', '.join(operands)}]", f"dim={arguments.get('dim', '1')}")


class Cat(Join):
    """``cat``: sizes are added along the dimension, and have to be equal along the others."""

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        shapes = [tensor.dims for tensor in use.tensors]
        ranks = sorted({len(shape) for shape in shapes})
        if len(ranks) > 1:
            raise ShapeError(f"and tensors of {ranks[0]} and {ranks[-1]} dimensions cannot be joined")
        if ranks == [0]:
            raise ShapeError("and tensors without dimensions cannot be joined; stack makes one")
        dim = axis(use.value("dim"), ranks[0])
        dims = [
            total([shape[index] for shape in shapes]) if index == dim else _agreed(shapes, index, dim)
            for index in range(ranks[0])
        ]
        return (TensorType(tuple(dims), _dtype(use)),)


class Stack(Join):
    """``stack``: a new dimension, with an element for each tensor."""

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        shapes = [tensor.dims for tensor in use.tensors]
        if len({tensor.sizes for tensor in use.tensors}) > 1:
            raise ShapeError("and only tensors of one shape can be stacked")
        dim = axis(use.value("dim"), len(shapes[0]) + 1)
        dims = [_agreed(shapes, index) for index in range(len(shapes[0]))]
        dims.insert(dim, Dim(len(shapes)))
        return (TensorType(tuple(dims), _dtype(use)),)


class SplitOperation(TensorOperation):
    """``split``: parts of one size, the last of which may be smaller, or of the sizes in a list."""

    several = True

    def __init__(self) -> None:
        super().__init__("split", Parameter("split_size_or_sections", ("int", "int[]"), required=True), _DIM)

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        dim = axis(use.value("dim"), len(use.input.dims))
        size = use.input.dims[dim].size
        name = "split_size_or_sections"
        if isinstance(use.value(name), tuple):
            parts = list(use.dims(name))
            if any(isinstance(part.size, int) and part.size < 0 for part in parts) or total(parts).size != size:
                raise ShapeError(f"and parts of {shape_text(use.value(name))} do not make up the {size} of dim {dim}")
        else:
            parts = _pieces(use.input.dims[dim], use.dim(name), dim)
        return tuple(_with(use.input, dim, part) for part in parts)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        extra = [f"dim={arguments['dim']}"] if use.says("dim") else []
        sections = listed(arguments["split_size_or_sections"])
        return call("torch.split", operands[0], sections, keywords=extra)  # torch's method has no annotations


class Chunk(TensorOperation):
    """``chunk``: a number of equal parts, or fewer parts if the size is not divisible."""

    several = True

    def __init__(self) -> None:
        super().__init__("chunk", Parameter("chunks", ("int",), required=True, minimum=1), _DIM)

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        dim = axis(use.value("dim"), len(use.input.dims))
        whole = use.input.dims[dim]
        chunks: int = use.value("chunks")
        if chunks < 1:
            raise ShapeError(f"and {chunks} chunks are none")
        part = Dim(-(-whole.size // chunks))
        if part.size * chunks == whole.size:
            pieces = [_part(whole, chunks)] * min(chunks, MAX_OUTPUTS + 1)
        else:
            pieces = _pieces(whole, part, dim)
        return tuple(_with(use.input, dim, piece) for piece in _with_sources(whole, chunks, pieces))

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        extra = [f"dim={arguments['dim']}"] if use.says("dim") else []
        return method(operands[0], "chunk", arguments["chunks"], keywords=extra)


class Unbind(TensorOperation):
    """``unbind``: a tensor for each index of a dimension."""

    several = True

    def __init__(self) -> None:
        super().__init__("unbind", _DIM)

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        dims = use.input.dims
        dim = axis(use.value("dim"), len(dims))
        size = dims[dim].size
        if isinstance(size, Symbolic):
            raise ShapeError(f"and how many tensors dim {dim} gives is not known: its {size} varies")
        part = replace(use.input, dims=(*dims[:dim], *dims[dim + 1 :]))
        return (part,) * min(size, MAX_OUTPUTS + 1)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], "unbind", arguments.get("dim", "0"))


def _agreed(shapes: Sequence[tuple[Dim, ...]], index: int, joined: int | None = None) -> Dim:
    dims = [shape[index] for shape in shapes]
    other = next((dim for dim in dims if dim.size != dims[0].size), None)
    if other is not None:
        raise ShapeError(f"and only dim {joined} may differ, while dim {index} is {dims[0].size} and {other.size}")
    plain = [dim for dim in dims if not is_choice(dim)]  # these hold for both outcomes, or they would not fit
    return next((dim for dim in plain or dims if dim.depends), (plain or dims)[0])


def _dtype(use: OperationUse) -> str:
    return reduce(dtypes.promote, (tensor.dtype for tensor in use.tensors))


def _with(tensor: TensorType, dim: int, size: Dim) -> TensorType:
    return replace(tensor, dims=(*tensor.dims[:dim], size, *tensor.dims[dim + 1 :]))


def _pieces(whole: Dim, piece: Dim, dim: int) -> list[Dim]:
    """Return pieces of one size, followed by the remainder if there is one."""
    size = whole.size
    if size == piece.size:
        return [whole]
    if isinstance(size, Symbolic) or isinstance(piece.size, Symbolic):
        raise ShapeError(f"and how many tensors dim {dim} gives is not known: its {size} varies")
    if piece.size < 1:
        raise ShapeError(f"and pieces of {piece.size} are none")
    count, remainder = divmod(size, piece.size)
    return [piece] * min(count, MAX_OUTPUTS + 1) + ([Dim(remainder)] if remainder else [])


def _with_sources(whole: Dim, chunks: int, pieces: list[Dim]) -> list[Dim]:
    """Return the pieces with sources that also hold where the size is not divisible: then the last one is smaller."""
    source = whole.expression()
    size = from_expression(source) if whole.depends and isinstance(whole.size, int) else None
    if not isinstance(size, Symbolic) or chunks == 1 or len(pieces) != chunks or quotient(size, chunks) is not None:
        return pieces
    part = Operation("//", (Dim(size + (chunks - 1)).expression(), Literal(chunks)))
    others = part if chunks == 2 else Operation("*", (Literal(chunks - 1), part))
    last = Dim(pieces[-1].size, Operation("-", (source, others)))
    return [*(Dim(piece.size, part) for piece in pieces[:-1]), last]


def _part(whole: Dim, chunks: int) -> Dim:
    return solve([whole], [Dim(chunks)]) or whole


OPERATIONS: tuple[TensorOperation, ...] = (Cat("cat"), Stack("stack"), SplitOperation(), Chunk(), Unbind())
