"""Convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ...language.catalogue.entries import Entry
from ..dims import ShapeError, elements, map_size
from ..symbolic.sizes import Size
from ..tensors import Dim
from .base import Family, Outcome, Use, channels, expect_elements, expect_float, known
from .weights import LayerWeights


class Conv(Family):
    """``Conv1d``, ``Conv2d``, ``Conv3d``, with the formulas of torch's documentation.

    Each output position uses all weights of its group, as in ``conv_flop_count`` of ``torch.utils.flop_counter``.
    """

    optional_weights = ("bias",)

    def gains_from_channels_last(self, entry: Entry) -> bool:
        return entry.dims == 2

    def rule(self, use: Use) -> Outcome:
        dims = use.entry.dims or 0
        expect_float(use)
        in_channels = channels(use, (dims + 2,))
        out_channels, groups = use.dim("out_channels"), use.value("groups")
        outgoing, incoming = known(out_channels.size), known(in_channels.size)
        check_groups(incoming, outgoing, groups)
        kernel = use.values("kernel_size", dims)
        spatial = tuple(
            self._spatial(use, index, dim, size) for index, (dim, size) in enumerate(zip(use.input.dims[2:], kernel))
        )
        output = type(use.input)((use.input.dims[0], out_channels, *spatial), use.input.dtype)
        products = outgoing * incoming // groups * prod(kernel)
        return Outcome(
            (expect_elements(output),),
            inferred={"in_channels": in_channels},
            flops=2 * products * elements(spatial),
        )

    def weights(self, use: Use) -> Sequence[LayerWeights]:
        kernel = use.values("kernel_size", use.entry.dims or 0)
        incoming, outgoing, groups = (use.value(name) for name in ("in_channels", "out_channels", "groups"))
        shape = (outgoing, incoming // groups, *kernel)
        bias = {"bias": (outgoing,)} if use.value("bias") else {}
        return (LayerWeights({"weight": shape, **bias}),)

    def _spatial(self, use: Use, index: int, dim: Dim, kernel: int) -> Dim:
        count = use.entry.dims or 0
        stride, dilation = use.values("stride", count)[index], use.values("dilation", count)[index]
        padding, mode = use.value("padding"), use.value("padding_mode")
        if padding == "same":
            if stride != 1:
                raise ShapeError(f"and padding 'same' needs a stride of 1, not {stride}")
            before = (dilation * (kernel - 1)) // 2
            self._check_mode(mode, dim.size, dilation * (kernel - 1) - before)
            return dim
        amount = 0 if padding == "valid" else use.values("padding", count)[index]
        self._check_mode(mode, dim.size, amount)
        window = dilation * (kernel - 1) + 1
        if isinstance(dim.size, int) and dim.size + 2 * amount < window:
            raise ShapeError(f"and the window of {window} is larger than {dim.size} with padding {amount}")
        return map_size(dim, lambda size: (size + 2 * amount - window) // stride + 1)

    def _check_mode(self, mode: str, size: Size, amount: int) -> None:
        if not isinstance(size, int):
            return
        if mode == "reflect" and amount >= size:
            raise ShapeError(f"and reflecting {amount} at the border needs a size above {amount}, not {size}")
        if mode == "circular" and amount > size:
            raise ShapeError(f"and wrapping {amount} around needs a size of at least {amount}, not {size}")

    def stem(self, entry: Entry) -> str:
        return "conv"


def check_groups(incoming: int, outgoing: int, groups: int) -> None:
    """Check that input and output channels are divisible by the number of groups.

    Raises:
        ShapeError: when they are not.
    """
    for size, name in ((incoming, "input channels"), (outgoing, "out_channels")):
        if size % groups:
            raise ShapeError(f"and {size} {name} do not divide into {groups} groups")
