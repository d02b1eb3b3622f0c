"""Linear layers over the last dimension."""

from __future__ import annotations

from ..entries import Entry
from .base import Family, Outcome, ShapeError, Use, elements, expect_float, known, with_dim


class Linear(Family):
    """``nn.Linear``: the last dimension becomes ``out_features``."""

    def supports(self, entry: Entry) -> bool:
        return entry.name == "Linear"

    def infer(self, use: Use) -> Outcome:
        expect_float(use)
        if len(use.input.dims) < 2:
            raise ShapeError("and it needs features beside the batch")
        in_features, out_features = use.input.dims[-1], use.dim("out_features")
        weights = known(in_features.size) * known(out_features.size)
        output = with_dim(use.input, -1, out_features)
        return Outcome(
            (output,),
            inferred={"in_features": in_features},
            parameters=weights + (known(out_features.size) if use.value("bias") else 0),
            flops=2 * weights * elements(output.dims[:-1]),
        )

    def stem(self, entry: Entry) -> str:
        return "fc"
