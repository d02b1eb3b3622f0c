"""Layers that keep the shape: activations, softmax and its kin, dropout."""

from __future__ import annotations

from collections.abc import Mapping

from ..entries import Entry
from ..graph import Argument
from .base import Family, Outcome, ShapeError, Use, expect_float, expect_rank


class Elementwise(Family):
    """Activations, element by element. PReLU alone has weights."""

    def infer(self, use: Use) -> Outcome:
        expect_float(use)
        weights = 0
        if use.entry.name == "PReLU":
            weights = use.value("num_parameters")
            if weights > 1 and (len(use.input.dims) < 2 or use.input.dims[1].size != weights):
                raise ShapeError(f"and {weights} parameters need as many channels")
        return Outcome((use.input,), parameters=weights)

    def supports(self, entry: Entry) -> bool:
        return entry.inputs == 1


class AlongDimension(Family):
    """Softmax, Softmin, LogSoftmax and GLU work along a dimension; the 2d ones along channels."""

    def supports(self, entry: Entry) -> bool:
        return entry.name in ("Softmax", "Softmin", "LogSoftmax")

    def infer(self, use: Use) -> Outcome:
        expect_float(use)
        dim, rank = use.value("dim"), len(use.input.dims)
        if dim is None:
            raise ShapeError(
                "and without 'dim' torch guesses the dimension; write 'dim: 1' for the one after the batch"
            )
        if not -rank <= dim < rank:
            raise ShapeError(f"which with the batch has {rank} dimensions, so dim {dim} is out of range")
        if dim % rank == 0:
            raise ShapeError(f"and dim {dim} is the batch; the one after it is 1")
        return Outcome((use.input,))

    def positional(self, entry: Entry, given: Mapping[str, Argument]) -> int:
        return 0  # people write dim=1


class Dropout(Family):
    """Dropout of elements, or of whole channels in the 1d, 2d and 3d forms."""

    def infer(self, use: Use) -> Outcome:
        expect_float(use)
        if use.entry.dims:
            expect_rank(use, (use.entry.dims + 2,))
        return Outcome((use.input,))

    def stem(self, entry: Entry) -> str:
        return "dropout"
