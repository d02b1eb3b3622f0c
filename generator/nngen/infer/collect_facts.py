"""Collects what training must know of each network, with a size for each dimension that varies in an example."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..description.description import BlockCall, Description, Layer, Model, Operate
from ..description.tensor import Tensor
from ..network.graph import Graph
from ..network.model_facts import ModelFacts
from ..network.tensors import TensorType
from ..network.typed import ClassUse, TypedNetwork
from .example_sizes import longest_input, small_arguments, with_example_sizes


def model_facts(description: Description, typed: TypedNetwork) -> tuple[ModelFacts, ...]:
    """Return the facts of each network of a description."""
    example = with_example_sizes(description, typed)
    facts = tuple(map(_facts, description.models, typed.models, example.models, [typed] * len(typed.models)))
    if len(facts) > 1:
        return facts
    in_pieces = description.data.in_order or description.data.reads_table
    longest = longest_input(description) if in_pieces else None  # of the texts that it is given in windows, or cut
    return (replace(facts[0], longest=longest, small=small_arguments(description, typed)),)


def input_tensors(model: Model, inputs: tuple[TensorType, ...]) -> tuple[Tensor, ...]:
    """Return the inputs of a network, whose other shapes may be unknown."""
    return tuple(_tensor(written.name, given, given) for written, given in zip(model.inputs, inputs, strict=False))


def _facts(model: Model, use: ClassUse, example: ClassUse, typed: TypedNetwork) -> ModelFacts:
    given = [name.name for name in model.outputs or ()] or ["output"]
    names = [tensor.name for tensor in model.inputs]
    named = set(_named(use.graph, typed))
    return ModelFacts(
        class_name=model.name,
        inputs=tuple(map(_tensor, names, use.inputs, example.inputs)),
        outputs=tuple(map(_tensor, given, use.outputs, example.outputs)),
        parameters=use.parameters,
        last=use.last.kind,
        layers=frozenset(layer for layer, _ in named if layer),
        operations=frozenset(operation for _, operation in named if operation),
    )


def _named(graph: Graph, typed: TypedNetwork) -> Iterator[tuple[str, str]]:
    """Return the names of the layers and operations of a class, and of the blocks that it uses, each block once."""
    graphs, seen = [graph], {graph.class_name}
    while graphs:
        for node in graphs.pop().walk():
            match node.action:
                case Layer(entry):
                    yield entry.name, ""
                case Operate(operation):
                    yield "", operation
                case BlockCall(block) if block not in seen:
                    seen.add(block)
                    graphs.append(typed.network.blocks[block])


def _tensor(name: str, tensor: TensorType, example: TensorType) -> Tensor:
    high = tensor.high.size if tensor.high else None
    return Tensor(
        name,
        tuple(size if isinstance(size, int) else str(size) for size in tensor.sample_shape),
        tensor.dtype,
        high if isinstance(high, int) else None,
        tuple(size if isinstance(size, int) else 1 for size in example.sample_shape),
    )
