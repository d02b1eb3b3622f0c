"""Normalisation."""

from __future__ import annotations

from collections.abc import Mapping

from ...language.catalogue.entries import Entry
from ..dims import ShapeError, elements
from ..tensors import Argument
from .base import Family, Outcome, Use, channels, expect_float, expect_rank, features, known


class Norm(Family):
    """Layers that keep the shape and scale what flows; formulas of parameters as in torch's documentation."""

    def rule(self, use: Use) -> Outcome:
        expect_float(use)
        name = use.entry.name
        if name in ("LayerNorm", "RMSNorm"):
            return self._over_features(use)
        if name == "GroupNorm":
            return self._over_groups(use)
        if name in ("LocalResponseNorm", "CrossMapLRN2d"):
            return self._over_neighbours(use)
        return self._over_channels(use)

    def _over_channels(self, use: Use) -> Outcome:
        """BatchNorm, SyncBatchNorm and InstanceNorm."""
        dims, alone = use.entry.dims, use.entry.name.startswith("InstanceNorm")
        ranks = (2, 3, 4, 5) if dims is None else (2, 3) if dims == 1 and not alone else (dims + 2,)
        num_features = channels(use, ranks)
        count = known(num_features.size)
        if alone and elements(use.input.dims[2:]) == 1:
            raise ShapeError("and a channel of one element has no variance")
        return Outcome(
            (use.input,),
            inferred={"num_features": num_features},
            parameters=self._affine(use, count, "affine"),
            buffers=2 * count + 1 if use.value("track_running_stats") else 0,
        )

    def _over_features(self, use: Use) -> Outcome:
        last = features(use)
        parameters = self._affine(use, known(last.size), "elementwise_affine")
        return Outcome((use.input,), inferred={"normalized_shape": last}, parameters=parameters)

    def _over_groups(self, use: Use) -> Outcome:
        if len(use.input.dims) < 2:
            raise ShapeError("and it needs channels beside the batch")
        num_channels, groups = use.input.dims[1], use.value("num_groups")
        count = known(num_channels.size)
        if count % groups:
            raise ShapeError(f"and {count} channels do not divide into {groups} groups")
        parameters = self._affine(use, count, "affine")
        return Outcome((use.input,), inferred={"num_channels": num_channels}, parameters=parameters)

    def _over_neighbours(self, use: Use) -> Outcome:
        expect_rank(use, (4,) if use.entry.dims else (3, 4, 5))
        return Outcome((use.input,))

    def _affine(self, use: Use, count: int, switch: str) -> int:
        if not use.value(switch):
            return 0
        return 2 * count if use.value("bias") else count  # RMSNorm has no bias

    def stem(self, entry: Entry) -> str:
        if entry.name == "GroupNorm":
            return "gn"
        return "bn" if "BatchNorm" in entry.name else "norm"

    def positional(self, entry: Entry, given: Mapping[str, Argument]) -> int:
        return 2 if entry.name == "GroupNorm" else super().positional(entry, given)
