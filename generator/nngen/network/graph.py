"""The intermediate form: for each class a graph of typed nodes, before and after its shapes are inferred."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Union

from ..description.description import Arg, BlockCall, Import, Initial, Input, Layer, Operate, Own, Repeat, Written
from ..language.catalogue.entries import has_one_part
from ..language.errors import Position
from ..language.expressions import Operation
from ..language.identifiers import snake


@dataclass(frozen=True, slots=True)
class Ref:
    """A result of a node: which node, and which of its parts."""

    node: int
    part: int = 0


Taken = Union[Ref, tuple[Ref, ...]]  # an inner tuple is one argument


@dataclass(frozen=True, slots=True)
class Received:
    """What a list of layers begins with: an input of the class, or the flow that a nested list takes."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """A module that has a node already, called again."""

    target: int


@dataclass(frozen=True, slots=True)
class Nested:
    """A list inside: what it receives is its first node; `plain` lists become one ``nn.Sequential``."""

    body: Body
    residual: bool
    plain: bool


@dataclass(frozen=True, slots=True)
class Fork:
    """Branches with the same input, and the operation that joins their results, if one does."""

    branches: tuple[tuple[str, Body, bool], ...]  # name, list, whether it is plain
    merge: Operate | None
    merge_position: Position | None


@dataclass(frozen=True, slots=True)
class Unread:
    """An item with a mistake; what comes out of it is not known."""


Action = Union[Received, Layer, BlockCall, Operate, Own, Import, Called, Nested, Fork, Unread]


@dataclass(frozen=True, slots=True)
class Node:
    """One step of a class."""

    id: int
    action: Action
    inputs: tuple[Taken, ...] = ()
    keywords: Mapping[str, Taken] = field(default_factory=dict)
    attribute: str = ""  # under which its module or tensor is kept
    names: tuple[str | None, ...] = ()  # of its results
    parts: bool = False  # the names are those of torch's parts
    carried: tuple[tuple[int, int], ...] = ()  # (part, input) that goes from round to round
    repeat: Repeat | None = None
    condition: Written | None = None
    kind: str = ""
    position: Position | None = None
    tensors: Mapping[str, Ref] = field(default_factory=dict)  # names in its expressions


@dataclass(frozen=True, slots=True)
class Body:
    """A list of nodes in the order in which they run, and its results."""

    nodes: tuple[Node, ...]
    results: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """One class of the emitted code."""

    class_name: str
    args: tuple[Arg, ...]
    inputs: tuple[str, ...]
    shapes: tuple[Input, ...]  # of the model's inputs; a block gets its from its uses
    body: Body
    position: Position | None = None
    sequential: bool = False  # modules that only hand the flow on: an ``nn.Sequential``

    def walk(self) -> Iterator[Node]:
        """Return all nodes, those of inner lists where they stand."""
        yield from walk(self.body)


def walk(body: Body) -> Iterator[Node]:
    """Return all nodes of a list and of the lists inside."""
    for node in body.nodes:
        yield node
        match node.action:
            case Nested(inner):
                yield from walk(inner)
            case Fork(branches):
                for _, inner, _ in branches:
                    yield from walk(inner)


def alternatives(body: Body) -> dict[int, int]:
    """Return modules that take the place of the one above when its condition is false, by their numbers."""
    seconds: dict[int, int] = {}
    lists = [body]
    while lists:
        nodes = lists.pop().nodes
        for node in nodes:
            match node.action:
                case Nested(inner):
                    lists.append(inner)
                case Fork(branches):
                    lists += [inner for _, inner, _ in branches]
        for first, second in pairwise(nodes):
            if first.id not in seconds and _is_alternative(first, second):
                seconds[second.id] = first.id
    return seconds


def _is_alternative(first: Node, second: Node) -> bool:
    if first.condition is None or second.condition is None or first.names or second.keywords:
        return False
    if second.attribute not in ("", first.attribute):
        return False
    if second.inputs != (Ref(first.id),) or len(first.inputs) != 1 or first.keywords or first.repeat or second.repeat:
        return False
    one, other = first.condition.value, second.condition.value
    if isinstance(one, tuple) or isinstance(other, tuple):
        return False
    return all(_gives_one(node.action) for node in (first, second)) and (
        one == Operation("not", (other,)) or other == Operation("not", (one,))
    )


def _gives_one(action: Action) -> bool:
    match action:
        case Layer(entry, arguments):
            return entry.inputs == 1 and has_one_part(entry, arguments)
        case BlockCall() | Import():
            return True
    return False


def inside(node: Node) -> list[Node]:
    """Return the nodes of the lists inside of a node."""
    match node.action:
        case Nested(body):
            return list(walk(body))
        case Fork(branches):
            return [node for _, body, _ in branches for node in walk(body)]
    return []


@dataclass(frozen=True, slots=True)
class Network:
    """The models and their blocks, each block behind those that it uses."""

    name: str  # of the class that is the whole of it
    args: tuple[Arg, ...]  # that all models see
    models: tuple[Graph, ...]
    blocks: Mapping[str, Graph]
    tie: tuple[tuple[Any, Any], ...] = ()
    init: tuple[Initial, ...] = ()


def attribute_of(graph: Graph) -> str:
    """Return the attribute under which the whole holds a model, as the names of its parameters begin: ``encoder``."""
    return snake(graph.class_name)
