"""The code of each tensor operation to the letter, what it is worth, and what is said when it does not fit."""

from __future__ import annotations

import ast
import contextlib
import types
from typing import Any

import pytest

from nngen.language import expressions
from nngen.language.catalogue.entries import Parameter
from nngen.language.expressions import Literal, SizeOf
from nngen.language.python import literal
from nngen.network.operations import MODULES, OPERATIONS, OperationUse, ShapeError
from nngen.network.operations.text import atom, binary, prefixed
from nngen.network.symbolic.sizes import Symbolic
from nngen.network.tensors import BATCH, Argument, Dim, TensorType, shape_text

VALUES = {"dim": 768, "heads": 12, "channels": 64, "skip_channels": 32, "dropout": 0.0, "context": 1024}


def tensor(shape: str, dtype: str = "float32") -> TensorType:
    """``N, time, 3 * $dim`` as a type."""
    return TensorType(tuple(_dim(size.strip()) for size in shape.split(",") if size.strip()), dtype)


def _dim(size: str) -> Dim:
    if size == "N":
        return Dim(BATCH)
    if size.isidentifier():
        return Dim(Symbolic.name(size))
    source = expressions.parse(size)
    value = expressions.evaluate(source, VALUES)
    return Dim(value, source if expressions.names(source) else None)


def argument(value: Any, tensors: dict[str, TensorType]) -> Argument:
    if isinstance(value, list):
        parts = tuple(argument(part, tensors) for part in value)
        return Argument(tuple(part.value for part in parts), parts)
    if isinstance(value, str) and "$" in value:
        source = expressions.parse(value)
        if isinstance(source, SizeOf):
            return Argument(tensors[source.tensor].dims[source.dim].size, source)
        return Argument(expressions.evaluate(source, VALUES), source)
    if isinstance(value, TensorType):
        return Argument(value, expressions.Name("other"))
    return Argument(value, Literal(value))


def shape(each: TensorType) -> str:
    """The shape with the source of each size."""
    return shape_text(tuple(expressions.to_python(dim.expression()) if dim.depends else dim.size for dim in each.dims))


def use_of(name: str, shapes: list[TensorType], given: dict[str, Any]) -> OperationUse:
    names = {f"t{index}": each for index, each in enumerate(shapes)}
    arguments = {key: argument(value, names) for key, value in given.items()}
    return OperationUse(OPERATIONS[name], tuple(shapes), arguments)


def source(each: Argument) -> str:
    if isinstance(each.value, TensorType):
        return "other"
    if isinstance(each.source, tuple):
        parts = [source(part) for part in each.source]
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
    return literal(each.value) if isinstance(each.source, Literal) else expressions.to_python(each.source)


def code(name: str, shapes: list[TensorType], texts: list[str], given: dict[str, Any]) -> str:
    use = use_of(name, shapes, given)
    use.operation.infer(use)
    return use.operation.code(texts, {key: source(value) for key, value in use.arguments.items()}, use)


IMAGE = tensor("N, 64, 8, 8")
SEQUENCE = tensor("N, time, 768")
TOKENS = tensor("N, time", "int64")
BOOLS = tensor("N, time", "bool")
LENGTHS = tensor("N", "int64")
DIGITS = TensorType(LENGTHS.dims, "int64", high=Dim(10))
HEADS = tensor("N, 12, time, 64")
SCORES = tensor("N, 12, time, time")
MASK = tensor("time, time", "bool")

CODE: list[tuple[str, list[TensorType], dict[str, Any], str]] = [
    ("add", [IMAGE, IMAGE], {}, "x + y"),
    ("add", [IMAGE, IMAGE, IMAGE], {}, "x + y + z"),
    ("add", [IMAGE], {"other": 1}, "x + 1"),
    ("add", [IMAGE], {"other": -1}, "x - 1"),
    ("add", [BOOLS], {"other": -1}, "x + -1"),
    ("add", [IMAGE], {"other": "$dim"}, "x + dim"),
    ("sub", [IMAGE, IMAGE], {}, "x - y"),
    ("sub", [IMAGE], {"other": -0.5}, "x + 0.5"),
    ("rsub", [IMAGE], {"other": 1}, "1 - x"),
    ("rsub", [IMAGE, IMAGE], {}, "y - x"),
    ("mul", [IMAGE, IMAGE], {}, "x * y"),
    ("mul", [IMAGE], {"other": "$dim ** -0.5"}, "x * dim ** -0.5"),
    ("mul", [IMAGE], {"other": "$dim + 1"}, "x * (dim + 1)"),
    ("mul", [IMAGE], {"other": -1}, "x * -1"),
    ("div", [IMAGE], {"other": 2}, "x / 2"),
    ("div", [IMAGE], {"other": "2 * $dim"}, "x / (2 * dim)"),
    ("div", [TOKENS], {"other": 2, "rounding_mode": "floor"}, "x // 2"),
    ("div", [TOKENS], {"other": 2, "rounding_mode": "trunc"}, 'torch.div(x, 2, rounding_mode="trunc")'),
    ("pow", [IMAGE], {"exponent": 2}, "x ** 2"),
    ("pow", [IMAGE], {"exponent": -0.5}, "x ** -0.5"),
    ("minimum", [IMAGE, IMAGE], {}, "torch.minimum(x, y)"),
    ("maximum", [IMAGE, IMAGE], {}, "torch.maximum(x, y)"),
    ("eq", [TOKENS], {"other": 0}, "x == 0"),
    ("ne", [TOKENS], {"other": 0}, "x != 0"),
    ("lt", [IMAGE], {"other": -1}, "x < -1"),
    ("le", [IMAGE, IMAGE], {}, "x <= y"),
    ("gt", [IMAGE, IMAGE], {}, "x > y"),
    ("ge", [IMAGE], {"other": 0.5}, "x >= 0.5"),
    ("logical_and", [BOOLS, BOOLS], {}, "x & y"),
    ("logical_and", [TOKENS, BOOLS], {}, "torch.logical_and(x, y)"),
    ("logical_or", [BOOLS, BOOLS], {}, "x | y"),
    ("logical_xor", [BOOLS, BOOLS], {}, "x ^ y"),
    ("logical_not", [BOOLS], {}, "~x"),
    ("logical_not", [TOKENS], {}, "torch.logical_not(x)"),
    ("neg", [IMAGE], {}, "-x"),
    ("abs", [IMAGE], {}, "x.abs()"),
    ("sign", [IMAGE], {}, "x.sign()"),
    ("exp", [IMAGE], {}, "torch.exp(x)"),
    ("expm1", [IMAGE], {}, "torch.expm1(x)"),
    ("log", [IMAGE], {}, "torch.log(x)"),
    ("log1p", [IMAGE], {}, "torch.log1p(x)"),
    ("log2", [IMAGE], {}, "torch.log2(x)"),
    ("sqrt", [IMAGE], {}, "torch.sqrt(x)"),
    ("rsqrt", [IMAGE], {}, "torch.rsqrt(x)"),
    ("reciprocal", [IMAGE], {}, "torch.reciprocal(x)"),
    ("sin", [IMAGE], {}, "torch.sin(x)"),
    ("cos", [IMAGE], {}, "torch.cos(x)"),
    ("erf", [IMAGE], {}, "torch.erf(x)"),
    ("floor", [IMAGE], {}, "x.floor()"),
    ("ceil", [IMAGE], {}, "x.ceil()"),
    ("round", [IMAGE], {}, "x.round()"),
    ("trunc", [IMAGE], {}, "x.trunc()"),
    ("tanh", [IMAGE], {}, "torch.tanh(x)"),
    ("sigmoid", [IMAGE], {}, "torch.sigmoid(x)"),
    ("relu", [IMAGE], {}, "F.relu(x)"),
    ("relu6", [IMAGE], {}, "F.relu6(x)"),
    ("gelu", [IMAGE], {}, "F.gelu(x)"),
    ("gelu", [IMAGE], {"approximate": "tanh"}, 'F.gelu(x, approximate="tanh")'),
    ("silu", [IMAGE], {}, "F.silu(x)"),
    ("mish", [IMAGE], {}, "F.mish(x)"),
    ("hardswish", [IMAGE], {}, "F.hardswish(x)"),
    ("logsigmoid", [IMAGE], {}, "F.logsigmoid(x)"),
    ("leaky_relu", [IMAGE], {"negative_slope": 0.2}, "F.leaky_relu(x, negative_slope=0.2)"),
    ("elu", [IMAGE], {}, "F.elu(x)"),
    ("softplus", [IMAGE], {"beta": 2}, "F.softplus(x, beta=2)"),
    ("clamp", [IMAGE], {"min": 1}, "x.clamp(min=1)"),
    ("clamp", [IMAGE], {"min": -1, "max": 1}, "x.clamp(min=-1, max=1)"),
    ("detach", [IMAGE], {}, "x.detach()"),
    ("contiguous", [IMAGE], {}, "x.contiguous()"),
    ("clone", [IMAGE], {}, "x.clone()"),
    ("float", [TOKENS], {}, "x.float()"),
    ("double", [TOKENS], {}, "x.double()"),
    ("half", [IMAGE], {}, "x.half()"),
    ("long", [IMAGE], {}, "x.long()"),
    ("int", [IMAGE], {}, "x.int()"),
    ("bool", [IMAGE], {}, "x.bool()"),
    ("to", [IMAGE], {"dtype": "bfloat16"}, "x.to(torch.bfloat16)"),
    ("type_as", [TOKENS, IMAGE], {}, "x.type_as(y)"),
    ("matmul", [HEADS, tensor("N, 12, 64, time")], {}, "x @ y"),
    ("einsum", [HEADS, HEADS], {"equation": "nhqd,nhkd->nhqk"}, 'torch.einsum("nhqd,nhkd->nhqk", x, y)'),
    ("scaled_dot_product_attention", [HEADS] * 3, {}, "F.scaled_dot_product_attention(x, y, z)"),
    (
        "scaled_dot_product_attention",
        [HEADS] * 3,
        {"is_causal": True, "dropout_p": "$dropout"},
        "F.scaled_dot_product_attention(x, y, z, dropout_p=dropout if self.training else 0.0, is_causal=True)",
    ),
    (
        "scaled_dot_product_attention",
        [HEADS] * 3,
        {"attn_mask": MASK, "dropout_p": 0.0},
        "F.scaled_dot_product_attention(x, y, z, attn_mask=other)",
    ),
    ("cat", [IMAGE, IMAGE], {}, "torch.cat([x, y], dim=1)"),
    ("cat", [IMAGE, IMAGE, IMAGE], {"dim": -1}, "torch.cat([x, y, z], dim=-1)"),
    ("stack", [IMAGE, IMAGE], {}, "torch.stack([x, y], dim=1)"),
    ("split", [IMAGE], {"split_size_or_sections": 32, "dim": 1}, "torch.split(x, 32, dim=1)"),
    ("split", [IMAGE], {"split_size_or_sections": [16, 48], "dim": 1}, "torch.split(x, [16, 48], dim=1)"),
    ("split", [tensor("6, N")], {"split_size_or_sections": 2}, "torch.split(x, 2)"),
    ("chunk", [IMAGE], {"chunks": 3, "dim": -1}, "x.chunk(3, dim=-1)"),
    ("unbind", [tensor("3, N")], {}, "x.unbind(0)"),
    ("unbind", [IMAGE], {"dim": 2}, "x.unbind(2)"),
    ("reshape", [IMAGE], {"shape": ["$t0.size(0)", -1, 64]}, "x.reshape(t0.size(0), -1, 64)"),
    ("reshape", [IMAGE], {"shape": -1}, "x.reshape(-1)"),
    ("view", [IMAGE], {"shape": [-1, 64, 64]}, "x.reshape(-1, 64, 64)"),
    ("flatten", [IMAGE], {"start_dim": 2}, "x.flatten(2)"),
    ("flatten", [IMAGE], {"start_dim": 1, "end_dim": 2}, "x.flatten(1, 2)"),
    ("flatten", [IMAGE], {"end_dim": 1}, "x.flatten(end_dim=1)"),
    ("flatten", [IMAGE], {}, "x.flatten()"),
    ("unflatten", [SEQUENCE], {"dim": 2, "sizes": ["$heads", -1]}, "torch.unflatten(x, 2, (heads, -1))"),
    ("permute", [IMAGE], {"dims": [0, 2, 3, 1]}, "x.permute(0, 2, 3, 1)"),
    ("transpose", [SEQUENCE], {"dim0": 1, "dim1": 2}, "x.transpose(1, 2)"),
    ("movedim", [IMAGE], {"source": 1, "destination": -1}, "x.movedim(1, -1)"),
    ("squeeze", [tensor("N, 1")], {"dim": 1}, "x.squeeze(1)"),
    ("squeeze", [tensor("1, 3")], {}, "x.squeeze()"),
    ("unsqueeze", [SEQUENCE], {"dim": -1}, "x.unsqueeze(-1)"),
    ("expand", [tensor("1, 1, 768")], {"size": ["$t0.size(0)", -1, -1]}, "x.expand(t0.size(0), -1, -1)"),
    ("repeat", [IMAGE], {"repeats": [1, 2, 1, 1]}, "x.repeat(1, 2, 1, 1)"),
    ("repeat_interleave", [IMAGE], {"repeats": 2, "dim": 1}, "x.repeat_interleave(2, dim=1)"),
    ("roll", [IMAGE], {"shifts": [-3, -3], "dims": [2, 3]}, "x.roll((-3, -3), dims=(2, 3))"),
    ("roll", [IMAGE], {"shifts": 1}, "x.roll(1)"),
    ("flip", [IMAGE], {"dims": [-1]}, "x.flip(-1)"),
    ("select", [SEQUENCE], {"dim": 1, "index": 0}, "x[:, 0]"),
    ("select", [SEQUENCE], {"dim": 0, "index": -2}, "x[-2]"),
    ("select", [SEQUENCE], {"dim": -1, "index": 5}, "x[..., 5]"),
    ("select", [IMAGE], {"dim": -2, "index": "$heads - 5"}, "x[..., heads - 5, :]"),
    ("slice", [SEQUENCE], {"dim": 1, "end": -1}, "x[:, :-1]"),
    ("slice", [SEQUENCE], {"dim": 2, "start": 2, "end": 9, "step": 3}, "x[:, :, 2:9:3]"),
    ("slice", [IMAGE], {"dim": -1, "start": 1}, "x[..., 1:]"),
    ("slice", [IMAGE], {"dim": 2, "step": 2}, "x[:, :, ::2]"),
    ("narrow", [SEQUENCE], {"dim": 1, "start": 0, "length": 5}, "x.narrow(1, 0, 5)"),
    ("index_select", [IMAGE], {"dim": 1, "index": tensor("9", "int64")}, "x.index_select(1, other)"),
    ("gather", [TOKENS, TOKENS], {"dim": 1}, "x.gather(1, y)"),
    ("index", [tensor("169, 12"), tensor("49, 49", "int64")], {}, "x[y]"),
    ("index", [SEQUENCE, LENGTHS, LENGTHS], {}, "x[y, z]"),
    ("masked_fill", [SCORES, tensor("N, 1, 1, time", "bool")], {"value": 0}, "x.masked_fill(y, 0)"),
    ("masked_fill", [TOKENS], {"mask": BOOLS, "value": True}, "x.masked_fill(other, True)"),
    (
        "masked_fill",
        [HEADS],
        {"mask": tensor("time, 1", "bool"), "value": float("-inf")},
        'x.masked_fill(other, float("-inf"))',
    ),
    ("where", [BOOLS, TOKENS, TOKENS], {}, "torch.where(x, y, z)"),
    ("where", [BOOLS], {"input": TOKENS, "other": 0.0}, "torch.where(x, other, 0.0)"),
    ("tril", [tensor("8, 8")], {}, "x.tril()"),
    ("triu", [tensor("8, 8")], {"diagonal": 1}, "x.triu(diagonal=1)"),
    ("sum", [IMAGE], {}, "x.sum()"),
    ("sum", [BOOLS], {"dim": 1}, "x.sum(dim=1)"),
    ("mean", [IMAGE], {"dim": [2, 3]}, "x.mean(dim=(2, 3))"),
    ("mean", [IMAGE], {"dim": -1, "keepdim": True}, "x.mean(dim=-1, keepdim=True)"),
    ("prod", [IMAGE], {"dim": 1}, "x.prod(dim=1)"),
    ("max", [IMAGE], {}, "x.max()"),
    ("max", [IMAGE], {"dim": 1}, "x.max(dim=1).values"),
    ("min", [IMAGE], {"dim": 1, "keepdim": True}, "x.min(dim=1, keepdim=True).values"),
    ("amax", [IMAGE], {"dim": [2, 3]}, "x.amax(dim=(2, 3))"),
    ("amin", [IMAGE], {"dim": 1}, "x.amin(dim=1)"),
    ("std", [IMAGE], {"dim": 1}, "x.std(dim=1)"),
    ("var", [IMAGE], {"dim": 1, "correction": 0}, "x.var(dim=1, correction=0)"),
    ("logsumexp", [IMAGE], {"dim": 1}, "x.logsumexp(dim=1)"),
    ("any", [BOOLS], {"dim": 1}, "x.any(dim=1)"),
    ("all", [BOOLS], {}, "x.all()"),
    ("norm", [IMAGE], {"dim": -1, "keepdim": True}, "x.norm(dim=-1, keepdim=True)"),
    ("norm", [IMAGE], {"dim": -1, "p": 1}, "x.norm(dim=-1, p=1)"),
    ("norm", [IMAGE], {"dim": [1, 2, 3]}, "x.norm(p=2, dim=(1, 2, 3))"),
    ("argmax", [IMAGE], {"dim": 1}, "x.argmax(dim=1)"),
    ("argmin", [IMAGE], {"dim": 1}, "x.argmin(dim=1)"),
    ("softmax", [IMAGE], {"dim": -1}, "x.softmax(dim=-1)"),
    ("log_softmax", [IMAGE], {"dim": -1}, "x.log_softmax(dim=-1)"),
    ("cumsum", [IMAGE], {"dim": 1}, "x.cumsum(dim=1)"),
    ("normalize", [IMAGE], {}, "F.normalize(x, dim=1)"),
    ("normalize", [IMAGE], {"dim": -1, "p": 1.0, "eps": 1e-6}, "F.normalize(x, p=1.0, dim=-1, eps=1e-6)"),
    ("topk", [IMAGE], {"k": 5}, "x.topk(5)"),
    ("topk", [IMAGE], {"k": 5, "dim": 1, "largest": False}, "x.topk(5, dim=1, largest=False)"),
    ("arange", [TOKENS], {"end": "$t0.size(1)"}, "torch.arange(t0.size(1), device=x.device)"),
    ("arange", [TOKENS], {"end": 9, "start": 1}, "torch.arange(1, 9, device=x.device)"),
    ("arange", [TOKENS], {"end": "$dim", "step": 2}, "torch.arange(0, dim, 2, device=x.device)"),
    (
        "arange",
        [TOKENS],
        {"end": "$t0.size(1)", "dtype": "float32"},
        "torch.arange(t0.size(1), dtype=torch.float32, device=x.device)",
    ),
    ("linspace", [IMAGE], {"start": -1, "end": 1, "steps": 8}, "torch.linspace(-1, 1, 8, device=x.device)"),
    ("zeros", [IMAGE], {"size": [2, "$t0.size(0)", "$dim"]}, "torch.zeros(2, t0.size(0), dim, device=x.device)"),
    ("ones", [IMAGE], {"size": 3}, "torch.ones(3, device=x.device)"),
    ("full", [IMAGE], {"size": [2, 3], "fill_value": 0.5}, "torch.full((2, 3), 0.5, device=x.device)"),
    ("full", [IMAGE], {"size": 4, "fill_value": 1}, "torch.full((4,), 1, device=x.device)"),
    ("eye", [IMAGE], {"n": 3}, "torch.eye(3, device=x.device)"),
    ("eye", [IMAGE], {"n": 3, "m": 4}, "torch.eye(3, 4, device=x.device)"),
    ("rand", [IMAGE], {"size": ["$t0.size(0)", 1, 1, 1]}, "torch.rand(t0.size(0), 1, 1, 1, device=x.device)"),
    ("randn", [IMAGE], {"size": [2, 2]}, "torch.randn(2, 2, device=x.device)"),
    ("zeros_like", [IMAGE], {}, "torch.zeros_like(x)"),
    ("ones_like", [IMAGE], {}, "torch.ones_like(x)"),
    ("full_like", [IMAGE], {"fill_value": 2}, "torch.full_like(x, 2)"),
    ("rand_like", [IMAGE], {}, "torch.rand_like(x)"),
    ("randn_like", [IMAGE], {}, "torch.randn_like(x)"),
    ("bernoulli", [IMAGE], {}, "torch.bernoulli(x)"),
    ("bernoulli", [IMAGE], {"p": 0.5}, "x.bernoulli(0.5)"),
    ("pad", [IMAGE], {"pad": [1, 1]}, "F.pad(x, (1, 1))"),
    ("pad", [IMAGE], {"pad": [1, 1, 2, 2], "mode": "reflect"}, 'F.pad(x, (1, 1, 2, 2), mode="reflect")'),
    ("pad", [IMAGE], {"pad": [0, 1], "value": -1.0}, "F.pad(x, (0, 1), value=-1.0)"),
    (
        "interpolate",
        [IMAGE],
        {"size": ["$t0.size(2)", "$t0.size(3)"]},
        "F.interpolate(x, size=(t0.size(2), t0.size(3)))",
    ),
    (
        "interpolate",
        [IMAGE],
        {"scale_factor": 2, "mode": "bilinear", "align_corners": False},
        'F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)',
    ),
    ("one_hot", [TOKENS], {"num_classes": 10}, "F.one_hot(x, 10)"),
    (
        "pack_padded_sequence",
        [SEQUENCE],
        {"lengths": LENGTHS, "enforce_sorted": False},
        "pack_padded_sequence(x, other.cpu(), batch_first=True, enforce_sorted=False)",
    ),
    (
        "pad_packed_sequence",
        [TensorType(SEQUENCE.dims, packed=True)],
        {"total_length": "$t0.size(1)"},
        "pad_packed_sequence(x, batch_first=True, total_length=t0.size(1))",
    ),
]


@pytest.mark.parametrize(("name", "tensors", "given", "expected"), CODE, ids=lambda value: str(value)[:40])
def test_code_is_what_a_person_would_write(
    name: str, tensors: list[TensorType], given: dict[str, Any], expected: str
) -> None:
    assert code(name, tensors, ["x", "y", "z"][: len(tensors)], given) == expected
    use = use_of(name, tensors, given)
    names = {node.id for node in ast.walk(ast.parse(expected)) if isinstance(node, ast.Name)}
    assert use.operation.imports(use) == names & set(MODULES)


def test_the_table_has_every_operation() -> None:
    assert {row[0] for row in CODE} == set(OPERATIONS)


@pytest.mark.parametrize(
    ("name", "texts", "given", "expected"),
    [
        ("mul", ["a + b", "c"], {}, "(a + b) * c"),
        ("mul", ["c", "a + b"], {}, "c * (a + b)"),
        ("add", ["a * b", "c * d"], {}, "a * b + c * d"),
        ("add", ["a", "b + c"], {}, "a + (b + c)"),
        ("add", ["a + b", "c"], {}, "a + b + c"),
        ("sub", ["a", "b - c"], {}, "a - (b - c)"),
        ("sub", ["a", "b * c"], {}, "a - b * c"),
        ("div", ["a", "b * c"], {}, "a / (b * c)"),
        ("pow", ["-a"], {"exponent": 2}, "(-a) ** 2"),
        ("pow", ["a ** b"], {"exponent": 2}, "(a ** b) ** 2"),
        ("neg", ["a + b"], {}, "-(a + b)"),
        ("neg", ["a ** b"], {}, "-a ** b"),
        ("eq", ["a", "b == c"], {}, "a == (b == c)"),
        ("eq", ["a == b", "c"], {}, "(a == b) == c"),
        ("mean", ["a + b"], {"dim": 1}, "(a + b).mean(dim=1)"),
        ("mean", ["-a"], {"dim": 1}, "(-a).mean(dim=1)"),
        ("mean", ["self.norm(a)"], {"dim": 1}, "self.norm(a).mean(dim=1)"),
        ("select", ["a + b"], {"dim": 1, "index": 0}, "(a + b)[:, 0]"),
        ("exp", ["0.5 * logvar"], {}, "torch.exp(0.5 * logvar)"),
        ("matmul", ["a * s", "b.transpose(-2, -1)"], {}, "a * s @ b.transpose(-2, -1)"),
        ("matmul", ["a", "b @ c"], {}, "a @ (b @ c)"),
        ("zeros_like", ["a + b"], {}, "torch.zeros_like(a + b)"),
        ("zeros", ["a + b"], {"size": 1}, "torch.zeros(1, device=(a + b).device)"),
        ("relu", ["a if b else c"], {}, "F.relu(a if b else c)"),
        ("add", ["a if b else c", "d"], {}, "(a if b else c) + d"),
    ],
)
def test_operands_get_parentheses_where_python_needs_them(
    name: str, texts: list[str], given: dict[str, Any], expected: str
) -> None:
    assert code(name, [tensor("N, 8, 8")] * len(texts), texts, given) == expected


def test_logic_binds_tighter_than_comparisons() -> None:
    assert code("logical_and", [BOOLS, BOOLS], ["a == 0", "b < 1"], {}) == "(a == 0) & (b < 1)"
    assert code("logical_not", [BOOLS], ["a == 0"], {}) == "~(a == 0)"
    assert code("logical_or", [BOOLS, BOOLS], ["a & b", "~c"], {}) == "a & b | ~c"


def test_precedence_is_that_of_python() -> None:
    """Every pair of operators, against Python's own reading of the text."""
    symbols = ["+", "-", "*", "/", "//", "@", "**", "==", "<", "&", "|", "^"]
    for outer in symbols:
        for inner in symbols:
            left, right = binary(binary("a", inner, "b"), outer, "c"), binary("a", outer, binary("b", inner, "c"))
            assert ast.dump(ast.parse(left)) == ast.dump(ast.parse(f"((a {inner} b) {outer} c)"))
            assert ast.dump(ast.parse(right)) == ast.dump(ast.parse(f"(a {outer} (b {inner} c))"))
        assert ast.dump(ast.parse(prefixed("-", binary("a", outer, "b")))) == ast.dump(ast.parse(f"-(a {outer} b)"))
        assert ast.dump(ast.parse(binary("-a", outer, "b"))) == ast.dump(ast.parse(f"(-a) {outer} b"))
        assert ast.dump(ast.parse(f"{atom(binary('a', outer, 'b'))}.c")) == ast.dump(ast.parse(f"(a {outer} b).c"))


# sources

SOURCES: list[tuple[str, list[str], dict[str, Any], list[str]]] = [
    ("unflatten", ["N, time, 3 * $dim"], {"dim": 2, "sizes": [3, "$heads", -1]}, ["(N, time, 3, heads, dim // heads)"]),
    ("flatten", ["N, time, $heads, $dim // $heads"], {"start_dim": 2}, ["(N, time, heads * (dim // heads))"]),
    ("flatten", ["N, 64, 7, 7"], {"start_dim": 1}, ["(N, 3136)"]),
    ("flatten", ["N, $channels, 7, 7"], {"start_dim": 1}, ["(N, channels * 7 * 7)"]),
    ("cat", ["N, $skip_channels, h", "N, $channels, h"], {}, ["(N, skip_channels + channels, h)"]),
    ("cat", ["N, $channels, h", "N, $channels, h"], {}, ["(N, 2 * channels, h)"]),
    ("cat", ["N, time, 4", "N, 1, 4"], {}, ["(N, time + 1, 4)"]),
    ("stack", ["N, $dim", "N, 768"], {}, ["(N, 2, dim)"]),
    ("chunk", ["N, 2 * $channels"], {"chunks": 2, "dim": 1}, ["(N, channels)"] * 2),
    ("chunk", ["N, $dim"], {"chunks": 2, "dim": 1}, ["(N, dim // 2)"] * 2),
    ("chunk", ["N, 5"], {"chunks": 4, "dim": 1}, ["(N, 2)", "(N, 2)", "(N, 1)"]),
    ("split", ["N, $dim"], {"split_size_or_sections": ["$channels", "$dim - $channels"], "dim": 1},
     ["(N, channels)", "(N, dim - channels)"]),
    ("reshape", ["N, time, $dim"], {"shape": ["$t0.size(0)", "$t0.size(1)", "$heads", -1]},
     ["(N, time, heads, dim // heads)"]),
    ("reshape", ["N, time, 4"], {"shape": [-1, 4]}, ["(N * time, 4)"]),
    ("reshape", ["N, h, w, 4"], {"shape": ["$t0.size(0)", -1, 4]}, ["(N, h * w, 4)"]),
    ("expand", ["1, 1, $dim"], {"size": [5, -1, -1]}, ["(5, 1, dim)"]),
    ("repeat", ["N, $dim"], {"repeats": [1, 2]}, ["(N, 2 * dim)"]),
    ("slice", ["N, time, 2"], {"dim": 1, "start": 1}, ["(N, time - 1, 2)"]),
    ("slice", ["N, $dim"], {"dim": 1, "end": "$heads"}, ["(N, heads)"]),
    ("slice", ["N, $dim"], {"dim": 1, "start": "$heads"}, ["(N, dim - heads)"]),
    ("slice", ["N, $dim"], {"dim": 1, "end": -2}, ["(N, dim - 2)"]),
    ("pad", ["N, $channels, h"], {"pad": [1, 1, 0, "$heads"]}, ["(N, channels + heads, h + 2)"]),
    ("interpolate", ["N, 3, h, w"], {"scale_factor": 2}, ["(N, 3, 2 * h, 2 * w)"]),
    ("interpolate", ["N, 3, h"], {"scale_factor": 0.5}, ["(N, 3, h // 2)"]),
    ("matmul", ["N, 12, time, 64", "N, 12, 64, time"], {}, ["(N, 12, time, time)"]),
    ("einsum", ["N, time, $dim", "$heads, $dim"], {"equation": "btd,hd->bht"}, ["(N, heads, time)"]),
    ("arange", ["N, time"], {"end": "$t0.size(1)"}, ["(time,)"]),
    ("topk", ["N, $dim"], {"k": 2}, ["(N, 2)", "(N, 2)"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "shapes", "given", "expected"), SOURCES)
def test_sizes_have_the_source_that_a_person_would_write(
    name: str, shapes: list[str], given: dict[str, Any], expected: list[str]
) -> None:
    use = use_of(name, [tensor(shape) for shape in shapes], given)
    assert [shape(output) for output in use.operation.infer(use)] == expected


def test_heads_and_back_give_the_dimension_again() -> None:
    """``nn.Linear(dim, dim)`` behind the attention, not ``nn.Linear(heads * (dim // heads), dim)``."""
    for last in (-1, "$dim // $heads"):
        split = use_of("unflatten", [tensor("N, time, 3 * $dim")], {"dim": 2, "sizes": [3, "$heads", last]})
        (heads,) = split.operation.infer(split)
        merged = use_of("flatten", [TensorType((*heads.dims[:2], *heads.dims[3:]))], {"start_dim": 2})
        assert shape(merged.operation.infer(merged)[0]) == "(N, time, dim)"


def test_the_size_of_a_tensor_has_the_source_of_that_size() -> None:
    skip = tensor("N, $channels")
    use = OperationUse(
        OPERATIONS["zeros"],
        (skip,),
        {"size": Argument((64,), (Argument(64, SizeOf("skip", 1)),))},
        {SizeOf("skip", 1): skip.dims[1]},
    )
    assert shape(use.operation.infer(use)[0]) == "(channels,)"


@pytest.mark.parametrize(
    ("name", "shapes", "given", "flops"),
    [
        ("matmul", ["N, 12, 10, 64", "N, 12, 64, 10"], {}, 2 * 12 * 10 * 64 * 10),
        ("matmul", ["N, 8", "8, 3"], {}, 2 * 8 * 3),
        ("einsum", ["N, 10, 64", "N, 10, 64"], {"equation": "btd,bsd->bts"}, 2 * 10 * 10 * 64),
        ("einsum", ["N, 10, 6", "6, 7", "7, 5"], {"equation": "bti,ij,jk->btk"}, 2 * 10 * (6 * 7 + 7 * 5)),
        ("scaled_dot_product_attention", ["N, 12, 10, 64"] * 3, {}, 2 * 2 * 12 * 10 * 10 * 64),
        ("add", ["N, 8", "N, 8"], {}, 0),
    ],
)
def test_flops_are_of_one_sample(name: str, shapes: list[str], given: dict[str, Any], flops: int) -> None:
    use = use_of(name, [tensor(shape) for shape in shapes], given)
    assert use.operation.flops(use) == flops
    assert 3 * flops == flops_in_torch(use, batch=3)


def flops_in_torch(use: OperationUse, batch: int) -> int:
    """What FlopCounterMode counts; fused attention, of which it sees nothing on the CPU, is switched off."""
    torch = pytest.importorskip("torch")
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    values = {
        f"t{i}": torch.rand([batch if size == BATCH else size for size in each.sizes])
        for i, each in enumerate(use.tensors)
    }
    code = use.operation.code(list(values), {name: source(each) for name, each in use.arguments.items()}, use)
    counter = FlopCounterMode(display=False)
    with sdpa_kernel(SDPBackend.MATH), counter:
        eval(code, {"torch": torch, "F": torch.nn.functional, **values})
    return int(counter.get_total_flops())


# what does not fit

MESSAGES: list[tuple[str, list[TensorType], dict[str, Any], str]] = [
    ("add", [IMAGE, tensor("N, 32, 8, 8")], {}, "and 64 and 32 in dimension -3 do not go together"),
    ("add", [SEQUENCE, tensor("N, 5, 768")], {}, "and time and 5 in dimension -2 do not go together"),
    ("add", [IMAGE], {}, "and it needs 'other' too"),
    ("cat", [IMAGE, tensor("N, 64, 8, 9")], {}, "and only dim 1 may differ, while dim 3 is 8 and 9"),
    ("cat", [IMAGE, SEQUENCE], {}, "and tensors of 3 and 4 dimensions cannot be joined"),
    ("stack", [IMAGE, SEQUENCE], {}, "and only tensors of one shape can be stacked"),
    ("chunk", [SEQUENCE], {"chunks": 2}, "and how many tensors dim 0 gives is not known: its N varies"),
    ("split", [IMAGE], {"split_size_or_sections": [1, 2], "dim": 1},
     "and parts of (1, 2) do not make up the 64 of dim 1"),
    ("transpose", [SEQUENCE], {"dim0": 1, "dim1": 3},
     "so dim 3 is out of range: counted with the batch, there are 3 dimensions"),
    ("permute", [SEQUENCE], {"dims": [1, 2]}, "and (1, 2) does not name all of its 3 dimensions"),
    ("reshape", [tensor("2, 6")], {"shape": [5, -1]}, "and its 12 elements cannot be divided into (5, -1)"),
    ("reshape", [SEQUENCE], {"shape": [-1, 5]},
     "and its 768 * N * time elements, which vary, cannot be divided into (-1, 5)"),
    ("unflatten", [IMAGE], {"dim": 1, "sizes": [3, 20]}, "and its 64 elements do not make up (3, 20)"),
    ("squeeze", [IMAGE], {}, "and dim 0 would go where its N happens to be 1; name others"),
    ("select", [IMAGE], {"dim": 1, "index": 64}, "and index 64 is out of range: dim 1 has 64"),
    ("slice", [IMAGE], {"dim": 1, "start": 64}, "and it would give (0, 8, 8)"),
    ("slice", [SEQUENCE], {"dim": 1, "end": 5}, "and whether 5 lies inside is not known: its time varies"),
    ("gather", [SEQUENCE, TOKENS], {"dim": 1}, "and the index has 2 dimensions, not 3"),
    ("masked_fill", [SEQUENCE, TOKENS], {"value": 0}, "and the mask must be bool, not int64"),
    ("mean", [TOKENS], {"dim": 1}, "of dtype int64, and it takes floating point numbers"),
    ("softmax", [SEQUENCE], {"dim": 0}, "and dim 0 is the batch; the one after it is 1"),
    ("matmul", [SEQUENCE, SEQUENCE], {}, "and rows of 768 do not go with columns of time"),
    ("einsum", [SEQUENCE, SEQUENCE], {"equation": "btd,bdt->bt"}, "and 'd' is both 768 and time"),
    ("scaled_dot_product_attention", [HEADS, HEADS, IMAGE], {}, "and time keys do not go with 8 values"),
    ("interpolate", [IMAGE], {"size": 8, "mode": "linear"}, "and linear takes 3 dimensions, the batch counted"),
    ("add", [TensorType(SEQUENCE.dims, packed=True)], {"other": 1},
     "which is a packed sequence; pad_packed_sequence makes a tensor of it"),
    ("pad_packed_sequence", [SEQUENCE], {}, "which is no packed sequence; pack_padded_sequence makes one"),
    ("unbind", [tensor("N, 5000")], {"dim": 1}, "and it would give 1001 tensors; 1000 are possible"),
    ("unsqueeze", [tensor(", ".join("2" * 25))], {"dim": 0}, "and it would give 26 dimensions; 25 are possible"),
    ("one_hot", [DIGITS], {"num_classes": 9}, "whose numbers go up to 9, and 9 classes end before"),
    ("index", [tensor("9, 4"), DIGITS], {}, "and the index goes up to 9, where there is 9"),
    ("index_select", [IMAGE, DIGITS], {"dim": 3}, "and the index goes up to 9, where there is 8"),
    ("zeros", [IMAGE], {"size": [2**40]}, "and it would give (1099511627776,)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "tensors", "given", "message"), MESSAGES)
def test_what_does_not_fit_is_said(name: str, tensors: list[TensorType], given: dict[str, Any], message: str) -> None:
    use = use_of(name, tensors, given)
    with pytest.raises(ShapeError) as error:
        use.operation.infer(use)
    assert str(error.value) == message


# what is said of arguments


def test_lists_are_the_first_argument_of_those_that_take_one() -> None:
    assert {name for name, each in OPERATIONS.items() if each.takes_list} == {
        *"sum mean amax amin std var norm any all logsumexp permute reshape view expand repeat flip squeeze".split(),
        *"split zeros ones full rand randn pad interpolate".split(),
    }


def test_a_scalar_operand_is_a_parameter_too() -> None:
    assert OPERATIONS["mul"].parameter("other") == Parameter("other", ("tensor", "float", "bool"))
    assert OPERATIONS["pow"].operands == ("input", "exponent")
    assert OPERATIONS["matmul"].parameter("other") is None


def test_counts_of_tensors() -> None:
    counts = {name: (each.least, each.most) for name, each in OPERATIONS.items()}
    assert counts["cat"] == (1, None)
    assert counts["add"] == (1, None)
    assert counts["sub"] == (1, 2)
    assert counts["matmul"] == (2, 2)
    assert counts["mean"] == (1, 1)
    assert counts["gather"] == (1, 2)  # the index may be in `from`
    assert counts["where"] == (1, 3)
    assert counts["scaled_dot_product_attention"] == (3, 4)


def test_how_high_numbers_go_is_kept_while_it_holds() -> None:
    def high(name: str, given: dict[str, Any]) -> Dim | None:
        use = use_of(name, [DIGITS], given)
        return use.operation.infer(use)[0].high

    assert high("arange", {"end": "$context"}) == Dim(1024, expressions.Name("context"))
    assert high("arange", {"end": 9, "start": -3}) is None
    assert high("unsqueeze", {"dim": 1}) == Dim(10)
    for name, given in (("add", {"other": 1}), ("cumsum", {"dim": 0}), ("pad", {"pad": [1, 1]}), ("sum", {})):
        assert high(name, given) is None


def test_infinity_is_printed_so_that_python_reads_it() -> None:
    use = use_of("masked_fill", [SCORES, MASK], {"value": float("-inf")})
    assert use.operation.code(["x", "m"], {"value": "-inf"}, use) == 'x.masked_fill(m, float("-inf"))'


@pytest.mark.parametrize("name", OPERATIONS)
def test_any_argument_may_turn_out_to_vary(name: str) -> None:
    """A size at run time is taken or refused, and nothing else happens."""
    row = next(row for row in CODE if row[0] == name)
    for parameter in OPERATIONS[name].parameters:
        varying = Argument(Symbolic.name("time"), SizeOf("t0", 1))
        several = Argument((varying.value,) * 3, (varying,) * 3)
        for each in (varying, several) if any("[" in token for token in parameter.types) else (varying,):
            use = use_of(name, row[1], row[2])
            use = OperationUse(use.operation, use.tensors, {**use.arguments, parameter.name: each})
            with contextlib.suppress(ShapeError):
                use.operation.infer(use)
                use.operation.code(["x", "y", "z"][: len(row[1])], dict.fromkeys(use.arguments, "a"), use)


def test_texts_do_not_become_code() -> None:
    use = use_of("to", [IMAGE], {"dtype": "float32); print(1"})
    with pytest.raises(ShapeError, match="dtype is one of bool, "):
        use.operation.infer(use)


# what only running shows


def run(expression: str, **names: Any) -> Any:
    torch = pytest.importorskip("torch")
    return eval(expression, {"torch": torch, "F": torch.nn.functional, **names})


def test_new_tensors_are_where_the_operand_is() -> None:
    torch = pytest.importorskip("torch")
    elsewhere = torch.zeros(2, 3, device="meta")
    for name, given in {
        "arange": {"end": 3},
        "linspace": {"start": 0, "end": 1, "steps": 3},
        "eye": {"n": 3},
        "full": {"size": [2], "fill_value": 1},
        **{each: {"size": [2, 3]} for each in ("zeros", "ones", "rand", "randn")},
    }.items():
        assert run(code(name, [IMAGE], ["x"], given), x=elsewhere).device.type == "meta"


def test_dropout_of_attention_applies_only_in_training() -> None:
    torch = pytest.importorskip("torch")
    q = torch.ones(1, 1, 50, 8)
    given = {"dropout_p": "$dropout"}
    printed = code("scaled_dot_product_attention", [HEADS] * 3, ["q", "q", "q"], given)
    module = types.SimpleNamespace(training=False)
    assert torch.equal(run(printed, q=q, dropout=0.5, self=module), q)
    module.training = True
    assert not torch.equal(run(printed, q=q, dropout=0.5, self=module), q)


def test_packing_and_back() -> None:
    """Lengths of any order, of sequences in a batch; the padded length becomes that of the longest."""
    torch = pytest.importorskip("torch")
    packed_use = use_of("pack_padded_sequence", [SEQUENCE], {"lengths": LENGTHS, "enforce_sorted": False})
    (packed,) = packed_use.operation.infer(packed_use)
    assert packed.packed
    assert shape(packed) == "(N, max_other, 768)"
    unpacked_use = OperationUse(OPERATIONS["pad_packed_sequence"], (packed,), {})
    output, lengths = unpacked_use.operation.infer(unpacked_use)
    assert (shape(output), output.packed) == ("(N, max_other, 768)", False)
    assert (shape(lengths), lengths.dtype) == ("(N,)", "int64")
    names = {name: getattr(torch.nn.utils.rnn, name) for name in ("pack_padded_sequence", "pad_packed_sequence")}
    x, other = torch.randn(3, 9, 4), torch.tensor([2, 7, 5])
    flow = run(
        packed_use.operation.code(["x"], {"lengths": "other", "enforce_sorted": "False"}, packed_use),
        x=x,
        other=other,
        **names,
    )
    flow, _ = torch.nn.LSTM(4, 6, batch_first=True)(flow)
    padded, found = run(unpacked_use.operation.code(["x"], {}, unpacked_use), x=flow, **names)
    assert padded.shape == (3, 7, 6)
    assert torch.equal(found, other)
