"""Shapes, parameter counts and buffers of every layer, against torch itself on small tensors.

What nngen accepts must run in torch and give what nngen said; what it refuses torch must refuse too, or the
reason why nngen is stricter stands in `STRICTER`.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nngen.catalogue import Entry, Parameter, catalogue
from nngen.description import Written
from nngen.expressions import Literal, evaluate
from nngen.graph import Graph, InputNode, ModuleNode, Ref, Typed
from nngen.infer import infer
from nngen.ops import family_of
from nngen.problems import Problems
from nngen.sizes import Size

torch = pytest.importorskip("torch")

LAYERS = [entry for entry in catalogue().layers.values() if family_of(entry)]

# parts of nngen's messages for what torch would let pass
STRICTER = {
    "the batch; the one after it is 1": "softmax over the batch mixes samples",
    "torch guesses the dimension": "torch warns that the implicit choice is deprecated",
    "it takes (": "without a batch dimension torch takes one dimension less; descriptions always have a batch",
    "must be one of": "torch does not check GELU's approximate and the like at construction",
    "expected ": "torch does not check types and lengths at construction",
    "must be": "torch does not check every range",
    "and the window of": "torch's AvgPool3d needs the unpadded input",
}


def written(value: object) -> Written:
    if isinstance(value, list):
        return Written(tuple(written(part) for part in value))
    return Written(Literal(value))  # type: ignore[arg-type]


def inferred(entry: Entry, arguments: dict[str, Any], shape: list[int]) -> tuple[Typed | None, str]:
    node = ModuleNode("layer", entry, {name: written(value) for name, value in arguments.items()}, (Ref(0),))
    graph = Graph("Net", (), (InputNode("input", tuple(written(size) for size in shape), "float32"), node), (Ref(1),))
    problems = Problems()
    typed = infer(graph, problems)
    try:
        problems.raise_errors()
    except Exception as error:
        return None, str(error)
    assert typed is not None
    return typed.types[1], ""


def at_batch_of_3(size: Size) -> int:
    return size if isinstance(size, int) else evaluate(size.expression(), {"N": 3})


def torch_result(entry: Entry, arguments: dict[str, Any], typed: Typed | None, shape: list[int]) -> Any:
    """The module and its output, or the error that torch raises."""
    plain = {name: _plain(value) for name, value in arguments.items()}
    if typed is not None:
        plain |= {name: arg.value for name, arg in typed.arguments.items() if name not in arguments}
    else:
        sizes = {"in_features": shape[-1], "normalized_shape": shape[-1]}
        plain |= {each.name: sizes.get(each.name, shape[0]) for each in entry.parameters if each.inferred}
    try:
        module = getattr(torch.nn, entry.name)(**plain)
        return module, module(torch.randn(3, *shape))
    except (
        RuntimeError,
        ValueError,
        TypeError,
        IndexError,
        AssertionError,
        ZeroDivisionError,
        NotImplementedError,
    ) as error:
        return None, error


def _plain(value: Any) -> Any:
    return tuple(_plain(part) for part in value) if isinstance(value, list) else value


def values(parameter: Parameter) -> st.SearchStrategy[Any]:
    small = st.integers(0, 4)
    options: list[st.SearchStrategy[Any]] = []
    if parameter.choices:
        options.append(st.sampled_from(parameter.choices))
    for token in parameter.types:
        base, _, length = token.partition("[")
        scalar = {
            "int": small,
            "int?": st.one_of(small, st.none()),
            "float": st.floats(0.01, 0.9),
            "bool": st.booleans(),
            "none": st.none(),
        }.get(base)
        if scalar is None:
            continue
        if length:
            count = int(length.rstrip("]") or 2)
            options.append(st.lists(scalar, min_size=count, max_size=count))
        else:
            options.append(scalar)
    return st.one_of(options) if options else st.nothing()


@st.composite
def configurations(draw: st.DrawFn, entry: Entry) -> tuple[dict[str, Any], list[int]]:
    rank = (entry.dims or draw(st.integers(0, 3))) + 1
    if draw(st.integers(0, 9)) == 0:
        rank = draw(st.integers(1, 4))
    shape = [draw(st.integers(1, 8)) for _ in range(rank)]
    arguments: dict[str, Any] = {}
    for parameter in entry.parameters:
        if parameter.inferred or values(parameter).is_empty:
            continue
        if parameter.required or draw(st.integers(0, 2)) == 0:
            arguments[parameter.name] = draw(values(parameter))
    return arguments, shape


@pytest.mark.parametrize("entry", LAYERS, ids=lambda entry: entry.name)
def test_shapes_and_counts_are_those_of_torch(entry: Entry, draws: int) -> None:
    @settings(max_examples=draws, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(configurations(entry))
    def check(configuration: tuple[dict[str, Any], list[int]]) -> None:
        arguments, shape = configuration
        typed, message = inferred(entry, arguments, shape)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module, output = torch_result(entry, arguments, typed, shape)
        if typed is None:
            assert module is None or any(part in message for part in STRICTER), f"nngen alone refuses: {message}"
            return
        assert module is not None, f"torch refuses: {output}"
        outputs = output if isinstance(output, tuple) else (output,)
        expected = [tuple(each.shape) for each in outputs]
        assert [tuple(at_batch_of_3(size) for size in each.sizes) for each in typed.outputs] == expected
        assert typed.parameters == sum(each.numel() for each in module.parameters())
        assert typed.buffers == sum(each.numel() for each in module.buffers())

    check()
