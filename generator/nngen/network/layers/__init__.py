"""The families of layers, each in its own file."""

from __future__ import annotations

from ...language.catalogue.entries import Entry
from ..dims import ShapeError
from . import (
    activation,
    adaptive_pool,
    conv,
    conv_transpose,
    distance,
    dropout,
    embedding,
    linear,
    norm,
    padding,
    pool,
    recurrent,
    reshape,
    shuffle,
    softmax,
    transformer,
    unpool,
    upsample,
)
from .base import Family, Outcome, Use, numbered, parts

__all__ = ["FAMILIES", "Family", "Outcome", "ShapeError", "Use", "family_of", "made_of", "numbered", "parts"]

FAMILIES: dict[str, Family] = {
    "activation": activation.Elementwise(),
    "adaptive_pool": adaptive_pool.AdaptivePool(),
    "attention": transformer.AttentionFamily(),
    "conv": conv.Conv(),
    "conv_transpose": conv_transpose.ConvTranspose(),
    "distance": distance.Distance(),
    "dropout": dropout.Dropout(),
    "embedding": embedding.Embedding(),
    "linear": linear.Linear(),
    "norm": norm.NormFamily(),
    "padding": padding.Padding(),
    "pool": pool.Pool(),
    "recurrent": recurrent.Recurrent(),
    "recurrent_cell": recurrent.Cell(),
    "reshape": reshape.ReshapeFamily(),
    "shuffle": shuffle.Shuffle(),
    "softmax": softmax.AlongDimension(),
    "unpool": unpool.Unpool(),
    "upsample": upsample.Upsample(),
}


def family_of(entry: Entry) -> Family | None:
    """Return the family with the rules for a class; None if nngen has no rules for it."""
    return FAMILIES.get(entry.family)


def made_of(entry: Entry) -> tuple[str, ...]:
    """Return the classes of the modules inside a layer: a TransformerEncoderLayer has Linear."""
    family = family_of(entry)
    return family.made_of(entry) if family else ()
