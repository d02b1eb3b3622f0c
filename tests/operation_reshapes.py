"""What is drawn for operations that give a tensor another shape."""

from __future__ import annotations

from hypothesis import strategies as st

from nngen.language.expressions import Literal, Name
from nngen.language.expressions import Operation as Op
from nngen.network.operations import TensorOperation
from operation_draws import (
    Case,
    Tensor,
    a_size,
    dimension,
    like,
    reshaped,
    some_dims,
    tensors,
)


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
