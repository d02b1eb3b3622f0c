"""Samples of ``synthetic`` for networks with large outputs need no matrix of all inputs by all outputs."""

from __future__ import annotations

import re

import pytest

from rendering import render_text

TEXT = """
name: upscale
task: supervised
input: [3, {size}, {size}]
layers:
  - Conv2d: {{out_channels: 3, kernel_size: 3, padding: 1}}
  - Upsample: {{scale_factor: 2}}
data: synthetic
loss: MSELoss
"""


@pytest.mark.parametrize(("size", "matrices"), [(8, [(192, 768)]), (64, [(12288, 16), (16, 49152)])])
def test_the_weights_of_targets_are_small(size: int, matrices: list[tuple[int, int]]) -> None:
    code = render_text(TEXT.format(size=size), only="upscale/data.py")["upscale/data.py"]
    made = re.findall(r"torch\.randn\((features\.size\(1\)|\d+), (\d+), generator", code)
    features = 3 * size * size
    assert [(features if rows.startswith("f") else int(rows), int(columns)) for rows, columns in made] == matrices
