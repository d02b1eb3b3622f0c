"""Each golden is what nngen generates, to the byte, every time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import golden_files
from conftest import ROOT, run
from nngen.delivery.template import Template

RENDER_ALL = """
import hashlib, sys
sys.path.insert(0, "tests")
import golden_files
from rendering import render_text
for case in golden_files.cases():
    text = (golden_files.GOLDEN / case / "architecture.yaml").read_text()
    for name, content in render_text(text, formatted=False).items():
        print(case, name, hashlib.sha256(content.encode()).hexdigest())
"""


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return golden_files.template(tmp_path_factory.mktemp("golden"))


@pytest.mark.parametrize("case", golden_files.cases())
def test_golden(case: str, tmp_path: Path, template: Template) -> None:
    difference = golden_files.difference(case, golden_files.generate(case, tmp_path / case, template))
    if difference:
        shown = difference if len(difference) < 20_000 else difference[:20_000] + "\n... and more\n"
        pytest.fail(f"\n{shown}\nTo accept it as the golden: {golden_files.ACCEPT}", pytrace=False)


def test_rendered_again_under_another_hash_seed_it_is_the_same() -> None:
    """Without black, whose layout of the same text is the same."""
    outputs = set()
    for seed in ("1", "2"):
        done = run(sys.executable, "-c", RENDER_ALL, cwd=ROOT, environment={"PYTHONHASHSEED": seed}, timeout=300)
        assert done.returncode == 0, done.stderr
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert outputs.pop().count("\n") > len(golden_files.cases())


@pytest.mark.parametrize("change", ["changed", "missing", "extra"])
def test_a_difference_names_the_file(change: str) -> None:
    case = golden_files.cases()[0]
    generated = golden_files.expected(case)
    if change == "changed":
        generated["architecture.yaml"] += b"# one line more\n"
    elif change == "missing":
        del generated["architecture.yaml"]
    else:
        generated["new.py"] = b""
    expected = {
        "changed": "+# one line more\n",
        "missing": f"missing: golden/{case}/architecture.yaml is not generated any more\n",
        "extra": f"extra: new.py is generated and is not in golden/{case}\n",
    }
    assert golden_files.difference(case, generated).endswith(expected[change])
