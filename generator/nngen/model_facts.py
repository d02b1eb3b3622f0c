"""The facts of a network, with a size for each dimension that varies where an example needs one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .description import BlockCall, Description, Input, Layer, Model, Written
from .errors import DescriptionError
from .expressions import Literal
from .graph import Graph, TensorType
from .infer import infer
from .interface import ModelFacts, Tensor
from .problems import Problems
from .resolve import resolve
from .types import ClassUse, TypedNetwork

# of a dimension that varies, in examples; the first with which the network can be built
_SIZES = (8, 16, 32, 64, 128, 224, 256, 512)


def model_facts(description: Description, typed: TypedNetwork) -> tuple[ModelFacts, ...]:
    """The facts of each network of a description."""
    example = _with_example_sizes(description, typed)
    return tuple(map(_facts, description.models, typed.models, example.models, [typed] * len(typed.models)))


def input_tensors(model: Model, inputs: tuple[TensorType, ...]) -> tuple[Tensor, ...]:
    """The inputs of a network, whose other shapes may be unknown."""
    return tuple(_tensor(each.name, given, given) for each, given in zip(model.inputs, inputs, strict=False))


def _facts(model: Model, use: ClassUse, example: ClassUse, typed: TypedNetwork) -> ModelFacts:
    given = [name.name for name in model.outputs or ()] or ["output"]
    names = [each.name for each in model.inputs]
    return ModelFacts(
        class_name=model.name,
        inputs=tuple(map(_tensor, names, use.inputs, example.inputs)),
        outputs=tuple(map(_tensor, given, use.outputs, example.outputs)),
        parameters=use.parameters,
        last=use.last.kind,
        layers=frozenset(_layers(use.graph, typed)),
    )


def _layers(graph: Graph, typed: TypedNetwork) -> Iterator[str]:
    """The names of the layers of a class, and of the blocks that it uses, each block once."""
    graphs, seen = [graph], {graph.class_name}
    while graphs:
        for node in graphs.pop().walk():
            match node.action:
                case Layer(entry):
                    yield entry.name
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


def _with_example_sizes(description: Description, typed: TypedNetwork) -> TypedNetwork:
    """The network with a size for each dimension that varies, as small as it can be."""
    if not any(_word(size) for model in description.models for given in model.inputs for size in given.shape):
        return typed
    for size in _SIZES:
        models = tuple(
            replace(model, inputs=tuple(_sized(given, size) for given in model.inputs)) for model in description.models
        )
        problems = Problems()
        _, found = infer(resolve(replace(description, models=models), problems), problems)
        try:
            problems.raise_errors()
        except DescriptionError:
            continue
        if found is not None:
            return found
    return typed


def _sized(given: Input, size: int) -> Input:
    return replace(
        given, shape=tuple(Written(Literal(size), each.position) if _word(each) else each for each in given.shape)
    )


def _word(size: Written) -> bool:
    return isinstance(size.value, Literal) and isinstance(size.value.value, str)
