"""Shapes, counts and FLOPs of every layer, against torch itself on small tensors of the CPU.

What nngen accepts must run in torch and give what nngen said; what it refuses torch must refuse too, or the
reason why nngen is stricter stands in `STRICTER`. ``make prove`` draws many.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nngen.catalogue import Entry, catalogue
from nngen.expressions import evaluate
from nngen.graph import Argument, Module
from nngen.ops import Outcome, family_of
from nngen.sizes import Size, Symbolic

torch = pytest.importorskip("torch")

from torch.nn.attention import SDPBackend, sdpa_kernel  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from shape_cases import Case, Flow, cases, names_of, said  # noqa: E402

LAYERS = list(catalogue().layers.values())
BATCH_SIZE = 3

# parts of nngen's messages for what torch would let pass
STRICTER = {
    "is the batch; the one after it is 1": "what works along the batch mixes samples",
    "torch guesses the dimension": "torch warns that the implicit choice is deprecated",
    "and it takes (": "without a batch torch takes one dimension less; descriptions always have a batch",
    "beside the batch": "the same, where there is nothing but a batch",
    "behind the batch": "the same, where the batch would be padded",
    "it takes floating point numbers": "torch computes some layers on whole numbers, without gradients and by accident",
    "leaves nothing of": "torch refuses only when more is cropped than there is",
    "it would give (": "an output without elements; torch notices in the next layer, or never",
    "the batch of one input": "torch lets the batch of one input meet the features of the other, which mixes samples",
    "must be one of": "torch does not check GELU's approximate and the like at construction",
    "expected ": "torch does not check types and lengths at construction",
    "must be": "torch does not check every range",
    "cannot be given together": "torch ignores one of the two",
    "give exactly one of": "torch ignores one of the two",
}
REFUSALS = (
    RuntimeError,
    ValueError,
    TypeError,
    IndexError,
    AssertionError,
    ZeroDivisionError,
    NotImplementedError,
    AttributeError,
)

drawn: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def summary(pytestconfig: pytest.Config) -> Iterator[None]:
    """Says at the end how much was drawn; small tensors need one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\n{drawn.total():,} configurations")
        print("\n".join(f"{count:8,} {what}" for what, count in sorted(drawn.items())))


@pytest.mark.parametrize("entry", LAYERS, ids=lambda entry: entry.name)
def test_shapes_and_counts_are_those_of_torch(entry: Entry, draws: int) -> None:
    @settings(max_examples=draws, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(cases(entry))
    def check(case: Case) -> None:
        outcome, message = said(entry, case)
        if outcome is None and corrupts_memory(case):
            drawn["refused, and never tried: torch would corrupt memory"] += 1
            return
        module, outputs, flops = in_torch(entry, case, outcome)
        if outcome is None:
            reason = next((reason for part, reason in STRICTER.items() if part in message), "")
            assert module is None or reason, f"nngen alone refuses: {message}"
            drawn[f"refused by nngen alone ({reason})" if module else "refused by both"] += 1
            return
        assert module is not None, f"torch refuses: {outputs}"
        assert [shape(each.sizes) for each in outcome.outputs] == [tuple(each.shape) for each in outputs]
        assert [each.dtype for each in outcome.outputs] == [str(each.dtype).removeprefix("torch.") for each in outputs]
        assert outcome.parameters == sum(each.numel() for each in module.parameters())
        assert outcome.buffers == sum(each.numel() for each in module.buffers())
        if entry.name != "Bilinear":  # torch does not count it
            assert BATCH_SIZE * outcome.flops == flops
        drawn["accepted and equal"] += 1

    check()


@pytest.mark.parametrize("entry", LAYERS, ids=lambda entry: entry.name)
def test_names_and_sizes_that_vary_give_the_same(entry: Entry, draws: int) -> None:
    """Every source that would be printed has the value of its size, and a rule holds for sizes that vary."""

    @settings(
        max_examples=max(draws // 4, 10), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(cases(entry), st.integers(1, 4))
    def check(case: Case, index: int) -> None:
        outcome, _ = said(entry, case)
        if outcome is None:
            return
        sourced, message = said(entry, case, named=True)
        assert sourced, message
        dims = [dim for each in sourced.outputs for dim in each.dims] + [*sourced.inferred.values()]
        sizes = [dim.size for each in outcome.outputs for dim in each.dims] + [
            d.size for d in outcome.inferred.values()
        ]
        assert [evaluate(dim.expression(), names_of(case)) for dim in dims] == list(shape(tuple(sizes)))
        flow = case.inputs[0]
        if index >= len(flow.shape) or len(case.inputs) > 1:
            return
        varying = replace(flow, shape=(*flow.shape[:index], Symbolic.name("t"), *flow.shape[index + 1 :]))
        varied, _ = said(entry, replace(case, inputs=[varying]))
        if varied is not None:
            value = {"N": BATCH_SIZE, "t": flow.shape[index]}
            assert [shape(each.sizes, value) for each in varied.outputs] == [shape(e.sizes) for e in outcome.outputs]
            assert shape((varied.flops,), value) == shape((outcome.flops,))

    check()


def corrupts_memory(case: Case) -> bool:
    """EmbeddingBag(include_last_offset=True) with one offset; rows of their own count as offsets."""
    offsets = case.inputs[1:2]
    return "include_last_offset" in case.arguments and (not offsets or offsets[0].shape == (1,))


def shape(sizes: tuple[Size, ...], values: Mapping[str, Any] = {"N": BATCH_SIZE}) -> tuple[int, ...]:
    return tuple(size if isinstance(size, int) else evaluate(size.expression(), values) for size in sizes)


def in_torch(entry: Entry, case: Case, outcome: Outcome | None) -> tuple[Any, Any, int]:
    """The module, its outputs and their FLOPs; or None and the error that torch raises."""
    inputs = [tensor(flow) for flow in case.inputs]
    named = {name: tensor(flow) for name, flow in case.named.items()}
    if entry.name == "LSTM" or entry.name == "LSTMCell":
        inputs[1:] = [tuple(inputs[1:])] if inputs[1:] else []
    if entry.name == "MultiheadAttention" and len(inputs) == 1:
        inputs *= 3
    counter = FlopCounterMode(display=False)
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(torch.backends.mkldnn.flags(enabled=False))  # fused kernels hide their products
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        try:
            module = construct(entry, case.arguments, guesses(case) if outcome is None else resolved(outcome))
            with counter:
                output = module(*inputs, **named)
        except REFUSALS as error:
            return None, error, 0
    return module, flat(output), counter.get_total_flops()


def construct(entry: Entry, arguments: dict[str, Any], inferred: dict[str, Any]) -> Any:
    """The module, with arguments as they are emitted."""
    family = family_of(entry)
    assert family
    plain = {name: plain_value(value, inferred) for name, value in arguments.items()}
    plain |= {name: value for name, value in inferred.items() if entry.parameter(name) and name not in plain}
    plain |= {name: argument.value for name, argument in family.fixed(entry).items()}
    return getattr(torch.nn, entry.name)(**plain)


def plain_value(value: Any, inferred: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        ((kind, arguments),) = value.items()
        return construct(catalogue().layers[kind], arguments, inferred)
    return tuple(plain_value(part, inferred) for part in value) if isinstance(value, list) else value


def resolved(outcome: Outcome) -> dict[str, Any]:
    """What nngen inferred, also in layers that are arguments."""
    found: dict[str, Any] = {name: dim.size for name, dim in outcome.inferred.items()}
    for argument in outcome.completed.values():
        assert isinstance(argument, Argument) and isinstance(argument.value, Module)
        inner = argument.value
        found |= {p.name: inner.arguments[p.name].value for p in inner.entry.parameters if p.inferred}
    return found


def guesses(case: Case) -> dict[str, Any]:
    """Sizes with which torch could accept what nngen refuses."""
    first, last = (shape(case.inputs[index].shape) for index in (0, -1))
    channels = first[1] if len(first) > 1 else 1
    found = dict.fromkeys(("in_channels", "num_features", "num_channels"), channels)
    names = ("in_features", "in1_features", "normalized_shape", "input_size", "embed_dim", "d_model", "kdim")
    found |= dict.fromkeys(names, first[-1])
    if len(case.inputs) > 2:
        found["kdim"] = shape(case.inputs[1].shape)[-1]
    return {**found, "in2_features": last[-1], "vdim": last[-1], "num_embeddings": case.inputs[0].high or 2}


def tensor(flow: Flow) -> Any:
    whole = shape(flow.shape)
    if flow.dtype == "bool":
        return torch.zeros(whole, dtype=torch.bool)
    if flow.dtype == "float32":
        return torch.randn(whole)
    numbers = torch.randint(0, flow.high or 2, whole, dtype=getattr(torch, flow.dtype))
    numbers.view(-1)[0] = (flow.high or 2) - 1  # the highest is always there
    return numbers


def flat(output: Any) -> list[Any]:
    return [each for part in output for each in flat(part)] if isinstance(output, tuple) else [output]
