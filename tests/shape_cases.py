"""Configurations of layers, drawn at random: arguments as a description has them, and what flows in.

Most are made so that they can fit, some so that they cannot; batches are always there, as in descriptions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

import torch
from hypothesis import strategies as st

from nngen.language.catalogue.registry import Entry, Parameter, catalogue
from nngen.language.catalogue.values import check_together, check_value
from nngen.language.expressions import Literal, Name
from nngen.network.layers import Outcome, ShapeError, Use, family_of
from nngen.network.symbolic.sizes import Size
from nngen.network.tensors import BATCH, Argument, Dim, Module, TensorType

BATCH_SIZE = 13  # no other size that is drawn
Shape = tuple[Size, ...]


@dataclass(frozen=True)
class Flow:
    """A tensor that flows in: whole shape, dtype, and for whole numbers their bound."""

    shape: Shape
    dtype: str = "float32"
    high: int | None = None

    def as_type(self, sources: str = "") -> TensorType:
        """Its type; with sources, each size is also a name, such as ``x1``."""
        high = None if self.high is None else Dim(self.high)
        names = [Name(f"{sources}{index}") if sources else None for index in range(len(self.shape))]
        dims = (Dim(size, name if isinstance(size, int) else None) for size, name in zip(self.shape, names))
        return TensorType(tuple(dims), self.dtype, high=high)


@dataclass(frozen=True)
class Case:
    arguments: dict[str, Any]
    inputs: list[Flow]
    named: dict[str, Flow] = field(default_factory=dict)


def said(entry: Entry, case: Case, named: bool = False) -> tuple[Outcome | None, str]:
    """What nngen says of a case: what comes out, or why it does not fit.

    Args:
        entry: the layer.
        case: its arguments and what flows in.
        named: every size of an input, and every whole number of an argument, is also a name.
    """
    message = _wrong_arguments(entry, case.arguments)
    if message:
        return None, message
    family = family_of(entry)
    assert family
    inputs = tuple(flow.as_type(f"x{index}_" if named else "") for index, flow in enumerate(case.inputs))
    others = {name: flow.as_type() for name, flow in case.named.items()}
    try:
        return family.infer(Use(entry, arguments_of(case, named), inputs, others)), ""
    except ShapeError as error:
        return None, str(error)


def _wrong_arguments(entry: Entry, arguments: dict[str, Any]) -> str:
    for name, value in arguments.items():
        parameter = entry.parameter(name)
        assert parameter
        wrong = check_value(parameter, value)
        if wrong:
            return wrong
        if isinstance(value, dict):
            ((kind, inner),) = value.items()
            wrong = _wrong_arguments(catalogue().layers[kind], inner)
            if wrong:
                return wrong
    return "; ".join(phrase for _, phrase in check_together(entry, arguments))


def arguments_of(case: Case, named: bool = False) -> dict[str, Argument]:
    return {name: _argument(value, name if named else "") for name, value in case.arguments.items()}


def names_of(case: Case) -> dict[str, Any]:
    """The values of the names that `said` gives."""
    found: dict[str, Any] = {"N": BATCH_SIZE}
    for index, flow in enumerate(case.inputs):
        found |= {f"x{index}_{dim}": size for dim, size in enumerate(flow.shape)}
    for name, value in case.arguments.items():
        values = enumerate(value) if isinstance(value, list) else [("", value)]
        found |= {f"{name}{index}": each for index, each in values}
    return found


def _argument(value: Any, source: str = "") -> Argument:
    if isinstance(value, list):
        parts = tuple(_argument(part, f"{source}{index}" if source else "") for index, part in enumerate(value))
        return Argument(tuple(part.value for part in parts), parts)
    if isinstance(value, dict):
        ((kind, inner),) = value.items()
        return Module(catalogue().layers[kind], {name: _argument(each) for name, each in inner.items()}).as_argument()
    whole = isinstance(value, int) and not isinstance(value, bool)
    return Argument(value, Name(source) if source and whole else Literal(value))


FACTORS = st.one_of(st.sampled_from((0.25, 0.5, 1.5, 2, 3)), st.floats(0.1, 3))
SIGNED = ("dim", "start_dim", "end_dim", "padding_idx", "unflattened_size")


def _values(parameter: Parameter, wrong: bool = False) -> st.SearchStrategy[Any]:
    """Values of the types of an argument; wrong ones may be out of its range."""
    signed = parameter.name in SIGNED or (parameter.name == "padding" and parameter.minimum is None)
    small = st.integers(-2 if signed else 0 if wrong else int(parameter.minimum or 0), 4)
    options: list[st.SearchStrategy[Any]] = []
    if parameter.choices:
        options.append(st.sampled_from(parameter.choices))
    for token in parameter.types:
        base, _, length = token.partition("[")
        scalar = {
            "int": small,
            "int?": st.one_of(small, st.none()),
            "float": st.floats(0.01, 0.9) if parameter.name != "scale_factor" else FACTORS,
            "bool": st.booleans(),
            "true": st.just(True),
            "none": st.none(),
        }.get(base)
        if scalar is None:
            continue
        if length:
            count = length.rstrip("]")
            options.append(st.lists(scalar, min_size=int(count or 1), max_size=int(count or 3)))
        else:
            options.append(scalar)
    return st.one_of(options) if options else st.nothing()


@st.composite
def _arguments(draw: st.DrawFn, entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = {}
    wrong = _rarely(draw)
    for parameter in entry.parameters:
        if parameter.inferred or "module" in parameter.types or _values(parameter).is_empty:
            continue
        if parameter.required or parameter.name == "dim" or draw(st.booleans()):
            found[parameter.name] = draw(_values(parameter, wrong))
    for names in entry.traits.get("one_of", ()):
        if draw(st.integers(0, 9)):
            chosen = draw(st.sampled_from(names))
            parameter = entry.parameter(chosen)
            assert parameter
            found = {name: value for name, value in found.items() if name not in names}
            found[chosen] = draw(_values(parameter).filter(lambda value: value is not None))
    return found


@st.composite
def cases(draw: st.DrawFn, entry: Entry) -> Case:
    """A configuration of a layer."""
    arguments = draw(_arguments(entry))
    make = FLOWS.get(entry.name) or FLOWS.get(entry.family) or _one
    return make(draw, entry, arguments)


def _rarely(draw: st.DrawFn) -> bool:
    return draw(st.integers(0, 9)) == 0


def _sizes(draw: st.DrawFn, count: int, least: int = 1, most: int = 8) -> Shape:
    return tuple(draw(st.integers(least, most)) for _ in range(count))


def _one(draw: st.DrawFn, entry: Entry, arguments: dict[str, Any]) -> Case:
    rank = (entry.dims or draw(st.integers(0, 3))) + 1
    if _rarely(draw):
        rank = draw(st.integers(0, 4))
    dtype = "int64" if draw(st.integers(0, 30)) == 0 else "float32"
    least, most = (4, 12) if entry.name.startswith("Fractional") else (1, 8)
    return Case(arguments, [Flow((BATCH, *_sizes(draw, rank, least, most)), dtype, 3)])


def _conv(draw: st.DrawFn, entry: Entry, arguments: dict[str, Any]) -> Case:
    groups = arguments.get("groups", 1)
    if not _rarely(draw):
        arguments["out_channels"] = draw(st.integers(1, 2)) * groups
    channels = draw(st.integers(1, 2)) * groups if not _rarely(draw) else draw(st.integers(1, 4))
    spatial = _sizes(draw, entry.dims or 0)
    if entry.family == "conv" and draw(st.integers(0, 3)) == 0:  # where reflecting and wrapping begin to fail
        padding = draw(st.integers(1, 3))
        mode = draw(st.sampled_from(("reflect", "circular")))
        arguments |= {"padding_mode": mode, "padding": padding, "kernel_size": draw(st.integers(1, 2)), "dilation": 1}
        spatial = (max(1, padding + draw(st.integers(-1, 1))),) * (entry.dims or 0)
    return Case(arguments, [Flow((BATCH, channels, *spatial))])


def _upsample(draw: st.DrawFn, entry: Entry, arguments: dict[str, Any]) -> Case:
    ranks = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
    count = entry.dims or ranks.get(arguments.get("mode", ""), draw(st.integers(1, 3)))
    for name in ("size", "scale_factor"):
        if isinstance(arguments.get(name), list) and not _rarely(draw):
            arguments[name] = (arguments[name] * 3)[:count]
    return Case(arguments, [Flow((BATCH, *_sizes(draw, count + (2 if _rarely(draw) else 1))))])


def _shuffle(draw: st.DrawFn, entry: Entry, arguments: dict[str, Any]) -> Case:
    channels = draw(st.sampled_from((1, 2, 4, 6, 8, 9, 12, 16)))
    more = _sizes(draw, draw(st.sampled_from((2, 2, 2, 1, 3))))
    return Case(arguments, [Flow((BATCH, channels, *more))])


def _unpool(draw: st.DrawFn, entry: Entry, arguments: dict[str, Any]) -> Case:
    shape = (BATCH, *_sizes(draw, (entry.dims or 0) + 1, most=5))
    other = (BATCH, *_sizes(draw, (entry.dims or 0) + 1, most=5)) if _rarely(draw) else shape
    high = draw(st.integers(1, 12))
    flows = [Flow(shape), Flow(other, "float32" if _rarely(draw) else "int64", high)]
    return Case(arguments, flows[:1] if _rarely(draw) else flows)


def _pair(draw: st.DrawFn, entry: Entry, arguments: dict[str, Any]) -> Case:
    first = (BATCH, *_sizes(draw, draw(st.integers(0, 3))))
    second = first
    if entry.name == "Bilinear":
        second = (*first[:-1], *_sizes(draw, 1)) if len(first) > 1 else first
    elif draw(st.booleans()):  # what broadcasts
        second = tuple(1 if draw(st.booleans()) else size for size in first)[draw(st.integers(0, 1)) :]
    if _rarely(draw):
        second = (BATCH, *_sizes(draw, draw(st.integers(0, 3))))
    return Case(arguments, [Flow(first)] if _rarely(draw) else [Flow(first), Flow(second)])


def _fold(draw: st.DrawFn, entry: Entry, arguments: dict[str, Any]) -> Case:
    size = arguments["output_size"]
    height, width = size if isinstance(size, list) else (size, size)
    windows = {name: value for name, value in arguments.items() if name != "output_size"}
    try:  # torch's own opposite says how many columns there are
        columns = torch.nn.Unfold(**_tuples(windows))(torch.zeros(1, 1, height, width)).shape
    except (RuntimeError, TypeError):
        columns = torch.Size((1, 4, 4))
    rows, count = int(columns[1]) * draw(st.integers(1, 3)), int(columns[2])
    shape = (rows + _rarely(draw), count + _rarely(draw))
    return Case(arguments, [Flow((BATCH, *shape))])


def _unflatten(draw: st.DrawFn, entry: Entry, arguments: dict[str, Any]) -> Case:
    shape = list(_sizes(draw, draw(st.integers(1, 3))))
    if not _rarely(draw):
        arguments["dim"] = draw(st.integers(1, len(shape)))
    dim, wanted = arguments["dim"], arguments["unflattened_size"]
    if 0 < dim <= len(shape) and not _rarely(draw):
        shape[dim - 1] = max(1, abs(prod(wanted))) * (draw(st.integers(1, 3)) if -1 in wanted else 1)
    return Case(arguments, [Flow((BATCH, *shape))])


def _recurrent(draw: st.DrawFn, entry: Entry, arguments: dict[str, Any]) -> Case:
    cell = entry.name.endswith("Cell")
    rank = draw(st.integers(0, 3)) if _rarely(draw) else 1 if cell else 2
    flows = [Flow((BATCH, *_sizes(draw, rank, most=5)))]
    if draw(st.booleans()):
        hidden, projected = arguments["hidden_size"], arguments.get("proj_size") or arguments["hidden_size"]
        layers = arguments.get("num_layers", 1) * (2 if arguments.get("bidirectional") else 1)
        for size in (projected, hidden)[: 2 if entry.name.startswith("LSTM") and not _rarely(draw) else 1]:
            size += _rarely(draw)
            flows.append(Flow((BATCH, size) if cell else (layers, BATCH, size)))
    return Case(arguments, flows)


def _embedding(draw: st.DrawFn, entry: Entry, arguments: dict[str, Any]) -> Case:
    high = draw(st.one_of(st.none(), st.integers(1, 5)))
    dtype = draw(st.sampled_from(("int64", "int64", "int32", "float32"))) if _rarely(draw) else "int64"
    if high is None:  # then the numbers are 0 and 1 in the trial
        arguments["num_embeddings"] = draw(st.integers(2, 4))
    rank = draw(st.integers(0, 2)) if entry.name == "Embedding" or _rarely(draw) else 1
    flows = [Flow((BATCH, *_sizes(draw, rank)), dtype, high)]
    named = {}
    if entry.name == "EmbeddingBag" and draw(st.integers(0, 2)) == 0:
        flows = [Flow((BATCH,), dtype, high), Flow((draw(st.integers(1, 4)),), dtype, 1)]
    if entry.name == "EmbeddingBag" and draw(st.integers(0, 2)) == 0:
        named["per_sample_weights"] = Flow(flows[0].shape if not _rarely(draw) else (BATCH, 1, 1))
    return Case(arguments, flows, named)


def _attention(draw: st.DrawFn, entry: Entry, arguments: dict[str, Any]) -> Case:
    length, source = _sizes(draw, 2, most=4)
    heads = arguments.get("num_heads", arguments.get("nhead", 8)) or 1
    width = heads * draw(st.integers(1, 3)) + _rarely(draw)
    if entry.name in ("TransformerEncoder", "TransformerDecoder"):
        kind = f"{entry.name}Layer"
        heads = draw(st.integers(1, 3))
        inner = {
            "nhead": heads,
            **{k: v for k, v in draw(_arguments(catalogue().layers[kind])).items() if k != "nhead"},
        }
        key = "encoder_layer" if "Encoder" in entry.name else "decoder_layer"
        arguments[key] = {"LayerNorm": {}} if _rarely(draw) else {kind: inner}
        if draw(st.booleans()):
            arguments["norm"] = {draw(st.sampled_from(("LayerNorm", "RMSNorm"))): {}}
        width = heads * draw(st.integers(1, 3))
    first, last = Flow((BATCH, length, width)), Flow((BATCH, source, width + _rarely(draw)))
    if _rarely(draw):
        first = Flow((BATCH, *_sizes(draw, draw(st.integers(0, 3)))))
    if entry.inputs == 1:
        flows, pairs = [first], [(length, length)]
    elif entry.name == "MultiheadAttention":
        key = Flow((BATCH, source, draw(st.integers(1, 5)))) if draw(st.booleans()) else last
        flows = [first, key, last] if draw(st.booleans()) else [first]
        pairs = [(length, source if len(flows) > 1 else length)]
    else:
        flows = [first] if _rarely(draw) else [first, last]
        pairs = [(length, length), (length, source)]
        if entry.name == "Transformer":
            pairs = [(length, length), (source, source), (source, length)]
    return Case(arguments, flows, _masks(draw, entry, heads, pairs))


def _masks(draw: st.DrawFn, entry: Entry, heads: int, pairs: list[tuple[int, int]]) -> dict[str, Flow]:
    names = [name for name in entry.traits["forward"] if "mask" in name]
    positions = [name for name in names if "padding" not in name]
    paddings = [name for name in names if "padding" in name]
    found = {}
    for (rows, columns), mask, padding in zip(pairs, positions, paddings):
        if draw(st.integers(0, 3)) == 0:
            whole = (rows, columns + _rarely(draw))
            found[mask] = Flow(whole if draw(st.booleans()) else (heads * BATCH, *whole), "bool")
        if draw(st.integers(0, 3)) == 0:
            found[padding] = Flow((BATCH, columns + _rarely(draw)), "bool")
    return found


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _tuples(each) for name, each in value.items()}
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


FLOWS: dict[str, Callable[[st.DrawFn, Entry, dict[str, Any]], Case]] = {
    "attention": _attention,
    "conv": _conv,
    "conv_transpose": _conv,
    "distance": _pair,
    "embedding": _embedding,
    "recurrent": _recurrent,
    "recurrent_cell": _recurrent,
    "shuffle": _shuffle,
    "unpool": _unpool,
    "upsample": _upsample,
    "Bilinear": _pair,
    "Fold": _fold,
    "Unflatten": _unflatten,
}
