"""The small network that a project's own tests train: it keeps inputs and outputs, and it runs."""

from __future__ import annotations

import torch

from networks import emit
from nngen import pipeline
from nngen.infer.collect_facts import model_facts

T5 = """
name: net
task: regression
args: {dim: 1024, depth: 12, buckets: 32}
input: [6, 1024]
blocks:
  Bias:
    args: {buckets: }
    layers:                           # the distances in buckets, as in T5
      - arange: $x.size(1)
      - unsqueeze: 0
      - div: {other: $buckets // 4, rounding_mode: floor}
      - clamp: {max: $buckets - 1}
      - Embedding: {num_embeddings: $buckets, embedding_dim: 1024}
layers:
  - Linear: $dim
  - Linear: $dim
    repeat: $depth
  - Linear: 1024
    as: y
  - Bias: $buckets
  - add: y
  - mean: 1
  - Linear: 2
data: synthetic
"""


def test_no_divisor_becomes_zero() -> None:
    checked = pipeline.read(T5)
    (facts,) = model_facts(checked.description, checked.network)
    small = dict(facts.small)
    assert small["dim"] == 32 and small["depth"] == 1
    assert small["buckets"] == 4  # of 1 or 2, a quarter is 0
    assert emit(T5).build(**small)(torch.randn(2, 6, 1024)).shape == (2, 2)
