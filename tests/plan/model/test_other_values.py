"""An emitted class is right for other values of its arguments than those of the description, or there is none."""

from __future__ import annotations

from typing import Any

import pytest

from networks import emit
from nngen.language.errors import DescriptionError

torch = pytest.importorskip("torch")

CASES: dict[str, tuple[str, dict[str, Any], tuple[int, ...], str]] = {
    "built": (
        """
args: {wide: true}
input: [4]
layers:
  - Linear: 8
    if: $wide
  - Linear: 3
""",
        {"wide": False},
        (2, 4),
        "self.fc2 = nn.Linear(8 if wide else 4, 3)",
    ),
    "left out": (
        """
args: {wide: false}
input: [4]
layers:
  - Linear: 8
    if: $wide
  - Linear: 3
""",
        {"wide": True},
        (2, 4),
        "self.fc2 = nn.Linear(8 if wide else 4, 3)",
    ),
    "one or the other": (
        """
args: {big: true}
input: [4]
layers:
  - Linear: 16
    if: $big
  - Linear: 8
    if: not $big
  - Linear: 3
""",
        {"big": False},
        (2, 4),
        "self.fc2 = nn.Linear(16 if big else 8, 3)",
    ),
    "space": (
        """
args: {down: true}
input: [1, 8, 8]
layers:
  - Conv2d: {out_channels: 4, kernel_size: 3, padding: 1}
  - MaxPool2d: 2
    if: $down
  - Conv2d: {out_channels: 5, kernel_size: 3}
  - Flatten
  - Linear: 3
""",
        {"down": False},
        (2, 1, 8, 8),
        "self.fc = nn.Linear(5 * (2 * 2 if down else 6 * 6), 3)",
    ),
    "in a repeated block": (
        """
args: {deep: true, depth: 3}
input: [4]
blocks:
  Bottle:
    args: {width: , wide: false}
    layers:
      - Linear: 2 * $width
        if: $wide
      - ReLU
      - Linear: $width
layers:
  - Bottle: {width: 5, wide: $deep}
    repeat: $depth
  - Linear: 3
""",
        {"deep": False, "depth": 2},
        (2, 4),
        "self.fc2 = nn.Linear(2 * width if wide else in_features, width)",
    ),
    "a loop that may be left out": (
        """
args: {grow: true, widths: [6, 7]}
input: [4]
layers:
  - layers: [Linear: $width, ReLU]
    if: $grow
    repeat: {width: $widths}
  - Linear: 3
""",
        {"grow": False},
        (2, 4),
        "self.fc = nn.Linear(in_features, 3)",
    ),
    "an operation": (
        """
args: {both: true}
input: [4]
layers:
  - Linear: 6
    as: h
  - cat: [x, h]
    if: $both
  - Linear: 3
""",
        {"both": False},
        (2, 4),
        "self.fc2 = nn.Linear(12 if both else 6, 3)",
    ),
    "a branch": (
        """
args: {wide: true}
input: [4]
layers:
  - branches:
      a: [Linear: 8]
      b:
        - Linear: 6
          if: $wide
    merge: cat
  - Linear: 3
""",
        {"wide": False},
        (2, 4),
        "self.fc = nn.Linear(8 + (6 if wide else 4), 3)",
    ),
    "a group of two": (
        """
args: {dim: 4, deep: true}
input: [4]
layers:
  - layers: [Linear: 9, ReLU, Linear: 2 * $dim]
    if: $deep
  - residual: [LayerNorm, Linear: $in_features]
""".replace("Linear: $in_features", "ReLU"),
        {"dim": 5, "deep": False},
        (2, 4),
        "self.norm = nn.LayerNorm(2 * dim if deep else 4)",
    ),
    "a number in the condition": (
        """
args: {levels: 3}
input: [4]
layers:
  - Linear: 8
    if: $levels > 1
  - Linear: 6
    if: $levels > 2
  - Linear: 3
""",
        {"levels": 2},
        (2, 4),
        "self.fc3 = nn.Linear(6 if levels > 2 else 8 if levels > 1 else 4, 3)",
    ),
    "a switch of a layer": (
        """
args: {both_ways: true, hidden_size: 5}
input: [7, 4]
layers:
  - LSTM: {hidden_size: $hidden_size, bidirectional: $both_ways}
  - Linear: 3
""",
        {"both_ways": False, "hidden_size": 6},
        (2, 7, 4),
        "self.fc = nn.Linear(2 * hidden_size if both_ways else hidden_size, 3)",
    ),
    "windows side by side": (
        """
args: {image: 16, patch: 4, dim: 6}
input: [3, $image, $image]
layers:
  - Conv2d: {out_channels: $dim, kernel_size: $patch, stride: $patch}
  - flatten: 2
  - Linear: 3
""",
        {"image": 25, "patch": 6},
        (2, 3, 25, 25),
        "self.fc = nn.Linear((image // patch) ** 2, 3)",
    ),
    "equal where it is left out": (
        """
args: {expand: 1}
input: [4, 5, 5]
blocks:
  Block:
    args: {expand: , hidden: $expand * $in_channels}
    layers:
      - Conv2d: {out_channels: $hidden, kernel_size: 1}
        if: $expand != 1
      - BatchNorm2d
layers:
  - Block: $expand
  - Block: 2
""",
        {"expand": 3},
        (2, 4, 5, 5),
        "self.bn = nn.BatchNorm2d(hidden)",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_sizes_behind_a_condition_are_right_for_both_outcomes(case: str) -> None:
    text, arguments, shape, line = CASES[case]
    emitted = emit(f"name: net\n{text}")
    assert line in [each.strip() for each in emitted.source.splitlines()], emitted.source
    emitted.build(**arguments).eval()(torch.randn(*shape))
    if "image" not in arguments:
        emitted.build().eval()(torch.randn(*shape))


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            "args: {k: 3}\ninput: [1, 8, 8]\nlayers: [Conv2d: {out_channels: 4, kernel_size: $k}, Flatten, Linear: 3]",
            "Linear: in_features is 144, and 64 when k is 5",
        ),
        (
            "args: {flat: true}\ninput: [4, 3]\nlayers: [{Flatten: , if: $flat}, Linear: 3]",
            "Linear: in_features is 12, and 3 when flat is false",
        ),
        (
            "args: {heads: 0}\ninput: [5, 4]\nlayers: [{MultiheadAttention: $heads, if: $heads > 0}, Linear: 2]",
            "MultiheadAttention: num_heads must be at least 1, not 0",
        ),
        (
            "args: {where: true}\ninput: [1, 8, 8]\nlayers:\n"
            "  - MaxPool2d: {kernel_size: 2, return_indices: $where}\n  - Conv2d: {out_channels: 2, kernel_size: 1}",
            "MaxPool2d: what it gives is 2 tensors, and one tensor when where is false",
        ),
        (
            "args: {rounds: 3}\ninput: [4]\nlayers: [{Linear: 4, repeat: $rounds, if: $i > 0}]",
            "Linear: the condition changes from round to round",
        ),
    ],
)
def test_what_no_line_can_say_for_all_values_is_refused(layers: str, message: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        emit(f"name: net\n{layers}\n")
    assert [problem.message for problem in caught.value.problems] == [message]


def test_an_argument_of_the_model_is_followed_into_its_blocks() -> None:
    with pytest.raises(DescriptionError) as caught:
        emit("""
name: net
args: {kernel: 3}
input: [1, 8, 8]
blocks:
  Head:
    args: {kernel_size: }
    layers:
      - Conv2d: {out_channels: 4, kernel_size: $kernel_size}
      - Flatten
      - Linear: 3
layers:
  - Head: $kernel
""")
    (problem,) = caught.value.problems
    assert problem.message == "Linear: in_features is 144, and 64 when kernel is 5"
    assert [(note, position.line if position else 0) for note, position in problem.trace] == [
        ("in Head, which is used here", 13)
    ]


@pytest.mark.parametrize(
    "layers",
    [
        "args: {k: 3}\ninput: [1, 8, 8]\nlayers:\n"
        "  - Conv2d: {out_channels: 4, kernel_size: $k, padding: $k // 2}\n  - Flatten\n  - Linear: 3",
        "args: {widths: [4, 8]}\ninput: [1, 8, 8]\nlayers:\n"
        "  - layers: [{Conv2d: {out_channels: $w, kernel_size: 3, padding: 1}}, {MaxPool2d: 2}]\n"
        "    repeat: {w: $widths}\n  - Flatten\n  - Linear: 3",
    ],
)
def test_what_is_right_for_values_that_make_sense_is_not_refused(layers: str) -> None:
    emit(f"name: net\n{layers}\n")
