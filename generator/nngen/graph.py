"""The intermediate form: a graph of typed nodes, before and after its shapes are inferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from . import expressions
from .description import Arg, Written
from .entries import Entry
from .errors import Position
from .expressions import Expr, Literal
from .sizes import Size, Symbolic

BATCH = Symbolic.name("N")


@dataclass(frozen=True, slots=True)
class Dim:
    """A dimension: its size in this use, and the source that a person would write for it."""

    size: Size
    source: Expr | None = None  # None: the number itself

    def expression(self) -> Expr:
        """The source of the size."""
        if self.source is not None:
            return self.source
        return self.size.expression() if isinstance(self.size, Symbolic) else Literal(self.size)

    @property
    def depends(self) -> bool:
        """Whether the source has names in it, such as those of constructor arguments."""
        return self.source is not None and bool(expressions.names(self.source))

    def __str__(self) -> str:
        return expressions.to_python(self.expression()) if self.depends else str(self.size)


@dataclass(frozen=True, slots=True)
class TensorType:
    """What flows between two nodes; the first dimension is the batch."""

    dims: tuple[Dim, ...]
    dtype: str = "float32"
    packed: bool = False  # a PackedSequence, which recurrent layers and pad_packed_sequence take
    high: Dim | None = None  # whole numbers lie below it, where that is known

    @property
    def sizes(self) -> tuple[Size, ...]:
        return tuple(dim.size for dim in self.dims)

    @property
    def sample_shape(self) -> tuple[Size, ...]:
        """The shape without the batch, as descriptions have it."""
        return self.sizes[1:] if self.dims and self.dims[0].size == BATCH else self.sizes

    def __str__(self) -> str:
        """The shape as comments have it: ``(N, hidden_dim)``."""
        return shape_text(tuple(str(dim) for dim in self.dims))


def shape_text(sizes: tuple[object, ...]) -> str:
    """A shape as Python writes it: ``(N, 10)``, ``(N,)``."""
    return f"({', '.join(str(size) for size in sizes)}{',' if len(sizes) == 1 else ''})"


@dataclass(frozen=True, slots=True)
class Ref:
    """A result of a node: which node, and which of its parts."""

    node: int
    part: int = 0


@dataclass(frozen=True, slots=True)
class InputNode:
    """A tensor that comes from outside."""

    name: str
    shape: tuple[Written, ...]
    dtype: str
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class ModuleNode:
    """A module of torch, called once."""

    attribute: str
    entry: Entry
    arguments: Mapping[str, Written]
    inputs: tuple[Ref, ...]
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class UnreadNode:
    """An item with a mistake; what comes out of it is not known."""

    inputs: tuple[Ref, ...]
    position: Position | None = None


Node = Union[InputNode, ModuleNode, UnreadNode]


@dataclass(frozen=True, slots=True)
class Graph:
    """One class of the emitted code: nodes in the order in which they run."""

    class_name: str
    args: tuple[Arg, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Argument:
    """A value for a constructor: what it is in this use, and its source."""

    value: Any  # a list is a tuple here
    source: Expr | tuple[Argument, ...]
    position: Position | None = None

    @property
    def names(self) -> frozenset[str]:
        """The names in the source."""
        if isinstance(self.source, tuple):
            return frozenset[str]().union(*(part.names for part in self.source))
        return expressions.names(self.source)


@dataclass(frozen=True, slots=True)
class Module:
    """A layer that is the value of an argument; the argument's source holds its arguments in the same order."""

    entry: Entry
    arguments: Mapping[str, Argument]

    def as_argument(self, position: Position | None = None) -> Argument:
        return Argument(self, tuple(self.arguments.values()), position)


@dataclass(frozen=True, slots=True)
class Typed:
    """What inference found out about one node."""

    outputs: tuple[TensorType, ...]
    arguments: Mapping[str, Argument] = field(default_factory=dict)  # the inferred ones too
    parameters: int = 0
    buffers: int = 0
    flops: Size = 0  # of one sample


@dataclass(frozen=True, slots=True)
class TypedGraph:
    """A graph whose every node has its shapes."""

    graph: Graph
    values: Mapping[str, Any]  # of the args
    types: tuple[Typed, ...]  # one for each node, up to the first mistake

    @property
    def complete(self) -> bool:
        """Whether every node has its shapes."""
        return len(self.types) == len(self.graph.nodes)

    def type_of(self, ref: Ref) -> TensorType:
        return self.types[ref.node].outputs[ref.part]

    @property
    def input(self) -> TensorType:
        return self.types[0].outputs[0]

    @property
    def output(self) -> TensorType:
        return self.type_of(self.graph.outputs[0])

    @property
    def parameters(self) -> int:
        return sum(typed.parameters for typed in self.types)

    def modules(self) -> list[tuple[ModuleNode, Typed]]:
        """The modules with what is known of each, in the order in which they run."""
        return [(node, typed) for node, typed in zip(self.graph.nodes, self.types) if isinstance(node, ModuleNode)]
