"""The networks of ``nngen init`` against independent implementations: the same values, parameters and FLOPs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402
from torch.nn.attention import SDPBackend, sdpa_kernel  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from networks import EXAMPLES, example  # noqa: E402
from nngen.language import expressions  # noqa: E402
from nngen.network.symbolic.sizes import Size  # noqa: E402

from .references import REFERENCES, in_order  # noqa: E402

TOLERANCE = 1e-5
EACH = pytest.mark.parametrize("name", sorted(REFERENCES))


def test_every_network_has_a_reference() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} >= set(REFERENCES)


@EACH
def test_output_equals_that_of_the_reference(name: str) -> None:
    torch.manual_seed(0)
    case = REFERENCES[name]
    reference = (case.small or case.full)().eval()
    _make_lively(reference)
    model = example(name).build(**case.arguments).eval()
    (case.copy or in_order)(reference, model)
    inputs = (case.small_inputs or case.inputs)()
    with torch.no_grad(), math_attention():
        expected = case.outputs(reference, inputs) if case.outputs else reference(*inputs)
        found = model(*inputs)
    for one, other in zip(_tensors(expected), _tensors(found), strict=True):
        assert one.shape == other.shape
        assert float((one - other).abs().max()) < TOLERANCE
        assert float(one.std()) > 1e-4, "an output without differences proves nothing"


@EACH
def test_parameters_are_those_that_were_published(name: str) -> None:
    case = REFERENCES[name]
    emitted = example(name)
    with torch.device("meta"):
        reference, model = case.full(), emitted.build()
    assert _count(model) == _count(reference)
    assert emitted.network.parameters == _count(model)
    assert case.published in (None, _count(model))


@EACH
def test_flops_are_those_of_the_reference(name: str) -> None:
    case = REFERENCES[name]
    emitted = example(name)
    with torch.device("meta" if case.on_meta else "cpu"):
        reference, inputs = case.full().eval(), case.inputs()
    counter = FlopCounterMode(display=False)
    with counter, math_attention(), torch.no_grad():
        _ = case.outputs(reference, inputs) if case.outputs else reference(*inputs)
    shapes = emitted.network.models[0].inputs
    lengths = {
        str(dim.size): value
        for given, tensor in zip(shapes, inputs, strict=True)
        for dim, value in zip(given.dims, tensor.shape, strict=True)
        if not isinstance(dim.size, int)
    }
    assert _number(emitted.network.flops, lengths) == counter.get_total_flops()


def _number(size: Size, lengths: dict[str, int]) -> int:
    return size if isinstance(size, int) else int(expressions.evaluate(size.expression(), lengths))


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def _tensors(output: Any) -> list[Tensor]:
    return list(output) if isinstance(output, tuple) else [output]


def _make_lively(module: nn.Module) -> None:
    """Statistics and scales that differ, as after training, so that a wrong order cannot go unseen."""
    for each in module.modules():
        if isinstance(each, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.normal_(each.running_mean, std=0.1)
            nn.init.uniform_(each.running_var, 0.5, 1.5)
        if isinstance(each, (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm)):
            nn.init.uniform_(each.weight, 0.8, 1.2)
            nn.init.normal_(each.bias, std=0.1)


@contextmanager
def math_attention() -> Iterator[None]:
    """Attention by plain matrix products, which count."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    with sdpa_kernel(SDPBackend.MATH):
        yield
    torch.backends.mha.set_fastpath_enabled(before)
