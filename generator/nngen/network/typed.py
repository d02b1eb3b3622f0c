"""What inference finds out: the types of every node in every use of a class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..language.errors import Position
from ..language.expressions import Expr
from .graph import Fork, Graph, Nested, Network, Node, Ref
from .symbolic.sizes import Size
from .tensors import Argument, TensorType

Running = tuple[tuple[str, Expr, Expr], ...]  # sizes that change: name, first value, value for the next round


@dataclass(frozen=True, slots=True)
class Loop:
    """How a repeated node goes round: what its variables are, and the sizes that change."""

    rounds: int
    count: Argument | None  # of ``range``; None with columns
    columns: tuple[tuple[str, Argument], ...] = ()
    running: Running = ()
    index: bool = False  # whether `i` is used
    closed: tuple[tuple[str, Expr], ...] = ()  # what running sizes come to, where that can be written
    each: tuple[Mapping[int, Typed], ...] = ()  # the types of the node and those inside, where rounds differ


@dataclass(frozen=True, slots=True)
class Typed:
    """What is known of one node in one use of its class; counts are those of all its rounds."""

    outputs: tuple[TensorType, ...]
    arguments: Mapping[str, Argument] = field(default_factory=dict)  # the inferred ones too
    parameters: int = 0
    buffers: int = 0
    flops: Size = 0  # of one sample
    active: bool = True  # its condition holds
    known: bool = True  # it fits, even where its condition does not hold
    condition: Argument | None = None
    init: Mapping[str, Argument] = field(default_factory=dict)  # arguments of a parameter's initialisation
    loop: Loop | None = None
    inner: ClassUse | None = None  # of the block that it calls
    inputs: tuple[TensorType, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names that its lines need, those that running sizes begin with left out."""
        asked = {name: argument for name, argument in self.arguments.items() if self._passes(name)}
        given = [*asked.values(), *self.init.values(), *([self.condition] if self.condition else [])]
        if self.loop is not None:
            given += [*([self.loop.count] if self.loop.count else []), *(column for _, column in self.loop.columns)]
        return frozenset[str]().union(*(argument.names for argument in given))

    def _passes(self, name: str) -> bool:
        """Tell whether an argument is passed on: a size of the input that a block has no need of is not."""
        return self.inner is None or name not in self.inner.implicit or name in self.inner.asked


@dataclass(frozen=True, slots=True)
class ClassUse:
    """One use of a class: with these arguments and inputs it has these types."""

    graph: Graph
    values: Mapping[str, Any]  # of the args
    inputs: tuple[TensorType, ...]
    types: Mapping[int, Typed]  # by the number of the node
    outputs: tuple[TensorType, ...]
    implicit: Mapping[str, tuple[int, int]]  # sizes that may become constructor arguments: (input, dimension)
    asked: frozenset[str] = frozenset()  # the names that its lines need
    computed: Mapping[str, Argument] = field(default_factory=dict)  # args that are lines of the constructor
    position: Position | None = None  # of the item that led to it

    @property
    def complete(self) -> bool:
        """Whether every node of the class has its types."""
        return all(node.id in self.types for node in self.graph.body.nodes)

    @property
    def parameters(self) -> int:
        """How many numbers the parameters of all nodes have."""
        return sum(node.parameters for node in self.types.values())

    @property
    def buffers(self) -> int:
        """How many numbers the buffers of all nodes have."""
        return sum(node.buffers for node in self.types.values())

    @property
    def last(self) -> Node:
        """The node that gives the first output."""
        number = self.graph.body.results[0].node
        return next(node for node in self.graph.walk() if node.id == number)

    @property
    def ends(self) -> tuple[Node, ...]:
        """The node that gives each output, the last of the list where a list gives it."""
        nodes = {node.id: node for node in self.graph.walk()}
        return tuple(_end(nodes, result) for result in self.graph.body.results)

    @property
    def flops(self) -> Size:
        """The FLOPs of one sample in all nodes."""
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
    """A network whose every node has its types."""

    network: Network
    models: tuple[ClassUse, ...]
    uses: Mapping[str, tuple[ClassUse, ...]]  # of each block, in the order in which they were found
    shared: Mapping[str, Any] = field(default_factory=dict)  # values of arguments that all models see
    tied: int = 0  # numbers of parameters that are others'

    @property
    def parameters(self) -> int:
        """All parameters; those that are tied count once."""
        return sum(model.parameters for model in self.models) - self.tied

    @property
    def flops(self) -> Size:
        """The FLOPs of one sample in all models."""
        return sum((model.flops for model in self.models), start=0)

    @property
    def all_uses(self) -> tuple[ClassUse, ...]:
        """The models, and the uses of the blocks."""
        return (*self.models, *(use for uses in self.uses.values() for use in uses))

    @property
    def values(self) -> Mapping[str, Any]:
        """The arguments that ``tie`` and ``init`` see: those of the description."""
        return self.shared if len(self.models) > 1 else self.models[0].values
