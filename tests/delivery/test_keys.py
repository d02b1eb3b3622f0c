"""What nngen says of the keys of a state_dict, against torch itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import ROOT
from networks import EXAMPLES, emit
from nngen.delivery.weights import compare, report, state_dict_keys

torch = pytest.importorskip("torch")

DESIGN = ROOT / "tests/design"
DESCRIPTIONS = sorted([*EXAMPLES.glob("*.yaml"), *DESIGN.glob("*.yaml")])


@pytest.mark.parametrize("path", DESCRIPTIONS, ids=lambda path: path.stem)
def test_the_keys_are_those_of_torch(path: Path) -> None:
    task = path.stem if path.stem == "vae" else "gan" if "gan" in path.stem else ""
    emitted = emit(path.read_text(encoding="utf-8"), task)
    with torch.device("meta"):
        state = emitted.build().state_dict()
    keys = state_dict_keys(emitted.network)
    whole = tuple(name[:-1] for name in keys if name.endswith(".*"))
    assert {name for name in state if not name.startswith(whole or "?")} == {n for n in keys if not n.endswith(".*")}
    assert all(any(name.startswith(each) for name in state) for each in whole)
    known = {name: weight.shape for name, weight in keys.items() if weight.shape is not None}
    assert known == {name: tuple(state[name].shape) for name in known}


@pytest.mark.parametrize(
    "layer",
    [
        "TransformerEncoderLayer: {nhead: 2, dim_feedforward: 12}",
        "TransformerEncoder: {encoder_layer: {TransformerEncoderLayer: {nhead: 2, bias: false}}, num_layers: 3}",
        "TransformerEncoder: {encoder_layer: {TransformerEncoderLayer: 4}, num_layers: 2, norm: LayerNorm}",
    ],
)
def test_the_weights_of_transformers_are_those_of_torch(layer: str) -> None:
    emitted = emit(f"name: net\ninput: [5, 8]\nlayers:\n  - {layer}\n")
    keys = {name: weight.shape for name, weight in state_dict_keys(emitted.network).items()}
    assert keys == {name: tuple(value.shape) for name, value in emitted.build().state_dict().items()}


@pytest.mark.parametrize(
    "layer",
    [
        "TransformerDecoderLayer: {nhead: 2, dim_feedforward: 12}",
        "TransformerDecoder: {decoder_layer: {TransformerDecoderLayer: 2}, num_layers: 2, norm: LayerNorm}",
        "Transformer: {nhead: 2, num_encoder_layers: 1, num_decoder_layers: 2, dim_feedforward: 12, bias: false}",
    ],
)
def test_the_weights_of_decoders_are_those_of_torch(layer: str) -> None:
    inputs = "inputs: {source: [4, 8], target: [5, 8]}"
    text = f"name: net\n{inputs}\nlayers:\n  - {layer}\n    from: [source, target]\n"
    emitted = emit(text)
    keys = {name: weight.shape for name, weight in state_dict_keys(emitted.network).items()}
    assert keys == {name: tuple(value.shape) for name, value in emitted.build().state_dict().items()}


BEFORE = """\
name: net
task: classification
input: [1, 8, 8]
layers:
  - Conv2d: 8
  - BatchNorm2d
  - ReLU
  - Flatten
  - Linear: 10
data: synthetic
"""


def test_what_becomes_of_the_weights_is_what_load_state_dict_finds() -> None:
    after = BEFORE.replace("Conv2d: 8", "Conv2d: {out_channels: 6, kernel_size: 3}").replace("  - BatchNorm2d\n", "")
    after = after.replace("  - Linear", "  - Linear: 20\n  - Linear")
    before = BEFORE.replace("Conv2d: 8", "Conv2d: {out_channels: 8, kernel_size: 3}")
    one, other = emit(before), emit(after)
    changes = compare(one.network, other.network)
    found = other.build().load_state_dict({}, strict=False)
    found_again = {*changes.stay, *changes.moved, *(name for name, _, _ in changes.reshaped)}
    assert found_again | {*changes.new} == set(found.missing_keys)
    assert changes.gone[:5] == tuple(f"bn.{name}" for name in one.build().bn.state_dict())
    assert changes.stay == ()  # fresh names: fc became fc1, fc2
    assert report(changes, "net").splitlines() == [
        "Weights in a checkpoint of before: 0 stay, 1 moved, 2 new, 5 gone, 3 of another shape.",
        "    moved       fc.bias -> fc2.bias",
        "    new         fc1.weight",
        "                fc1.bias",
        "    gone        bn.weight",
        "                bn.bias",
        "                bn.running_mean",
        "                bn.running_var",
        "                bn.num_batches_tracked",
        "    other shape conv.weight (8, 1, 3, 3) -> (6, 1, 3, 3)",
        "                conv.bias (8,) -> (6,)",
        "                fc2.weight (10, 288) -> (10, 20)",
        "To begin with those that moved or stay:",
        "    python -m net.train --init-from OLD.pt --rename fc=fc2",
    ]
    assert report(compare(one.network, one.network), "net") == ""
