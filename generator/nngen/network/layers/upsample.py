"""Upsampling."""

from __future__ import annotations

from fractions import Fraction

from ...language.catalogue.entries import Entry
from ..dims import ShapeError, map_size
from ..tensors import Dim
from .base import MAX_ELEMENTS, Family, Outcome, Use, expect_float, expect_rank, with_spatial

RANKS = {"linear": (3,), "bilinear": (4,), "bicubic": (4,), "trilinear": (5,)}


class Upsample(Family):
    """Resizing to ``size``, or to ``floor(input * scale_factor)`` in double precision as in ``F.interpolate``."""

    def rule(self, use: Use) -> Outcome:
        expect_float(use)
        ranks = (4,) if use.entry.dims else RANKS.get(use.value("mode"), (3, 4, 5))
        expect_rank(use, ranks)
        count = len(use.input.dims) - 2
        if use.value("size") is not None:
            sizes = use.dims("size", count)
            return Outcome((with_spatial(use.input, [size for size in sizes if size]),))
        factors = use.values("scale_factor", count)
        return Outcome((with_spatial(use.input, [_scaled(*scaling) for scaling in zip(use.input.dims[2:], factors)]),))

    def stem(self, entry: Entry) -> str:
        return "upsample"


def _scaled(dim: Dim, factor: float) -> Dim:
    if isinstance(dim.size, int) and dim.size * float(factor) > MAX_ELEMENTS:
        raise ShapeError(f"and {dim.size} times {factor} is more than torch can hold")
    if isinstance(dim.size, int) and not dim.depends:
        return Dim(int(dim.size * float(factor)))
    exact = Fraction(factor)  # a size that varies needs whole numbers: 1.5 is 3 / 2
    if exact.denominator > 1024:
        if isinstance(dim.size, int):
            return Dim(int(dim.size * float(factor)))
        raise ShapeError(f"whose {dim.size} varies, and times {factor} it is no expression; write size")
    return map_size(dim, lambda size: size * exact.numerator // exact.denominator)
