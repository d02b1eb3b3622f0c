"""The parameters of a network, with the names that torch's ``named_parameters`` gives them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from math import prod
from typing import Union

from ..description.description import BlockCall, Import, Layer, Own
from ..language.catalogue.entries import Entry
from .graph import Body, Fork, Nested, Node, Received, attribute_of
from .layers import Use, family_of
from .layers.weights import Shape, Shapes
from .symbolic.sizes import Size
from .tensors import Argument
from .typed import ClassUse, Typed, TypedNetwork

Path = tuple[Union[str, int, tuple[int]], ...]  # to a module: classes by name, nodes by number, rounds as (number,)
MAX_WEIGHTS = 100_000


@dataclass(frozen=True, slots=True)
class Weight:
    """A parameter, or, without a shape, all parameters of a module of the author's own code."""

    name: str
    shape: Shape | None
    layer: str  # the class of torch; "" for a parameter of the model itself
    promise: tuple[Size, ...] = ()  # for the author's own code: its declared output shape, with the batch
    part: str = ""  # its name in the module that has it
    path: Path = ()  # the path to that module


def named_weights(typed: TypedNetwork) -> list[Weight]:
    """Return the parameters of the network if ``tie`` or ``init`` need them; at most `MAX_WEIGHTS`."""
    if not typed.network.tie and not typed.network.init:
        return []  # a short description can have millions of them
    return all_weights(typed)


def all_weights(typed: TypedNetwork) -> list[Weight]:
    """Return the parameters of the network; at most `MAX_WEIGHTS`."""
    if len(typed.models) == 1:
        return list(islice(weights(typed.models[0]), MAX_WEIGHTS))
    return list(islice((parameter for model in typed.models for parameter in _of_part(model)), MAX_WEIGHTS))


def own_code(typed: TypedNetwork) -> dict[str, tuple[Size, ...]]:
    """Return the modules of the author's own code by name, with their declared output shapes without the batch."""
    if not any(isinstance(node.action, Import) for use in typed.all_uses for node in use.graph.walk()):
        return {}  # most descriptions have none, and walking through all rounds takes time
    several = len(typed.models) > 1
    modules = [
        module for model in typed.models for module in (_of_part(model, True) if several else weights(model, True))
    ]
    return {module.name.removesuffix(".*"): module.promise[1:] for module in modules if module.promise}


def _of_part(model: ClassUse, everything: bool = False) -> Iterator[Weight]:
    for parameter in weights(model, everything):
        yield replace(parameter, name=f"{attribute_of(model.graph)}.{parameter.name}")


def weights(use: ClassUse, everything: bool = False) -> Iterator[Weight]:
    """Yield the parameters of a use of a class.

    Args:
        use: the use, which determines the shapes.
        everything: whether to include buffers, and all rounds of loops instead of the first.
    """
    body = use.graph.body
    if use.graph.sequential:
        parameters = _elements(body.nodes, use.types, "", everything)
    else:
        parameters = _of_body(body, use.types, everything)
    for parameter in parameters:
        yield replace(parameter, path=(use.graph.class_name, *parameter.path))


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
    """Yield the parameters of the elements of an ``nn.Sequential``."""
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
        types_of_round = loop.types_of_rounds[turn] if loop.types_of_rounds and everything else types
        for place, module in enumerate(inner):
            name = f"{prefix}{index + turn * len(inner) + place}"
            for weight in _of_module(module, types_of_round, name, everything):
                yield replace(weight, path=((turn,), *weight.path))


def _of_module(node: Node, types: Mapping[int, Typed], name: str, everything: bool) -> Iterator[Weight]:
    typed = types.get(node.id)
    if typed is None or not typed.active:
        return
    match node.action:
        case Layer(entry):
            buffers = _layer_buffers(entry, typed.arguments) if everything else {}
            for part, shape in {**layer_weights(entry, typed.arguments), **buffers}.items():
                yield Weight(f"{name}.{part}", shape, entry.name, part=part, path=(node.id,))
        case BlockCall() if typed.inner is not None:
            for parameter in weights(typed.inner, everything):
                yield replace(parameter, name=f"{name}.{parameter.name}", path=(node.id, *parameter.path))
        case Nested(body):
            yield from _elements(body.nodes, types, f"{name}.", everything)
        case Own(kind):
            if kind == "parameter" or everything:
                yield Weight(name, tuple(typed.arguments["shape"].value), "", path=(node.id,))
        case Import(_, attribute):
            whole = Weight(f"{name}.*", None, attribute, typed.outputs[0].sizes, part="*", path=(node.id,))
            yield whole if everything else replace(whole, name=name)


def layer_weights(entry: Entry, arguments: Mapping[str, Argument]) -> dict[str, Shape]:
    """Return the shapes of a layer's parameters by name; at most `MAX_WEIGHTS`."""
    family = family_of(entry)
    groups = family.weights(Use(entry, arguments, ())) if family else ()
    return dict(islice(chain.from_iterable(group.named() for group in groups), MAX_WEIGHTS))


def _layer_buffers(entry: Entry, arguments: Mapping[str, Argument]) -> Shapes:
    family = family_of(entry)
    return family.buffers(Use(entry, arguments, ())) if family else {}


def size(weight: Weight) -> int:
    """Return the number of elements of a parameter."""
    return prod(weight.shape or ())


def find(weights: Iterable[Weight], name: str) -> Weight | None:
    """Return the parameter of that name with a known shape, or None."""
    return next((weight for weight in weights if weight.name == name and weight.shape is not None), None)
