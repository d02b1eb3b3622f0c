"""Names of any length: emitted projects stay as black and ruff want them."""

from __future__ import annotations

import re
import string
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT
from emitted import emit
from nngen.language.identifiers import MAX_LENGTH

LENGTHS = [*range(1, 61, 12), MAX_LENGTH]


def word(length: int, start: str = "q") -> str:
    """A name of so many letters that is no word of Python or torch."""
    return (start + "_x" + string.ascii_lowercase * 9)[:length].rstrip("_")


def classifier(length: int) -> str:
    """A table to classes, with columns, layers, blocks and arguments of that length."""
    block = word(length, "K").replace("_", "")
    return f"""\
name: {word(length)}
task: classification
args: {{{word(length, "w")}: 16}}
inputs:
  {word(length, "n")}: [3]
  {word(length, "c")}: {{shape: [], dtype: int64, high: 7}}
blocks:
  {block}:
    args: {{{word(length, "d")}: , {word(length, "p")}: 0.1}}
    layers:
      - residual: [Linear: ${word(length, "d")}, ReLU, {{Dropout: ${word(length, "p")}}}]
layers:
  - Linear: ${word(length, "w")}
    from: {word(length, "n")}
    as: {word(length, "a")}
  - Embedding: ${word(length, "w")}
    from: {word(length, "c")}
    name: {word(length, "e")}
  - add: {word(length, "a")}
  - {block}: {{{word(length, "d")}: ${word(length, "w")}, {word(length, "p")}: 0.2}}
    repeat: 2
    name: {word(length, "b")}
  - Linear: 3
    name: {word(length, "h")}
data: {{csv: {{path: {"data/" + word(length, "f")}.csv, target: {word(length, "t")}}}}}
scheduler: {{CosineAnnealingLR: {{}}, warmup: 100}}
training: {{clip_grad_norm: 1.0, ema: 0.999, early_stopping: 5, tensorboard: true, accumulate: 2}}
"""


def supervised(length: int) -> str:
    """Several outputs, targets and losses with names of that length."""
    return f"""\
name: {word(length)}
task: supervised
input: [6]
layers:
  - Linear: 8
    as: {word(length, "s")}
  - Linear: 4
    as: {word(length, "u")}
  - Linear: 2
    from: {word(length, "s")}
    as: {word(length, "v")}
outputs: [{word(length, "u")}, {word(length, "v")}]
data: arrays.npz
loss:
  - CrossEntropyLoss: {{weight: [0.125, 0.25, 0.333333333, 0.291666667], label_smoothing: 0.1}}
    from: [{word(length, "u")}, {word(length, "k")}]
  - MSELoss
    from: [{word(length, "v")}, {word(length, "m")}]
    scale: 0.5
optimizer:
  SGD: {{lr: 0.1, momentum: 0.9, weight_decay: 1e-4}}
  no_decay: [bias]
  groups: [{{params: weight, lr: 0.01}}]
""".replace("- MSELoss\n", "- MSELoss:\n").replace("data: arrays.npz", "data: {arrays: x.npz}")


def gan(length: int) -> str:
    """Two models with names of that length."""
    one, two = word(length, "G").replace("_", ""), word(length, "D").replace("_", "")
    return f"""\
name: {word(length)}
task: gan
models:
  {one}:
    input: [8]
    layers: [Linear: 64, ReLU, Linear: 64, {{Unflatten: {{dim: 1, unflattened_size: [1, 8, 8]}}}}, Tanh]
  {two}:
    input: [1, 8, 8]
    layers: [Flatten, Linear: 64, {{LeakyReLU: 0.2}}, Linear: 1]
data: digits
"""


def check(folder: Path) -> None:
    """Asserts that black and ruff, import sorting included, find nothing in a folder."""
    for command in (["black", "--check", "--quiet", "--diff"], ["ruff", "check", "--extend-select", "I"]):
        done = subprocess.run([sys.executable, "-m", *command, "."], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("describe", [classifier, supervised, gan])
def test_projects_are_as_black_and_ruff_want_them(describe: Callable[[int], str], tmp_path: Path) -> None:
    for length in LENGTHS:
        emit(describe(length), tmp_path / str(length), formatted=True)
    check(tmp_path)


def test_projects_of_every_kind_may_have_long_names(tmp_path: Path) -> None:
    for number, path in enumerate((ROOT / "golden").glob("*/architecture.yaml")):
        text = path.read_text(encoding="utf-8")
        emit(re.sub(r"(?m)^name: \w+", f"name: {word(MAX_LENGTH)}", text), tmp_path / str(number), formatted=True)
    check(tmp_path)
