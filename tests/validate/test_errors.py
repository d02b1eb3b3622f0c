"""Wrong descriptions, each with the whole message that its author reads.

``tests/errors/<case>.yaml`` has the mistake, ``<case>.txt`` the report. ``make errors`` writes the reports anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import ROOT
from nngen import pipeline
from nngen.language.errors import DescriptionError, report

CASES = sorted((ROOT / "tests/errors").glob("*.yaml"))


def said_about(path: Path) -> str:
    content = path.read_bytes()
    with pytest.raises(DescriptionError) as caught:
        pipeline.read(content)
    return report(caught.value.problems, path.name, content.decode(errors="replace")) + "\n"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_whole_message(path: Path) -> None:
    expected = path.with_suffix(".txt")
    said = said_about(path)
    if os.environ.get("NNGEN_ACCEPT"):
        expected.write_text(said)
    assert said == expected.read_text(), f"if this is right: NNGEN_ACCEPT=1 pytest {__file__}"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_copiers_answers_are_refused_too(path: Path) -> None:
    """Plain copier reads the same file with YAML 1.1, and must not generate from it either."""
    import yaml

    try:
        answers = yaml.safe_load(path.read_bytes())
    except yaml.YAMLError:
        return  # copier itself refuses it
    if not isinstance(answers, dict) or path.stem in (
        "duplicate_key",
        "duplicate_argument",
        "yaml_1_1",
        "billion_laughs",
    ):
        return  # what YAML 1.1 hides; nothing of it can be seen in the answers
    with pytest.raises(DescriptionError):
        pipeline.plan_answers(answers)


def test_a_short_description_of_an_enormous_network_is_read_at_once() -> None:
    """Blocks that use blocks twice each make 2 ** 29 layers, and must not be walked one by one."""
    blocks = "".join(
        f"  B{i}: {{args: {{w: }}, layers: [{{B{i - 1}: $w}}, {{B{i - 1}: $w + 1}}]}}\n" for i in range(1, 30)
    )
    text = (
        "name: net\ntask: classification\ninput: [5]\n"
        f"blocks:\n  B0: {{args: {{w: }}, layers: [{{Linear: $w}}]}}\n{blocks}"
        "layers: [{B29: 1}, {Linear: 3}]\ndata: synthetic\n"
    )
    assert pipeline.read(text).network.parameters > 10**11
