"""Repetitions in every position mean what they say, and are written as a person would write them."""

from __future__ import annotations

import pytest
import yaml

from fuzz_language.comparison import check

CASES = {
    "a layer in front of a repetition in a repetition": (
        """
input: [3, 4, 4]
layers:
- layers:
  - Conv2d: {out_channels: 4, kernel_size: 1}
  - {Conv2d: {out_channels: 5, kernel_size: 1}, repeat: 3}
  repeat: 2
""",
        """
        in_channels = 3
        layers: list[nn.Module] = []
        for _ in range(2):
            layers.append(nn.Conv2d(in_channels, 4, kernel_size=1))
            in_channels = 4
            for _ in range(3):
                layers.append(nn.Conv2d(in_channels, 5, kernel_size=1))
                in_channels = 5
        self.layers = nn.Sequential(*layers)
""",
    ),
    "a layer in front of a repetition": (
        """
input: [3, 4, 4]
blocks:
  Stem:
    args: {width: 8}
    layers:
    - Conv2d: {out_channels: $width, kernel_size: 1}
    - layers: [{Conv2d: {out_channels: $channels, kernel_size: 1}}, ReLU]
      repeat: {channels: [16, 32]}
layers: [Stem]
""",
        """
        layers: list[nn.Module] = [nn.Conv2d(in_channels, width, kernel_size=1)]
        in_channels = width
        for channels in (16, 32):
            layers += [nn.Conv2d(in_channels, channels, kernel_size=1), nn.ReLU()]
            in_channels = channels
        super().__init__(*layers)
""",
    ),
    "a layer behind a repetition in a repetition": (
        """
input: [3]
layers:
- layers:
  - {Linear: $units, repeat: {units: [4, 5]}}
  - Linear: 3
  repeat: 2
""",
        """
        layers: list[nn.Module] = []
        for _ in range(2):
            in_features = 3
            for units in (4, 5):
                layers.append(nn.Linear(in_features, units))
                in_features = units
            layers.append(nn.Linear(5, 3))
""",
    ),
    "a repetition alone in a repetition": (
        "input: [5]\nlayers: [{layers: [{layers: [ReLU], repeat: 3}], repeat: {w: [2, 3]}}, Linear: 2]",
        """
        for w in (2, 3):
            layers += [nn.ReLU() for _ in range(3)]
""",
    ),
    "a repetition that another argument leaves out": (
        """
args: {depth: 2}
input: [3]
layers: [{layers: [{layers: [Linear: 5], repeat: $depth - 1}], repeat: 2}, Linear: 3]
""",
        """
            for _ in range(depth - 1):
                layers.append(nn.Linear(in_features, 5))
                in_features = 5
        self.layers = nn.Sequential(*layers)
        self.fc = nn.Linear(in_features, 3)
""",
    ),
    "repetitions that go round no time by default": (
        """
args: {n: 1}
input: [4]
blocks:
  Mix: {layers: [{cat: [input, x]}, Linear: 5]}
layers: [{Mix: , repeat: $n - 1}, {Linear: 3, repeat: $n - 1}, Linear: 3]
""",
        """
        in_features = 4
        mixs: list[nn.Module] = []
        for _ in range(n - 1):
            mixs.append(Mix(in_features))
            in_features = 5
        self.mixs = nn.Sequential(*mixs)
        fcs: list[nn.Module] = []
        for _ in range(n - 1):
            fcs.append(nn.Linear(in_features, 3))
            in_features = 3
        self.fcs = nn.Sequential(*fcs)
        self.fc = nn.Linear(in_features, 3)
""",
    ),
    "two indices": (
        "input: [2]\nlayers: [{layers: [{Linear: $i + 2, repeat: 2}, Linear: $i + 3], repeat: 2}]",
        """
        for i in range(2):
            for j in range(2):
                layers.append(nn.Linear(in_features, j + 2))
                in_features = j + 2
            layers.append(nn.Linear(in_features, i + 3))
            in_features = i + 3
""",
    ),
    "a size that only numbers can give": (
        """
input: [5]
blocks:
  Mix: {layers: [{cat: [input, x]}]}
layers: [{layers: [LayerNorm, {layers: [Mix], repeat: 2}], repeat: 3}, Linear: 2]
""",
        """
        for in_features in (5, 20, 80):
            layers += [nn.LayerNorm(in_features), *[Mix() for _ in range(2)]]
""",
    ),
    "a size that grows although nothing in the loop needs it": (
        """
args: {rounds: 2}
inputs: {left: [2, 4, 4], right: [2, 4, 4]}
blocks:
  Stage: {inputs: [x, other], layers: [{cat: [x, other]}]}
layers:
- {Stage: , from: [left, right], repeat: $rounds - 1}
- Conv2d: {out_channels: 3, kernel_size: 1}
""",
        """
        self.conv = nn.Conv2d(2 + (rounds - 1) * 2, 3, kernel_size=1)
""",
    ),
    "a repeated block of two inputs that is left out": (
        """
args: {deep: false}
input: [4]
blocks:
  Fuse: {inputs: [x, other], layers: [tanh, {add: other}]}
layers: [{Fuse: , from: [x, input], repeat: 3, if: $deep}, Linear: 2]
""",
        """
        self.fuses = nn.ModuleList()
        if deep:
            self.fuses = nn.ModuleList([Fuse() for _ in range(3)])
""",
    ),
    "a size behind a loop that is asked for at run time": (
        "args: {width: 3}\ninput: [4]\nlayers: [{Linear: $width, repeat: 2}, {mul: $x.size(-1)}]",
        """
        x = x * x.size(-1)
""",
    ),
    "the use of a block that goes round no time": (
        """
input: [2]
blocks:
  Mix: {args: {n: }, layers: [{layers: [Linear: 3], repeat: $n - 1}]}
layers: [Mix: {n: 3}, Mix: {n: 1}]
""",
        """
        self.mix1 = Mix(2, 3)
        self.mix2 = Mix(3, 1)
""",
    ),
    "a chunk that does not divide": (
        "args: {b: 3}\ninput: [5]\nlayers: [Linear: $b + 5, {chunk: [2, 1], as: [t, _]}, {Linear: 4, from: t}]",
        """
        self.fc2 = nn.Linear((b + 6) // 2, 4)
""",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_repetition_means_what_it_says(case: str) -> None:
    text, code = CASES[case]
    outcome = check({"name": "net", **yaml.safe_load(text)})
    assert outcome.kind == "equal", (outcome.kind, outcome.message, outcome.source)
    assert code.strip("\n") in outcome.source, outcome.source
