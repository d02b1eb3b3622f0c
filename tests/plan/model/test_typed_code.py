"""Type checkers find nothing in emitted networks: the examples, and one of each tensor operation."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conftest import run
from networks import EXAMPLES, emit, example
from nngen.language import expressions
from nngen.network.operations import OPERATIONS
from nngen.network.tensors import BATCH, TensorType
from operation_codes import CODE, VALUES
from type_checking import mypy

PACKED = """
  - argmax: 1
  - add: 1
    as: lengths
  - unsqueeze: 2
    from: t0
  - pack_padded_sequence: {lengths: lengths, enforce_sorted: false}
  - GRU: 5
  - pad_packed_sequence
"""
# those whose rows in the table have a tensor without a batch, or packed, which no input is
OTHERS = {
    "expand": "[{parameter: {shape: [1, 4]}, name: a}, {expand: ['$t0.size(0)', -1], from: a}, {add: t0}]",
    "tril": "[{ones: ['$t0.size(1)', '$t0.size(1)']}, tril, {matmul: [t0, x]}]",
    "triu": "[{ones: ['$t0.size(1)', '$t0.size(1)']}, {triu: 1}, {matmul: [t0, x]}]",
    "index_select": "[{arange: 3, as: places}, {index_select: {dim: 1, index: places}, from: t0}]",
    "pack_padded_sequence": PACKED,
    "pad_packed_sequence": PACKED,
}


def shape(tensor: TensorType) -> str:
    """As descriptions have it."""
    texts = (expressions.to_text(dim.source) if dim.source is not None else str(dim.size) for dim in tensor.dims[1:])
    return f"[{', '.join(texts)}]"


def description(name: str, tensors: list[TensorType], given: Mapping[str, Any]) -> str | None:
    """A network of one operation; None where a tensor is no input of a network."""
    inputs = {f"t{index}": tensor for index, tensor in enumerate(tensors)}
    others = [each for each in given.values() if isinstance(each, TensorType)]
    inputs |= {"other": others[0]} if others else {}
    if not all(each.dims and each.dims[0].size == BATCH and not each.packed for each in inputs.values()):
        return None
    arguments = json.dumps({key: "other" if isinstance(each, TensorType) else each for key, each in given.items()})
    lines = [
        f"  {key}: {{shape: {shape(each)}, dtype: {each.dtype}{', high: 10' if each.dtype == 'int64' else ''}}}"
        for key, each in inputs.items()
    ]
    args = [f"  {key}: {value}" for key, value in VALUES.items() if f"${key}" in arguments + "".join(lines)]
    return "\n".join(
        (
            "name: net",
            *(["args:", *args] if args else []),
            *(["inputs:", *lines] if lines else ["input: [4]"]),
            "layers:",
            f"  - {name}: {arguments if given else ''}",
            f"    from: [{', '.join(f't{index}' for index in range(len(tensors)))}]",
        )
    )


NUMBERS_OR_PAIRS = """
name: net
input: [3, 12, 12]
args: {kernel: [1, 3], padding: [0, 1], hidden: [4, 4]}
blocks:
  Norm:
    args: {channels: , kernel_size: 1, padding: 0, rate: 0.1, bias: false}
    layers:
      - Conv2d: {out_channels: $channels, kernel_size: $kernel_size, padding: $padding, bias: $bias}
      - BatchNorm2d
      - Dropout: $rate
layers:
  - Norm: {channels: 4, kernel_size: [1, 7], padding: [0, 3]}
  - Norm: {channels: 4, kernel_size: $kernel, padding: $padding, rate: 0, bias: true}
  - Norm: 8
  - layers: [Conv2d: {out_channels: $width, kernel_size: 1}, ReLU]
    repeat: {width: $hidden}
"""


def sources() -> dict[str, str]:
    """A model for each operation, in the order of the table."""
    found = {name: emit(f"name: net\ninputs: {{t0: [4]}}\nlayers: {text}\n").source for name, text in OTHERS.items()}
    for name, tensors, given, _ in CODE:
        text = description(name, tensors, given) if name not in found else None
        if text is not None:
            found[name] = emit(f"{text}\n").source
    return found


def test_type_checkers_find_nothing(tmp_path: Path) -> None:
    operations = sources()
    assert set(operations) == set(OPERATIONS)
    files = {f"operation_{name}": source for name, source in operations.items()}
    files |= {path.stem: example(path.stem).source for path in EXAMPLES.glob("*.yaml")}
    files["numbers_or_pairs"] = emit(NUMBERS_OR_PAIRS).source
    assert "kernel_size: int | tuple[int, int] = 1" in files["numbers_or_pairs"]
    assert "hidden: tuple[int, ...]" in files["numbers_or_pairs"]
    for name, source in files.items():
        (tmp_path / f"{name}.py").write_text(source)
    paths = sorted(path.name for path in tmp_path.glob("*.py"))
    ruff = ["ruff", "check", "--quiet", "--isolated", "--line-length", "88"]
    for done in (
        mypy(*paths, cwd=tmp_path),
        run(sys.executable, "-m", *ruff, *paths, cwd=tmp_path),
    ):
        assert done.returncode == 0 and not done.stdout, done.stdout + done.stderr
