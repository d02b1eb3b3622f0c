"""What people write at the first try: shared heads, shared layers, hints for masks, ranges of inputs."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from networks import emit, is_the_same
from nngen.language.errors import DescriptionError

RETINA = """
name: retina
args: {num_classes: 3, anchors: 2}
input: [3, 32, 32]
blocks:
  Head:
    args: {outputs: }
    layers:
      - layers: [Conv2d: {out_channels: 8, kernel_size: 3, padding: 1}, ReLU]
        repeat: 2
      - Conv2d: {out_channels: $outputs, kernel_size: 3, padding: 1}
      - flatten: 2
layers:
  - Conv2d: {out_channels: 8, kernel_size: 3, stride: 2, padding: 1}
    as: c3
  - Conv2d: {out_channels: 8, kernel_size: 3, stride: 2, padding: 1}
    as: c4
  - Head: $anchors * $num_classes
    name: classes
    from: c3
    as: s3
  - use: classes
    from: c4
    as: s4
  - cat: 2
    from: [s3, s4]
"""


class Retina(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.c3, self.c4 = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 2, 1)
        convolutions = [nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU()]
        self.head = nn.Sequential(*convolutions, nn.Conv2d(8, 6, 3, padding=1), nn.Flatten(2))

    def forward(self, image: Tensor) -> Tensor:
        levels = [self.c3(image)]
        levels.append(self.c4(levels[0]))
        return torch.cat([self.head(level) for level in levels], dim=2)


def test_a_head_is_shared_between_images_of_several_sizes() -> None:
    is_the_same(emit(RETINA).build(), Retina(), torch.randn(2, 3, 32, 32))


def test_a_head_with_a_linear_layer_belongs_to_one_size() -> None:
    text = RETINA.replace("      - flatten: 2\n", "      - Flatten\n      - Linear: 4\n").replace("cat: 2", "cat: 1")
    with pytest.raises(DescriptionError, match="use: classes was made for"):
        emit(text)


ALBERT = """
name: albert
args: {depth: 3}
input: [6, 8]
blocks:
  Layer:
    layers:
      - residual: [LayerNorm, {Linear: 16}, GELU, {Linear: 8}]
      - Tanh
layers:
  - Layer:
    name: layer
  - use: layer
    repeat: $depth - 1
  - Linear: 2
"""


class Albert(nn.Module):
    def __init__(self, depth: int) -> None:
        super().__init__()
        self.depth = depth
        self.layer = nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))
        self.fc = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(self.depth):
            x = torch.tanh(x + self.layer(x))
        y: Tensor = self.fc(x)
        return y


@pytest.mark.parametrize("depth", [1, 3, 5])
def test_one_layer_is_called_in_a_loop(depth: int) -> None:
    is_the_same(emit(ALBERT).build(depth), Albert(depth), torch.randn(2, 6, 8))


def test_what_calls_one_module_has_a_number_of_rounds() -> None:
    with pytest.raises(DescriptionError, match="its 'repeat' is a number"):
        emit(ALBERT.replace("repeat: $depth - 1", "repeat: {width: [1, 2]}"))


TRANSFORMER = """
name: net
inputs: {src: [5, 8], tgt: [6, 8]}
layers:
  - ones: [6, 6]
  - triu: 1
  - to: bool
    as: mask
  - Transformer: {nhead: 2, num_encoder_layers: 1, num_decoder_layers: 1, dim_feedforward: 16, dropout: 0.0}
    from: {src: src, tgt: tgt, tgt_mask: mask, tgt_is_causal: true}
"""


class Translation(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.transformer = nn.Transformer(8, 2, 1, 1, 16, dropout=0.0, batch_first=True)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        mask = torch.ones(6, 6).triu(1).bool()
        result: Tensor = self.transformer(source, target, tgt_mask=mask, tgt_is_causal=True)
        return result


def test_a_hint_that_a_mask_is_causal_is_true_or_false() -> None:
    model = emit(TRANSFORMER)
    assert "tgt_mask=mask, tgt_is_causal=True" in model.source
    is_the_same(model.build(), Translation(), torch.randn(2, 5, 8), torch.randn(2, 6, 8))


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ("{src: src, tgt: tgt, tgt_is_causal: true, memory_mask: mask}", "which is not given"),
        ("{src: src, tgt: tgt, tgt_mask: true, memory_mask: mask}", "tgt_mask takes no true or false"),
    ],
)
def test_a_hint_needs_its_mask(sources: str, message: str) -> None:
    with pytest.raises(DescriptionError, match=message):
        emit(TRANSFORMER.replace("{src: src, tgt: tgt, tgt_mask: mask, tgt_is_causal: true}", sources))


def test_an_argument_may_be_the_range_of_an_input_alone() -> None:
    head = "name: net\nargs: {levels: 50}\ninput: {shape: [6], dtype: int64, high: $levels}\n"
    model = emit(f"{head}layers: [{{to: float32}}, {{Linear: 2}}]\n").build()
    assert model(torch.zeros(1, 6, dtype=torch.int64)).shape == (1, 2)


QUERIES = """
name: net
args: {dim: 8}
input: [6, 8]
blocks:
  Queries:
    args: {count: , dim: }
    inputs: []
    layers:
      - parameter: {shape: [1, $count, $dim], init: {normal: {std: 0.02}}}
        name: queries
      - buffer: {shape: [1, 1, $dim], init: ones}
        name: shift
      - add: [queries, shift]
      - Linear: $dim
layers:
  - Queries: {count: 6, dim: $dim}
    as: first
  - Queries: {count: 6, dim: 8}
    name: more
  - mul: first
  - add: input
    as: both
  - use: more
    from: []
  - add: both
  - Linear: 2
"""


class Queries(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.queries, self.fc = nn.Parameter(torch.zeros(1, 6, 8)), nn.Linear(8, 8)

    def forward(self) -> Tensor:
        given: Tensor = self.fc(self.queries + 1)
        return given


class Asking(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.more, self.fc = Queries(), Queries(), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.fc(self.more() + (self.more() * self.first() + x))
        return y


def test_a_block_may_take_nothing() -> None:
    is_the_same(emit(QUERIES).build(), Asking(), torch.randn(2, 6, 8))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    as: first\n", "    as: first\n    repeat: 2\n", "takes nothing, so the rounds"),
        ("    name: more\n", "    name: more\n    if: $dim > 2\n", "takes nothing that could go on"),
        ("    from: []\n", "", "Queries takes no tensors, and gets 1"),
        ("Linear: $dim", "Linear: $in_features", "there is no tensor 'input' here"),
        ("      - add: [queries, shift]\n", "", "the block has no inputs, so Linear needs 'from'"),
    ],
)
def test_a_block_that_takes_nothing_has_no_flow(old: str, new: str, message: str) -> None:
    assert old in QUERIES
    with pytest.raises(DescriptionError) as error:
        emit(QUERIES.replace(old, new))
    assert message in str(error.value)


WIDTHS = """
name: net
args: {hidden: [16, 8]}
input: [8]
blocks:
  Mlp:
    args: {widths: }
    layers:
      - layers: [Linear: 2 * $width, ReLU]
        repeat: {width: $widths}
layers:
  - Mlp: {widths: [16, 12]}
  - Linear: 5
  - Mlp: {widths: $hidden}
  - Linear: 2
"""


@pytest.mark.parametrize("hidden", [(16, 8), (4,), (3, 5, 7)])
def test_a_layer_behind_a_list_of_widths_takes_the_last(hidden: tuple[int, ...]) -> None:
    sizes = [8, 32, 24, 5, *(2 * width for width in hidden), 2]
    linears = [nn.Linear(before, after) for before, after in pairwise(sizes)]
    layers = [layer for index, linear in enumerate(linears) for layer in (linear, *([] if index == 2 else [nn.ReLU()]))]
    model = emit(WIDTHS)
    assert "nn.Linear(2 * hidden[-1], 2)" in model.source
    is_the_same(model.build(hidden), nn.Sequential(*layers[:-1]), torch.randn(2, 8))


def test_the_class_is_called_as_its_author_writes_it() -> None:
    model = emit("name: resnext50\nclass: ResNeXt50\ninput: [4]\nlayers: [{Linear: 2}]\n")
    assert model.name == "ResNeXt50" and type(model.build()).__name__ == "ResNeXt50"


@pytest.mark.parametrize("name", ["Tensor", "dict", "Res-NeXt", "3"])
def test_a_name_of_the_class_that_could_not_be_one_is_refused(name: str) -> None:
    with pytest.raises(DescriptionError, match="class: "):
        emit(f"name: net\nclass: {name}\ninput: [4]\nlayers: [{{Linear: 2}}]\n")


def test_neighbours_with_one_condition_are_one_if() -> None:
    layers = "[{Linear: 8}, {mul: 2, if: $deep}, {tanh: , if: $deep}, {Linear: 2}]"
    model = emit(f"name: net\nargs: {{deep: true}}\ninput: [8]\nlayers: {layers}\n")
    assert model.source.count("if self.use_mul:\n            x = x * 2\n            x = torch.tanh(x)\n") == 1
    assert model.source.count("if ") == 1
