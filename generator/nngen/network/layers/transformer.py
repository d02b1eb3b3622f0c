"""The Transformer, its layers and its stacks of layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...language.catalogue.entries import Entry
from ..dims import ShapeError
from ..symbolic.sizes import Size
from ..tensors import Argument, Module, TensorType
from .attention import Attention, MultiheadAttention, check_heads, check_masks, expect_sequences
from .base import Outcome, Use, expect_shape, known
from .norm import Norm

# masks of each class: of positions, of padding, and which inputs are the queries and the keys
MASKS = {
    "TransformerEncoder": (("mask", "src_key_padding_mask", 0, 0),),
    "TransformerEncoderLayer": (("src_mask", "src_key_padding_mask", 0, 0),),
    "TransformerDecoder": (
        ("tgt_mask", "tgt_key_padding_mask", 0, 0),
        ("memory_mask", "memory_key_padding_mask", 0, 1),
    ),
    "Transformer": (
        ("src_mask", "src_key_padding_mask", 0, 0),
        ("tgt_mask", "tgt_key_padding_mask", 1, 1),
        ("memory_mask", "memory_key_padding_mask", 1, 0),
    ),
}
MASKS["TransformerDecoderLayer"] = MASKS["TransformerDecoder"]


class AttentionFamily(MultiheadAttention):
    """``nn.MultiheadAttention`` and what is built of it; every part has the width of the input.

    An encoder's layer has one attention, a decoder's two; both have two Linear and a LayerNorm for each part, as
    their constructors in ``torch/nn/modules/transformer.py`` show. FLOPs are those of attention and Linear.
    """

    optional = tuple({name for masks in MASKS.values() for mask in masks for name in mask[:2]})

    def check_inputs(self, use: Use) -> None:
        if use.entry.name == "MultiheadAttention":
            super().check_inputs(use)
        else:
            super(MultiheadAttention, self).check_inputs(use)

    def rule(self, use: Use) -> Outcome:
        if use.entry.name == "MultiheadAttention":
            return super().rule(use)
        tensors = use.inputs[: use.entry.inputs]
        expect_sequences(use, tensors)
        first, last = use.input, tensors[-1]
        expect_shape("the second tensor", last, (first.sizes[0], last.sizes[1], first.sizes[2]))
        if use.entry.name in ("TransformerEncoder", "TransformerDecoder"):
            return _stack(use, tensors)
        return _transformer(use, tensors) if use.entry.name == "Transformer" else _layer(use, tensors)

    def stem(self, entry: Entry) -> str:
        stems = {"MultiheadAttention": "attention", "Transformer": "transformer"}
        return stems.get(entry.name, "encoder" if "Encoder" in entry.name else "decoder")

    def positional(self, entry: Entry, given: Mapping[str, Argument]) -> int:
        stack = entry.name in ("TransformerEncoder", "TransformerDecoder")
        return 1 if stack else super().positional(entry, given)

    def call(self, entry: Entry, inputs: Sequence[str], used: Sequence[str]) -> str:
        if entry.name == "MultiheadAttention":
            return super().call(entry, inputs, used)
        return ", ".join(inputs)


def _layer(use: Use, tensors: Sequence[TensorType]) -> Outcome:
    d_model, heads = use.input.dims[2], use.value("nhead")
    check_heads(d_model, heads)
    _check_masks(use, heads)
    parameters, flops = _counts(use, *(tensor.sizes[1] for tensor in tensors))
    return Outcome((use.input,), inferred={"d_model": d_model}, parameters=parameters, flops=flops)


def _counts(use: Use, length: Size, *memory: Size) -> tuple[int, Size]:
    """Parameters and FLOPs of one layer; a decoder's has a memory that it attends to."""
    width, inner, bias = known(use.input.dims[2].size), use.value("dim_feedforward"), use.value("bias")
    attention = Attention(width, width, width, bias)
    flops: Size = length * (4 * width * inner)
    for source in (length, *memory):
        flops = flops + attention.flops(length, source, source)
    linear = 2 * width * inner + (inner + width if bias else 0)
    attentions = 1 + len(memory)
    return attentions * attention.parameters + linear + (attentions + 1) * _norm(width, bias), flops


def _norm(width: int, bias: bool) -> int:
    return 2 * width if bias else width


def _transformer(use: Use, tensors: Sequence[TensorType]) -> Outcome:
    for name in ("custom_encoder", "custom_decoder"):
        if use.value(name) is not None:
            raise ShapeError(f"and of a {name} nothing is known; write the two stacks as items of their own")
    source, target = tensors
    d_model, heads, bias = source.dims[2], use.value("nhead"), use.value("bias")
    check_heads(d_model, heads)
    _check_masks(use, heads)
    encoder = _counts(use, source.sizes[1])
    decoder = _counts(use, target.sizes[1], source.sizes[1])
    layers = (use.value("num_encoder_layers"), use.value("num_decoder_layers"))
    return Outcome(
        (target,),
        inferred={"d_model": d_model},
        parameters=layers[0] * encoder[0] + layers[1] * decoder[0] + 2 * _norm(known(d_model.size), bias),
        flops=encoder[1] * layers[0] + decoder[1] * layers[1],
    )


def _stack(use: Use, tensors: tuple[TensorType, ...]) -> Outcome:
    name = "encoder_layer" if use.entry.name == "TransformerEncoder" else "decoder_layer"
    layer, norm, count = use.value(name), use.value("norm"), use.value("num_layers")
    wanted = f"{use.entry.name}Layer"
    if not isinstance(layer, Module) or layer.entry.name != wanted:
        raise ShapeError(f"so {name} has to be a {wanted}")
    inner = Use(layer.entry, layer.arguments, tensors)
    one = _layer(inner, tensors)
    _check_masks(use, inner.value("nhead"))
    completed = {name: _completed(layer, one)}
    parameters = count * one.parameters
    if norm is not None:
        if not isinstance(norm, Module) or norm.entry.name not in ("LayerNorm", "RMSNorm"):
            raise ShapeError("so norm has to be a LayerNorm or RMSNorm")
        normed = Norm().infer(Use(norm.entry, norm.arguments, tensors[:1]))
        completed["norm"] = _completed(norm, normed)
        parameters += normed.parameters
    return Outcome((use.input,), parameters=parameters, flops=one.flops * count, completed=completed)


def _completed(layer: Module, outcome: Outcome) -> Argument:
    inferred = {name: Argument(dim.size, dim.expression()) for name, dim in outcome.inferred.items()}
    return replace(layer, arguments={**inferred, **layer.arguments}).as_argument()


def _check_masks(use: Use, heads: int) -> None:
    for mask, padding, query, key in MASKS[use.entry.name]:
        check_masks(use, heads, use.inputs[query].dims[1], use.inputs[key].dims[1], mask, padding)
