"""The inverse of max pooling."""

from __future__ import annotations

from ...language.catalogue.entries import Entry
from ..dims import ShapeError, map_size, multiply
from ..tensors import Dim
from .base import Family, Outcome, Use, expect_rank, expect_shape, is_float, with_spatial


class Unpool(Family):
    """``MaxUnpool`` without ``output_size``, with the formulas of torch's documentation."""

    def rule(self, use: Use) -> Outcome:
        flow, indices = use.inputs
        expect_rank(use, ((use.entry.dims or 0) + 2,))
        if not is_float(flow) or indices.dtype != "int64":
            raise ShapeError(f"and it takes numbers and the indices of a pool, not {flow.dtype} and {indices.dtype}")
        expect_shape("the tensor of indices", indices, flow.sizes)
        spatial = [self._spatial(use, index, dim) for index, dim in enumerate(flow.dims[2:])]
        output = with_spatial(flow, spatial)
        room = multiply(output.dims[2:]).size
        high = indices.high.size if indices.high else 0
        if isinstance(room, int) and isinstance(high, int) and high > room:
            raise ShapeError(f"and the indices come from {high} positions, where it would give {room}")
        return Outcome((output,))

    def _spatial(self, use: Use, index: int, dim: Dim) -> Dim:
        count = use.entry.dims or 0
        kernel, padding = use.values("kernel_size", count)[index], use.values("padding", count)[index]
        stride = use.values("stride", count)[index] if use.value("stride") is not None else kernel
        return map_size(dim, lambda size: (size - 1) * stride - 2 * padding + kernel)

    def stem(self, entry: Entry) -> str:
        return "unpool"
