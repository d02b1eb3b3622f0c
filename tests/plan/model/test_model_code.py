"""The class in model.py: as a person would write it, and true to the last comment."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from nngen import pipeline
from nngen.language.errors import DescriptionError
from rendering import render_model

torch = pytest.importorskip("torch")

HEAD = "name: net\ntask: classification\n"
TAIL = "data: synthetic\n"


def model_source(text: str) -> str:
    return render_model(pipeline.plan(pipeline.read(text)))


def build(text: str, **arguments: Any) -> Any:
    """The model of a description, constructed."""
    namespace: dict[str, Any] = {"__name__": "model"}
    exec(compile(model_source(text), "model.py", "exec"), namespace)
    return namespace[pipeline.read(text).description.class_name](**arguments)


def description(layers: list[str], shape: str = "[1, 8, 8]", args: str = "") -> str:
    items = "\n".join(f"  - {layer}" for layer in layers)
    return f"{HEAD}{f'args: {args}' if args else ''}\ninput: {shape}\nlayers:\n{items}\n{TAIL}"


def test_simple_net_comes_out_as_a_tutorial_has_it() -> None:
    text = (ROOT / "golden/simple_net/architecture.yaml").read_text()
    assert model_source(text) == '''"""The network: SimpleNet."""

from torch import Tensor, nn


class SimpleNet(nn.Module):
    """Maps (N, input_dim) to (N, output_dim).

    N is the batch size.
    """

    def __init__(
        self, input_dim: int = 64, hidden_dim: int = 128, output_dim: int = 10
    ) -> None:
        super().__init__()
        self.fc1 = nn.Linear(input_dim, hidden_dim)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(hidden_dim, output_dim)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc1(x)  # (N, hidden_dim)
        x = self.relu(x)
        x = self.fc2(x)  # (N, output_dim)
        return x
'''


def lines(text: str) -> list[str]:
    return [line.strip() for line in model_source(text).splitlines()]


def test_arguments_are_written_as_people_do() -> None:
    layers = [
        "Conv2d: {out_channels: 8, kernel_size: 3, padding: same, bias: false}",
        "BatchNorm2d",
        "LeakyReLU: 0.2",
        "MaxPool2d: {kernel_size: 3, stride: 2, padding: 1}",
        "AvgPool2d: [2, 1]",
        "Dropout2d: {p: 0.5}",
        "Flatten",
        "Linear: {out_features: 10, bias: true}",
        "Softmax: 1",
    ]
    written = lines(description(layers))
    for line in (
        'self.conv = nn.Conv2d(1, 8, kernel_size=3, padding="same", bias=False)',
        "self.bn = nn.BatchNorm2d(8)",
        "self.leaky_relu = nn.LeakyReLU(0.2)",
        "self.pool1 = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)",
        "self.pool2 = nn.AvgPool2d((2, 1))",
        "self.dropout = nn.Dropout2d()",
        "self.fc = nn.Linear(8 * 2 * 4, 10)",
        "self.softmax = nn.Softmax(dim=1)",
    ):
        assert line in written


def test_names_keep_off_what_is_taken() -> None:
    args = "{fc: 3, dropout: 0.5, out: 10}"
    layers = ["Linear: $fc", "Dropout: $dropout", "ReLU6", "ReLU6", "Linear:\n      out_features: $out\n    name: head"]
    written = lines(description(layers, "[4]", args))
    for line in (
        "self.fc1 = nn.Linear(4, fc)",
        "self.drop = nn.Dropout(dropout)",
        "self.relu6_1 = nn.ReLU6()",
        "self.relu6_2 = nn.ReLU6()",
        "self.head = nn.Linear(fc, out)",
    ):
        assert line in written


def test_sizes_that_depend_on_arguments_stay_right_for_other_values() -> None:
    args = "{size: 28, width: 8, hidden: 2 * $width, classes: 10}"
    layers = [
        "Conv2d: {out_channels: $width, kernel_size: 3, padding: 1}",
        "MaxPool2d: 2",
        "Conv2d: {out_channels: $hidden, kernel_size: 3}",
        "AvgPool2d: {kernel_size: 2, stride: 2}",
        "Flatten",
        "Linear: $in_channels * $classes",
    ]
    text = description(layers, "[3, $size, $size]", args)
    assert "hidden = 2 * width" in lines(text)
    for size, width in ((28, 8), (36, 4), (17, 5)):
        model = build(text, size=size, width=width, classes=7)
        assert model(torch.randn(2, 3, size, size)).shape == (2, 21)


def test_arguments_that_shape_nothing_are_refused() -> None:
    text = description(["AdaptiveAvgPool2d: 1", "Flatten", "Linear: $out"], "[3, $size, $size]", "{size: 8, out: 10}")
    with pytest.raises(DescriptionError, match="no layer uses the argument 'size'"):
        pipeline.read(text)


LAYERS = st.sampled_from(
    [
        "ReLU",
        "GELU",
        "SiLU",
        "Tanh",
        "Sigmoid",
        "LeakyReLU",
        "Dropout: 0.3",
        "LayerNorm",
        "BatchNorm2d",
        "BatchNorm1d",
        "Conv2d: {out_channels: 6, kernel_size: 3, padding: 1}",
        "Conv2d: {out_channels: 4, kernel_size: [3, 1], stride: 2, groups: 2}",
        "Conv1d: {out_channels: 6, kernel_size: 3, dilation: 2}",
        "MaxPool2d: 2",
        "MaxPool1d: {kernel_size: 3, stride: 2, ceil_mode: true}",
        "AvgPool2d: {kernel_size: 3, stride: 2, padding: 1, ceil_mode: true}",
        "AvgPool1d: 2",
        "AdaptiveAvgPool2d: [3, null]",
        "Flatten",
        "Flatten: {start_dim: 2}",
        "Linear: 7",
        "Linear: {out_features: 5, bias: false}",
        "Softmax: -1",
    ]
)


@settings(max_examples=150)
@given(st.lists(LAYERS, min_size=1, max_size=8), st.sampled_from(["[4, 9, 9]", "[4, 12]", "[10]"]))
def test_comments_and_counts_are_what_torch_computes(layers: list[str], shape: str) -> None:
    text = description([*layers, "Flatten", "Linear: 3"], shape)
    try:
        checked = pipeline.read(text)
    except DescriptionError:
        return
    project = pipeline.plan(checked)
    model = build(text).eval()
    shapes: dict[str, tuple[int, ...]] = {}
    for name, module in model.named_modules():
        module.register_forward_hook(lambda _, __, output, name=name: shapes.update({name: tuple(output.shape)}))
    model(torch.randn(3, *project.recipe.core.input.shape))
    assert sum(each.numel() for each in model.parameters()) == project.parameters
    assert [row.name for row in project.layers] == [name for name, _ in model.named_children()]
    for row in project.layers:
        assert row.output_shape.replace("N", "3") == str(shapes[row.name])
        own = sum(each.numel() for each in getattr(model, row.name).parameters())
        assert row.parameters == f"{own:,}"
    for name, comment in re.findall(r"x = self\.(\w+)\(x\)  # (.*)", model_source(text)):
        assert comment.replace("N", "3") == str(shapes[name])
