"""Functions of ``torch.nn.functional`` without a layer: padding, resizing and one-hot vectors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

from ..dims import map_size, total
from ..symbolic.sizes import Size, Symbolic
from ..tensors import Dim
from .base import OperationUse, Parameter, ShapeError, TensorOperation, TensorType, keywords
from .reducing import expect_numbers
from .text import call

_PADDED_RANKS = {2: (2, 3), 4: (3, 4), 6: (4, 5)}  # ranks for modes other than constant, by the number of margins
_RANKS = {
    "nearest": (3, 4, 5),
    "nearest-exact": (3, 4, 5),
    "area": (3, 4, 5),
    "linear": (3,),
    "bilinear": (4,),
    "bicubic": (4,),
    "trilinear": (5,),
}
_ALIGNED = ("linear", "bilinear", "bicubic", "trilinear")
_FINEST = 2**16  # torch rounds products with scales of larger denominators


class Pad(TensorOperation):
    """``pad``: margins at both ends of dimensions, starting with the last dimension."""

    def __init__(self) -> None:
        modes = ("constant", "reflect", "replicate", "circular")
        super().__init__(
            "pad",
            Parameter("pad", ("int[]",), required=True),
            Parameter("mode", ("str",), default="constant", choices=modes),
            Parameter("value", ("float", "none")),
        )

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        dims, margins, mode = use.input.dims, use.dims("pad"), use.value("mode")
        if len(margins) % 2:
            raise ShapeError(f"and a margin of {len(margins)} numbers has no pair for each dimension")
        if len(margins) > 2 * len(dims):
            raise ShapeError(f"and a margin of {len(margins)} numbers is for {len(margins) // 2} dimensions")
        if mode != "constant":
            self._check_mode(use, margins)
        padded = list(dims)
        for index in range(0, len(margins), 2):
            place = len(dims) - 1 - index // 2
            padded[place] = total((dims[place], margins[index], margins[index + 1]))
        return (TensorType(tuple(padded), use.input.dtype),)

    def _check_mode(self, use: OperationUse, margins: Sequence[Dim]) -> None:
        dims, mode = use.input.dims, use.value("mode")
        if use.value("value"):
            raise ShapeError(f"and {mode} padding has no value")
        if len(dims) not in _PADDED_RANKS.get(len(margins), ()):
            ranks = {key: " or ".join(map(str, ranks)) for key, ranks in _PADDED_RANKS.items()}
            listed = ", ".join(f"{key} for {rank} dimensions" for key, rank in ranks.items())
            raise ShapeError(f"and {mode} padding takes as many numbers: {listed}, the batch counted")
        if mode != "circular" and use.input.dtype == "bool":
            raise ShapeError(f"of dtype bool, and {mode} padding takes numbers")
        for index, margin in enumerate(margins):
            size = dims[len(dims) - 1 - index // 2].size
            if isinstance(margin.size, Symbolic) or isinstance(size, Symbolic):
                continue
            if margin.size < 0 and mode != "constant":
                raise ShapeError(f"and {mode} padding cannot be negative")
            maximum = {"reflect": size - 1, "circular": size}.get(mode, margin.size)
            if margin.size > maximum:
                raise ShapeError(f"and {mode} padding of {size} is {maximum} at most, not {margin.size}")

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return call("F.pad", operands[0], arguments["pad"], keywords=keywords(use, arguments, "mode", "value"))


class Interpolate(TensorOperation):
    """``interpolate``: resizes the dimensions after the channels."""

    def __init__(self) -> None:
        super().__init__(
            "interpolate",
            Parameter("size", ("int", "int[]", "none"), minimum=1),
            Parameter("scale_factor", ("float", "float[]", "none"), minimum=0, exclusive_minimum=True),
            Parameter("mode", ("str",), default="nearest", choices=tuple(_RANKS)),
            Parameter("align_corners", ("bool", "none")),
            Parameter("antialias", ("bool",), default=False, keyword_only=True),
        )

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        dims, mode = use.input.dims, use.value("mode")
        expect_numbers(use, "float")
        if len(dims) not in _RANKS[mode]:
            listed = " or ".join(map(str, _RANKS[mode]))
            raise ShapeError(f"and {mode} takes {listed} dimensions, the batch counted")
        if use.value("align_corners") is not None and mode not in _ALIGNED:
            raise ShapeError(f"and align_corners has no meaning with {mode}; it goes with {', '.join(_ALIGNED)}")
        if use.value("antialias") and mode not in ("bilinear", "bicubic"):
            raise ShapeError("and antialias goes with bilinear and bicubic alone")
        return (replace(use.input, dims=(*dims[:2], *self._resized(use, dims[2:]))),)

    def _resized(self, use: OperationUse, dims: Sequence[Dim]) -> Sequence[Dim]:
        names = [name for name in ("size", "scale_factor") if use.value(name) is not None]
        if len(names) != 1:
            raise ShapeError("and it takes one of 'size' and 'scale_factor'")
        (name,) = names
        values = use.elements(name)
        if len(values) not in (1, len(dims)) or (isinstance(use.value(name), tuple) and len(values) != len(dims)):
            raise ShapeError(f"and {name} has {len(values)} elements for {len(dims)} dimensions")
        if name == "size":
            sizes = use.dims("size")
            return sizes if len(sizes) == len(dims) else sizes * len(dims)
        scales = values if len(values) == len(dims) else values * len(dims)
        return [map_size(dim, partial(_scaled, scale=scale)) for dim, scale in zip(dims, scales)]

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        extra = keywords(use, arguments, "size", "scale_factor", "mode", "align_corners", "antialias")
        return call("F.interpolate", operands[0], keywords=extra)


class OneHot(TensorOperation):
    """``one_hot``: a vector for each index, with 1 at the index and 0 elsewhere."""

    def __init__(self) -> None:
        super().__init__("one_hot", Parameter("num_classes", ("int",), required=True, minimum=1))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        if use.input.dtype != "int64":
            raise ShapeError(f"of dtype {use.input.dtype}, and it takes int64")
        classes = use.dim("num_classes")
        if isinstance(classes.size, int) and classes.size < 1:
            raise ShapeError("and how many classes there are must be given")
        high = use.input.high
        if high and isinstance(high.size, int) and isinstance(classes.size, int) and high.size > classes.size:
            raise ShapeError(f"whose numbers go up to {high.size - 1}, and {classes.size} classes end before")
        return (TensorType((*use.input.dims, classes), "int64"),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return call("F.one_hot", operands[0], arguments["num_classes"])


def _scaled(size: Any, scale: float) -> Size:
    """Return ``floor(size * scale)``, as torch computes it in double precision."""
    if isinstance(size, int):
        return math.floor(size * float(scale))
    fraction = Fraction(scale)
    if fraction.denominator > _FINEST:
        raise ShapeError(f"and {size} times {scale} is rounded in a way that depends on the size")
    scaled: Size = size * fraction.numerator
    return scaled // fraction.denominator


OPERATIONS: tuple[TensorOperation, ...] = (Pad(), Interpolate(), OneHot())
