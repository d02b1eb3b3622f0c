"""Drawn uses of the tensor operations, before their sizes are bound to numbers."""

from __future__ import annotations

import math
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


@st.composite
def cases(draw: st.DrawFn, operation: TensorOperation) -> Case:
    name = operation.name
    if name in SPECIAL:
        return SPECIAL[name](draw, operation)
    return general(draw, operation)


def reshape_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors())
    return Case((first,), {"shape": reshaped(draw, first.shape, first)})


def unflatten_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors((1, 3)))
    index = dimension(draw, len(first.shape))
    size = first.shape[index] if -len(first.shape) <= index < len(first.shape) else Literal(4)
    return Case((first,), {"dim": index, "sizes": reshaped(draw, [size], first)})


def flatten_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors())
    names = draw(st.sampled_from(((), ("start_dim",), ("end_dim",), ("start_dim", "end_dim"))))
    return Case((first,), {each: dimension(draw, len(first.shape)) for each in names})


def permute_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors((1, 4)))
    order = draw(st.permutations(range(len(first.shape))))
    if draw(st.integers(0, 9)) == 0:
        return Case((first,), {"dims": some_dims(draw, len(first.shape))})
    return Case((first,), {"dims": tuple(each - len(order) if draw(st.booleans()) else each for each in order)})


def unsqueeze_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors())
    return Case((first,), {"dim": dimension(draw, len(first.shape), 1)})


def squeeze_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors())
    first = Tensor(tuple(draw(st.sampled_from((size, Literal(1)))) for size in first.shape), first.dtype)
    rank = len(first.shape)
    dims = draw(st.sampled_from((None, 1, 2)))
    if dims is None:
        return Case((first,), {})
    return Case((first,), {"dim": dimension(draw, rank) if dims == 1 else some_dims(draw, rank)})


def movedim_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors((1, 4)))
    rank = len(first.shape)
    if draw(st.booleans()):
        return Case((first,), {each: dimension(draw, rank) for each in ("source", "destination")})
    source = some_dims(draw, rank)
    places = draw(st.permutations(range(rank)))[: len(source)]
    return Case((first,), {"source": source, "destination": tuple(places) or (0,)})


def expand_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors((0, 3)))
    first = Tensor(tuple(draw(st.sampled_from((size, Literal(1)))) for size in first.shape), first.dtype)
    target = [
        a_size(draw, [first]) if size == Literal(1) else draw(st.sampled_from((-1, like(draw, size, [first]))))
        for size in first.shape
    ]
    new = [a_size(draw, [first]) for _ in range(draw(st.sampled_from((0, 0, 1, 2))))]
    target = new + target
    if target and draw(st.integers(0, 9)) == 0:
        target[draw(st.integers(0, len(target) - 1))] = draw(st.sampled_from((-1, 2, 0)))
    if draw(st.integers(0, 9)) == 0:
        target = target[1:]
    return Case((first,), {"size": tuple(target) or (2,)})


def repeat_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors((0, 3)))
    count = len(first.shape) + draw(st.sampled_from((0, 0, 0, 1, -1)))
    return Case(
        (first,),
        {"repeats": tuple(draw(st.one_of(st.integers(1, 3), st.just(Name("heads")))) for _ in range(max(count, 1)))},
    )


def roll_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors())
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return Case((first,), {"shifts": draw(st.integers(-3, 3))})
    if kind == 1:
        return Case((first,), {"shifts": Op("negative", (Name("heads"),)), "dims": dimension(draw, len(first.shape))})
    dims = some_dims(draw, len(first.shape))
    count = len(dims) + draw(st.sampled_from((0, 0, 0, 1)))
    return Case((first,), {"shifts": tuple(draw(st.integers(-2, 2)) for _ in range(count)), "dims": dims})


def joining_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors((0 if operation.name == "stack" else 1, 4)))
    rank = len(first.shape)
    index = dimension(draw, rank, operation.name == "stack")
    given = [first]
    for _ in range(draw(st.integers(0, 3))):
        shape = list(first.shape)
        if operation.name == "cat" and -rank <= index < rank:
            shape[index] = draw(sizes)
        if shape and draw(st.integers(0, 14)) == 0:
            shape[draw(st.integers(0, rank - 1))] = draw(sizes)
        given.append(Tensor(tuple(shape), draw(st.one_of(st.just(first.dtype), dtypes))))
    return Case(tuple(given), {} if draw(st.integers(0, 5)) == 0 else {"dim": index})


def split_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors((1, 3)))
    rank = len(first.shape)
    index = dimension(draw, rank)
    size = first.shape[index] if -rank <= index < rank else Literal(4)
    value = like(draw, size, [first])
    parts: Any = draw(st.one_of(small, st.just(value), st.just(Name("heads"))))
    kind = draw(st.integers(0, 3))
    if kind == 0:
        parts = (value,)
    if kind == 1 and isinstance(value, int):
        cut = draw(st.integers(0, value))
        parts = (cut, value - cut)
    if kind == 2 and not isinstance(value, (int, SizeOf)):
        parts = (Name("heads"), Op("-", (value, Name("heads"))))
    arguments = {"split_size_or_sections": parts, "dim": index}
    if draw(st.integers(0, 9)) == 0:
        arguments.pop("dim")
    return Case((first,), arguments)


def chunk_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors((1, 3)))
    return Case((first,), {"chunks": draw(st.integers(1, 6)), "dim": dimension(draw, len(first.shape))})


def select_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors((0, 4)))
    return Case(
        (first,),
        {
            "dim": dimension(draw, len(first.shape)),
            "index": draw(st.one_of(st.integers(-3, 3), st.just(Name("heads")))),
        },
    )


def slice_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors((1, 4)))
    bounds = st.one_of(
        st.integers(-4, 6),
        st.sampled_from((-1, 1)),
        st.just(Name("heads")),
        st.just(Op("negative", (Name("heads"),))),
        st.just(SizeOf("t1", 0)),
        st.none(),
    )
    arguments = {"dim": dimension(draw, len(first.shape))}
    for each in draw(st.sampled_from((("start",), ("end",), ("start", "end"), ("start", "end", "step"), ("step",)))):
        arguments[each] = draw(st.integers(1, 3)) if each == "step" else draw(bounds)
    arguments = {key: value for key, value in arguments.items() if not isinstance(value, SizeOf)}
    return Case((first,), arguments)


def narrow_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors((1, 4)))
    values = {"start": draw(st.integers(-4, 4)), "length": draw(st.one_of(small, st.just(Name("heads"))))}
    return Case((first,), {"dim": dimension(draw, len(first.shape)), **values})


def index_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors((1, 4)))
    whole = st.sampled_from(["int64"] * 9 + ["int32", "float32", "bool"])
    arguments: dict[str, Any] = {}
    if operation.name == "index":
        shape = draw(tensors((0, 2))).shape
        count = draw(st.integers(1, 3))
        given = [Tensor(broadcast_of(draw, Tensor(shape)), draw(whole)) for _ in range(count)]
        return Case((first, *given))
    arguments["dim"] = dimension(draw, len(first.shape))
    if operation.name == "gather":
        shape = tuple(draw(st.sampled_from((size, size, Literal(1), Literal(2)))) for size in first.shape)
        if draw(st.integers(0, 9)) == 0:
            shape = shape[1:]
    else:
        shape = draw(tensors((0, 1))).shape if draw(st.booleans()) else (draw(sizes),)
        if draw(st.integers(0, 9)) == 0:
            shape = (*shape, Literal(2))
    index = Tensor(shape, draw(whole))
    if draw(st.booleans()):
        return Case((first, index), arguments)
    return Case((first,), {**arguments, "index": index})


def masked_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors())
    mask = Tensor(broadcast_of(draw, first), draw(st.sampled_from(["bool"] * 9 + ["float32"])))
    value = draw(st.one_of(st.floats(-2, 2), st.integers(-2, 300), st.booleans(), st.just(-math.inf)))
    if draw(st.booleans()):
        return Case((first, mask), {"value": value})
    return Case((first,), {"mask": mask, "value": value})


def where_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    condition = draw(tensors((0, 4), st.sampled_from(["bool"] * 9 + ["float32"])))
    options = st.one_of(
        st.floats(-2, 2),
        st.integers(-2, 3),
        st.booleans(),
        st.builds(lambda: Tensor(broadcast_of(draw, condition), draw(dtypes))),
    )
    choices = {each: draw(options) for each in ("input", "other")}
    if all(isinstance(each, Tensor) for each in choices.values()) and draw(st.booleans()):
        return Case((condition, *choices.values()))
    return Case((condition,), choices)


def matmul_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    left = draw(tensors((0, 4), mostly_float))
    inner = left.shape[-1] if left.shape else Literal(2)
    rank = draw(st.integers(0, 4))
    right = [*broadcast_of(draw, Tensor(left.shape[:-2])), inner, draw(sizes)][-rank:] if rank else []
    if rank == 1:
        right = [inner]
    if right and draw(st.integers(0, 9)) == 0:
        right[0] = draw(sizes)
    return Case((left, Tensor(tuple(right), draw(st.sampled_from([left.dtype] * 9 + ["int64"])))))


def einsum_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    letters = {letter: draw(sizes) for letter in "abcdE"}
    dots = tuple(draw(sizes) for _ in range(draw(st.integers(0, 2))))
    count = draw(st.sampled_from((1, 2, 2, 2, 3)))
    terms, given = [], []
    dtype = draw(mostly_float)
    for _ in range(count):
        term = draw(st.lists(st.sampled_from("abcdE"), max_size=3, unique=draw(st.integers(0, 9)) > 0))
        shape: list[Expr] = []
        at = draw(st.integers(0, len(term))) if draw(st.integers(0, 2)) == 0 else None
        for index, letter in enumerate(term):
            if at == index:
                shape += dots
            size = letters[letter]
            shape.append(draw(st.sampled_from([size] * 12 + [Literal(1), Literal(3)])))
        if at == len(term):
            shape += dots
        if at is not None:
            term.insert(at, "...")
        terms.append("".join(term))
        given.append(Tensor(tuple(shape), draw(st.sampled_from([dtype] * 15 + ["int64"]))))
    equation = ",".join(terms)
    if draw(st.booleans()):
        pool = sorted({letter for letter in equation if letter.isalpha()})
        result = "".join(draw(st.permutations(pool))[: draw(st.integers(0, len(pool)))])
        if draw(st.integers(0, 19)) == 0:
            result += draw(st.sampled_from("abz"))
        middle = "..." if "..." in equation and draw(st.integers(0, 9)) else ""
        equation += draw(st.sampled_from(("->", " -> "))) + middle + result
    return Case(tuple(given), {"equation": equation})


def attention_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    rank = draw(st.sampled_from((0, 1, 2, 2, 2)))
    before = tuple(draw(sizes) for _ in range(rank))
    length, keys, width, values = (draw(sizes) for _ in range(4))
    dtype = draw(st.sampled_from(["float32"] * 20 + ["float64", "int64"]))
    shapes = [
        (*before, length, width),
        (*before, keys, width),
        (*before, keys, values if draw(st.booleans()) else width),
    ]
    arguments: dict[str, Any] = {}
    if draw(st.booleans()):
        arguments["dropout_p"] = draw(st.sampled_from((0.0, 0.1, 0)))
    if draw(st.booleans()):
        arguments["is_causal"] = draw(st.booleans())
    if draw(st.integers(0, 3)) == 0:
        arguments["scale"] = draw(st.sampled_from((None, 0.5)))
    if draw(st.integers(0, 3)) == 0:
        scores = Tensor((*before, length, keys))
        kind = draw(st.sampled_from(("bool", dtype, dtype, "float64")))
        shape = (length, keys) if draw(st.booleans()) else broadcast_of(draw, scores)
        arguments["attn_mask"] = Tensor(shape, kind)
    if rank == 2 and draw(st.integers(0, 3)) == 0:
        arguments["enable_gqa"] = True
        heads, groups = draw(st.sampled_from(((4, 2), (6, 3), (4, 4), (4, 3), (4, 1))))
        shapes = [(before[0], Literal(n), *shape[2:]) for n, shape in zip((heads, groups, groups), shapes)]
    if draw(st.integers(0, 9)) == 0:
        which = draw(st.integers(0, 2))
        shapes[which] = tuple(draw(sizes) if draw(st.integers(0, 3)) == 0 else size for size in shapes[which])
    return Case(tuple(Tensor(shape, dtype) for shape in shapes), arguments)


def pad_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    mode = draw(st.sampled_from((None, "constant", "reflect", "replicate", "circular")))
    first = draw(tensors((1, 5), mostly_float))
    count = draw(st.sampled_from((2, 2, 4, 4, 6, 1, 3)))
    low = -1 if mode in (None, "constant") else 0
    margin = st.one_of(st.integers(low, 3), st.sampled_from((Name("heads"), 0)))
    arguments: dict[str, Any] = {"pad": tuple(draw(margin) for _ in range(count))}
    if mode:
        arguments["mode"] = mode
    if draw(st.integers(0, 3)) == 0:
        arguments["value"] = draw(st.sampled_from((None, 0.5, 1)))
    return Case((first,), arguments)


def interpolate_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors((3, 5), mostly_float))
    if draw(st.integers(0, 14)) == 0:
        first = draw(tensors((1, 3), mostly_float))
    spatial = max(len(first.shape) - 2, 1)
    modes = {1: ("linear",), 2: ("bilinear", "bicubic"), 3: ("trilinear",)}[spatial] + (
        "nearest",
        "nearest-exact",
        "area",
    )
    arguments: dict[str, Any] = {}
    scales = st.sampled_from((2, 0.5, 1.5, 3.0, 0.25, 2.0, 1 / 3, 1.7))
    if draw(st.booleans()):
        arguments["size"] = draw(small) if draw(st.booleans()) else tuple(a_size(draw, [first]) for _ in range(spatial))
    else:
        arguments["scale_factor"] = (
            draw(scales) if draw(st.booleans()) else tuple(float(draw(scales)) for _ in range(spatial))
        )
    if draw(st.booleans()):
        arguments["mode"] = (
            draw(st.sampled_from(modes)) if draw(st.integers(0, 9)) else draw(st.sampled_from(("linear", "bilinear")))
        )
    if draw(st.integers(0, 3)) == 0:
        arguments["align_corners"] = draw(st.booleans())
    if draw(st.integers(0, 5)) == 0:
        arguments["antialias"] = True
    return Case((first,), arguments)


def packing_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    batch = draw(st.sampled_from((Name("N"), Literal(3))))
    time = [draw(st.sampled_from((Name("time"), Literal(5))))] if draw(st.integers(0, 9)) else []
    first = Tensor((batch, *time, *(draw(sizes) for _ in range(draw(st.integers(0, 2)) if time else 0))))
    batch = batch if draw(st.integers(0, 9)) else Literal(2)
    lengths = Tensor((batch,), draw(st.sampled_from(["int64"] * 9 + ["float32"])))
    return Case((first,), {"lengths": lengths, "enforce_sorted": False})


def topk_case(draw: st.DrawFn, operation: TensorOperation) -> Case:
    first = draw(tensors())
    places = [SizeOf("t0", k) for k, size in enumerate(first.shape) if expressions.names(size) <= VARYING]
    k = draw(st.one_of(small, st.sampled_from([Name("heads"), *places])))
    arguments = {"k": k, "dim": dimension(draw, len(first.shape)), "largest": draw(st.booleans())}
    return Case((first,), {name: arguments[name] for name in draw(st.sampled_from((("k",), tuple(arguments))))})


SPECIAL = {
    "topk": topk_case,
    "reshape": reshape_case,
    "view": reshape_case,
    "unflatten": unflatten_case,
    "flatten": flatten_case,
    "permute": permute_case,
    "unsqueeze": unsqueeze_case,
    "squeeze": squeeze_case,
    "movedim": movedim_case,
    "expand": expand_case,
    "repeat": repeat_case,
    "roll": roll_case,
    "cat": joining_case,
    "stack": joining_case,
    "split": split_case,
    "chunk": chunk_case,
    "select": select_case,
    "slice": slice_case,
    "narrow": narrow_case,
    "index": index_case,
    "index_select": index_case,
    "gather": index_case,
    "masked_fill": masked_case,
    "where": where_case,
    "matmul": matmul_case,
    "einsum": einsum_case,
    "scaled_dot_product_attention": attention_case,
    "pad": pad_case,
    "interpolate": interpolate_case,
    "pack_padded_sequence": packing_case,
}
