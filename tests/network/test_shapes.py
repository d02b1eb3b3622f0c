"""Shapes, counts and FLOPs of every layer, against torch itself on small tensors of the CPU.

What nngen accepts must run in torch and give what nngen said; what it refuses torch must refuse too, or the
reason why nngen is stricter stands in ``docs/stricter.md``. ``make prove`` draws many.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nngen.language.catalogue.registry import Entry, catalogue
from nngen.language.expressions import evaluate
from nngen.network.layers import Outcome, family_of
from nngen.network.parameters import layer_weights
from nngen.network.symbolic.sizes import Size, Symbolic
from nngen.network.tensors import Argument, Dim
from nngen.plan.model.torch_calls import constructor

torch = pytest.importorskip("torch")

from torch.nn.attention import SDPBackend, sdpa_kernel  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from conftest import stricter  # noqa: E402
from shape_cases import BATCH_SIZE, Case, Flow, arguments_of, cases, names_of, said  # noqa: E402

LAYERS = list(catalogue().layers.values())


STRICTER = stricter("Layers with what flows in")  # parts of nngen's messages for what torch would let pass
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
        built = {name: Argument(dim.size, dim.expression()) for name, dim in outcome.inferred.items()}
        weights = layer_weights(entry, {**built, **arguments_of(case), **outcome.completed})
        assert [*weights.items()] == [(name, tuple(each.shape)) for name, each in module.named_parameters()]
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
    @given(cases(entry), st.integers(1, 4), st.integers(1, 9))
    def check(case: Case, index: int, size: int) -> None:
        outcome, _ = said(entry, case)
        if outcome is None:
            return
        sourced, message = said(entry, case, named=True)
        assert sourced, message
        assert [evaluate(dim.expression(), names_of(case)) for dim in sizes_of(sourced)] == numbers(sizes_of(outcome))
        flow = case.inputs[0]
        if index >= len(flow.shape) or len(case.inputs) > 1:
            return
        other = with_size(case, index, size)
        outcome, _ = said(entry, other)
        varied, _ = said(entry, with_size(case, index, Symbolic.name("t")))
        if outcome is None:
            return
        for dim, expected in zip(sizes_of(sourced), numbers(sizes_of(outcome))):
            assert not dim.depends or evaluate(dim.expression(), names_of(other)) == expected
        if varied is not None:
            assert numbers(sizes_of(varied), t=size) == numbers(sizes_of(outcome))
            assert shape((varied.flops,), t=size) == shape((outcome.flops,))

    check()


def with_size(case: Case, index: int, size: Size) -> Case:
    flow = case.inputs[0]
    return replace(case, inputs=[replace(flow, shape=(*flow.shape[:index], size, *flow.shape[index + 1 :]))])


def sizes_of(outcome: Outcome) -> list[Dim]:
    return [dim for each in outcome.outputs for dim in each.dims] + [*outcome.inferred.values()]


def numbers(dims: list[Dim], **values: int) -> list[int]:
    return list(shape(tuple(dim.size for dim in dims), **values))


def corrupts_memory(case: Case) -> bool:
    """EmbeddingBag(include_last_offset=True) with one offset; rows of their own count as offsets."""
    offsets = case.inputs[1:2]
    return "include_last_offset" in case.arguments and (not offsets or offsets[0].shape == (1,))


def shape(sizes: tuple[Size, ...], **values: int) -> tuple[int, ...]:
    names = {"N": BATCH_SIZE, **values}
    return tuple(size if isinstance(size, int) else evaluate(size.expression(), names) for size in sizes)


def in_torch(entry: Entry, case: Case, outcome: Outcome | None) -> tuple[Any, Any, int]:
    """The module, its outputs and their FLOPs; or None and the error that torch raises.

    What nngen accepts is constructed and called by the code that it prints.
    """
    family = family_of(entry)
    assert family
    scope = {f"x{index}": tensor(flow) for index, flow in enumerate(case.inputs)} | {"nn": torch.nn}
    named = {name: tensor(flow) for name, flow in case.named.items()}
    inputs = [f"x{index}" for index in range(len(case.inputs))]
    if entry.name in ("LSTM", "LSTMCell") and inputs[1:]:
        inputs[1:] = [f"({', '.join(inputs[1:])},)"]
    call = f"module({family.call(entry, inputs, used=('output', 'weights'))}, **named)"
    counter = FlopCounterMode(display=False)
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(torch.backends.mkldnn.flags(enabled=False))  # fused kernels hide their products
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        try:
            module = eval(printed(entry, case, outcome), scope) if outcome else construct(entry, case.arguments, case)
            with counter:
                output = eval(call, {**scope, "module": module, "named": named})
        except REFUSALS as error:
            return None, error, 0
    return module, flat(output), counter.get_total_flops()


def printed(entry: Entry, case: Case, outcome: Outcome) -> str:
    inferred = {name: Argument(dim.size, dim.expression()) for name, dim in outcome.inferred.items()}
    return constructor(entry, {**inferred, **arguments_of(case), **outcome.completed})


def construct(entry: Entry, arguments: dict[str, Any], case: Case) -> Any:
    """The module that nngen refuses."""
    plain = {name: plain_value(value, case) for name, value in arguments.items()}
    sizes = guesses(case)
    missing = [each.name for each in entry.parameters if each.name in sizes and each.name not in plain]
    batch_first = {"batch_first": True} if entry.traits.get("batch_first") else {}
    return getattr(torch.nn, entry.name)(**{**plain, **batch_first}, **{name: sizes[name] for name in missing})


def plain_value(value: Any, case: Case) -> Any:
    if isinstance(value, dict):
        ((kind, arguments),) = value.items()
        return construct(catalogue().layers[kind], arguments, case)
    return tuple(plain_value(part, case) for part in value) if isinstance(value, list) else value


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
