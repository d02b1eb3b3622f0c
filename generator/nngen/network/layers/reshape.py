"""Layers that only change the shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod

from ...language.catalogue.entries import Entry
from ..dims import ShapeError, map_size, multiply
from ..tensors import Argument, Dim, shape_text
from .base import Family, Outcome, Use, expect_dim, expect_elements, expect_float, expect_rank


class ReshapeFamily(Family):
    """``Flatten`` and ``Unflatten``; ``Unfold`` and ``Fold`` with the formulas of torch's documentation."""

    def rule(self, use: Use) -> Outcome:
        rules = {"Flatten": _flatten, "Unflatten": _unflatten, "Unfold": _unfold, "Fold": _fold}
        return rules[use.entry.name](use)

    def positional(self, entry: Entry, arguments: Mapping[str, Argument]) -> int:
        return 2 if entry.name == "Unflatten" else super().positional(entry, arguments)


def _flatten(use: Use) -> Outcome:
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


def _unflatten(use: Use) -> Outcome:
    index, dims = expect_dim(use), use.input.dims
    target = use.value("unflattened_size")
    sizes = [size for size in use.dims("unflattened_size", len(target)) if size]
    if 0 in target or target.count(-1) > 1:
        raise ShapeError(f"and sizes are 1 or more, one of them may be -1; not {shape_text(target)}")
    split, product = dims[index], prod(size for size in target if size != -1)
    if -1 in target:
        if isinstance(split.size, int) and split.size % product:
            raise ShapeError(f"and {split.size} cannot be divided by {product}")
        sizes[target.index(-1)] = map_size(split, lambda size: size // product)
    elif split.size != product:
        raise ShapeError(f"and {shape_text(target)} has {product} elements, not {split.size}")
    return Outcome((replace(use.input, dims=(*dims[:index], *sizes, *dims[index + 1 :])),))


def _blocks(use: Use, dims: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """Return the number of windows in each dimension."""
    names = ("kernel_size", "dilation", "padding", "stride")
    windows = zip(dims, *(use.values(name, 2) for name in names))
    counts = tuple(
        map_size(dim, lambda size, k=k, d=d, p=p, s=s: (size + 2 * p - d * (k - 1) - 1) // s + 1)  # type: ignore[misc]
        for dim, k, d, p, s in windows
    )
    if any(isinstance(dim.size, int) and dim.size < 1 for dim in counts):
        raise ShapeError(f"and no window fits into {shape_text(tuple(dim.size for dim in dims))}")
    return counts


def _unfold(use: Use) -> Outcome:
    expect_float(use)
    expect_rank(use, (4,))
    batch, channels, *spatial = use.input.dims
    area = prod(use.values("kernel_size", 2))
    columns = multiply(_blocks(use, tuple(spatial)))
    return Outcome((replace(use.input, dims=(batch, map_size(channels, lambda size: size * area), columns)),))


def _fold(use: Use) -> Outcome:
    expect_float(use)
    if len(use.input.dims) != 3:
        raise ShapeError("and it takes (channels * window, windows)")
    batch, rows, columns = use.input.dims
    image = tuple(size for size in use.dims("output_size", 2) if size)
    area, windows = prod(use.values("kernel_size", 2)), multiply(_blocks(use, image)).size
    if isinstance(rows.size, int) and rows.size % area:
        raise ShapeError(f"and {rows.size} rows do not divide into windows of {area}")
    if columns.size != windows:
        raise ShapeError(f"and an image of {shape_text(tuple(d.size for d in image))} has {windows} windows")
    output = replace(use.input, dims=(batch, map_size(rows, lambda size: size // area), *image))
    return Outcome((expect_elements(output),))
