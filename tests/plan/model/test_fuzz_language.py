"""A few of the programs of ``make fuzz-language``, and proof that the comparison notices what is emitted wrong."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

pytest.importorskip("torch")

from fuzz_language.comparison import check, text_of
from fuzz_language.programs import draw

SEEDS = range(30)
REFUSED = 0.4  # the share of programs that may be refused


@pytest.mark.parametrize("seed", SEEDS)
def test_a_program_means_what_its_description_says(seed: int) -> None:
    program = draw(seed)
    outcome = check(program.description, program.task)
    assert not outcome.failed, f"{outcome.kind}: {outcome.message}\n{text_of(program.description)}\n{outcome.source}"


def test_most_programs_are_accepted() -> None:
    outcomes = [check(program.description, program.task).kind for program in map(draw, range(12))]
    assert sum(kind in ("refused", "unfit") for kind in outcomes) < REFUSED * len(outcomes)


def test_a_seed_always_gives_the_same_program() -> None:
    assert [draw(seed) for seed in range(50)] == [draw(seed) for seed in range(50)]


MUTANTS = {
    "an operator": ("input: [4]\nlayers: [residual: [Linear: 4, tanh], Linear: 3]", "x + ", "x - "),
    "the order of operands": (
        "input: [4]\nlayers: [{Linear: 2, as: a}, {Linear: 2, from: input, as: b}, cat: [a, b]]",
        "[a, b]",
        "[b, a]",
    ),
    "a number of rounds": ("input: [4]\nlayers: [{layers: [Linear: 4, ReLU], repeat: 3}]", "range(3)", "range(2)"),
    "an argument, seen with other values": (
        "args: {width: 5}\ninput: [4]\nlayers: [Linear: $width]",
        "4, width",
        "4, 5",
    ),
    "a condition, seen with other values": (
        "args: {norm: true}\ninput: [4]\nlayers: [Linear: 4, {LayerNorm: , if: $norm}, Linear: 2]",
        "if norm else",
        "if True else",
    ),
    "a module that is missing": ("input: [4]\nlayers: [BatchNorm1d, Linear: 2]", "nn.BatchNorm1d(4)", "nn.Identity()"),
    "an argument of a layer": ("input: [4]\nlayers: [LayerNorm: {eps: 0.5}, Linear: 2]", "eps=0.5", "eps=0.25"),
    "statistics, seen in training": (
        "input: [4]\nlayers: [BatchNorm1d: {momentum: 0.5}, Linear: 2]",
        "momentum=0.5",
        "momentum=0.25",
    ),
    "the tensor that an item takes": (
        "input: [4]\nlayers: [{Linear: 4, as: a}, tanh, {Linear: 4, as: b}, {mul: [a, b]}]",
        "a * b",
        "a * a",
    ),
    "text that is no Python": ("input: [4]\nlayers: [Linear: 2]", "def forward", "def def"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutated_text_is_noticed(name: str) -> None:
    text, old, new = MUTANTS[name]
    description: dict[str, Any] = yaml.safe_load(f"name: net\n{text}")
    assert check(description).kind == "equal"

    def mutate(source: str) -> str:
        assert old in source, source
        return source.replace(old, new, 1)

    outcome = check(description, mutate=mutate)
    assert outcome.failed, outcome
