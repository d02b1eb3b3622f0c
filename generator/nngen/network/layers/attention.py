"""Multi-head attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...language.catalogue.entries import Entry
from ..dims import ShapeError, map_size
from ..symbolic.sizes import Size
from ..tensors import Dim, TensorType, shape_text
from .base import Family, Outcome, Use, expect_float, expect_shape, is_float, known
from .weights import LayerWeights, Shape, Shapes, affine, under


class MultiheadAttention(Family):
    """``nn.MultiheadAttention``; a single input is query, key and value at once.

    FLOPs as in FlopCounterMode without a fused kernel: each projection once per position, and ``2 * 2 * L * S * E``
    for both products of attention.
    """

    optional: tuple[str, ...] = ("key_padding_mask",)

    def check_inputs(self, use: Use) -> None:
        if len(use.inputs) not in (1, 3, 4):
            raise ShapeError(f"and it takes one tensor, or query, key and value, not {len(use.inputs)} tensors")

    def rule(self, use: Use) -> Outcome:
        expect_sequences(use, use.inputs[:3])
        query, key, value = use.inputs[:3] if len(use.inputs) > 1 else use.inputs * 3
        batch, length, embed_dim = query.dims
        source, kdim, vdim = key.dims[1], key.dims[2], value.dims[2]
        expect_shape("the key", key, (batch.size, source.size, kdim.size))
        expect_shape("the value", value, (batch.size, source.size, vdim.size))
        heads = use.value("num_heads")
        check_heads(embed_dim, heads)
        check_masks(use, heads, length, source, "attn_mask", "key_padding_mask")
        more = (1 if use.value("add_bias_kv") else 0) + (1 if use.value("add_zero_attn") else 0)
        seen = map_size(source, lambda size: size + more)
        sizes = AttentionSizes(known(embed_dim.size), known(kdim.size), known(vdim.size))
        others = {name: dim for name, dim in (("kdim", kdim), ("vdim", vdim)) if dim.size != embed_dim.size}
        return Outcome(
            (query, TensorType((batch, length, seen), query.dtype)),
            inferred={"embed_dim": embed_dim, **others},
            flops=sizes.flops(length.size, source.size, seen.size),
        )

    def weights(self, use: Use) -> Sequence[LayerWeights]:
        size = use.value("embed_dim")
        shapes = projections(size, use.value("kdim") or size, use.value("vdim") or size, use.value("bias"))
        if use.value("add_bias_kv"):
            shapes = {**shapes, "bias_k": (1, 1, size), "bias_v": (1, 1, size)}
        return (LayerWeights({**shapes, **under("out_proj", affine((size, size), use.value("bias")))}),)

    def made_of(self, entry: Entry) -> tuple[str, ...]:
        return ("Linear",)

    def stem(self, entry: Entry) -> str:
        return "attention"

    def call(self, entry: Entry, inputs: Sequence[str], used: Sequence[str]) -> str:
        """Return the arguments of a call; unused attention weights are turned off, for torch's fast kernels."""
        arguments = [*inputs] * 3 if len(inputs) == 1 else [*inputs]
        return ", ".join(arguments if "weights" in used else [*arguments, "need_weights=False"])


@dataclass(frozen=True, slots=True)
class AttentionSizes:
    """The number of features of the queries, keys and values."""

    embed: int
    kdim: int
    vdim: int

    def flops(self, length: Size, source: Size, seen: Size) -> Size:
        """Return the FLOPs of ``length`` queries over ``source`` keys; ``seen`` includes keys that the layer adds."""
        projections = 2 * length * self.embed * 2 * self.embed + source * (2 * self.embed * (self.kdim + self.vdim))
        return projections + length * seen * (4 * self.embed)


def projections(embed: int, kdim: int, vdim: int, bias: bool) -> Shapes:
    """Return the shapes of the projections of query, key and value; one matrix if all have the same features."""
    shapes: dict[str, Shape] = {"in_proj_weight": (3 * embed, embed)}
    if (kdim, vdim) != (embed, embed):
        shapes = {"q_proj_weight": (embed, embed), "k_proj_weight": (embed, kdim), "v_proj_weight": (embed, vdim)}
    return {**shapes, **({"in_proj_bias": (3 * embed,)} if bias else {})}


def expect_sequences(use: Use, tensors: Sequence[TensorType]) -> None:
    """Check that tensors are floating-point sequences of shape (N, time, features).

    Raises:
        ShapeError: for a tensor of another shape or dtype.
    """
    expect_float(replace(use, inputs=tuple(tensors)))
    for tensor in tensors:
        if len(tensor.dims) != 3:
            difference = "" if tensor is use.input else f", not {shape_text(tensor.sample_shape)}"
            raise ShapeError(f"and it takes (time, features){difference}")


def check_heads(embed_dim: Dim, heads: int) -> None:
    """Check that the number of features is divisible by that of heads.

    Raises:
        ShapeError: when it is not.
    """
    if known(embed_dim.size) % heads:
        raise ShapeError(f"and {embed_dim.size} features do not divide into {heads} heads")


def check_masks(use: Use, heads: int, length: Dim, source: Dim, mask: str, padding: str) -> None:
    """Check the attention mask and the padding mask, if they are given.

    Raises:
        ShapeError: for a wrong shape or dtype.
    """
    batch = use.input.dims[0].size
    positions = (length.size, source.size)
    for name, shapes in ((mask, (positions, (heads * batch, *positions))), (padding, ((batch, source.size),))):
        tensor = use.tensor(name)
        if tensor is None:
            continue
        expect_shape(name, tensor, *shapes)
        if tensor.dtype != "bool" and not is_float(tensor):
            raise ShapeError(f"and {name} is of dtype {tensor.dtype}; a mask is bool, or float and added")
