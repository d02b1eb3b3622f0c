"""Mutated descriptions end in errors of nngen, or in models as it says in torch; ``make fuzz`` draws many."""

from __future__ import annotations

import pytest

from fuzz.judge import Verdict, judge
from fuzz.minimise import minimise
from fuzz.mutations import draw

COUNT = 60
SEED = "test"  # the same draws on every machine


@pytest.mark.parametrize("part", range(3))
def test_mutated_descriptions(part: int) -> None:
    failed = {}
    for number in range(part, COUNT, 3):
        verdict = judge(draw(f"{SEED}:{number}"))
        if verdict.failed:
            failed[f"--only {SEED}:{number}"] = verdict
    assert not failed


def test_a_wrong_number_of_parameters_and_a_traceback_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "name: net\ntask: classification\ninput: [8]\nlayers: [{Linear: 4}, ReLU, {Linear: 3}]\ndata: synthetic\n"
    assert judge(text) == Verdict("accepted")
    from nngen.network.typed import TypedNetwork

    monkeypatch.setattr(TypedNetwork, "parameters", property(lambda network: 52))
    assert judge(text).outcome == "count"
    monkeypatch.setattr(TypedNetwork, "parameters", property(lambda network: {}["parameters"]))
    assert judge(text).outcome == "traceback"


RIGHT = (  # what was accepted and wrong
    "input: [3, 8]\nlayers: [{LSTM: 8, repeat: 3}, {Linear: 3}]",
    "input: [3, 8]\nlayers: [{MultiheadAttention: 2, repeat: 2}, {Linear: 3}]",
)


@pytest.mark.parametrize("network", RIGHT)
def test_what_was_wrong(network: str) -> None:
    assert judge(f"name: net\ntask: supervised\nloss: MSELoss\ndata: synthetic\n{network}\n") == Verdict("accepted")


def test_what_fails_is_made_small() -> None:
    text = "name: net\ninput: [8, 9]\nlayers:\n- {Linear: 4}\n- ReLU\n- Tanh\n"
    assert minimise(text, lambda shorter: "ReLU" in shorter) == "{layers: ReLU}\n"
    broken = "a: [\nb: ReLU\nc: d\n"
    assert minimise(broken, lambda shorter: "ReLU" in shorter) == "b: ReLU\n"
