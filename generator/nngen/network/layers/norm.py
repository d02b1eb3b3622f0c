"""Normalisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...language.catalogue.entries import Entry
from ..dims import ShapeError, elements
from ..tensors import Argument
from .base import Family, Outcome, Use, channels, expect_float, expect_rank, features, known
from .weights import LayerWeights, Shapes, affine


class NormFamily(Family):
    """Layers that normalise their input and keep its shape; parameters as in torch's documentation."""

    def mixes_samples(self, entry: Entry) -> bool:
        return "BatchNorm" in entry.name

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
        """Return the outcome of BatchNorm, SyncBatchNorm and InstanceNorm."""
        dims, alone = use.entry.dims, use.entry.name.startswith("InstanceNorm")
        ranks = (2, 3, 4, 5) if dims is None else (2, 3) if dims == 1 and not alone else (dims + 2,)
        num_features = channels(use, ranks)
        known(num_features.size)
        if alone and elements(use.input.dims[2:]) == 1:
            raise ShapeError("and a channel of one element has no variance")
        return Outcome((use.input,), inferred={"num_features": num_features})

    def _over_features(self, use: Use) -> Outcome:
        return Outcome((use.input,), inferred={"normalized_shape": features(use)})

    def _over_groups(self, use: Use) -> Outcome:
        if len(use.input.dims) < 2:
            raise ShapeError("and it needs channels beside the batch")
        num_channels, groups = use.input.dims[1], use.value("num_groups")
        count = known(num_channels.size)
        if count % groups:
            raise ShapeError(f"and {count} channels do not divide into {groups} groups")
        return Outcome((use.input,), inferred={"num_channels": num_channels})

    def _over_neighbours(self, use: Use) -> Outcome:
        expect_rank(use, (4,) if use.entry.dims else (3, 4, 5))
        return Outcome((use.input,))

    def weights(self, use: Use) -> Sequence[LayerWeights]:
        if not (use.value("affine") or use.value("elementwise_affine")):
            return ()
        sizes = (use.value(name) for name in ("num_features", "num_channels", "normalized_shape"))
        size = next(size for size in sizes if size is not None)
        return (LayerWeights(affine((size,), use.value("bias"))),)  # RMSNorm has no bias

    def buffers(self, use: Use) -> Shapes:
        if not use.value("track_running_stats"):
            return {}
        shape = (use.value("num_features"),)
        return {"running_mean": shape, "running_var": shape, "num_batches_tracked": ()}

    def stem(self, entry: Entry) -> str:
        if entry.name == "GroupNorm":
            return "gn"
        return "bn" if "BatchNorm" in entry.name else "norm"

    def positional(self, entry: Entry, arguments: Mapping[str, Argument]) -> int:
        return 2 if entry.name == "GroupNorm" else super().positional(entry, arguments)
