"""Elementwise activations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...language.catalogue.entries import Entry
from ..dims import ShapeError
from ..tensors import Argument
from .base import Family, Outcome, Use, expect_float
from .weights import LayerWeights


class Elementwise(Family):
    """Layers that keep the shape. Only PReLU has weights, either one or one per channel."""

    def rule(self, use: Use) -> Outcome:
        if use.entry.name == "Identity":
            return Outcome((use.input,))
        expect_float(use)
        weights = use.value("num_parameters") if self.can_have_weights(use.entry) else 0
        if weights > 1 and (len(use.input.dims) < 2 or use.input.dims[1].size != weights):
            raise ShapeError(f"and {weights} parameters need as many channels")
        return Outcome((use.input,))

    def weights(self, use: Use) -> Sequence[LayerWeights]:
        if not self.can_have_weights(use.entry):
            return ()
        return (LayerWeights({"weight": (use.value("num_parameters"),)}),)

    def can_have_weights(self, entry: Entry) -> bool:
        return entry.name == "PReLU"

    def positional(self, entry: Entry, arguments: Mapping[str, Argument]) -> int:
        if entry.name == "GELU":
            return 0  # people write approximate="tanh"
        return 2 if entry.name == "Threshold" else super().positional(entry, arguments)
