"""Layers that rearrange channels and pixels."""

from __future__ import annotations

from dataclasses import replace

from ..dims import ShapeError, map_size
from ..tensors import Dim
from .base import Family, Outcome, Use, expect_float


class Shuffle(Family):
    """``PixelShuffle``: (C r², H, W) to (C, H r, W r); ``PixelUnshuffle``: back; ``ChannelShuffle``: the same shape."""

    def rule(self, use: Use) -> Outcome:
        expect_float(use)
        if use.entry.name == "ChannelShuffle":
            return self._channels(use)
        if len(use.input.dims) < 4:
            raise ShapeError("and it takes (channels, height, width)")
        *leading, channels, height, width = use.input.dims
        if use.entry.name == "PixelShuffle":
            factor = use.value("upscale_factor")
            channels = _divided(channels, factor**2, "channels")
            height, width = (map_size(dim, lambda size: size * factor) for dim in (height, width))
        else:
            factor = use.value("downscale_factor")
            channels = map_size(channels, lambda size: size * factor**2)
            height, width = _divided(height, factor, "height"), _divided(width, factor, "width")
        return Outcome((replace(use.input, dims=(*leading, channels, height, width)),))

    def _channels(self, use: Use) -> Outcome:
        if len(use.input.dims) < 3:
            raise ShapeError("and it takes (channels, length), and more dimensions behind")
        _divided(use.input.dims[1], use.value("groups"), "channels")
        return Outcome((use.input,))


def _divided(dim: Dim, divisor: int, noun: str) -> Dim:
    if isinstance(dim.size, int) and dim.size % divisor:
        raise ShapeError(f"and its {noun}, {dim.size}, cannot be divided by {divisor}")
    return map_size(dim, lambda size: size // divisor)
