"""Layers and operations by their names in descriptions, made and called with torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from .expressions import Meaningless

_MAIN_ARGUMENTS = {
    "AdaptiveAvgPool2d": "output_size",
    "AvgPool2d": "kernel_size",
    "Bilinear": "out_features",
    "Conv1d": "out_channels",
    "Conv2d": "out_channels",
    "ConvTranspose1d": "out_channels",
    "ConvTranspose2d": "out_channels",
    "Dropout": "p",
    "Embedding": "embedding_dim",
    "GELU": "approximate",
    "GroupNorm": "num_groups",
    "GRU": "hidden_size",
    "GRUCell": "hidden_size",
    "LeakyReLU": "negative_slope",
    "Linear": "out_features",
    "LSTM": "hidden_size",
    "MaxPool2d": "kernel_size",
    "MultiheadAttention": "num_heads",
    "PReLU": "num_parameters",
    "RNN": "hidden_size",
    "Softmax": "dim",
    "TransformerEncoderLayer": "nhead",
    "TransformerDecoderLayer": "nhead",
}
# the arguments that follow from the input: its index and the dimension
_INFERRED: dict[str, dict[str, tuple[int, int]]] = {
    "BatchNorm1d": {"num_features": (0, 1)},
    "BatchNorm2d": {"num_features": (0, 1)},
    "Bilinear": {"in1_features": (0, -1), "in2_features": (1, -1)},
    "Conv1d": {"in_channels": (0, 1)},
    "Conv2d": {"in_channels": (0, 1)},
    "ConvTranspose1d": {"in_channels": (0, 1)},
    "ConvTranspose2d": {"in_channels": (0, 1)},
    "GroupNorm": {"num_channels": (0, 1)},
    "GRU": {"input_size": (0, -1)},
    "GRUCell": {"input_size": (0, -1)},
    "LayerNorm": {"normalized_shape": (0, -1)},
    "Linear": {"in_features": (0, -1)},
    "LSTM": {"input_size": (0, -1)},
    "MultiheadAttention": {"embed_dim": (0, -1)},
    "RMSNorm": {"normalized_shape": (0, -1)},
    "RNN": {"input_size": (0, -1)},
    "TransformerEncoderLayer": {"d_model": (0, -1)},
    "TransformerDecoderLayer": {"d_model": (0, -1)},
}
# the tensors of forward that come before all others, in its order
ORDERS = {
    "Bilinear": ("input1", "input2"),
    "MultiheadAttention": ("query", "key", "value"),
    "TransformerDecoderLayer": ("tgt", "memory"),
    "TransformerEncoderLayer": ("src",),
}
_BATCH_FIRST = ("GRU", "LSTM", "MultiheadAttention", "RNN", "TransformerEncoderLayer", "TransformerDecoderLayer")


def make_layer(kind: str, value: Any, evaluate: Callable[[Any], Any], inputs: list[Any], high: int | None) -> nn.Module:
    """Return the module of a layer.

    Args:
        kind: the class.
        value: what the description says of its arguments.
        evaluate: gives the value of an expression.
        inputs: the tensors that it takes, from which sizes follow.
        high: the number of different values of the input.
    """
    arguments = value if isinstance(value, dict) else {} if value is None else {_MAIN_ARGUMENTS[kind]: value}
    given = {name: evaluate(argument) for name, argument in arguments.items()}
    inferred = {name: inputs[index].shape[dim] for name, (index, dim) in _INFERRED.get(kind, {}).items()}
    if kind == "Embedding" and high is not None:
        inferred["num_embeddings"] = high
    if kind in _BATCH_FIRST:
        inferred["batch_first"] = True
    return getattr(nn, kind)(**inferred | given).double()


def call_layer(kind: str, module: nn.Module, inputs: list[Any], keywords: Mapping[str, Any]) -> list[Any]:
    """Return all results of a layer, tuples taken apart."""
    if kind == "MultiheadAttention" and len(inputs) == 1 and "key" not in keywords:
        inputs = inputs * 3
    return flat(module(*inputs, **keywords))


def flat(result: Any) -> list[Any]:
    """Return the tensors of a result in their order."""
    if isinstance(result, (tuple, list)):
        return [tensor for part in result for tensor in flat(part)]
    return [result]


def _joined(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def join(first: Any, *others: Any, **keywords: Any) -> Any:
        for other in others:
            first = function(first, other, **keywords)
        return first

    return join


_NAMES = {
    "flatten": ("start_dim", "end_dim"),
    "transpose": ("dim0", "dim1"),
    "unflatten": ("dim", "sizes"),
    "select": ("dim", "index"),
    "narrow": ("dim", "start", "length"),
    "chunk": ("chunks", "dim"),
    "clamp": ("min", "max"),
    "repeat_interleave": ("repeats", "dim"),
    "masked_fill": ("mask", "value"),
    "roll": ("shifts", "dims"),
    "slice": ("dim", "start", "end", "step"),
    "cat": ("dim",),
    "stack": ("dim",),
    "softmax": ("dim",),
    "unbind": ("dim",),
    "cumsum": ("dim",),
    "unsqueeze": ("dim",),
    "split": ("split_size_or_sections", "dim"),
}
_LISTS = {
    "mean": "dim",
    "sum": "dim",
    "amax": "dim",
    "permute": "dims",
    "flip": "dims",
    "expand": "size",
    "squeeze": "dim",
    "split": "split_size_or_sections",
    "interpolate": "size",
}
_OPERANDS = {
    "add": ("input", "other"),
    "sub": ("input", "other"),
    "mul": ("input", "other"),
    "div": ("input", "other"),
    "maximum": ("input", "other"),
    "minimum": ("input", "other"),
    "pow": ("input", "exponent"),
    "gt": ("input", "other"),
    "le": ("input", "other"),
    "matmul": ("input", "other"),
    "masked_fill": ("input", "mask"),
    "where": ("condition", "input", "other"),
    "scaled_dot_product_attention": ("query", "key", "value"),
}
_SCALAR_SECOND = {"add", "sub", "mul", "div", "pow", "gt", "le"}
_CALLS: dict[str, Callable[..., Any]] = {
    "add": _joined(torch.add),
    "mul": _joined(torch.mul),
    "cat": lambda *tensors, dim=1: torch.cat(tensors, dim),
    "stack": lambda *tensors, dim=1: torch.stack(tensors, dim),
    "expand": lambda tensor, size: tensor.expand(*size),
    "interpolate": lambda tensor, size: nn.functional.interpolate(tensor, size=size),
    "masked_fill": lambda tensor, mask, value: tensor.masked_fill(mask, value),
    "scaled_dot_product_attention": nn.functional.scaled_dot_product_attention,
    "slice": lambda tensor, dim, start=None, end=None, step=1: tensor[
        (slice(None),) * dim + (slice(start, end, step),)
    ],
    "softplus": nn.functional.softplus,
}


def operands_of(kind: str, value: Any) -> tuple[list[str], dict[str, Any], dict[str, str]]:
    """Split the value of an operation.

    Returns:
        The tensors that it lists in place of ``from``, the arguments by name, and the tensors given by torch's names.
    """
    names, operands = _NAMES.get(kind, ()), _OPERANDS.get(kind, ("input",))
    if value is None:
        return [], {}, {}
    if isinstance(value, dict):
        tensors = {name: word for name, word in value.items() if name in operands and is_word(word)}
        return [], {name: word for name, word in value.items() if name not in tensors}, tensors
    if isinstance(value, list) and value and all(map(is_word, value)):
        return value, {}, {}
    if kind in _LISTS:
        return [], {_LISTS[kind]: value}, {}
    if isinstance(value, list):
        return [], dict(zip(names, value)), {}
    if len(operands) > 1 and is_word(value):
        return [], {}, {operands[1]: value}
    if kind in _SCALAR_SECOND:
        return [], {operands[1]: value}, {}
    return [], {names[0]: value}, {}


def is_word(value: Any) -> bool:
    """Tell whether a value is the name of a tensor where torch takes one."""
    return isinstance(value, str) and value.isidentifier()


def all_inputs(kind: str, positional: list[Any], named: dict[str, Any]) -> list[Any]:
    """Return the tensors of an operation in torch's order."""
    order = _OPERANDS.get(kind, ("input",))
    tensors = list(positional)
    for name in order[len(tensors) :]:
        if name in named:
            tensors.append(named[name])
    return tensors


def first_is_named(kind: str, named: Mapping[str, str]) -> bool:
    """Tell whether the first tensor of an operation is given by its name, so that it does not take the flow."""
    return _OPERANDS.get(kind, ("input",))[0] in named


def call_operation(kind: str, inputs: list[Any], arguments: Mapping[str, Any]) -> list[Any]:
    """Return the results of an operation."""
    function = _CALLS.get(kind) or getattr(torch, kind)
    keywords = dict(arguments)
    second = _OPERANDS.get(kind, ("input",))[1:2]
    if len(inputs) == 1 and second and second[0] in keywords:
        inputs = [*inputs, keywords.pop(second[0])]
    if len(inputs) < len(_OPERANDS.get(kind, ("input",))):
        raise Meaningless(f"{kind} lacks a tensor")
    return flat(function(*inputs, **keywords))
