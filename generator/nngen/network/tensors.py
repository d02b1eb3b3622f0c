"""What flows between nodes, and the values of arguments, each with the source that a person would write."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Union

from ..language import expressions
from ..language.catalogue.entries import Entry
from ..language.errors import Position
from ..language.expressions import Expr, Literal, Name, Operation
from .symbolic.sizes import Size, Symbolic


def shapes(tensors: tuple[TensorType, ...]) -> list[tuple[object, ...]]:
    """Return the shapes without the batch."""
    return [tensor.sample_shape for tensor in tensors]


BATCH = Symbolic.name("N")

MAX_TEXT = 23  # of a size in a comment


def is_short(expr: Expr) -> bool:
    """Tell whether an expression is a name or number, one operation on names and numbers, or a power of that."""
    match expr:
        case Name():
            return True
        case Operation("**", (Operation() as base, Literal())):
            return is_short(base)
        case Operation(_, operands):
            return all(isinstance(operand, (Name, Literal)) and is_short(operand) for operand in operands)
    return isinstance(expr, Literal)


@dataclass(frozen=True, slots=True)
class Dim:
    """A dimension: its size in this use, and the source that a person would write for it."""

    size: Size
    source: Expr | None = None  # None: the number itself

    def expression(self) -> Expr:
        """Return the source of the size."""
        if self.source is not None:
            return self.source
        return self.size.expression() if isinstance(self.size, Symbolic) else Literal(self.size)

    @property
    def depends(self) -> bool:
        """Whether the source has names in it, such as those of constructor arguments."""
        return self.source is not None and bool(expressions.names(self.source))

    def text(self, names: Collection[str]) -> str:
        """Return the size as comments have it: a short source whose names a reader knows, else the number."""
        expression = self.expression()
        known = self.depends and is_short(expression) and expressions.names(expression) <= set(names)
        text = expressions.to_python(expression) if known else ""
        return text if 0 < len(text) <= MAX_TEXT else str(self.size)


@dataclass(frozen=True, slots=True)
class TensorType:
    """What flows between two nodes; the first dimension is the batch."""

    dims: tuple[Dim, ...]
    dtype: str = "float32"
    high: Dim | None = None  # of whole numbers: one more than the largest
    packed: bool = False  # a packed sequence: the dimensions are those of the padded one

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The sizes of all dimensions, the batch too."""
        return tuple(dim.size for dim in self.dims)

    @property
    def sample_shape(self) -> tuple[Size, ...]:
        """The shape without the batch, as descriptions have it."""
        return self.sizes[1:] if self.dims and self.dims[0].size == BATCH else self.sizes

    def text(self, names: Collection[str]) -> str:
        """Return the shape as comments have it: ``(N, hidden_dim)``."""
        return shape_text(tuple(dim.text(names) for dim in self.dims))


def shape_text(sizes: tuple[object, ...]) -> str:
    """Return a shape as Python writes it: ``(N, 10)``, ``(N,)``."""
    return f"({', '.join(str(size) for size in sizes)}{',' if len(sizes) == 1 else ''})"


@dataclass(frozen=True, slots=True)
class Module:
    """A layer that is the value of an argument; the argument's source holds its arguments in the same order."""

    entry: Entry
    arguments: Mapping[str, Argument]

    def as_argument(self, position: Position | None = None) -> Argument:
        """Return the layer as the value of an argument."""
        return Argument(self, tuple(self.arguments.values()), position)


@dataclass(frozen=True, slots=True)
class Argument:
    """A value for a constructor or an operation: what it is in this use, and its source."""

    value: Any  # a list is a tuple here
    source: Union[Expr, tuple[Argument, ...]]
    position: Position | None = None

    @property
    def names(self) -> frozenset[str]:
        """The names in the source."""
        if isinstance(self.source, tuple):
            return frozenset[str]().union(*(part.names for part in self.source))
        return expressions.names(self.source)

    @property
    def sizes(self) -> frozenset[expressions.SizeOf]:
        """The sizes of tensors that the source asks for when the network runs."""
        if isinstance(self.source, tuple):
            return frozenset[expressions.SizeOf]().union(*(part.sizes for part in self.source))
        return expressions.sizes(self.source)
