"""The language of networks, feature by feature: modules that are called again, own tensors and code, several inputs."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from emitted_lines import forward_of, lines, model_of, network, problems
from networks import EXAMPLES, example

torch = pytest.importorskip("torch")
F = torch.nn.functional


def test_use_calls_the_same_module_again() -> None:
    emitted = network("""
inputs: {left: [4], right: [4]}
layers:
  - layers: [Linear: 3, ReLU]
    name: encoder
    as: one
  - use: encoder
    from: right
  - sub: one
""")
    model = model_of(emitted)
    left, right = torch.randn(2, 4), torch.randn(2, 4)
    assert torch.equal(model(left, right), model.encoder(right) - model.encoder(left))
    assert emitted.network.parameters == 4 * 3 + 3
    assert emitted.network.flops == 2 * (2 * 4 * 3)


def test_tied_weights_are_one_parameter() -> None:
    emitted = network("""
input: {shape: [time], dtype: int64, high: 9}
layers:
  - Embedding: 4
    name: embed
  - Linear: {out_features: 9, bias: false}
    name: head
tie: {head.weight: embed.weight}
""")
    model = model_of(emitted)
    assert model.head.weight is model.embed.weight
    assert emitted.network.parameters == 36 == sum(each.numel() for each in model.parameters())


def test_init_in_its_order_and_for_what_it_names() -> None:
    emitted = network("""
args: {depth: 2, scale: 0.5}
input: [4]
blocks:
  Layer:
    layers: [{Linear: 4, name: fc}, {Linear: 4, name: proj}, relu]
layers:
  - Layer:
    repeat: $depth
    name: blocks
  - Linear: {out_features: 4, bias: false}
    name: head
init:
  fc.weight: {constant: 7}
  Linear: {weight: {constant: $scale / $depth}, bias: {constant: 1}}
  proj.weight: zeros
  head.weight: ones
""")
    model = model_of(emitted, scale=1.0)
    for block in model.blocks:
        assert (block.fc.weight == 0.5).all(), "what comes later wins"
        assert (block.fc.bias == 1).all() and (block.proj.weight == 0).all()
    assert (model.head.weight == 1).all()
    assert "nn.init.ones_(self.head.weight)" in lines(emitted)
    assert "if module.bias is not None:" in lines(emitted)


def test_init_asks_for_a_bias_only_where_one_may_be_missing() -> None:
    emitted = network("input: [4]\nlayers: [Linear: 4]\ninit:\n  Linear: {weight: zeros, bias: zeros}\n")
    assert "is not None" not in emitted.source


def test_torchs_own_initialisation_stays_where_nothing_is_said() -> None:
    emitted = network("input: [4]\nlayers: [Linear: 4, ReLU, Linear: 2]\ninit:\n  Linear: {bias: zeros}\n")
    model = model_of(emitted)
    torch.manual_seed(0)
    assert torch.equal(model.fc1.weight, torch.nn.Linear(4, 4).weight)


def test_parameters_and_buffers() -> None:
    emitted = network("""
args: {dim: 4}
input: [5, $dim]
layers:
  - parameter: {shape: [1, 1, $dim], init: {normal: {std: 0.02}}}
    name: token
  - parameter: [$dim]
    name: shift
  - buffer: {shape: [5, 1], init: ones}
    name: table
  - add: token
  - add: shift
  - mul: table
""")
    model = model_of(emitted, dim=6)
    assert {name for name, _ in model.named_parameters()} == {"token", "shift"}
    assert {name for name, _ in model.named_buffers()} == {"table"}
    x = torch.randn(2, 5, 6)
    assert torch.equal(model(x), x + model.token)
    assert emitted.network.parameters == 8 and emitted.network.models[0].buffers == 5


def test_import_of_own_code(monkeypatch: pytest.MonkeyPatch) -> None:
    own = types.ModuleType("own_layers")

    class Scale(torch.nn.Module):
        def __init__(self, factor: float) -> None:
            super().__init__()
            self.factor = factor

        def forward(self, x: Any) -> Any:
            return self.factor * x[:, :2]

    own.Scale = Scale  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "own_layers", own)
    emitted = network("""
args: {factor: 3.0}
input: [4]
layers:
  - import: own_layers:Scale
    args: {factor: $factor}
    output: [2]
  - Linear: 3
""")
    assert "from own_layers import Scale" in lines(emitted)
    assert "self.scale = Scale(factor=factor)" in lines(emitted)
    model, x = model_of(emitted, factor=2.0), torch.randn(2, 4)
    assert torch.equal(model(x), model.fc(2 * x[:, :2]))


def test_several_inputs_and_outputs() -> None:
    emitted = network("""
inputs: {image: [3, 4, 4], label: {shape: [], dtype: int64, high: 10}}
layers:
  - Embedding: 3
    from: label
  - unflatten: [1, [3, 1, 1]]
    as: bias
  - add: [image, bias]
  - Flatten
  - branches:
      score: [Linear: 1]
      features: [Linear: 5]
outputs: [score, features]
""")
    assert "def forward(self, image: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:" in lines(emitted)
    score, features = model_of(emitted)(torch.randn(2, 3, 4, 4), torch.tensor([1, 9]))
    assert score.shape == (2, 1) and features.shape == (2, 5)


def test_sizes_at_run_time_and_of_the_constructor() -> None:
    emitted = network("""
input: [3, height, width]
blocks:
  Grow:
    inputs: [x, other]
    args: {channels: 2 * $other.size(1)}
    layers:
      - Conv2d: {out_channels: $channels, kernel_size: 3, stride: 2}
      - interpolate: {size: [$other.size(2), $other.size(3)]}
      - cat: [x, other]
layers:
  - Conv2d: {out_channels: 5, kernel_size: 1}
  - Grow:
    from: [input, x]
  - Grow:
    from: [x, input]
""")
    assert "channels = 2 * other_channels" in lines(emitted)
    assert "self.grow2 = Grow(15, 3)" in lines(emitted)
    assert model_of(emitted)(torch.randn(2, 3, 11, 8)).shape == (2, 9, 11, 8)


def test_comments_say_what_holds_for_every_argument() -> None:
    emitted = network("""
args: {patch: 8, dim: 6, classes: 3}
input: [3, 32, 32]
layers:
  - Conv2d: {out_channels: $dim, kernel_size: $patch, stride: $patch}
  - flatten: 2
  - transpose: [1, 2]
  - Linear: 4 * $dim
  - mean: 1
  - Linear: $classes
""")
    text = [line.split("  # ")[1] for line in emitted.source.splitlines() if "  # " in line]
    assert text == [
        "(N, dim, 32 // patch, 32 // patch)",
        "(N, (32 // patch) ** 2, dim)",
        "(N, (32 // patch) ** 2, 4 * dim)",
        "(N, 4 * dim)",
        "(N, classes)",
    ]


def test_a_block_of_modules_alone_is_an_nn_sequential() -> None:
    emitted = network("""
input: [4]
blocks:
  Dense:
    args: {width: , dropout: 0.1, inner: 2 * $width}
    layers: [Linear: $inner, ReLU, Dropout: $dropout, Linear: $width]
layers: [Dense: 3, Dense: {width: 5, dropout: 0.0}]
""")
    assert "class Dense(nn.Sequential):" in lines(emitted)
    assert "inner = 2 * width" in lines(emitted)
    assert "self.dense1 = Dense(4, 3)" in lines(emitted)
    assert "self.dense2 = Dense(3, 5, dropout=0.0)" in lines(emitted)


def test_a_block_that_no_use_builds_is_still_a_class() -> None:
    """An argument of the constructor can ask for it."""
    emitted = network("""
args: {deep: false}
input: [4]
blocks:
  Wide:
    layers: [Linear: 6, tanh]
layers:
  - Wide:
    if: $deep
""")
    assert "self.wide = Wide(4) if deep else nn.Identity()" in lines(emitted)
    assert model_of(emitted, deep=True)(torch.randn(2, 4)).shape == (2, 6)
    assert emitted.network.parameters == 0


def test_an_item_with_a_mistake_makes_no_second_one() -> None:
    text = "input: [4]\nlayers:\n  - add: other\n  - Linear: 4\n  - mul: another\n"
    assert problems(text) == ["there is no tensor 'other' here", "there is no tensor 'another' here"]


@pytest.mark.parametrize(
    ("name", "arguments", "inputs"),
    [
        ("densenet121", {"growth_rate": 8}, lambda: [torch.randn(1, 3, 64, 64)]),
        ("tcn", {"channels": 12, "depth": 3, "kernel_size": 5}, lambda: [torch.randn(2, 8, 20)]),
        ("lstm_attention", {"hidden_size": 10, "embedding_dim": 6}, lambda: [torch.randint(0, 99, (2, 9))]),
        ("wide_and_deep", {"embedding_dim": 5}, lambda: [torch.randn(2, 64), torch.randint(0, 99, (2, 12))]),
        ("siamese", {"embedding_dim": 5}, lambda: [torch.randn(2, 1, 28, 28)] * 2),
        ("unet", {"num_classes": 7}, lambda: [torch.randn(1, 1, 40, 33)]),
    ],
)
def test_the_class_is_right_for_other_arguments(name: str, arguments: dict[str, Any], inputs: Any) -> None:
    assert torch.isfinite(model_of(example(name), **arguments)(*inputs())).all()


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_an_example_is_shorter_than_what_it_becomes(path: Path) -> None:
    text = re.split(r"^(?:data|loss|metrics|optimizer|training):", path.read_text(), maxsplit=1, flags=re.MULTILINE)[0]
    description = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert len(description) < len([line for line in example(path.stem).source.splitlines() if line.strip()])


def test_resnet50_fits_in_sixty_lines() -> None:
    assert len((EXAMPLES / "resnet50.yaml").read_text().splitlines()) <= 60


def test_ties_and_initial_values_go_through_lists_of_layers() -> None:
    emitted = network("""
input: [5, 8]
layers:
  - TransformerEncoder: {encoder_layer: {TransformerEncoderLayer: 2}, num_layers: 2}
    name: encoder
  - layers: [Linear: 8, ReLU, Linear: 8]
    name: mlp
tie:
  encoder.layers.1.linear1.weight: encoder.layers.0.linear1.weight
  mlp.2.weight: mlp.0.weight
init: {mlp.0.weight: {constant: 0.5}, layers.0.linear1.weight: zeros}
""")
    model = model_of(emitted)
    layers = model.encoder.layers
    assert layers[1].linear1.weight is layers[0].linear1.weight
    assert not layers[0].linear1.weight.any()
    assert model.mlp[2].weight is model.mlp[0].weight
    assert model.mlp[0].weight.eq(0.5).all()
    assert emitted.network.parameters == sum(each.numel() for each in model.parameters())


def test_an_operand_of_an_operation_comes_by_its_place_too() -> None:
    emitted = network("""
input: [5, 8]
layers:
  - argmax: 2
    as: places
  - unsqueeze: [2]
    from: places
    as: index
  - gather: 2
    from: [input, index]
""")
    x = torch.randn(3, 5, 8)
    assert torch.equal(model_of(emitted)(x), x.amax(dim=2, keepdim=True))


def test_a_tensor_that_goes_round_is_used_by_the_next_round() -> None:
    emitted = network("""
input: [4, 6]
blocks:
  Step:
    inputs: [h, total]
    layers:
      - Linear: $in_features
        from: h
        as: out
      - add: [total, out]
        as: sum
    outputs: [out, sum]
layers:
  - Linear: 6
    as: h
  - zeros_like:
    as: total
  - Step:
    from: [h, total]
    as: [h, total]
    repeat: 3
  - tanh:
    from: total
""")
    assert "h, total = step(h, total)" in forward_of(emitted)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("mul: skip.mean", "there is no tensor 'skip.mean' here"),
        ("add: {other: [1, 2]}", "add: other: expected the name of a tensor or a number, found [1, 2]"),
        ("sub: [x, 1]", "sub takes a tensor or a number, found a list"),
    ],
)
def test_what_is_no_operand_is_refused(item: str, message: str) -> None:
    assert problems(f"input: [4]\nlayers:\n  - {item}\n") == [message]


def test_long_shapes_of_a_docstring_stand_one_a_line() -> None:
    emitted = network("""
input: [3, height, width]
layers:
  - Conv2d: {out_channels: 4, kernel_size: 3, stride: 2}
    as: first
  - Conv2d: {out_channels: 4, kernel_size: 3, stride: 2}
    as: second
  - Conv2d: {out_channels: 5, kernel_size: 1}
    as: third
outputs: [first, third]
""")
    assert "        (N, 4, (height + 1) // 2 - 1, (width + 1) // 2 - 1),\n        (N, 5, " in emitted.source
    assert max(map(len, emitted.source.splitlines())) <= 88
