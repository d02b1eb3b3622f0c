"""Transposed convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ...language.catalogue.entries import Entry
from ..dims import ShapeError, elements, map_size
from ..tensors import Dim
from .base import Family, Outcome, Use, channels, expect_elements, expect_float, known
from .conv import check_groups
from .weights import LayerWeights


class ConvTranspose(Family):
    """``ConvTranspose1d``, ``2d``, ``3d``, with the formulas of torch's documentation.

    Each input element is multiplied by all weights of its group, so FLOPs depend on the input's size, as in
    ``conv_flop_count(..., transposed=True)`` of ``torch.utils.flop_counter``.
    """

    optional_weights = ("bias",)

    def rule(self, use: Use) -> Outcome:
        dims = use.entry.dims or 0
        expect_float(use)
        in_channels = channels(use, (dims + 2,))
        out_channels = use.dim("out_channels")
        outgoing, incoming = known(out_channels.size), known(in_channels.size)
        check_groups(incoming, outgoing, use.value("groups"))
        spatial = tuple(self._spatial(use, index, dim) for index, dim in enumerate(use.input.dims[2:]))
        products = incoming * outgoing // use.value("groups") * prod(use.values("kernel_size", dims))
        output = type(use.input)((use.input.dims[0], out_channels, *spatial), use.input.dtype)
        return Outcome(
            (expect_elements(output),),
            inferred={"in_channels": in_channels},
            flops=2 * products * elements(use.input.dims[2:]),
        )

    def weights(self, use: Use) -> Sequence[LayerWeights]:
        kernel = use.values("kernel_size", use.entry.dims or 0)
        incoming, outgoing, groups = (use.value(name) for name in ("in_channels", "out_channels", "groups"))
        shape = (incoming, outgoing // groups, *kernel)
        bias = {"bias": (outgoing,)} if use.value("bias") else {}
        return (LayerWeights({"weight": shape, **bias}),)

    def _spatial(self, use: Use, index: int, dim: Dim) -> Dim:
        names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
        kernel, stride, padding, extra, dilation = (use.values(name, use.entry.dims or 0)[index] for name in names)
        if extra >= max(stride, dilation):
            raise ShapeError(f"and output_padding {extra} is not less than stride {stride} or dilation {dilation}")
        grown = dilation * (kernel - 1) + 1 + extra - 2 * padding
        return map_size(dim, lambda size: (size - 1) * stride + grown)

    def stem(self, entry: Entry) -> str:
        return "deconv"
