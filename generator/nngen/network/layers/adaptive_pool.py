"""Adaptive pooling."""

from __future__ import annotations

from ...language.catalogue.entries import Entry
from .base import Family, Outcome, Use, expect_float, expect_rank, with_spatial
from .pool import indices


class AdaptivePool(Family):
    """Pooling to a given spatial size, where null keeps the input's."""

    def rule(self, use: Use) -> Outcome:
        count = use.entry.dims or 0
        expect_float(use)
        expect_rank(use, (count + 2,))
        sizes = use.dims("output_size", count)
        output = with_spatial(use.input, [size or dim for dim, size in zip(use.input.dims[2:], sizes)])
        return Outcome((output, *indices(use, output)))

    def stem(self, entry: Entry) -> str:
        return "pool"
