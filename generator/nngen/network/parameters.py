"""The parameters of a network by their names, as ``named_parameters`` of torch has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from math import prod
from typing import Any, Union

from ..description.description import BlockCall, Import, Layer, Own
from ..language.catalogue.entries import Entry
from .graph import Body, Fork, Nested, Node, Received, attribute_of
from .layers import Use
from .symbolic.sizes import Size
from .tensors import Argument
from .typed import ClassUse, Typed, TypedNetwork

Shape = tuple[int, ...]
Path = tuple[Union[str, int, tuple[int]], ...]  # to a module: classes by name, nodes by number, rounds as (number,)
MAX_WEIGHTS = 100_000


@dataclass(frozen=True, slots=True)
class Weight:
    """A parameter; one without a shape stands for all of a layer that nngen knows only the number of."""

    name: str
    shape: Shape | None
    layer: str  # the class of torch, "" for a parameter of the model's own
    promise: tuple[Size, ...] = ()  # of the author's own code: the shape that it gives, with the batch
    part: str = ""  # its name in the module that has it
    path: Path = ()  # to that module


def named_weights(typed: TypedNetwork) -> list[Weight]:
    """The parameters of the model, when ``tie`` or ``init`` ask for them; of an enormous network the first ones."""
    if not typed.network.tie and not typed.network.init:
        return []  # a short description can have millions of them
    return all_weights(typed)


def all_weights(typed: TypedNetwork) -> list[Weight]:
    """The parameters of the model; of an enormous network the first ones."""
    if len(typed.models) == 1:
        return list(islice(weights(typed.models[0]), MAX_WEIGHTS))
    return list(islice((each for model in typed.models for each in _of_part(model)), MAX_WEIGHTS))


def own_code(typed: TypedNetwork) -> dict[str, tuple[Size, ...]]:
    """The modules of the author's own code by their names, with the shapes that they promise without the batch."""
    if not any(isinstance(node.action, Import) for use in typed.all_uses for node in use.graph.walk()):
        return {}  # most descriptions have none, and walking through all rounds takes time
    many = len(typed.models) > 1
    found = [each for model in typed.models for each in (_of_part(model, True) if many else weights(model, True))]
    return {each.name.removesuffix(".*"): each.promise[1:] for each in found if each.promise}


def _of_part(model: ClassUse, everything: bool = False) -> Iterator[Weight]:
    for each in weights(model, everything):
        yield replace(each, name=f"{attribute_of(model.graph)}.{each.name}")


def weights(use: ClassUse, everything: bool = False) -> Iterator[Weight]:
    """The parameters of a class as its uses build it; of a loop those of the first round.

    With `everything` also the buffers that a state_dict has, and all rounds.
    """
    body = use.graph.body
    if use.graph.sequential:
        found = _elements(body.nodes, use.types, "", everything)
    else:
        found = _of_body(body, use.types, everything)
    for each in found:
        yield replace(each, path=(use.graph.class_name, *each.path))


def _of_body(body: Body, types: Mapping[int, Typed], everything: bool) -> Iterator[Weight]:
    for node in body.nodes:
        match node.action:
            case Fork(branches):
                for name, inner, plain in branches:
                    nodes = inner.nodes[1:]
                    if not plain:
                        yield from _of_body(inner, types, everything)
                    elif len(nodes) == 1 and nodes[0].repeat is None and not isinstance(nodes[0].action, Nested):
                        yield from _of_module(nodes[0], types, name, everything)
                    else:
                        yield from _elements(nodes, types, f"{name}.", everything)
            case Nested(inner, _, False):
                yield from _of_body(inner, types, everything)
            case _:
                yield from _of_node(node, types, node.attribute, everything)


def _elements(nodes: tuple[Node, ...], types: Mapping[int, Typed], prefix: str, everything: bool) -> Iterator[Weight]:
    """Those of the elements of an ``nn.Sequential``."""
    index = 0
    for node in nodes:
        if isinstance(node.action, Received):
            continue
        typed = types.get(node.id)
        if typed is not None and typed.loop is not None:
            width = len(node.action.body.nodes) - 1 if isinstance(node.action, Nested) else 1
            yield from _rounds(node, types, prefix, index, everything)
            index += width * typed.loop.rounds
        else:
            yield from _of_module(node, types, f"{prefix}{index}", everything)
            index += 1


def _of_node(node: Node, types: Mapping[int, Typed], name: str, everything: bool) -> Iterator[Weight]:
    typed = types.get(node.id)
    if typed is not None and typed.loop is not None:
        yield from _rounds(node, types, f"{name}.", 0, everything)
    else:
        yield from _of_module(node, types, name, everything)


def _rounds(node: Node, types: Mapping[int, Typed], prefix: str, index: int, everything: bool) -> Iterator[Weight]:
    loop = types[node.id].loop
    assert loop is not None
    inner = node.action.body.nodes[1:] if isinstance(node.action, Nested) else (node,)
    for turn in range(loop.rounds if everything else min(loop.rounds, 1)):
        of_round = loop.each[turn] if loop.each and everything else types
        for place, each in enumerate(inner):
            name = f"{prefix}{index + turn * len(inner) + place}"
            for weight in _of_module(each, of_round, name, everything):
                yield replace(weight, path=((turn,), *weight.path))


def _of_module(node: Node, types: Mapping[int, Typed], name: str, everything: bool) -> Iterator[Weight]:
    typed = types.get(node.id)
    if typed is None or not typed.active:
        return
    match node.action:
        case Layer(entry):
            shapes = layer_weights(entry, typed.arguments)
            if shapes is None:
                given = {key: argument.value for key, argument in typed.arguments.items()}
                whole = Weight(f"{name}.*", None, f"{entry.name} {given}", part="*", path=(node.id,))
                yield whole if everything else Weight(name, None, entry.name)
            kept = layer_buffers(entry, typed.arguments) if everything else {}
            for part, shape in {**(shapes or {}), **kept}.items():
                yield Weight(f"{name}.{part}", shape, entry.name, part=part, path=(node.id,))
        case BlockCall() if typed.inner is not None:
            for each in weights(typed.inner, everything):
                yield replace(each, name=f"{name}.{each.name}", path=(node.id, *each.path))
        case Nested(body):
            yield from _elements(body.nodes, types, f"{name}.", everything)
        case Own(kind):
            if kind == "parameter" or everything:
                yield Weight(name, tuple(typed.arguments["shape"].value), "", path=(node.id,))
        case Import(_, attribute):
            whole = Weight(f"{name}.*", None, attribute, typed.outputs[0].sizes, part="*", path=(node.id,))
            yield whole if everything else replace(whole, name=name)


def layer_buffers(entry: Entry, arguments: Mapping[str, Argument]) -> dict[str, Shape]:
    """The buffers that a layer's state_dict has beside its parameters."""
    use = Use(entry, arguments, ())
    if not _has(use, "track_running_stats") or not use.value("track_running_stats"):
        return {}
    shape = (use.value("num_features"),)
    return {"running_mean": shape, "running_var": shape, "num_batches_tracked": ()}


def layer_weights(entry: Entry, arguments: Mapping[str, Argument]) -> dict[str, Shape] | None:
    """The parameters of a layer with their shapes, as torch's constructor makes them; None where that is not known."""
    use = Use(entry, arguments, ())
    name = entry.name
    if name == "Linear":
        return _affine((use.value("out_features"), use.value("in_features")), use.value("bias"))
    if name == "Bilinear":
        sizes = (use.value("out_features"), use.value("in1_features"), use.value("in2_features"))
        return _affine(sizes, use.value("bias"))
    if name.startswith("Conv") and entry.dims:
        return _convolution(use, entry.dims, name.startswith("ConvTranspose"))
    if name in ("Embedding", "EmbeddingBag"):
        return {"weight": (use.value("num_embeddings"), use.value("embedding_dim"))}
    if name == "PReLU":
        return {"weight": (use.value("num_parameters"),)}
    if entry.family == "norm":
        return _norm(use)
    if name == "MultiheadAttention":
        return _attention(use)
    if entry.family == "recurrent":
        return _recurrent(use)
    if entry.kind != "layer":
        return None
    return _transformer(use) if "Transformer" in name else {}


def _affine(shape: Shape, bias: bool) -> dict[str, Shape]:
    return {"weight": shape, **({"bias": shape[:1]} if bias else {})}


def _convolution(use: Use, dims: int, transposed: bool) -> dict[str, Shape]:
    incoming, outgoing, groups = use.value("in_channels"), use.value("out_channels"), use.value("groups")
    first, second = (incoming, outgoing) if transposed else (outgoing, incoming)
    found: dict[str, Shape] = {"weight": (first, second // groups, *use.each("kernel_size", dims))}
    return found | ({"bias": (outgoing,)} if use.value("bias") else {})


def _norm(use: Use) -> dict[str, Shape]:
    sizes = next((use.value(key) for key in ("normalized_shape", "num_channels", "num_features") if _has(use, key)), ())
    shape = sizes if isinstance(sizes, tuple) else (sizes,)
    switch = "elementwise_affine" if use.entry.parameter("elementwise_affine") else "affine"
    if not use.entry.parameter(switch) or not use.value(switch):
        return {}
    bias = use.value("bias") if use.entry.parameter("bias") else not use.entry.name.startswith("RMS")
    return {"weight": shape, **({"bias": shape} if bias else {})}


def _has(use: Use, name: str) -> bool:
    return use.entry.parameter(name) is not None


def _attention(use: Use) -> dict[str, Shape]:
    size = use.value("embed_dim")
    kdim, vdim = use.value("kdim") or size, use.value("vdim") or size
    found: dict[str, Shape] = {"in_proj_weight": (3 * size, size)}
    if (kdim, vdim) != (size, size):
        found = {"q_proj_weight": (size, size), "k_proj_weight": (size, kdim), "v_proj_weight": (size, vdim)}
    if use.value("bias"):
        found |= {"in_proj_bias": (3 * size,), "out_proj.bias": (size,)}
    if use.value("add_bias_kv"):
        found |= {"bias_k": (1, 1, size), "bias_v": (1, 1, size)}
    return {**found, "out_proj.weight": (size, size)}


def _transformer(use: Use) -> dict[str, Shape] | None:
    name = use.entry.name
    if name.endswith("Layer"):
        return _transformer_layer(use, name == "TransformerDecoderLayer")
    if name == "Transformer":
        norm = _norm_of(use.value("d_model"), use.value("bias"))
        encoder = _stack(_transformer_layer(use, False), use.value("num_encoder_layers"), norm)
        decoder = _stack(_transformer_layer(use, True), use.value("num_decoder_layers"), norm)
        return {**_under("encoder", encoder), **_under("decoder", decoder)}
    inner = use.value("encoder_layer" if name == "TransformerEncoder" else "decoder_layer")
    norm = use.value("norm")
    one = layer_weights(inner.entry, inner.arguments)
    last = layer_weights(norm.entry, norm.arguments) if norm else {}
    return None if one is None or last is None else _stack(one, use.value("num_layers"), last)


def _stack(layer: dict[str, Shape], count: int, norm: dict[str, Shape]) -> dict[str, Shape]:
    layers = {f"layers.{index}.{name}": shape for index in range(count) for name, shape in layer.items()}
    return layers | _under("norm", norm)


def _transformer_layer(use: Use, decoder: bool) -> dict[str, Shape]:
    width, inner, bias = use.value("d_model"), use.value("dim_feedforward"), use.value("bias")
    attention: dict[str, Shape] = {"in_proj_weight": (3 * width, width), "out_proj.weight": (width, width)}
    if bias:
        attention |= {"in_proj_bias": (3 * width,), "out_proj.bias": (width,)}
    parts = {"self_attn": attention, **({"multihead_attn": attention} if decoder else {})}
    parts |= {"linear1": _affine((inner, width), bias), "linear2": _affine((width, inner), bias)}
    parts |= {f"norm{number}": _norm_of(width, bias) for number in range(1, 4 if decoder else 3)}
    return {name: shape for part, weights in parts.items() for name, shape in _under(part, weights).items()}


def _norm_of(width: int, bias: bool) -> dict[str, Shape]:
    return {"weight": (width,), **({"bias": (width,)} if bias else {})}


def _under(prefix: str, weights: Mapping[str, Shape]) -> dict[str, Shape]:
    return {f"{prefix}.{name}": shape for name, shape in weights.items()}


def _recurrent(use: Use) -> dict[str, Shape]:
    kind = use.entry.name
    cell = kind.endswith("Cell")
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind.removesuffix("Cell")]
    hidden = use.value("hidden_size")
    output = hidden if cell else use.value("proj_size") or hidden
    directions = [""] if cell or not use.value("bidirectional") else ["", "_reverse"]
    found: dict[str, Shape] = {}
    for layer in range(1 if cell else use.value("num_layers")):
        incoming = use.value("input_size") if layer == 0 else len(directions) * output
        for direction in directions:
            end = "" if cell else f"_l{layer}{direction}"
            found |= {f"weight_ih{end}": (gates * hidden, incoming), f"weight_hh{end}": (gates * hidden, output)}
            if use.value("bias"):
                found |= {f"bias_ih{end}": (gates * hidden,), f"bias_hh{end}": (gates * hidden,)}
            if output != hidden:
                found[f"weight_hr{end}"] = (output, hidden)
    return found


def size(weight: Weight) -> int:
    """How many numbers a parameter has."""
    return prod(weight.shape or ())


def find(found: Any, name: str) -> Weight | None:
    """The parameter of that name."""
    return next((weight for weight in found if weight.name == name and weight.shape is not None), None)
