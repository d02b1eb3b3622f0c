"""An emitted project asks for the oldest torch that has all that it uses."""

from __future__ import annotations

import pytest

from nngen import pipeline

HEAD = "name: net\ntask: classification\ninput: [1, 8, 8]\n"
LAYERS = "layers: [{Conv2d: {out_channels: 4, kernel_size: 3}}, BatchNorm2d, ReLU, Flatten, {Linear: 10}]\n"


@pytest.mark.parametrize(
    ("version", "rest"),
    [
        ("2.4", f"{LAYERS}data: digits"),
        ("2.12", f"{LAYERS.replace('BatchNorm2d', '{BatchNorm2d: {bias: false}}')}data: digits"),
        (
            "2.12",
            "blocks: {Head: {layers: [{GroupNorm: {num_groups: 1, bias: false}}]}}\n"
            "layers: [Head, Flatten, {Linear: 10}]\ndata: digits",
        ),
        ("2.5", f"{LAYERS}data: digits\noptimizer: Adafactor"),
        ("2.7", f"{LAYERS}data: digits\noptimizer: {{Adam: {{decoupled_weight_decay: true}}}}"),
        ("2.9", f"{LAYERS.replace('Flatten', 'Flatten, {Linear: 16}')}data: digits\noptimizer: Muon"),
    ],
)
def test_the_oldest_torch_that_has_everything(version: str, rest: str) -> None:
    project = pipeline.plan(pipeline.read(HEAD + rest))
    asked = next(each for each in project.recipe.dependencies if each.startswith("torch>="))
    assert asked == f"torch>={version}"
