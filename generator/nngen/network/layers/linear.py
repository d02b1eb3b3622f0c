"""Linear and bilinear layers over the last dimension."""

from __future__ import annotations

from collections.abc import Sequence

from ...language.catalogue.entries import Entry
from ..dims import elements
from .base import Family, Outcome, Use, expect_float, expect_shape, features, known, with_dim
from .weights import LayerWeights, affine


class Linear(Family):
    """``nn.Linear`` and ``nn.Bilinear``, which replace the last dimension by ``out_features``.

    Linear is a matrix product, ``addmm_flop`` of ``torch.utils.flop_counter``.

    Bilinear, ``y_k = x1 A_k x2 + b_k``, uses all weights once for each output, then multiplies by the second input.
    torch's FlopCounterMode does not count it.
    """

    def rule(self, use: Use) -> Outcome:
        expect_float(use)
        return self._bilinear(use) if use.entry.name == "Bilinear" else self._linear(use)

    def _linear(self, use: Use) -> Outcome:
        in_features, out_features = features(use), use.dim("out_features")
        products = known(in_features.size) * known(out_features.size)
        output = with_dim(use.input, -1, out_features)
        return Outcome(
            (output,), inferred={"in_features": in_features}, flops=2 * products * elements(output.dims[:-1])
        )

    def _bilinear(self, use: Use) -> Outcome:
        first, second = use.inputs
        in1, in2, out_features = features(use), second.dims[-1], use.dim("out_features")
        expect_shape("the second input", second, (*first.sizes[:-1], in2.size))
        left, right, outgoing = known(in1.size), known(in2.size), known(out_features.size)
        output = with_dim(first, -1, out_features)
        return Outcome(
            (output,),
            inferred={"in1_features": in1, "in2_features": in2},
            flops=2 * outgoing * (left * right + right) * elements(output.dims[:-1]),
        )

    def weights(self, use: Use) -> Sequence[LayerWeights]:
        names = ("in1_features", "in2_features") if use.entry.name == "Bilinear" else ("in_features",)
        shape = (use.value("out_features"), *(use.value(name) for name in names))
        return (LayerWeights(affine(shape, use.value("bias"))),)

    def stem(self, entry: Entry) -> str:
        return "fc" if entry.name == "Linear" else "bilinear"
