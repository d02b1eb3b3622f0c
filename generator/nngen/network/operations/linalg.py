"""Matrix products, general tensor products, and attention."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain

from ...language.expressions import Literal
from ..dims import broadcast, of_one_sample, volume
from ..symbolic.sizes import Size
from ..tensors import Dim
from . import dtypes
from .base import OperationUse, Parameter, ShapeError, TensorOperation, TensorType, keywords
from .text import binary, call

_TERM = re.compile(r"[A-Za-z]*(\.\.\.)?[A-Za-z]*")


class Matmul(TensorOperation):
    """``matmul``: products of matrices in the last two dimensions; the dimensions before are broadcast.

    FLOPs as in ``bmm_flop`` of ``torch.utils.flop_counter``: two for each element of the result, times the inner size.
    """

    def __init__(self) -> None:
        super().__init__("matmul", operands=("input", "other"))

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        _expect_same_float(use.tensors)
        return (TensorType(self._dims(use), use.input.dtype),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return binary(operands[0], "@", operands[1])

    def flops(self, use: OperationUse) -> Size:
        return of_one_sample(volume(self._dims(use)) * (use.input.dims[-1].size * 2))

    def _dims(self, use: OperationUse) -> tuple[Dim, ...]:
        left, right = (tensor.dims for tensor in use.tensors)
        if not left or not right:
            raise ShapeError("and it takes vectors, matrices, or batches of those")
        inner = right[-2] if len(right) > 1 else right[-1]
        if left[-1].size != inner.size:
            raise ShapeError(f"and rows of {left[-1].size} do not go with columns of {inner.size}")
        rows = left[-2:-1]
        columns = right[-1:] if len(right) > 1 else ()
        return (*broadcast(left[:-2], right[:-2]), *rows, *columns)


class Einsum(TensorOperation):
    """``einsum``: sums of products by an equation; FLOPs are those of the matrix products that torch computes."""

    def __init__(self) -> None:
        super().__init__("einsum", Parameter("equation", ("str",), required=True), variadic=True)

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        if len(use.tensors) > 1:
            _expect_same_float(use.tensors)
        terms, output = _parsed(use.value("equation"), len(use.tensors))
        sizes, dots = _sizes(terms, use.tensors)
        summed = len(use.tensors) == 1 and set("".join(terms)) - set(output)  # a plain sum, also of whole numbers
        dtype = use.input.dtype if dtypes.is_float(use.input.dtype) or not summed else "int64"
        return (TensorType(_laid_out(output, sizes, dots), dtype),)

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return call("torch.einsum", arguments["equation"], *operands)

    def flops(self, use: OperationUse) -> Size:
        terms, output = _parsed(use.value("equation"), len(use.tensors))
        sizes, dots = _sizes(terms, use.tensors)
        count: Size = 0
        so_far = terms[0]
        for index, term in enumerate(terms[1:], 2):  # torch multiplies from left to right
            letters = sorted(set(_letters(so_far + term)))
            both = [sizes[letter] for letter in letters]
            if "..." in so_far + term:
                both += dots
            count = volume(both) * 2 + count
            needed = set(_letters(output + "".join(terms[index:])))
            so_far = ("..." if "..." in so_far + term else "") + "".join(x for x in letters if x in needed)
        return of_one_sample(count)


class Attention(TensorOperation):
    """``scaled_dot_product_attention``; FLOPs as in ``sdpa_flop_count`` of ``torch.utils.flop_counter``."""

    def __init__(self) -> None:
        super().__init__(
            "scaled_dot_product_attention",
            Parameter("attn_mask", ("tensor", "none")),
            Parameter("dropout_p", ("float",), default=0.0, minimum=0, maximum=1, exclusive_maximum=True),
            Parameter("is_causal", ("bool",), default=False),
            Parameter("scale", ("float", "none"), keyword_only=True),
            Parameter("enable_gqa", ("bool",), default=False, keyword_only=True),
            operands=("query", "key", "value"),
        )

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        _expect_same_float(use.tensors)
        before, key_length, width = self._parts(use)
        query = use.input.dims
        mask = use.value("attn_mask")
        if mask is not None:
            self._check_mask(use, mask, (*before, query[-2], key_length))
        return (TensorType((*before, query[-2], width), use.input.dtype),)

    def _parts(self, use: OperationUse) -> tuple[tuple[Dim, ...], Dim, Dim]:
        """Return the leading dimensions, the length of the keys and the width of the values."""
        query, key, value = (tensor.dims for tensor in use.tensors)
        if min(len(query), len(key), len(value)) < 2:
            raise ShapeError("and query, key and value are (..., length, features)")
        if query[-1].size != key[-1].size:
            raise ShapeError(f"and queries of {query[-1].size} features do not go with keys of {key[-1].size}")
        if key[-2].size != value[-2].size:
            raise ShapeError(f"and {key[-2].size} keys do not go with {value[-2].size} values")
        if use.value("enable_gqa"):
            return self._grouped(query, key, value), key[-2], value[-1]
        return broadcast(query[:-2], key[:-2], value[:-2]), key[-2], value[-1]

    def _grouped(self, query: Sequence[Dim], key: Sequence[Dim], value: Sequence[Dim]) -> tuple[Dim, ...]:
        if min(len(query), len(key), len(value)) < 3:
            raise ShapeError("and groups of heads need (..., heads, length, features)")
        heads, groups = query[-3].size, key[-3].size
        whole = isinstance(heads, int) and isinstance(groups, int) and heads % groups == 0
        if groups != value[-3].size or not (whole or heads == groups):
            raise ShapeError(f"and {heads} heads cannot share {groups} of the keys and {value[-3].size} of the values")
        return (*broadcast(query[:-3], key[:-3], value[:-3]), query[-3])

    def _check_mask(self, use: OperationUse, mask: TensorType, scores: tuple[Dim, ...]) -> None:
        if use.value("is_causal"):
            raise ShapeError("and attn_mask and is_causal exclude each other")
        if mask.dtype not in ("bool", use.input.dtype):
            raise ShapeError(f"and the mask must be bool or {use.input.dtype}, not {mask.dtype}")
        if len(mask.dims) < 2:
            raise ShapeError("and the mask is (..., queries, keys)")
        whole = broadcast(mask.dims, scores)
        if [dim.size for dim in whole] != [dim.size for dim in scores]:
            raise ShapeError(f"and the mask has {len(mask.dims)} dimensions, more than the scores")

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        extra = keywords(use, arguments, "attn_mask")
        dropout = use.arguments.get("dropout_p")
        if dropout is not None and not (dropout.value == 0 and isinstance(dropout.source, Literal)):
            extra.append(f"dropout_p={arguments['dropout_p']} if self.training else 0.0")
        extra += keywords(use, arguments, "is_causal", "scale", "enable_gqa")
        return call("F.scaled_dot_product_attention", *operands, keywords=extra)

    def flops(self, use: OperationUse) -> Size:
        before, key_length, width = self._parts(use)
        query = use.input.dims
        pairs = volume((*before, query[-2], key_length)) * 2
        return of_one_sample((query[-1].size + width.size) * pairs)


def _expect_same_float(tensors: Sequence[TensorType]) -> None:
    """Check that matrices have the same floating-point dtype; torch multiplies integers only on the CPU."""
    kinds = {tensor.dtype for tensor in tensors}
    if len(kinds) > 1:
        raise ShapeError(f"of dtypes {' and '.join(sorted(kinds))}, and they must be the same")
    (dtype,) = kinds
    if not dtypes.is_float(dtype):
        raise ShapeError(f"of dtype {dtype}, and torch multiplies them only on the CPU")


def _parsed(equation: str, count: int) -> tuple[list[str], str]:
    """Return the terms of an einsum equation, and the term of its result."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    for term in (*terms, right):
        if not _TERM.fullmatch(term):
            raise ShapeError(f"and {term!r} is no term of an equation: letters, and ... for the others")
    if len(terms) != count:
        raise ShapeError(f"and the equation {equation!r} has {len(terms)} terms for {count} tensors")
    if not arrow:
        letters = _letters(left)
        once = sorted(letter for letter in set(letters) if letters.count(letter) == 1)
        return terms, ("..." if "..." in left else "") + "".join(once)
    letters = _letters(right)
    wrong = next((letter for letter in letters if letter not in left or letters.count(letter) > 1), None)
    if wrong:
        raise ShapeError(f"and {wrong!r} of the result must be in one of the terms, and in the result once")
    return terms, right


def _letters(term: str) -> str:
    return re.sub(r"[^A-Za-z]", "", term)


def _sizes(terms: Sequence[str], tensors: Sequence[TensorType]) -> tuple[dict[str, Dim], tuple[Dim, ...]]:
    """Return the dimension of each letter, and the dimensions that ``...`` denotes."""
    sizes: dict[str, Dim] = {}
    dots: tuple[Dim, ...] = ()
    for term, tensor in zip(terms, tensors):
        letters = len(_letters(term))
        dots_rank = len(tensor.dims) - letters
        if dots_rank < 0 or (dots_rank and "..." not in term):
            raise ShapeError(f"and {term!r} names {letters} dimensions of {len(tensor.dims)}")
        before, _, after = term.partition("...")
        middle = tensor.dims[len(before) : len(before) + dots_rank]
        if "..." in term:
            dots = broadcast(dots, middle)
        inside: dict[str, Dim] = {}
        for letter, dim in chain(zip(before, tensor.dims), zip(after, tensor.dims[len(before) + dots_rank :])):
            if letter in inside and inside[letter].size != dim.size:
                raise ShapeError(f"and {letter!r} is both {inside[letter].size} and {dim.size}")
            inside[letter] = dim
        for letter, dim in inside.items():
            sizes[letter] = _common(letter, sizes[letter], dim) if letter in sizes else dim
    return sizes, dots


def _common(letter: str, first: Dim, second: Dim) -> Dim:
    if first.size != second.size and 1 not in (first.size, second.size):
        raise ShapeError(f"and {letter!r} is both {first.size} and {second.size}")
    return broadcast((first,), (second,))[0]


def _laid_out(term: str, sizes: Mapping[str, Dim], dots: tuple[Dim, ...]) -> tuple[Dim, ...]:
    before, marked, after = term.partition("...")
    return (
        *(sizes[letter] for letter in before),
        *(dots if marked else ()),
        *(sizes[letter] for letter in after),
    )


OPERATIONS: tuple[TensorOperation, ...] = (Matmul(), Einsum(), Attention())
