"""Softmax, its variants and GLU, which work along a dimension."""

from __future__ import annotations

from collections.abc import Mapping

from ...language.catalogue.entries import Entry
from ..dims import ShapeError, map_size
from ..tensors import Argument
from .base import Family, Outcome, Use, expect_dim, expect_float, expect_rank, with_dim


class AlongDimension(Family):
    """Softmax, Softmin, LogSoftmax and GLU along ``dim``; Softmax2d along the channels."""

    def rule(self, use: Use) -> Outcome:
        expect_float(use)
        if use.entry.name == "Softmax2d":
            expect_rank(use, (4,))
            return Outcome((use.input,))
        if use.value("dim") is None:
            raise ShapeError(
                "and without 'dim' torch guesses the dimension; write 'dim: 1' for the one after the batch"
            )
        dim = expect_dim(use)
        if use.entry.name != "GLU":
            return Outcome((use.input,))
        halved = use.input.dims[dim]
        if isinstance(halved.size, int) and halved.size % 2:
            raise ShapeError(f"and {halved.size} cannot be halved")
        return Outcome((with_dim(use.input, dim, map_size(halved, lambda size: size // 2)),))

    def positional(self, entry: Entry, arguments: Mapping[str, Argument]) -> int:
        return 0  # people write dim=1
