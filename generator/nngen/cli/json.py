"""The network as JSON, for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..language.errors import Problem, place_as_json, problems_as_json
from ..network.symbolic.sizes import Size
from ..network.tensors import TensorType
from ..network.typed import ClassUse, TypedNetwork
from ..plan.summary import LayerFacts, layers


def network_values(network: TypedNetwork, warnings: Iterable[Problem]) -> dict[str, Any]:
    """Return the network as plain values for JSON; a size that varies is a text, such as ``N``."""
    return {
        "models": [_model(model) for model in network.models],
        "parameters": network.parameters,
        "buffers": sum(model.buffers for model in network.models),
        "flops": _size(network.flops),
        **problems_as_json(warnings),
    }


def _model(model: ClassUse) -> dict[str, Any]:
    inputs = zip(model.graph.inputs, model.inputs, strict=True)
    return {
        "name": model.graph.class_name,
        "inputs": [{"name": name, **_tensor(tensor)} for name, tensor in inputs],
        "layers": [_layer(facts) for facts in layers(model)],
        "outputs": [_tensor(tensor) for tensor in model.outputs],
        "parameters": model.parameters,
        "flops": _size(model.flops),
    }


def _layer(facts: LayerFacts) -> dict[str, Any]:
    return {
        "name": facts.name,
        "kind": facts.kind,
        "layer": facts.layer,
        "outputs": [_tensor(tensor) for tensor in facts.outputs],
        "parameters": facts.parameters,
        "flops": _size(facts.flops),
        **place_as_json(facts.position),
    }


def _tensor(tensor: TensorType) -> dict[str, Any]:
    return {"shape": [_size(size) for size in tensor.sizes], "dtype": tensor.dtype}


def _size(size: Size) -> int | str:
    return size if isinstance(size, int) else str(size)
