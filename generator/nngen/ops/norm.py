"""Normalisation."""

from __future__ import annotations

from ..entries import Entry
from .base import Family, Outcome, ShapeError, Use, channels, expect_float, known


class Norm(Family):
    """``BatchNorm`` over channels and ``LayerNorm`` over the last dimension."""

    def supports(self, entry: Entry) -> bool:
        return entry.name.startswith("BatchNorm") or entry.name == "LayerNorm"

    def infer(self, use: Use) -> Outcome:
        expect_float(use)
        return self._layer_norm(use) if use.entry.name == "LayerNorm" else self._batch_norm(use)

    def _batch_norm(self, use: Use) -> Outcome:
        dims = use.entry.dims or 0
        features = channels(use, (2, 3) if dims == 1 else (dims + 2,))
        count = known(features.size)
        return Outcome(
            (use.input,),
            inferred={"num_features": features},
            parameters=self._affine(use, count, "affine"),
            buffers=2 * count + 1 if use.value("track_running_stats") else 0,
        )

    def _layer_norm(self, use: Use) -> Outcome:
        if len(use.input.dims) < 2:
            raise ShapeError("and it needs features beside the batch")
        features = use.input.dims[-1]
        parameters = self._affine(use, known(features.size), "elementwise_affine")
        return Outcome((use.input,), inferred={"normalized_shape": features}, parameters=parameters)

    def _affine(self, use: Use, count: int, switch: str) -> int:
        if not use.value(switch):
            return 0
        return 2 * count if use.value("bias") else count

    def stem(self, entry: Entry) -> str:
        return "bn" if entry.name.startswith("BatchNorm") else "norm"
