"""The proof can fail: of mutants of emitted texts it accepts those alone that torch cannot tell from the original."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch

from networks import EXAMPLES
from nngen import pipeline
from nngen.proof.prove import prove
from proof.mutants import mutants

NAMES = ["tiny_gpt", "resnet18", "unet_shapes", "lstm_attention", "tcn", "siamese", "wide_deep"]
DRAWN = 25


def evaluated(
    code: str, name: str, shapes: list[tuple[int, ...]], whole: list[bool], state: dict[str, Any] | None = None
) -> Any:
    """The weights, which are given or drawn, and the outputs for drawn inputs."""
    namespace: dict[str, Any] = {"__name__": "model"}
    exec(compile(code, "model.py", "exec"), namespace)
    torch.manual_seed(0)
    model = namespace[name]().eval()
    if state is not None:  # another order of the same modules draws others
        model.load_state_dict(state)
    torch.manual_seed(1)
    inputs = [torch.randint(0, 2, shape) if is_whole else torch.randn(shape) for shape, is_whole in zip(shapes, whole)]
    with torch.no_grad():
        torch.manual_seed(2)
        outputs = model(*inputs)
    return {key: value.clone() for key, value in model.state_dict().items()}, outputs


def size(value: object) -> int:
    return value if isinstance(value, int) else 2


@pytest.mark.parametrize("name", NAMES)
def test_what_is_accepted_is_equal_in_torch(name: str) -> None:
    text = (EXAMPLES / f"{name}.yaml").read_text()
    checked = pipeline.read(text)
    code, whole = checked.model.code, checked.model.classes[-1].name
    inputs = checked.network.models[0].inputs
    shapes = [tuple(16 if str(dim) in ("height", "width") else size(dim) for dim in tensor.sizes) for tensor in inputs]
    integers = [tensor.dtype == "int64" for tensor in inputs]
    expected = evaluated(code, whole, shapes, integers)
    drawn = sorted(mutants(code))
    random.Random(0).shuffle(drawn)
    caught = 0
    for what, mutant in drawn[:DRAWN]:
        if prove(checked.description, mutant).refutation is not None:
            caught += 1
            continue
        found = evaluated(mutant, whole, shapes, integers, expected[0])
        torch.testing.assert_close(found, expected, rtol=0, atol=0, msg=what)
    print(f"{name}: {caught} of {min(DRAWN, len(drawn))} mutants caught")
    assert caught > 0.7 * min(DRAWN, len(drawn))
