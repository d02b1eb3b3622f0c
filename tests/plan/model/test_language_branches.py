"""The language of networks, feature by feature: loops, conditions and branches."""

from __future__ import annotations

import pytest

from emitted_lines import forward_of, lines, model_of, network

torch = pytest.importorskip("torch")
F = torch.nn.functional


def test_what_goes_round_with_names_is_a_loop_in_forward() -> None:
    emitted = network("""
input: [5, 4]
blocks:
  Step:
    inputs: [x, state]
    layers:
      - Linear: 4
      - add: state
        as: new
      - tanh

    outputs: [x, new]
layers:
  - Linear: 4
    as: state
  - tanh
  - Step:
    from: [x, state]
    as: [x, state]
    repeat: 3
  - add: state
""")
    assert forward_of(emitted)[1:] == [
        "x = torch.tanh(state)",
        "for step in self.steps:",
        "x, state = step(x, state)",
        "x = x + state",
        "return x",
    ]
    model, x = model_of(emitted), torch.randn(2, 5, 4)
    state = model.fc(x)
    flow = torch.tanh(state)
    for step in model.steps:
        state = step.fc(flow) + state
        flow = torch.tanh(state)
    assert torch.allclose(model(x), flow + state)


def test_a_condition_is_an_if_of_the_constructor() -> None:
    emitted = network("""
args: {norm: true, act: false, scaled: true, heads: 2}
input: [5, 4]
layers:
  - Linear: 4
  - LayerNorm:
    if: $norm
  - layers: [Linear: 4, ReLU]
    if: $act
  - MultiheadAttention: $heads
    if: $heads > 0
  - mul: 2.0
    if: $scaled
""")
    written = lines(emitted)
    for line in (
        "self.norm1 = nn.LayerNorm(4) if norm else nn.Identity()",
        "self.layers = nn.Sequential()",
        "if act:",
        "self.use_attention = heads > 0",
        "if self.use_attention:",
        "x, _ = self.attention(x, x, x, need_weights=False)",
        "self.use_mul = scaled",
        "if self.use_mul:",
        "x = x * 2.0",
    ):
        assert line in written
    x = torch.randn(2, 5, 4)
    model = model_of(emitted, norm=False, act=False, heads=0, scaled=False)
    assert torch.equal(model(x), model.fc(x))
    model = model_of(emitted, norm=False, act=True, heads=0)
    assert torch.equal(model(x), 2 * model.layers(model.fc(x)))


def test_opposite_conditions_are_one_module() -> None:
    emitted = network("""
args: {smooth: true}
input: [4]
layers:
  - Linear: 4
  - GELU:
    if: $smooth
  - ReLU:
    if: not $smooth
""")
    assert "self.act = nn.GELU() if smooth else nn.ReLU()" in lines(emitted)
    assert forward_of(emitted) == ["x = self.fc(x)", "x = self.act(x)", "return x"]
    x = torch.randn(2, 4)
    for smooth, function in ((True, F.gelu), (False, F.relu)):
        model = model_of(emitted, smooth=smooth)
        assert torch.equal(model(x), function(model.fc(x)))


def test_a_condition_that_is_always_the_same_leaves_no_trace() -> None:
    emitted = network("""
input: [4]
blocks:
  Half:
    args: {width: }
    layers:
      - Linear: $width
      - Tanh:
        if: 1 > 2
      - relu
layers:
  - Half: 3
  - Linear: 2
    if: 2 > 1
""".replace("1 > 2", "$width > 100 and $width < 50").replace("2 > 1", "true"))
    assert "if" not in emitted.source.split("class Net")[1]


def test_branches_merge_or_keep_their_names() -> None:
    emitted = network("""
input: [4]
layers:
  - branches:
      wide: [Linear: 6, ReLU]
      narrow: [Linear: 2]
      same: []
    merge: cat
  - branches:
      mu: [Linear: 3]
      logvar: [Linear: 3, tanh]
outputs: [mu, logvar]
""")
    assert "x = torch.cat([self.wide(x), self.narrow(x), x], dim=1)" in lines(emitted)
    model, x = model_of(emitted), torch.randn(2, 4)
    joined = torch.cat([model.wide(x), model.narrow(x), x], dim=1)
    mu, logvar = model(x)
    assert torch.equal(mu, model.mu(joined)) and logvar.shape == (2, 3)


def test_branches_of_one_name_are_two_modules() -> None:
    emitted = network("""
input: [4]
layers:
  - branches: {main: [Linear: 4], side: [Linear: 4]}
    merge: add
  - branches: {main: [Linear: 4], side: []}
    merge: mul
""")
    model, x = model_of(emitted), torch.randn(2, 4)
    y = model.main(x) + model.side(x)
    assert torch.equal(model(x), model.main2(y) * y)
    assert len(list(model.children())) == 3
