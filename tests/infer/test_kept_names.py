"""What is called how after an update: an unchanged layer keeps its attribute, and so its keys in the state_dict."""

from __future__ import annotations

import pytest

from nngen import pipeline
from nngen.infer.kept_names import KEY, record_of
from nngen.infer.resolve import resolve
from nngen.language import load
from nngen.language.errors import DescriptionError
from nngen.language.identifiers import number_names
from nngen.language.problems import Problems
from nngen.validate.top_level import validate

CONV_A, CONV_B, CONV_C = (f"Conv2d: {{out_channels: {n}, kernel_size: 3, padding: 1}}" for n in (8, 16, 24))
WIDE = "Conv2d: {out_channels: 32, kernel_size: 5, padding: 2}"


def description(*layers: str, more: str = "") -> str:
    """A network of those layers on images of 8 x 8 pixels."""
    listed = "".join(f"  - {layer}\n" for layer in (*layers, "Flatten", "Linear: 10"))
    return f"name: net\ntask: classification\ninput: [3, 8, 8]\n{more}layers:\n{listed}data: synthetic\n"


def names_after(*descriptions: str, of: str = "model") -> list[str]:
    """The attributes of a class after a row of updates."""
    record: dict[str, dict[str, str]] = {}
    for text in descriptions:
        record = record_of(pipeline.read(text, record).network.network)
    return list(record[of])


BEFORE = (CONV_A, "ReLU", CONV_B, "ReLU")
BEFORE_NAMES = ["conv1", "relu1", "conv2", "relu2", "flatten", "fc"]


@pytest.mark.parametrize(
    ("after", "names"),
    [
        (BEFORE, BEFORE_NAMES),
        ((CONV_C, "ReLU", *BEFORE), ["conv3", "relu3", *BEFORE_NAMES]),
        ((CONV_A, "ReLU", CONV_C, "ReLU", CONV_B, "ReLU"), ["conv1", "relu1", "conv3", "relu3", "conv2", "relu2"]),
        ((*BEFORE, CONV_C, "ReLU"), ["conv1", "relu1", "conv2", "relu2", "conv3", "relu3"]),
        ((CONV_B, "ReLU"), ["conv2", "relu2"]),
        ((CONV_B, "ReLU", CONV_A, "ReLU"), ["conv2", "relu1", "conv1", "relu2"]),  # moved
        ((WIDE, "ReLU", CONV_B, "ReLU"), ["conv1", "relu1", "conv2", "relu2"]),  # changed where it stands
        ((CONV_A, "GELU", CONV_B, "ReLU"), ["conv1", "gelu", "conv2", "relu2"]),  # of another kind
        ((CONV_B, "ReLU", CONV_C, "ReLU"), ["conv2", "relu1", "conv3", "relu2"]),  # one removed, one added
        ((WIDE, "ReLU", CONV_C, "ReLU"), ["conv1", "relu1", "conv2", "relu2"]),  # both changed
        ((CONV_A, "BatchNorm2d", "ReLU", CONV_B, "BatchNorm2d", "ReLU"), ["conv1", "bn1", "relu1", "conv2", "bn2"]),
    ],
)
def test_layers_keep_their_names(after: tuple[str, ...], names: list[str]) -> None:
    found = names_after(description(*BEFORE), description(*after))
    assert found[: len(names)] == names
    assert found[-2:] == ["flatten", "fc"]


def test_what_was_removed_does_not_come_back_under_its_name() -> None:
    after = names_after(description(*BEFORE), description(CONV_B, "ReLU", CONV_C, "ReLU"), description(CONV_C, "ReLU"))
    assert after[:2] == ["conv3", "relu2"]
    removed_and_added = description("GELU", CONV_A, "ReLU", "Tanh", WIDE, "ReLU")
    assert names_after(description("GELU", CONV_B, "ReLU", CONV_A, "ReLU"), removed_and_added)[1:5] == [
        "conv2", "relu1", "tanh", "conv3",
    ]  # fmt: skip


def test_a_single_one_keeps_its_name_beside_a_second_and_names_of_the_author_come_first() -> None:
    one = description(CONV_A, "ReLU")
    assert names_after(one)[:2] == ["conv", "relu"]
    two = description(CONV_A, "ReLU", CONV_B, "ReLU")
    assert names_after(one, two)[:4] == ["conv", "relu", "conv2", "relu2"]
    taken = description(f"{CONV_C}\n    name: conv2", CONV_A, "ReLU", CONV_B, "ReLU")
    assert names_after(two, taken)[:5] == ["conv2", "conv1", "relu1", "conv3", "relu2"]
    assert names_after(two, description(f"{CONV_A}\n    name: stem", "ReLU", CONV_B, "ReLU"))[:3] == [
        "stem", "relu1", "conv2",
    ]  # fmt: skip


BLOCK = """\
blocks:
  Block:
    args: {{channels: }}
    layers:
      - residual: [{inside}]
      - branches:
          main: [{main}]
          shortcut: []
        merge: add
{second}"""
SECOND = """\
      - branches:
          main: [{Conv2d: {out_channels: $channels, kernel_size: 1}}, BatchNorm2d]
          shortcut: []
        merge: add
"""
THIRD = "Conv2d: {out_channels: $channels, kernel_size: 3, padding: 1}"


def _block(inside: str, main: str, second: str = "") -> str:
    return description("Conv2d: {out_channels: 8, kernel_size: 1}", "Block: 8", more=BLOCK.format(**locals()))


def test_blocks_lists_inside_and_branches_keep_theirs() -> None:
    plain = _block(f"{{{THIRD}}}, BatchNorm2d", f"{{{THIRD}}}")
    assert names_after(plain, of="Block") == ["conv", "bn", "main", "shortcut"]
    longer = _block(f"BatchNorm2d, {{{THIRD}}}", f"{{{THIRD}}}")
    assert names_after(plain, longer, of="Block") == ["bn", "conv", "main", "shortcut"]
    before = _block(f"{{{THIRD}}}", f"{{{THIRD}}}, ReLU", SECOND)
    assert names_after(before, of="Block") == ["conv", "main", "shortcut", "main2", "shortcut2"]
    after = description(
        "Conv2d: {out_channels: 8, kernel_size: 1}",
        "Block: 8",
        more=f"blocks:\n  Block:\n    args: {{channels: }}\n    layers:\n{SECOND}",
    )
    assert names_after(before, after, of="Block")[0] == "main2"


def test_several_models_keep_theirs() -> None:
    text = """\
name: ae
task: autoencoder
models:
  Encoder:
    input: [1, 8, 8]
    layers: [Flatten, {insert}Linear: 8, ReLU, Linear: 4]
  Decoder:
    input: [4]
    layers: [Linear: 16, ReLU, Linear: 64, Unflatten: {{dim: 1, unflattened_size: [1, 8, 8]}}]
data: synthetic
"""
    record: dict[str, dict[str, str]] = {}
    for insert in ("", "Linear: 32, ReLU, "):  # resolved alone, whatever tasks there are
        description = validate(load.parse(text.format(insert=insert)), Problems())
        assert description is not None
        record = record_of(resolve(description, Problems(), record))
    assert list(record["Encoder"]) == ["flatten", "fc3", "relu2", "fc1", "relu", "fc2"]
    assert list(record["Decoder"]) == ["fc1", "relu", "fc2", "unflatten"]


def test_a_long_network_keeps_its_names() -> None:
    many = ["Linear: 8", "ReLU"] * 1000
    names = names_after(description("Flatten", *many), description("Flatten", "Linear: 9", *many, "Tanh"))
    assert names[1:4] == ["fc1002", "fc1", "relu1"]
    assert names[-4:] == ["relu1000", "tanh", "flatten2", "fc1001"]


@pytest.mark.parametrize("record", ["text", {"model": 3}, {"model": {"a b": "ReLU()"}}, {"model": {"relu": 1}}])
def test_a_damaged_record_is_an_error_and_reaches_no_code(record: object) -> None:
    values = {
        "name": "net",
        "task": "classification",
        "input": [4],
        "layers": [{"Linear": 3}],
        "data": "synthetic",
        KEY: record,
    }
    with pytest.raises(DescriptionError) as caught:
        pipeline.plan_answers(values)
    assert "damaged" in caught.value.problems[0].message


def test_numbers_go_on_from_the_names_that_were_kept() -> None:
    assert number_names(["conv", "relu6", "fc"], ["x"], ["conv2", "relu6", "fc7", "fc_out"]) == [
        "conv3",
        "relu6_2",
        "fc8",
    ]
