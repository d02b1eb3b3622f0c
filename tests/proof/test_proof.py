"""What is emitted is proved to be what was described; what is not, is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from fuzz_language.comparison import check
from nngen import pipeline
from nngen.language.errors import DescriptionError
from nngen.proof.prove import prove

CASES = sorted((Path(__file__).parent / "miscompiles").glob("*.yaml"))
REFUSED = {
    "branches_if_false_crash": "cannot be added",  # what stands under the false condition fits in no use
    "empty_list": "repeated over an empty list",
}

NET = """\
name: net
task: classification
args: {width: 6, deep: true}
inputs: {left: [8], right: [8]}
layers:
  - Linear: $width
    from: left
    as: a
  - Linear: $width
    from: right
  - sub: [a, x]
  - Linear: $width
    if: $deep
  - LayerNorm
  - Linear: 3
init: {Linear: {weight: {normal: {std: 0.02}}}}
data: synthetic
"""


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_was_miscompiled_is_right_or_refused(path: Path) -> None:
    outcome = check(yaml.safe_load(path.read_text()))
    if path.stem in REFUSED:
        assert outcome.kind in ("refused", "unfit") and REFUSED[path.stem] in outcome.message, outcome
    else:
        assert outcome.kind == "equal", outcome


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        ("self.fc1 = nn.Linear(8, width)", "self.fc1 = nn.Linear(8, 6)", "Net(width=8): "),  # right by default alone
        ("if deep else nn.Identity()", "", "Net(deep=False): "),
        ("a = self.fc1(left)", "a = self.fc1(right)", "is not"),
        ("a - x", "x - a", "is not"),
        ("nn.LayerNorm(width)", "nn.LayerNorm(width, eps=1e-6)", "eps"),
        ("std=0.02", "std=0.01", "init"),
        ("nn.init.normal_(module.weight", "nn.init.normal_(self.fc1.weight", "understand"),
        ("super().__init__()", "pass", "super().__init__()"),
        ("x: Tensor = self.fc2", "x: Tensor = self.fc1", "is"),
        ("self.fc3(x)", "self.fc4(x)", "is"),
        ("        x = self.norm(x)\n", "", "is not"),
        ("        x = a - x\n", "        x = a - x\n        self.norm(x)\n", "LayerNorm"),
        ("left: Tensor, right: Tensor", "right: Tensor, left: Tensor", "is not"),
        ("def forward(self, left", "def forward(self, right", "no Python"),
    ],
)
def test_a_change_is_noticed(before: str, after: str, difference: str) -> None:
    result = pipeline.read(NET)
    code = result.model.code
    assert prove(result.description, code).refutation is None
    assert before in code, code
    found = prove(result.description, code.replace(before, after)).refutation
    assert found is not None and difference in found.text, found and found.text


def test_a_refutation_refuses_the_description(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        type(pipeline.read(NET).model), "code", property(lambda plan: "class Net(nn.Module):\n    pass\n")
    )
    with pytest.raises(DescriptionError) as error:
        pipeline.read(NET)
    (problem,) = error.value.problems
    assert "not what is described" in problem.message and "report" in str(problem.hint)
