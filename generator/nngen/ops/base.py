"""What a family of layers says of itself: its shape rule, counts, names and way of being printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..entries import Entry
from ..expressions import Expr, Literal, Operation
from ..graph import BATCH, Argument, Dim, TensorType, shape_text
from ..sizes import Size, Symbolic, from_expression


class ShapeError(Exception):
    """The layer does not fit what flows in; the message follows "its input is (...) here, "."""


@dataclass(frozen=True, slots=True)
class Use:
    """A layer with its arguments and what flows in."""

    entry: Entry
    arguments: Mapping[str, Argument]
    inputs: tuple[TensorType, ...]

    @property
    def input(self) -> TensorType:
        return self.inputs[0]

    def value(self, name: str) -> Any:
        """An argument's value, or its default."""
        if name in self.arguments:
            return self.arguments[name].value
        parameter = self.entry.parameter(name)
        default = parameter.default if parameter else None
        return tuple(default) if isinstance(default, list) else default

    def dim(self, name: str) -> Dim:
        """An argument that becomes a size, with the source that it was given by."""
        argument = self.arguments.get(name)
        if argument is None:
            return Dim(self.value(name))
        source = argument.source
        return Dim(argument.value, None if isinstance(source, (tuple, Literal)) else source)

    def each(self, name: str, count: int) -> tuple[Any, ...]:
        """An argument with one value for each spatial dimension; a single one stands for all."""
        value = self.value(name)
        return value if isinstance(value, tuple) else (value,) * count


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a layer gives, and what it has."""

    outputs: tuple[TensorType, ...]
    inferred: Mapping[str, Dim] = field(default_factory=dict)
    parameters: int = 0
    buffers: int = 0
    flops: Size = 0  # of one sample: two for each multiplication with an addition


class Family:
    """The layers of one kind. A subclass is all that nngen knows of them beside the catalogue."""

    def supports(self, entry: Entry) -> bool:
        """Whether the rule covers this class of the family."""
        return True

    def infer(self, use: Use) -> Outcome:
        """The shapes and counts of one use.

        Raises:
            ShapeError: when the layer does not fit its input.
        """
        raise NotImplementedError

    def stem(self, entry: Entry) -> str:
        """What automatic names begin with: ``conv`` of ``conv1``."""
        name = re.sub(r"[1-3]d$", "", entry.name)
        return re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", name).lower()

    def positional(self, entry: Entry, given: Mapping[str, Argument]) -> int:
        """How many of the first arguments are printed without their names."""
        leading = 0
        for parameter in entry.parameters:
            if not parameter.inferred or parameter.name not in given:
                break
            leading += 1
        following = entry.parameters[leading] if leading < len(entry.parameters) else None
        alone = leading > 0 or len(given) == 1  # Conv2d(1, 32, ...), MaxPool2d(2); MaxPool2d(kernel_size=3, stride=2)
        if following and following.name == entry.main and following.name in given and alone:
            return leading + 1
        return leading


def channels(use: Use, ranks: tuple[int, ...]) -> Dim:
    """Dimension 1 of an input that has one of these ranks, batch counted."""
    expect_rank(use, ranks)
    return use.input.dims[1]


def expect_rank(use: Use, ranks: tuple[int, ...]) -> None:
    """Checks the number of dimensions.

    Raises:
        ShapeError: with the shapes that the layer takes.
    """
    if len(use.input.dims) not in ranks:
        shapes = " or ".join(shape_text(_LETTERS[rank]) for rank in ranks)
        raise ShapeError(f"and it takes {shapes}")


_LETTERS: dict[int, tuple[str, ...]] = {
    2: ("features",),
    3: ("channels", "length"),
    4: ("channels", "height", "width"),
    5: ("channels", "depth", "height", "width"),
}


def expect_float(use: Use) -> None:
    """Checks that numbers, not indices, flow in.

    Raises:
        ShapeError: for whole numbers.
    """
    if not use.input.dtype.startswith("float"):
        raise ShapeError(f"of dtype {use.input.dtype}, and it takes floating point numbers")


def map_size(dim: Dim, formula: Callable[[Any], Size]) -> Dim:
    """A size computed from another, with its source where that has names in it."""
    size = formula(dim.size)
    if size == dim.size:
        return dim
    if not dim.depends:
        return Dim(size)
    symbolic = from_expression(dim.expression())
    if symbolic is None:
        return Dim(size)
    derived = formula(symbolic)
    return Dim(size, derived.expression() if isinstance(derived, Symbolic) else None)


def multiply(dims: tuple[Dim, ...]) -> Dim:
    """The product of dimensions, written as a product: ``64 * 7 * 7``."""
    size: Size = 1
    source: Expr | None = None
    for dim in dims:
        if dim.size == 1 and not dim.depends:
            continue
        size = dim.size * size
        part = dim.expression()
        source = part if source is None else Operation("*", (source, part))
    return Dim(size, source)


def elements(dims: tuple[Dim, ...]) -> Size:
    """How many elements a sample with these dimensions has, its batch left out."""
    count: Size = 1
    for dim in dims:
        if dim.size != BATCH:
            count = dim.size * count
    return count


def with_dim(tensor: TensorType, index: int, dim: Dim) -> TensorType:
    """The type with one dimension changed."""
    dims = list(tensor.dims)
    dims[index] = dim
    return replace(tensor, dims=tuple(dims))


def known(size: Size) -> int:
    """A size that a constructor needs.

    Raises:
        ShapeError: when it varies at run time.
    """
    if isinstance(size, Symbolic):
        raise ShapeError(f"whose {size} varies, and its constructor needs a number")
    return size
