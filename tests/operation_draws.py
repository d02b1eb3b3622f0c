"""What is drawn for any tensor operation: tensors with their symbolic sizes, and general arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import strategies as st

from nngen.language import expressions
from nngen.language.catalogue.entries import Parameter
from nngen.language.expressions import Expr, Literal, Name, SizeOf
from nngen.language.expressions import Operation as Op
from nngen.network.operations import TensorOperation
from nngen.network.symbolic.sizes import from_expression
from nngen.network.tensors import Dim, TensorType

torch = pytest.importorskip("torch")

VARYING = frozenset(("N", "time", "height"))


@dataclass(frozen=True)
class Tensor:
    """A tensor before its sizes are bound to numbers."""

    shape: tuple[Expr, ...]
    dtype: str = "float32"

    def type(self, binding: Mapping[str, int]) -> TensorType:
        return TensorType(tuple(dim(size, binding) for size in self.shape), self.dtype)

    def value(self, binding: Mapping[str, int], role: str) -> Any:
        shape = [expressions.evaluate(size, binding) for size in self.shape]
        dtype = getattr(torch, self.dtype)
        if role in ("index", "indices", "classes"):
            return torch.zeros(shape, dtype=dtype)
        if role == "lengths":
            return torch.randint(1, 6, shape).to(dtype)
        if self.dtype == "bool":
            return torch.rand(shape) < 0.5
        return torch.rand(shape).to(dtype) if dtype.is_floating_point else torch.ones(shape, dtype=dtype)


@dataclass(frozen=True)
class Case:
    """A drawn use: its tensors, and its arguments as literals, expressions, sizes of tensors or lists of those."""

    tensors: tuple[Tensor, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)


def dim(size: Expr, binding: Mapping[str, int]) -> Dim:
    names = expressions.names(size)
    if not names or names <= VARYING:
        known = from_expression(size)
        assert known is not None
        return Dim(known)
    assert not names & VARYING
    return Dim(expressions.evaluate(size, binding), size)


small = st.integers(1, 5)
sizes = st.one_of(
    small.map(Literal),
    st.sampled_from([Name(name) for name in ("N", "time", "height", "channels", "heads", "width")]),
    st.sampled_from(
        [
            expressions.parse(each)
            for each in ("2 * $channels", "$heads * $width", "$time + 1", "2 * $time", "$width // 2")
        ]
    ),
)
dtypes = st.sampled_from(
    ["float32"] * 8 + ["int64"] * 4 + ["bool"] * 3 + ["float64", "int32", "float16", "bfloat16", "uint8"]
)
mostly_float = st.sampled_from(["float32"] * 20 + ["float64", "int64", "bool", "float16"])


@st.composite
def tensors(draw: st.DrawFn, ranks: tuple[int, int] = (0, 4), kinds: st.SearchStrategy[str] = dtypes) -> Tensor:
    rank = draw(st.integers(*ranks))
    shape = [draw(sizes) for _ in range(rank)]
    if shape and draw(st.booleans()):
        shape[0] = Name("N")
    return Tensor(tuple(shape), draw(kinds))


def broadcast_of(draw: st.DrawFn, tensor: Tensor) -> tuple[Expr, ...]:
    """A shape that goes with another one, mostly."""
    shape = list(tensor.shape)
    for index in range(len(shape)):
        kind = draw(st.integers(0, 11))
        if kind < 4:
            shape[index] = Literal(1)
        elif kind == 4:
            shape[index] = draw(sizes)
    shape = shape[draw(st.integers(0, len(shape))) if draw(st.booleans()) else 0 :]
    return (*(draw(sizes) for _ in range(draw(st.sampled_from((0, 0, 0, 1))))), *shape)


def dimension(draw: st.DrawFn, rank: int, extra: int = 0) -> int:
    most = rank + extra
    if most and draw(st.integers(0, 14)):
        return draw(st.integers(-most, most - 1))
    return draw(st.integers(-most - 1, most))


def some_dims(draw: st.DrawFn, rank: int) -> tuple[int, ...]:
    chosen = draw(st.lists(st.integers(0, max(rank - 1, 0)), min_size=1, max_size=max(rank, 1), unique=True))
    if draw(st.integers(0, 14)) == 0:
        chosen.append(draw(st.integers(-rank - 1, rank)))
    return tuple(each - rank if draw(st.booleans()) else each for each in chosen)


def a_size(draw: st.DrawFn, given: Sequence[Tensor] = ()) -> Any:
    """A size as an argument: a number, a constructor argument, or the size of a tensor."""
    options: list[Any] = [Name("channels"), Name("heads"), Op("*", (Name("heads"), Name("width")))]
    options += [SizeOf(f"t{i}", k) for i, tensor in enumerate(given) for k in range(len(tensor.shape))]
    return draw(st.one_of(small, st.sampled_from(options)))


def like(draw: st.DrawFn, size: Expr, given: Sequence[Tensor]) -> Any:
    """The size as an argument could say it."""
    if isinstance(size, Literal):
        return size.value
    if expressions.names(size) <= VARYING:
        places = [(i, k) for i, each in enumerate(given) for k, other in enumerate(each.shape) if other == size]
        i, k = places[0]
        return SizeOf(f"t{i}", k)
    return size


def general(draw: st.DrawFn, operation: TensorOperation) -> Case:
    """Arguments by their types, for operations that need no more."""
    first = draw(tensors())
    given = [first]
    for _ in operation.operands[1:]:
        given.append(Tensor(broadcast_of(draw, first), draw(st.one_of(st.just(first.dtype), dtypes))))
    if operation.scalar_operand and draw(st.booleans()):
        given = given[:1]
    if operation.most is None and draw(st.integers(0, 3)) == 0:
        given.append(Tensor(broadcast_of(draw, first), draw(dtypes)))
    arguments: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter.required or draw(st.booleans()):
            arguments[parameter.name] = general_value(draw, parameter, first)
    if operation.scalar_operand and len(given) == 1:
        scalars = st.one_of(st.integers(-2, 3), st.floats(-2, 2), st.booleans(), st.just(Name("channels")))
        arguments[operation.operands[1]] = draw(scalars)
    return Case(tuple(given), arguments)


def general_value(draw: st.DrawFn, parameter: Parameter, first: Tensor) -> Any:
    rank = len(first.shape)
    options: list[st.SearchStrategy[Any]] = []
    for token in parameter.types:
        if token == "str":
            options.append(st.sampled_from(parameter.choices))
        elif token == "none":
            options.append(st.none())
        elif token == "bool":
            options.append(st.booleans())
        elif token == "float":
            low = 0.0 if parameter.minimum is not None else -3.0
            options += [st.floats(low, 0.9), st.integers(int(low), 0 if parameter.maximum else 3)]
        elif token == "tensor":
            options.append(st.builds(lambda: Tensor(broadcast_of(draw, first), draw(dtypes))))
        elif token == "int" and "dim" in parameter.name:
            options += [st.builds(lambda: dimension(draw, rank))] * 3
        elif token == "int":
            options += [st.integers(int(parameter.minimum or -4), 5), st.builds(lambda: a_size(draw, [first]))]
        elif token == "int[]" and "dim" in parameter.name:
            options += [st.builds(lambda: some_dims(draw, rank))] * 3
        elif token == "int[]":
            options.append(st.builds(lambda: tuple(a_size(draw, [first]) for _ in range(draw(st.integers(1, 3))))))
        else:
            raise AssertionError(token)
    return draw(st.one_of(options))


def a_shape(draw: st.DrawFn, operation: TensorOperation, name: str, dims: Sequence[Expr], given: Tensor) -> Case:
    return Case((given,), {name: reshaped(draw, dims, given)})


def reshaped(draw: st.DrawFn, dims: Sequence[Expr], given: Tensor) -> tuple[Any, ...]:
    """Sizes that make up those dimensions, mostly."""
    parts: list[Any] = []
    for size in dims:
        kind = draw(st.integers(0, 5))
        value = like(draw, size, [given])
        if kind == 0 and isinstance(size, Name) and size.name == "channels":
            parts += [Name("heads"), Op("//", (Name("channels"), Name("heads")))]
        elif kind == 1 and isinstance(value, int) and value % 2 == 0:
            parts += [2, value // 2]
        elif kind == 2 and parts and isinstance(value, int) and isinstance(parts[-1], int):
            parts[-1] *= value
        elif kind == 3:
            parts += [1, value]
        else:
            parts.append(value)
    if draw(st.booleans()):
        parts = draw(st.permutations(parts))
    kind = draw(st.integers(0, 9))
    if parts and kind < 6:
        parts[draw(st.integers(0, len(parts) - 1))] = -1
    if parts and kind == 0:
        parts[draw(st.integers(0, len(parts) - 1))] = draw(st.integers(-1, 5))
    if parts and kind in (1, 2) and len(parts) > 1:
        parts.remove(draw(st.sampled_from([part for part in parts if part != -1] or [-1])))
    return tuple(parts) or (1,)
