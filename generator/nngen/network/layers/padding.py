"""Padding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...language.catalogue.entries import Entry
from ..dims import ShapeError, map_size
from ..tensors import Argument, Dim
from .base import Family, Outcome, Use, expect_elements, is_float


class Padding(Family):
    """``ZeroPad``, ``ConstantPad``, ``ReflectionPad``, ``ReplicationPad``, ``CircularPad``.

    Amounts are ordered from the last dimension to the first, as in ``torch.nn.functional.pad``; negative ones crop.
    """

    def rule(self, use: Use) -> Outcome:
        count, rank = use.entry.dims or 0, len(use.input.dims)
        constant = use.entry.name.startswith(("Zero", "Constant"))
        if rank <= count or (rank > count + 2 and not constant):
            raise ShapeError(f"and it pads the last {count} dimensions, behind the batch and at most the channels")
        value = use.value("value") or 0
        if not is_float(use.input) and not (constant and float(value).is_integer()):
            raise ShapeError(f"of dtype {use.input.dtype}, and it takes floating point numbers")
        amounts = use.values("padding", 2 * count)
        dims = list(use.input.dims)
        for index in range(count):
            before, after = amounts[2 * index : 2 * index + 2]
            dims[-1 - index] = self._padded(use, dims[-1 - index], before, after)
        high = use.input.high
        inside = high is None or (isinstance(high.size, int) and 0 <= value < high.size)
        output = replace(use.input, dims=tuple(dims), high=high if inside else None)
        return Outcome((expect_elements(output),))

    def _padded(self, use: Use, dim: Dim, before: int, after: int) -> Dim:
        largest, cropped = max(before, after), -min(before, 0) - min(after, 0)
        if isinstance(dim.size, int):
            if cropped >= dim.size:
                raise ShapeError(f"and cropping {cropped} leaves nothing of {dim.size}")
            if use.entry.name.startswith("Reflection") and largest >= dim.size:
                raise ShapeError(f"and reflecting {largest} at the border needs a size above {largest}, not {dim.size}")
            if use.entry.name.startswith("Circular") and largest > dim.size:
                raise ShapeError(f"and wrapping {largest} around needs a size of at least {largest}, not {dim.size}")
        return map_size(dim, lambda size: size + before + after)

    def stem(self, entry: Entry) -> str:
        return "pad"

    def positional(self, entry: Entry, arguments: Mapping[str, Argument]) -> int:
        return 2  # ConstantPad2d(1, 0.5)
