"""The facts of a network, with a size for each dimension that varies where an example needs one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .description import Description, Input, Layer, Written
from .errors import DescriptionError
from .expressions import Literal
from .graph import Node, TensorType
from .infer import infer
from .interface import ModelFacts, Tensor
from .problems import Problems
from .resolve import resolve
from .types import TypedNetwork

# of a dimension that varies, in examples; the first with which the network can be built
_SIZES = (8, 16, 32, 64, 128, 224, 256, 512)


def model_facts(description: Description, typed: TypedNetwork) -> ModelFacts:
    """The facts of a description's network."""
    given = [name.name for name in description.outputs or ()] or ["output"]
    names = [each.name for each in description.inputs]
    example = _with_example_sizes(description, typed)
    return ModelFacts(
        class_name=description.class_name,
        inputs=tuple(map(_tensor, names, typed.model.inputs, example.model.inputs)),
        outputs=tuple(map(_tensor, given, typed.model.outputs, example.model.outputs)),
        parameters=typed.parameters,
        last=typed.last.kind,
        layers=frozenset(node.action.entry.name for node in _nodes(typed) if isinstance(node.action, Layer)),
    )


def input_tensors(description: Description, inputs: tuple[TensorType, ...]) -> tuple[Tensor, ...]:
    """The inputs of a network, whose other shapes may be unknown."""
    return tuple(_tensor(each.name, given, given) for each, given in zip(description.inputs, inputs, strict=False))


def _nodes(typed: TypedNetwork) -> Iterator[Node]:
    for graph in (typed.network.model, *typed.network.blocks.values()):
        yield from graph.walk()


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
    if not any(_word(size) for given in description.inputs for size in given.shape):
        return typed
    for size in _SIZES:
        inputs = tuple(_sized(given, size) for given in description.inputs)
        problems = Problems()
        _, found = infer(resolve(replace(description, inputs=inputs), problems), problems)
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
