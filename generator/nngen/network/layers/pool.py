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

    Formulas as in torch's documentation; ``ceil_mode`` as in ``pooling_output_shape`` of ATen.
    """

    def rule(self, use: Use) -> Outcome:
        expect_float(use)
        expect_rank(use, ((use.entry.dims or 0) + 2,))
        if use.entry.name.startswith("Fractional"):
            return _maxima(use, _fractional(use))
        return _maxima(use, [self._spatial(use, index, dim) for index, dim in enumerate(use.input.dims[2:])])

    def _spatial(self, use: Use, index: int, dim: Dim) -> Dim:
        count = use.entry.dims or 0
        kernel = use.each("kernel_size", count)[index]
        stride = use.each("stride", count)[index] if use.value("stride") is not None else kernel
        padding = use.each("padding", count)[index] if use.entry.parameter("padding") else 0
        dilation = use.each("dilation", count)[index] if use.entry.parameter("dilation") else 1
        if 2 * padding > kernel:
            raise ShapeError(f"and padding {padding} is more than half of the window of {kernel}")
        if use.entry.name in ("AvgPool3d", "LPPool3d") and isinstance(dim.size, int) and dim.size < kernel:
            raise ShapeError(f"and the window of {kernel} is larger than {dim.size}")
        window = dilation * (kernel - 1) + 1
        ceil = use.value("ceil_mode")
        return map_size(dim, lambda size: _windows(size, window, stride, padding, ceil))

    def stem(self, entry: Entry) -> str:
        return "pool"

    def positional(self, entry: Entry, given: Mapping[str, Argument]) -> int:
        if entry.name.startswith("LPPool"):
            return 2
        return 1 if entry.name.startswith("Fractional") else super().positional(entry, given)


def _windows(size: Size, window: int, stride: int, padding: int, ceil: bool) -> Size:
    if not ceil:
        return (size + 2 * padding - window) // stride + 1
    if stride > window - padding:  # no window begins in the padding behind
        return (size + padding + stride - 1) // stride
    return (size + 2 * padding - window + stride - 1) // stride + 1


def _fractional(use: Use) -> list[Dim]:
    """Return the dimensions behind random windows, whose size is given, or as a share of the input's."""
    count = use.entry.dims or 0
    kernels = use.each("kernel_size", count)
    ratios = use.each("output_ratio", count)
    sizes = use.each_dim("output_size", count)
    return [_one_fractional(use, *window) for window in zip(use.input.dims[2:], kernels, sizes, ratios)]


def _one_fractional(use: Use, dim: Dim, kernel: int, wanted: Dim | None, ratio: float) -> Dim:
    if wanted is None:
        if not isinstance(dim.size, int):
            raise ShapeError(f"whose {dim.size} varies, so write output_size")
        wanted = Dim(int(dim.size * ratio))
    least = wanted.size + kernel - (0 if use.entry.dims == 3 else 1)  # for volumes torch asks for one more
    if isinstance(dim.size, int) and isinstance(least, int) and dim.size < least:
        raise ShapeError(f"and {wanted.size} windows of {kernel} need a size of {least}, not {dim.size}")
    return wanted


def _maxima(use: Use, spatial: list[Dim]) -> Outcome:
    output = with_spatial(use.input, spatial)
    return Outcome((output, *indices(use, output)))


def indices(use: Use, output: TensorType) -> tuple[TensorType, ...]:
    """Return the type of the maxima's places in the flattened input, when they are asked for."""
    if not use.value("return_indices"):
        return ()
    return (replace(output, dtype="int64", high=multiply(use.input.dims[2:])),)
