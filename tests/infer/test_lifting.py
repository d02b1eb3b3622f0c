"""Lists of items that become classes: repeated residuals and branches, and operations with a name."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from networks import emit, is_the_same
from nngen.language.errors import DescriptionError

HEAD = "name: net\nargs: {hidden: [16, 32], scale: 3, deep: true}\ninputs: {first: [8], mask: [8]}\n"

RESIDUALS = f"""{HEAD}layers:
  - residual: [LayerNorm, {{Linear: $width}}, GELU, {{Linear: 8}}, {{mul: $scale}}, {{mul: mask}}]
    repeat: {{width: $hidden}}
    from: first
    name: blocks
  - residual: [{{Linear: 8}}, Tanh]
    repeat: 2
    if: $deep
"""


class Residuals(nn.Module):
    def __init__(self, hidden: tuple[int, ...] = (16, 32), scale: int = 3, deep: bool = True) -> None:
        super().__init__()
        self.scale = scale
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(8), nn.Linear(8, width), nn.GELU(), nn.Linear(width, 8)) for width in hidden
        )
        self.linears = nn.ModuleList(nn.Linear(8, 8) for _ in range(2 if deep else 0))

    def forward(self, first: Tensor, mask: Tensor) -> Tensor:
        for block in self.blocks:
            first = first + block(first) * self.scale * mask
        for linear in self.linears:
            first = first + torch.tanh(linear(first))
        return first


@pytest.mark.parametrize("arguments", [{}, {"hidden": (4,), "scale": 2}, {"deep": False}])
def test_a_residual_is_repeated(arguments: dict[str, object]) -> None:
    inputs = torch.randn(2, 8), torch.randn(2, 8)
    is_the_same(emit(RESIDUALS).build(**arguments), Residuals(**arguments), *inputs)  # type: ignore[arg-type]


def test_the_class_is_named_after_the_list() -> None:
    source = emit(RESIDUALS).source
    assert "class Block(nn.Module):" in source and "class ResidualBlock(nn.Module):" in source


BRANCHES = """
name: net
input: [8]
layers:
  - branches: {value: [{Linear: 8}, Tanh], gate: [{Linear: 8}, Sigmoid]}
    merge: mul
    repeat: 3
  - branches: {value: [Linear: 4], gate: [{Linear: 4}, {mul: 2}]}
    merge: {cat: -1}
    name: both
  - layers: [{Linear: 8}, {mul: 2}, Tanh]
    name: squash
  - Linear: 8
  - use: squash
"""


class Gates(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gates = nn.ModuleList(nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 8)]) for _ in range(3))
        self.left, self.right, self.squash, self.fc = (nn.Linear(8, size) for size in (4, 4, 8, 8))

    def forward(self, x: Tensor) -> Tensor:
        for value, gate in self.gates:  # type: ignore[misc]
            x = torch.tanh(value(x)) * torch.sigmoid(gate(x))
        x = torch.cat([self.left(x), 2 * self.right(x)], dim=-1)
        x = self.fc(torch.tanh(2 * self.squash(x)))
        return torch.tanh(2 * self.squash(x))


def test_branches_are_repeated_and_named() -> None:
    model = emit(BRANCHES)
    is_the_same(model.build(), Gates(), torch.randn(2, 8))
    assert "self.both = Both(" in model.source and "self.squash = Squash(" in model.source


@pytest.mark.parametrize(
    ("inside", "what"),
    [
        ("{add: input}", "the first input"),
        ("{Linear: $in_features}", "$in_features"),
        ("{mul: $i}", "$i"),
        ("{use: before}", "the module 'before'"),
    ],
)
def test_what_only_the_class_around_has_is_refused(inside: str, what: str) -> None:
    layers = f"layers:\n  - Linear: 8\n    name: before\n  - residual: [Tanh, {inside}]\n    repeat: 2\n"
    with pytest.raises(DescriptionError) as error:
        emit(f"name: net\ninput: [8]\n{layers}")
    assert f"residual with {what} inside cannot be a class" in str(error.value)
