"""Layers that only give another shape to the same elements."""

from __future__ import annotations

from dataclasses import replace

from ..entries import Entry
from .base import Family, Outcome, ShapeError, Use, multiply


class Reshape(Family):
    """``Flatten``."""

    def supports(self, entry: Entry) -> bool:
        return entry.name == "Flatten"

    def infer(self, use: Use) -> Outcome:
        dims, rank = use.input.dims, len(use.input.dims)
        start, end = use.value("start_dim"), use.value("end_dim")
        for name, dim in (("start_dim", start), ("end_dim", end)):
            if not -rank <= dim < rank:
                raise ShapeError(f"which with the batch has {rank} dimensions, so {name} {dim} is out of range")
        start, end = start % rank, end % rank
        if start > end:
            raise ShapeError(f"and start_dim {start} comes after end_dim {end}")
        if start == end:
            return Outcome((use.input,))
        merged = multiply(dims[start : end + 1])
        return Outcome((replace(use.input, dims=(*dims[:start], merged, *dims[end + 1 :])),))
