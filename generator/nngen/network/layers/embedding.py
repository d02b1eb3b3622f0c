"""Embeddings of integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...language.catalogue.entries import Entry
from ..dims import ShapeError
from ..tensors import Argument, Dim, TensorType
from .base import Family, Outcome, Use, expect_shape, is_float, known
from .weights import LayerWeights


class Embedding(Family):
    """``Embedding`` and ``EmbeddingBag``; by default ``num_embeddings`` is inferred from the input's ``high``."""

    optional = ("offsets", "per_sample_weights")
    is_table = True

    def rule(self, use: Use) -> Outcome:
        if use.input.dtype not in ("int64", "int32"):
            raise ShapeError(f"of dtype {use.input.dtype}, and it takes whole numbers, int64")
        rows = self._rows(use)
        vector = use.dim("embedding_dim")
        bag = use.entry.name == "EmbeddingBag"
        leading = (self._bags(use),) if bag else use.input.dims
        return Outcome((TensorType((*leading, vector)),), inferred={"num_embeddings": rows})

    def weights(self, use: Use) -> Sequence[LayerWeights]:
        return (LayerWeights({"weight": (use.value("num_embeddings"), use.value("embedding_dim"))}),)

    def _rows(self, use: Use) -> Dim:
        high = use.input.high
        rows = use.dim("num_embeddings") if use.value("num_embeddings") is not None else high
        if rows is None:
            raise ShapeError("so write num_embeddings, or 'high' for the input: how many different numbers there are")
        count, index = known(rows.size), use.value("padding_idx")
        if high and isinstance(high.size, int) and high.size > count:
            raise ShapeError(f"whose numbers go up to {high.size - 1}, and {count} rows end at {count - 1}")
        if index is not None and not -count <= index < count:
            raise ShapeError(f"and padding_idx {index} is none of its {count} rows")
        return rows

    def _bags(self, use: Use) -> Dim:
        """Return the number of bags: one for each row of (N, length), or for each offset into (numbers,)."""
        offsets, weights = use.tensor("offsets"), use.tensor("per_sample_weights")
        if weights is not None:
            expect_shape("the tensor of weights", weights, use.input.sizes)
            if use.value("mode") != "sum" or not is_float(weights):
                raise ShapeError("and weights are floating point numbers, for mode 'sum' alone")
        if len(use.input.dims) != (2 if offsets is None else 1):
            raise ShapeError("and it takes (length,), or numbers in one row with their offsets")
        if use.value("include_last_offset") and (
            offsets is None or not isinstance(offsets.dims[0].size, int) or offsets.dims[0].size < 2
        ):
            raise ShapeError("and include_last_offset needs two offsets or more; with one torch corrupts memory")
        if offsets is None:
            return use.input.dims[0]
        if len(offsets.dims) != 1 or offsets.dtype != use.input.dtype:
            raise ShapeError(f"so offsets are one row of {use.input.dtype}")
        count = offsets.dims[0]
        return Dim(count.size - 1) if use.value("include_last_offset") else count

    def positional(self, entry: Entry, arguments: Mapping[str, Argument]) -> int:
        return 2
