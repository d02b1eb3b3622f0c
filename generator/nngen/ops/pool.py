"""Pooling, with windows and adaptive."""

from __future__ import annotations

from dataclasses import replace

from ..entries import Entry
from ..graph import Dim
from ..sizes import Size
from .base import Family, Outcome, ShapeError, Use, expect_float, expect_rank, map_size


class Pool(Family):
    """``MaxPool`` and ``AvgPool``; formulas as in torch's documentation, ``ceil_mode`` as in its code."""

    def supports(self, entry: Entry) -> bool:
        return entry.name.startswith(("MaxPool", "AvgPool"))

    def infer(self, use: Use) -> Outcome:
        count = use.entry.dims or 0
        expect_float(use)
        expect_rank(use, (count + 2,))
        spatial = tuple(self._spatial(use, index, dim) for index, dim in enumerate(use.input.dims[2:]))
        output = replace(use.input, dims=(*use.input.dims[:2], *spatial))
        if any(isinstance(dim.size, int) and dim.size < 1 for dim in spatial):
            raise ShapeError(f"and it would give ({', '.join(str(size) for size in output.sample_shape)})")
        indices = (replace(output, dtype="int64"),) if use.value("return_indices") else ()
        return Outcome((output, *indices))

    def _spatial(self, use: Use, index: int, dim: Dim) -> Dim:
        count = use.entry.dims or 0
        kernel = use.each("kernel_size", count)[index]
        stride = use.each("stride", count)[index] if use.value("stride") is not None else kernel
        padding = use.each("padding", count)[index]
        dilation = use.each("dilation", count)[index] if use.entry.parameter("dilation") else 1
        if 2 * padding > kernel:
            raise ShapeError(f"and padding {padding} is more than half of the window of {kernel}")
        if use.entry.name == "AvgPool3d" and isinstance(dim.size, int) and dim.size < kernel:
            raise ShapeError(f"and the window of {kernel} is larger than {dim.size}")
        window = dilation * (kernel - 1) + 1
        ceil = use.value("ceil_mode")
        return map_size(dim, lambda size: _windows(size, window, stride, padding, ceil))

    def stem(self, entry: Entry) -> str:
        return "pool"


def _windows(size: Size, window: int, stride: int, padding: int, ceil: bool) -> Size:
    room = size + 2 * padding - window
    if not ceil:
        return room // stride + 1
    count = (room + stride - 1) // stride + 1
    if isinstance(count, int) and isinstance(size, int) and (count - 1) * stride >= size + padding:
        return count - 1  # a window that would begin in the padding behind is dropped
    return count


class AdaptivePool(Family):
    """Adaptive pooling: the spatial size is given; a null keeps the input's."""

    def infer(self, use: Use) -> Outcome:
        count = use.entry.dims or 0
        expect_float(use)
        expect_rank(use, (count + 2,))
        wanted = use.value("output_size")
        each = wanted if isinstance(wanted, tuple) else (wanted,) * count
        spatial = tuple(
            dim if size is None else use.dim("output_size") if size is wanted else Dim(size)
            for dim, size in zip(use.input.dims[2:], each)
        )
        output = replace(use.input, dims=(*use.input.dims[:2], *spatial))
        indices = (replace(output, dtype="int64"),) if use.value("return_indices") else ()
        return Outcome((output, *indices))

    def stem(self, entry: Entry) -> str:
        return "pool"
