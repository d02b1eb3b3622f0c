"""The Transformer, its layers and its stacks of layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...language.catalogue.entries import Entry
from ..dims import ShapeError
from ..symbolic.sizes import Size
from ..tensors import Argument, Module, TensorType
from .attention import AttentionSizes, MultiheadAttention, check_heads, check_masks, expect_sequences, projections
from .base import Outcome, Use, expect_shape, known
from .norm import NormFamily
from .weights import LayerWeights, Shapes, affine, under

# masks of each class: names of the attention and the padding mask, indices of the inputs for queries and keys
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

_DECODER_FLAGS = {"tgt_is_causal": "tgt_mask", "memory_is_causal": "memory_mask"}


class AttentionFamily(MultiheadAttention):
    """``nn.MultiheadAttention`` and the layers built from it, all parts of which have the width of the input.

    An encoder layer has one attention, a decoder layer two; both have two Linear and a LayerNorm for each part, as in
    the constructors in ``torch/nn/modules/transformer.py``. FLOPs are those of attention and Linear.
    """

    flags = {
        "MultiheadAttention": {"is_causal": "attn_mask"},
        "TransformerEncoder": {"is_causal": "mask"},
        "TransformerEncoderLayer": {"is_causal": "src_mask"},
        "TransformerDecoder": _DECODER_FLAGS,
        "TransformerDecoderLayer": _DECODER_FLAGS,
        "Transformer": {"src_is_causal": "src_mask", **_DECODER_FLAGS},
    }
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

    def weights(self, use: Use) -> Sequence[LayerWeights]:
        match use.entry.name:
            case "MultiheadAttention":
                return super().weights(use)
            case "TransformerEncoder" | "TransformerDecoder":
                return self._weights_of_stack(use)
            case "Transformer":
                return _weights_of_transformer(use)
        return (LayerWeights(_weights_of_layer(use, "Decoder" in use.entry.name)),)

    def _weights_of_stack(self, use: Use) -> Sequence[LayerWeights]:
        layer = use.value("encoder_layer" if use.entry.name == "TransformerEncoder" else "decoder_layer")
        norm = use.value("norm")
        (inner,) = self.weights(Use(layer.entry, layer.arguments, ()))
        last = NormFamily().weights(Use(norm.entry, norm.arguments, ())) if norm is not None else ()
        stack = LayerWeights(under("layers.{}", inner.shapes), range(use.value("num_layers")))
        return (stack, *(group.under("norm") for group in last))

    def made_of(self, entry: Entry) -> tuple[str, ...]:
        return ("Linear",) if entry.name == "MultiheadAttention" else ("Linear", "LayerNorm", "MultiheadAttention")

    def stem(self, entry: Entry) -> str:
        stems = {"MultiheadAttention": "attention", "Transformer": "transformer"}
        return stems.get(entry.name, "encoder" if "Encoder" in entry.name else "decoder")

    def positional(self, entry: Entry, arguments: Mapping[str, Argument]) -> int:
        stack = entry.name in ("TransformerEncoder", "TransformerDecoder")
        return 1 if stack else super().positional(entry, arguments)

    def call(self, entry: Entry, inputs: Sequence[str], used: Sequence[str]) -> str:
        if entry.name == "MultiheadAttention":
            return super().call(entry, inputs, used)
        return ", ".join(inputs)


def _layer(use: Use, tensors: Sequence[TensorType]) -> Outcome:
    d_model, heads = use.input.dims[2], use.value("nhead")
    check_heads(d_model, heads)
    _check_masks(use, heads)
    flops = _flops(use, *(tensor.sizes[1] for tensor in tensors))
    return Outcome((use.input,), inferred={"d_model": d_model}, flops=flops)


def _flops(use: Use, length: Size, *memory: Size) -> Size:
    """Return the FLOPs of one layer; a decoder layer also attends to a memory of another length."""
    width = known(use.input.dims[2].size)
    attention = AttentionSizes(width, width, width)
    flops: Size = length * (4 * width * use.value("dim_feedforward"))
    for source in (length, *memory):
        flops = flops + attention.flops(length, source, source)
    return flops


def _weights_of_layer(use: Use, decoder: bool) -> Shapes:
    width, inner, bias = use.value("d_model"), use.value("dim_feedforward"), use.value("bias")
    out = under("out_proj", affine((width, width), bias))
    attention = {**projections(width, width, width, bias), **out}
    parts: dict[str, Shapes] = {"self_attn": attention, **({"multihead_attn": attention} if decoder else {})}
    parts |= {"linear1": affine((inner, width), bias), "linear2": affine((width, inner), bias)}
    parts |= {f"norm{number}": affine((width,), bias) for number in range(1, 4 if decoder else 3)}
    return {name: shape for part, shapes in parts.items() for name, shape in under(part, shapes).items()}


def _weights_of_transformer(use: Use) -> Sequence[LayerWeights]:
    norm = LayerWeights(affine((use.value("d_model"),), use.value("bias")))
    weights: list[LayerWeights] = []
    for part in ("encoder", "decoder"):
        layer = under(f"{part}.layers.{{}}", _weights_of_layer(use, part == "decoder"))
        layers = LayerWeights(layer, range(use.value(f"num_{part}_layers")))
        weights += [layers, norm.under(f"{part}.norm")]
    return weights


def _transformer(use: Use, tensors: Sequence[TensorType]) -> Outcome:
    for name in ("custom_encoder", "custom_decoder"):
        if use.value(name) is not None:
            raise ShapeError(f"and of a {name} nothing is known; write the two stacks as items of their own")
    source, target = tensors
    d_model, heads = source.dims[2], use.value("nhead")
    check_heads(d_model, heads)
    _check_masks(use, heads)
    encoder = _flops(use, source.sizes[1]) * use.value("num_encoder_layers")
    decoder = _flops(use, target.sizes[1], source.sizes[1]) * use.value("num_decoder_layers")
    return Outcome((target,), inferred={"d_model": d_model}, flops=encoder + decoder)


def _stack(use: Use, tensors: tuple[TensorType, ...]) -> Outcome:
    name = "encoder_layer" if use.entry.name == "TransformerEncoder" else "decoder_layer"
    layer, norm, count = use.value(name), use.value("norm"), use.value("num_layers")
    expected = f"{use.entry.name}Layer"
    if not isinstance(layer, Module) or layer.entry.name != expected:
        raise ShapeError(f"so {name} has to be a {expected}")
    inner = Use(layer.entry, layer.arguments, tensors)
    outcome = _layer(inner, tensors)
    _check_masks(use, inner.value("nhead"))
    completed = {name: _completed(layer, outcome)}
    if norm is not None:
        if not isinstance(norm, Module) or norm.entry.name not in ("LayerNorm", "RMSNorm"):
            raise ShapeError("so norm has to be a LayerNorm or RMSNorm")
        completed["norm"] = _completed(norm, NormFamily().infer(Use(norm.entry, norm.arguments, tensors[:1])))
    return Outcome((use.input,), flops=outcome.flops * count, completed=completed)


def _completed(layer: Module, outcome: Outcome) -> Argument:
    inferred = {name: Argument(dim.size, dim.expression()) for name, dim in outcome.inferred.items()}
    return replace(layer, arguments={**inferred, **layer.arguments}).as_argument()


def _check_masks(use: Use, heads: int) -> None:
    for mask, padding, query, key in MASKS[use.entry.name]:
        check_masks(use, heads, use.inputs[query].dims[1], use.inputs[key].dims[1], mask, padding)
