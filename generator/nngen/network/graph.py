"""The intermediate representation: a graph of nodes for each class of the emitted code."""

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
    """A result of a node: the number of the node, and the index of the part."""

    node: int
    part: int = 0


Taken = Union[Ref, tuple[Ref, ...]]  # an inner tuple is one argument


@dataclass(frozen=True, slots=True)
class Received:
    """The first node of a list: an input of the class or, without a name, the input of a nested list."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """Another call of the module of an earlier node."""

    target: int


@dataclass(frozen=True, slots=True)
class Nested:
    """A nested list, whose first node is its input; a `plain` list becomes one ``nn.Sequential``."""

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
    """An item with a mistake, whose result is unknown."""


Action = Union[Received, Layer, BlockCall, Operate, Own, Import, Called, Nested, Fork, Unread]


@dataclass(frozen=True, slots=True)
class Node:
    """One step in the graph of a class."""

    id: int
    action: Action
    inputs: tuple[Taken, ...] = ()
    keywords: Mapping[str, Taken] = field(default_factory=dict)
    flags: Mapping[str, bool] = field(default_factory=dict)  # keyword arguments of ``forward`` that are no tensors
    attribute: str = ""  # the attribute that holds its module or tensor
    names: tuple[str | None, ...] = ()  # the names of its results
    parts: bool = False  # whether the names are those of the parts of one result
    carried: tuple[tuple[int, int], ...] = ()  # (part, input) pairs that are passed from round to round
    repeat: Repeat | None = None
    condition: Written | None = None
    kind: str = ""
    position: Position | None = None
    tensors: Mapping[str, Ref] = field(default_factory=dict)  # tensors whose sizes its expressions use, by name


@dataclass(frozen=True, slots=True)
class Body:
    """A list of nodes in the order of execution, and its results."""

    nodes: tuple[Node, ...]
    results: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """The graph of one class of the emitted code."""

    class_name: str
    args: tuple[Arg, ...]
    inputs: tuple[str, ...]
    shapes: tuple[Input, ...]  # of a model's inputs; those of a block depend on its uses
    body: Body
    position: Position | None = None
    sequential: bool = False  # whether the class is an ``nn.Sequential`` of plain modules

    def walk(self) -> Iterator[Node]:
        """Yield all nodes, including those of nested lists, in the order of execution."""
        yield from walk(self.body)


def walk(body: Body) -> Iterator[Node]:
    """Yield all nodes of a list, including those of nested lists, in the order of execution."""
    for node in body.nodes:
        yield node
        match node.action:
            case Nested(inner):
                yield from walk(inner)
            case Fork(branches):
                for _, inner, _ in branches:
                    yield from walk(inner)


def alternatives(body: Body) -> dict[int, int]:
    """Return the nodes that replace the node before them if its condition is false, each with that node."""
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
    if first.condition is None or second.condition is None or first.names or second.keywords or second.flags:
        return False
    if second.attribute not in ("", first.attribute):
        return False
    plain = not (first.keywords or first.flags or first.repeat or second.repeat)
    if second.inputs != (Ref(first.id),) or len(first.inputs) != 1 or not plain:
        return False
    condition, opposite = first.condition.value, second.condition.value
    if isinstance(condition, tuple) or isinstance(opposite, tuple):
        return False
    return all(_gives_one(node.action) for node in (first, second)) and (
        condition == Operation("not", (opposite,)) or opposite == Operation("not", (condition,))
    )


def _gives_one(action: Action) -> bool:
    match action:
        case Layer(entry, arguments):
            return entry.inputs == 1 and has_one_part(entry, arguments)
        case BlockCall() | Import():
            return True
    return False


def inside(node: Node) -> list[Node]:
    """Return the nodes of the lists inside a node."""
    match node.action:
        case Nested(body):
            return list(walk(body))
        case Fork(branches):
            return [node for _, body, _ in branches for node in walk(body)]
    return []


@dataclass(frozen=True, slots=True)
class Network:
    """The models and their blocks, each block after those that it uses."""

    name: str  # the class name of the whole network
    args: tuple[Arg, ...]  # the arguments of the description, which all models share
    models: tuple[Graph, ...]
    blocks: Mapping[str, Graph]
    tie: tuple[tuple[Any, Any], ...] = ()
    init: tuple[Initial, ...] = ()


def attribute_of(graph: Graph) -> str:
    """Return the attribute of a model in the whole network, the prefix of its parameters' names: ``encoder``."""
    return snake(graph.class_name)
