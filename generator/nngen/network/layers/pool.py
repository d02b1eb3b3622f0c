"""Pooling with windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...language.catalogue.entries import Entry
from ..dims import ShapeError, map_size, multiply
from ..symbolic.sizes import Size
from ..tensors import Argument, Dim, TensorType
from .base import Family, Outcome, Use, expect_float, expect_rank, with_spatial


class Pool(Family):
    """``MaxPool``, ``AvgPool``, ``LPPool``, ``FractionalMaxPool``.

    The formulas are those of torch's documentation; ``ceil_mode`` is as in ``pooling_output_shape`` of ATen.
    """

    def rule(self, use: Use) -> Outcome:
        expect_float(use)
        expect_rank(use, ((use.entry.dims or 0) + 2,))
        if use.entry.name.startswith("Fractional"):
            return _maxima(use, _fractional(use))
        return _maxima(use, [self._spatial(use, index, dim) for index, dim in enumerate(use.input.dims[2:])])

    def _spatial(self, use: Use, index: int, dim: Dim) -> Dim:
        count = use.entry.dims or 0
        kernel = use.values("kernel_size", count)[index]
        stride = use.values("stride", count)[index] if use.value("stride") is not None else kernel
        padding = use.values("padding", count)[index] if use.entry.parameter("padding") else 0
        dilation = use.values("dilation", count)[index] if use.entry.parameter("dilation") else 1
        if 2 * padding > kernel:
            raise ShapeError(f"and padding {padding} is more than half of the window of {kernel}")
        if use.entry.name in ("AvgPool3d", "LPPool3d") and isinstance(dim.size, int) and dim.size < kernel:
            raise ShapeError(f"and the window of {kernel} is larger than {dim.size}")
        window = dilation * (kernel - 1) + 1
        ceil = use.value("ceil_mode")
        return map_size(dim, lambda size: _windows(size, window, stride, padding, ceil))

    def stem(self, entry: Entry) -> str:
        return "pool"

    def positional(self, entry: Entry, arguments: Mapping[str, Argument]) -> int:
        if entry.name.startswith("LPPool"):
            return 2
        return 1 if entry.name.startswith("Fractional") else super().positional(entry, arguments)


def _windows(size: Size, window: int, stride: int, padding: int, ceil: bool) -> Size:
    if not ceil:
        return (size + 2 * padding - window) // stride + 1
    if stride > window - padding:  # no window may begin in the padding at the end
        return (size + padding + stride - 1) // stride
    return (size + 2 * padding - window + stride - 1) // stride + 1


def _fractional(use: Use) -> list[Dim]:
    """Return the spatial dimensions after fractional pooling, from output sizes or ratios."""
    count = use.entry.dims or 0
    kernels = use.values("kernel_size", count)
    ratios = use.values("output_ratio", count)
    sizes = use.dims("output_size", count)
    return [_one_fractional(use, *window) for window in zip(use.input.dims[2:], kernels, sizes, ratios)]


def _one_fractional(use: Use, dim: Dim, kernel: int, output: Dim | None, ratio: float) -> Dim:
    if output is None:
        if not isinstance(dim.size, int):
            raise ShapeError(f"whose {dim.size} varies, so write output_size")
        output = Dim(int(dim.size * ratio))
    minimum = output.size + kernel - (0 if use.entry.dims == 3 else 1)  # in 3d, torch requires one more
    if isinstance(dim.size, int) and isinstance(minimum, int) and dim.size < minimum:
        raise ShapeError(f"and {output.size} windows of {kernel} need a size of {minimum}, not {dim.size}")
    return output


def _maxima(use: Use, spatial: list[Dim]) -> Outcome:
    output = with_spatial(use.input, spatial)
    return Outcome((output, *indices(use, output)))


def indices(use: Use, output: TensorType) -> tuple[TensorType, ...]:
    """Return the type of the indices of the maxima in the flattened input; empty without ``return_indices``."""
    if not use.value("return_indices"):
        return ()
    return (replace(output, dtype="int64", high=multiply(use.input.dims[2:])),)
