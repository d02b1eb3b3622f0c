"""Drawn uses of the tensor operations, before their sizes are bound to numbers."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import strategies as st

from nngen.language import expressions
from nngen.language.expressions import Expr, Literal, Name, SizeOf
from nngen.language.expressions import Operation as Op
from nngen.network.operations import TensorOperation
from operation_draws import (
    VARYING,
    Case,
    Tensor,
    a_size,
    broadcast_of,
    dimension,
    dtypes,
    general,
    like,
    mostly_float,
    sizes,
    small,
    tensors,
)
from operation_reshapes import (
    expand_case,
    flatten_case,
    movedim_case,
    permute_case,
    repeat_case,
    reshape_case,
    roll_case,
    squeeze_case,
    unflatten_case,
    unsqueeze_case,
)

torch = pytest.importorskip("torch")


@st.composite
def cases(draw: st.DrawFn, operation: TensorOperation) -> Case:
    name = operation.name
    if name in SPECIAL:
        return SPECIAL[name](draw, operation)
    return general(draw, operation)


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
