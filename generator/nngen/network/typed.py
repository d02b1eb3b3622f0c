"""The results of inference: the types of every node in every use of a class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..language.errors import Position
from ..language.expressions import Expr
from .graph import Fork, Graph, Nested, Network, Node, Ref
from .symbolic.sizes import Size
from .tensors import Argument, TensorType

RUNNING = "#"  # marks the name of a size that changes from round to round; the constructor chooses another name
Running = tuple[tuple[str, Expr, Expr], ...]  # sizes that change: name, first value, value for the next round


@dataclass(frozen=True, slots=True)
class Loop:
    """The loop of a repeated node: its variables, and the sizes that change."""

    rounds: int
    count: Argument | None  # the argument of ``range``; None with columns
    columns: tuple[tuple[str, Argument], ...] = ()
    running: Running = ()
    numbers: tuple[tuple[str, Argument], ...] = ()  # running sizes that no expression gives: the size of each round
    index: bool = False  # whether `i` is used
    closed: tuple[tuple[str, Expr], ...] = ()  # running sizes after the loop, where an expression exists
    types_of_rounds: tuple[Mapping[int, Typed], ...] = ()  # of the node and those inside it, if rounds differ


@dataclass(frozen=True, slots=True)
class Typed:
    """The types of a node in one use of its class; counts include all its rounds."""

    outputs: tuple[TensorType, ...]
    arguments: Mapping[str, Argument] = field(default_factory=dict)  # including the inferred ones
    parameters: int = 0
    buffers: int = 0
    flops: Size = 0  # of one sample
    active: bool = True  # whether its condition holds
    known: bool = True  # whether it fits, even if its condition does not hold
    condition: Argument | None = None
    init: Mapping[str, Argument] = field(default_factory=dict)  # arguments of a parameter's initialisation
    loop: Loop | None = None
    inner: ClassUse | None = None  # the use of the block that it calls
    inputs: tuple[TensorType, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names that its code needs, except those in the first values of running sizes."""
        passed = {name: argument for name, argument in self.arguments.items() if self.passes(name)}
        needed = [*passed.values(), *self.init.values(), *([self.condition] if self.condition else [])]
        if self.loop is not None:
            needed += [*([self.loop.count] if self.loop.count else []), *(column for _, column in self.loop.columns)]
        return frozenset[str]().union(*(argument.names for argument in needed))

    def passes(self, name: str) -> bool:
        """Tell whether an argument is passed; a block gets no sizes of its inputs that it does not need."""
        return self.inner is None or name not in self.inner.implicit or name in self.inner.asked


@dataclass(frozen=True, slots=True)
class ClassUse:
    """One use of a class: the types of its nodes for the values of its arguments and the types of its inputs."""

    graph: Graph
    values: Mapping[str, Any]  # the values of its args
    inputs: tuple[TensorType, ...]
    types: Mapping[int, Typed]  # by the number of the node
    outputs: tuple[TensorType, ...]
    implicit: Mapping[str, tuple[int, int]]  # sizes that may become constructor arguments: (input, dimension)
    asked: frozenset[str] = frozenset()  # the names that its code needs
    computed: Mapping[str, Argument] = field(default_factory=dict)  # args that the constructor computes
    position: Position | None = None  # the place of the item that uses it

    @property
    def complete(self) -> bool:
        """Whether every node of the class has its types."""
        return all(node.id in self.types for node in self.graph.body.nodes)

    @property
    def parameters(self) -> int:
        """The number of elements of all parameters."""
        return sum(node.parameters for node in self.types.values())

    @property
    def buffers(self) -> int:
        """The number of elements of all buffers."""
        return sum(node.buffers for node in self.types.values())

    @property
    def last(self) -> Node:
        """The node whose result is the first output."""
        number = self.graph.body.results[0].node
        return next(node for node in self.graph.walk() if node.id == number)

    @property
    def ends(self) -> tuple[Node, ...]:
        """The node whose result is each output; for a nested list, its last node."""
        nodes = {node.id: node for node in self.graph.walk()}
        return tuple(_end(nodes, result) for result in self.graph.body.results)

    @property
    def flops(self) -> Size:
        """The FLOPs of all nodes for one sample."""
        return sum((node.flops for node in self.types.values()), start=0)


def _end(nodes: Mapping[int, Node], result: Ref) -> Node:
    node = nodes[result.node]
    match node.action:
        case Fork(branches, merge=None):
            return _end(nodes, branches[result.part][1].results[0])
        case Nested(body, residual=False):
            return _end(nodes, body.results[0])
    return node


@dataclass(frozen=True, slots=True)
class TypedNetwork:
    """A network with the types of all its nodes."""

    network: Network
    models: tuple[ClassUse, ...]
    uses: Mapping[str, tuple[ClassUse, ...]]  # of each block, in the order of inference
    shared: Mapping[str, Any] = field(default_factory=dict)  # values of the arguments of the description
    tied: int = 0  # the number of elements of tied parameters

    @property
    def parameters(self) -> int:
        """The number of elements of all parameters; tied ones count once."""
        return sum(model.parameters for model in self.models) - self.tied

    @property
    def flops(self) -> Size:
        """The FLOPs of all models for one sample."""
        return sum((model.flops for model in self.models), start=0)

    @property
    def all_uses(self) -> tuple[ClassUse, ...]:
        """The uses of the models, followed by those of the blocks."""
        return (*self.models, *(use for uses in self.uses.values() for use in uses))

    @property
    def values(self) -> Mapping[str, Any]:
        """The values of the description's arguments, which ``tie`` and ``init`` may use."""
        return self.shared if len(self.models) > 1 else self.models[0].values
