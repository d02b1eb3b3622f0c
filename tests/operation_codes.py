"""The code of each tensor operation to the letter, and what makes the operations of a table."""

from __future__ import annotations

from typing import Any

from nngen.language import expressions
from nngen.language.expressions import Literal, SizeOf
from nngen.language.python import literal
from nngen.network.operations import OPERATIONS, OperationUse
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
