"""The language of networks, feature by feature: what is emitted, and that it computes what was described."""

from __future__ import annotations

import pytest

from emitted_lines import forward_of, lines, model_of, network

torch = pytest.importorskip("torch")
F = torch.nn.functional


def test_as_and_from_name_tensors() -> None:
    emitted = network("""
input: [4]
layers:
  - Linear: 4
    as: first
  - ReLU
  - Linear: 4
    from: first
    as: second
  - add: [first, second]
""".replace("  - ReLU\n", ""))
    model = model_of(emitted)
    x = torch.randn(3, 4)
    first = model.fc1(x)
    assert torch.equal(model(x), first + model.fc2(first))
    assert forward_of(emitted) == [
        "first = self.fc1(x)",
        "second = self.fc2(first)",
        "x = first + second",
        "return x",
    ]


def test_operations_whose_results_nothing_else_reads_are_one_line() -> None:
    emitted = network("""
inputs: {left: [4, 6], right: [4, 6]}
layers:
  - sub: [left, right]
  - abs
  - transpose: [1, 2]
    as: distance
  - mean: 1
  - softmax: 1
  - mul: $distance.size(1)
  - Linear: 2
""")
    assert forward_of(emitted, "Net") == [
        "distance = (left - right).abs().transpose(1, 2)",
        "x: Tensor = distance.mean(dim=1).softmax(dim=1)",
        "x = x * 6",
        "x = self.fc(x)",
        "return x",
    ]
    left, right = torch.randn(2, 3, 4, 6)
    x = (left - right).abs().transpose(1, 2).mean(dim=1).softmax(dim=1) * 6
    model = model_of(emitted)
    assert torch.allclose(model(left, right), model.fc(x))


def test_a_tensor_that_is_needed_later_is_not_overwritten() -> None:
    emitted = network("""
input: [4]
blocks:
  Gate:
    layers: [Linear: 4, sigmoid, mul: input]
layers:
  - Gate
  - residual:
      - Linear: 4
      - residual: [tanh, Linear: 4, tanh]
      - Linear: 4
""")
    assert forward_of(emitted, "Gate") == ["y = self.fc(x)", "return torch.sigmoid(y) * x"]
    model, x = model_of(emitted), torch.randn(3, 4)
    gated = torch.sigmoid(model.gate.fc(x)) * x
    y = model.fc1(gated)
    y = y + torch.tanh(model.fc2(torch.tanh(y)))
    assert torch.allclose(model(x), gated + model.fc3(y))


def test_names_of_the_author_are_no_automatic_variables() -> None:
    emitted = network("""
input: [4]
layers:
  - Linear: 4
    as: y
  - residual: [tanh, sigmoid]
  - mul: y
""")
    model, x = model_of(emitted), torch.randn(3, 4)
    y = model.fc(x)
    assert torch.allclose(model(x), (y + torch.sigmoid(torch.tanh(y))) * y)


def test_a_name_may_stand_again_in_another_list() -> None:
    emitted = network("""
input: [4]
layers:
  - branches:
      one: [{Linear: 4, as: t}, tanh, {add: t, as: r}]
      two: [{Linear: 4, as: t}, sigmoid, {add: t, as: r}]
    merge: add
""")
    model, x = model_of(emitted), torch.randn(3, 4)
    one, two = model.fc1(x), model.fc2(x)
    assert torch.allclose(model(x), torch.tanh(one) + one + torch.sigmoid(two) + two)


def test_parts_of_a_result() -> None:
    emitted = network("""
input: [5, 4]
layers:
  - LSTM: {hidden_size: 3, num_layers: 2}
    as: [states, h, c]
  - LSTM: {hidden_size: 3, num_layers: 2}
    from: [input, [h, c]]
    as: [x, _, last]
  - add: states
outputs: [last]
""".replace("  - add: states\noutputs: [last]\n", "  - add: states\n    as: total\noutputs: [total, last]\n"))
    assert "states, (h, c) = self.lstm1(input)" in lines(emitted)
    assert "x, (_, last) = self.lstm2(input, (h, c))" in lines(emitted)
    total, last = model_of(emitted)(torch.randn(2, 5, 4))
    assert total.shape == (2, 5, 3) and last.shape == (2, 2, 3)


def test_parts_that_nobody_reads_are_not_asked_for() -> None:
    emitted = network("input: [5, 4]\nlayers:\n  - MultiheadAttention: 2\n")
    assert "x, _ = self.attention(x, x, x, need_weights=False)" in lines(emitted)
    emitted = network("""
input: [5, 4]
layers:
  - MultiheadAttention: 2
    as: [x, weights]
  - mean: 1
    as: mean
outputs: [mean, weights]
""")
    assert "x, weights = self.attention(x, x, x)" in lines(emitted)


def test_torchs_names_of_inputs_and_masks() -> None:
    emitted = network("""
inputs: {tokens: [5, 4], padding: {shape: [5], dtype: bool}}
layers:
  - MultiheadAttention: 2
    from: {query: tokens, key: tokens, value: tokens, key_padding_mask: padding}
  - TransformerEncoderLayer: {nhead: 2, dim_feedforward: 8}
    from: {src: x, src_key_padding_mask: padding}
    repeat: 2
""")
    assert "x, _ = self.attention(" in emitted.source
    assert "tokens, tokens, tokens, key_padding_mask=padding, need_weights=False" in emitted.source
    assert "x = encoder(x, src_key_padding_mask=padding)" in lines(emitted)
    assert model_of(emitted)(torch.randn(2, 5, 4), torch.zeros(2, 5, dtype=torch.bool)).shape == (2, 5, 4)


def test_repeat_is_a_comprehension() -> None:
    emitted = network("""
args: {depth: 3, dim: 4}
input: [$dim]
blocks:
  Layer:
    args: {dim: $in_features}
    layers: [residual: [LayerNorm, Linear: $dim]]
layers:
  - Layer:
    repeat: $depth
    name: blocks
""")
    assert "self.blocks = nn.Sequential(*[Layer(dim) for _ in range(depth)])" in lines(emitted)
    assert len(model_of(emitted, depth=5).blocks) == 5


def test_repeat_with_columns_has_running_sizes() -> None:
    emitted = network("""
args: {widths: [8, 6], rate: 0.1}
input: [4]
layers:
  - layers: [Linear: $width, ReLU, Dropout: $rate * $i]
    repeat: {width: $widths}
    name: body
  - layers: [Linear: $out, BatchNorm1d: {momentum: $momentum}]
    repeat: {out: [5, 3], momentum: [0.1, 0.2]}
    name: head
""")
    written = lines(emitted)
    for line in (
        "in_features = 4",
        "for i, width in enumerate(widths):",
        "body += [nn.Linear(in_features, width), nn.ReLU(), nn.Dropout(rate * i)]",
        "in_features = width",
        "for out, momentum in [(5, 0.1), (3, 0.2)]:",
    ):
        assert line in written
    model = model_of(emitted, widths=(7, 9, 2), rate=0.2)
    assert [module.p for module in model.body if isinstance(module, torch.nn.Dropout)] == [0.0, 0.2, 0.4]
    assert model(torch.randn(2, 4)).shape == (2, 3)


def test_sizes_that_grow_have_a_closed_form_outside_of_the_block() -> None:
    """DenseNet: the constructor of the block counts, and the model knows what comes out."""
    emitted = network("""
args: {growth: 3}
input: [2, 6, 6]
blocks:
  Layer:
    args: {growth: }
    layers: [Conv2d: {out_channels: $growth, kernel_size: 1}, cat: [input, x]]
  Dense:
    args: {growth: , depth: }
    layers: [{Layer: $growth, repeat: $depth}]
layers:
  - Conv2d: {out_channels: 2 * $growth, kernel_size: 1}
  - Dense: {growth: $growth, depth: 4}
  - Conv2d: {out_channels: 5, kernel_size: 1}
""")
    written = lines(emitted)
    assert "in_channels += growth" in written
    assert "self.conv2 = nn.Conv2d(6 * growth, 5, kernel_size=1)" in written
    assert model_of(emitted, growth=7)(torch.randn(2, 2, 6, 6)).shape == (2, 5, 6, 6)


def test_a_running_size_does_not_take_the_name_of_one_that_is_needed_later() -> None:
    emitted = network("""
input: [2, 4, 4]
blocks:
  Body:
    args: {width: }
    layers:
      - layers: [Conv2d: {out_channels: $width, kernel_size: 1}, ReLU]
        repeat: 3
      - Conv2d: {out_channels: $in_channels, kernel_size: 1}
      - add: input
layers: [Body: 5, Body: 7]
""")
    assert "channels = in_channels" in lines(emitted)
    assert model_of(emitted)(torch.randn(1, 2, 4, 4)).shape == (1, 2, 4, 4)


def test_loops_inside_an_nn_sequential() -> None:
    emitted = network("""
args: {depth: 2, width: 8}
input: [4]
layers:
  - layers:
      - Linear: 6
      - layers: [Linear: $width, ReLU]
        repeat: $depth
      - Linear: $w
        repeat: {w: [7, 5]}
      - Linear: 5
        repeat: 2
    name: body
""")
    model = model_of(emitted, depth=3, width=9)
    assert [module.out_features for module in model.body if hasattr(module, "out_features")] == [6, 9, 9, 9, 7, 5, 5, 5]
    assert model(torch.randn(2, 4)).shape == (2, 5)
