"""Distances between two inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import zip_longest

from ...language.catalogue.entries import Entry
from ..dims import ShapeError
from ..tensors import BATCH, Argument, Dim, shape_text
from .base import Family, Outcome, Use, expect_dim, expect_float


class Distance(Family):
    """``CosineSimilarity`` along ``dim`` and ``PairwiseDistance`` along the last dimension of broadcast inputs."""

    def rule(self, use: Use) -> Outcome:
        expect_float(use)
        dims = _broadcast(use)
        both = replace(use, inputs=(replace(use.input, dims=dims), use.inputs[1]))
        if use.entry.name == "PairwiseDistance":
            if len(dims) < 2:
                raise ShapeError("and it needs features beside the batch")
            kept = (Dim(1),) if use.value("keepdim") else ()
            return Outcome((replace(use.input, dims=(*dims[:-1], *kept)),))
        dim = expect_dim(both)
        return Outcome((replace(use.input, dims=dims[:dim] + dims[dim + 1 :]),))

    def positional(self, entry: Entry, arguments: Mapping[str, Argument]) -> int:
        return 0  # people write dim=1


def _broadcast(use: Use) -> tuple[Dim, ...]:
    first, second = use.inputs
    pairs = list(zip_longest(reversed(first.dims), reversed(second.dims), fillvalue=Dim(1)))
    dims = tuple(right if left.size == 1 else left for left, right in reversed(pairs))
    fits = all(left.size == right.size or 1 in (left.size, right.size) for left, right in pairs)
    if fits and any(dim.size == BATCH for dim in dims[1:]):
        raise ShapeError(
            f"and the batch of one input would meet another dimension of {shape_text(second.sample_shape)}"
        )
    if not fits:
        raise ShapeError(f"and its second input is {shape_text(second.sample_shape)}")
    return dims
