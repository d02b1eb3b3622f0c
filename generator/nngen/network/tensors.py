"""Types of tensors and values of arguments, each with the expressions for them in the emitted code."""

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
    """Return the shapes of tensors without the batch."""
    return [tensor.sample_shape for tensor in tensors]


BATCH = Symbolic.name("N")

MAX_TEXT = 23  # the longest expression for a size in a comment


def is_short(expr: Expr) -> bool:
    """Tell whether an expression is a name, a number, one operation on these, or a power of such an operation."""
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
    """A dimension: its size in this use, and its source, the expression for it in the emitted code."""

    size: Size
    source: Expr | None = None  # None: the size itself

    def expression(self) -> Expr:
        """Return the source, or the size as an expression if there is none."""
        if self.source is not None:
            return self.source
        return self.size.expression() if isinstance(self.size, Symbolic) else Literal(self.size)

    @property
    def depends(self) -> bool:
        """Whether the source contains names, such as those of constructor arguments."""
        return self.source is not None and bool(expressions.names(self.source))

    def text(self, names: Collection[str]) -> str:
        """Return the size for a comment: a short source over these names, which the reader knows, or the number."""
        expression = self.expression()
        known = self.depends and is_short(expression) and expressions.names(expression) <= set(names)
        text = expressions.to_python(expression) if known else ""
        return text if 0 < len(text) <= MAX_TEXT else str(self.size)


@dataclass(frozen=True, slots=True)
class TensorType:
    """The type of a tensor that flows between nodes; the first dimension is usually the batch."""

    dims: tuple[Dim, ...]
    dtype: str = "float32"
    high: Dim | None = None  # for integers: one more than the largest value
    packed: bool = False  # whether it is a packed sequence; `dims` are those of the padded one

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The sizes of all dimensions, including the batch."""
        return tuple(dim.size for dim in self.dims)

    @property
    def sample_shape(self) -> tuple[Size, ...]:
        """The shape without the batch, as in descriptions."""
        return self.sizes[1:] if self.dims and self.dims[0].size == BATCH else self.sizes

    def text(self, names: Collection[str]) -> str:
        """Return the shape for a comment: ``(N, hidden_dim)``."""
        return shape_text(tuple(dim.text(names) for dim in self.dims))


def shape_text(sizes: tuple[object, ...]) -> str:
    """Return a shape in the notation of Python: ``(N, 10)``, ``(N,)``."""
    return f"({', '.join(str(size) for size in sizes)}{',' if len(sizes) == 1 else ''})"


@dataclass(frozen=True, slots=True)
class Module:
    """A layer as the value of an argument, whose source has the arguments of the layer in the same order."""

    entry: Entry
    arguments: Mapping[str, Argument]

    def as_argument(self, position: Position | None = None) -> Argument:
        """Return the layer as the value of an argument."""
        return Argument(self, tuple(self.arguments.values()), position)


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a constructor or an operation: its value in this use, and its source."""

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
        """The sizes of tensors that the source uses at run time."""
        if isinstance(self.source, tuple):
            return frozenset[expressions.SizeOf]().union(*(part.sizes for part in self.source))
        return expressions.sizes(self.source)
