"""The families of layers, one file each."""

from __future__ import annotations

from ..entries import Entry
from . import activation, conv, linear, norm, pool, reshape
from .base import Family, Outcome, ShapeError, Use

__all__ = ["FAMILIES", "Family", "Outcome", "ShapeError", "Use", "family_of"]

FAMILIES: dict[str, Family] = {
    "activation": activation.Elementwise(),
    "softmax": activation.AlongDimension(),
    "dropout": activation.Dropout(),
    "linear": linear.Linear(),
    "conv": conv.Conv(),
    "pool": pool.Pool(),
    "adaptive_pool": pool.AdaptivePool(),
    "norm": norm.Norm(),
    "reshape": reshape.Reshape(),
}


def family_of(entry: Entry) -> Family | None:
    """The rules for a class; None where there are none yet."""
    family = FAMILIES.get(entry.family)
    return family if family and family.supports(entry) else None
