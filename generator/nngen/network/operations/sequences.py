"""Sequences of different lengths, packed for recurrent layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...language.expressions import Name
from ..symbolic.sizes import Symbolic
from ..tensors import Dim, shape_text
from .base import OperationUse, Parameter, ShapeError, TensorOperation, TensorType, keywords
from .text import call, method


class Pack(TensorOperation):
    """``pack_padded_sequence``: the length of the longest sequence replaces the padded length."""

    def __init__(self) -> None:
        lengths = Parameter("lengths", ("tensor",), required=True)
        super().__init__("pack_padded_sequence", lengths, Parameter("enforce_sorted", ("bool",), default=True))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        dims, lengths = use.input.dims, use.tensor("lengths")
        if len(dims) < 2:
            raise ShapeError("and it takes (batch, time, ...)")
        if lengths.dtype != "int64":
            raise ShapeError(f"and the lengths must be int64, not {lengths.dtype}")
        if len(lengths.dims) != 1 or lengths.dims[0].size != dims[0].size:
            raise ShapeError(f"and the lengths are {shape_text(lengths.sizes)}, not one number for each sequence")
        if use.value("enforce_sorted"):
            raise ShapeError("and the samples of a batch come in any order; write enforce_sorted: false")
        argument = use.arguments["lengths"]
        name = argument.source.name if isinstance(argument.source, Name) else "lengths"
        longest = Dim(Symbolic.name(f"max_{name}"))
        return (replace(use.input, dims=(dims[0], longest, *dims[2:]), packed=True),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        lengths = method(arguments["lengths"], "cpu")
        extra = ["batch_first=True", *keywords(use, arguments, "enforce_sorted")]
        return call(self.name, operands[0], lengths, keywords=extra)


class Unpack(TensorOperation):
    """``pad_packed_sequence``: the padded tensor, and the lengths, which are on the CPU."""

    several = True

    def __init__(self) -> None:
        value = Parameter("padding_value", ("float",), default=0.0)
        super().__init__("pad_packed_sequence", value, Parameter("total_length", ("int", "none")))

    @property
    def takes_packed(self) -> bool:
        return True

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        if not use.input.packed:
            raise ShapeError("which is no packed sequence; pack_padded_sequence makes one")
        dims = use.input.dims
        length = dims[1] if use.value("total_length") is None else use.dim("total_length")
        return replace(use.input, dims=(dims[0], length, *dims[2:]), packed=False), TensorType(dims[:1], "int64")

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        extra = keywords(use, arguments, "padding_value", "total_length")
        return call(self.name, operands[0], keywords=["batch_first=True", *extra])


OPERATIONS: tuple[TensorOperation, ...] = (Pack(), Unpack())
