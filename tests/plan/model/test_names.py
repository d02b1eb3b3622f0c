"""Names that the author gives do not hide names that the emitted code uses."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

import emitted
from conftest import ROOT
from nngen.language.identifiers import attribute_problem, identifier_problem, number_names, project_name_problem

WORDS = """\
name: words
task: %s
input: {shape: [time], dtype: int64, high: 50}
layers: [{Embedding: 8}, %s{Linear: 3}]
data: {csv: {path: t.csv, text: words, target: y}}
"""


@pytest.mark.parametrize("case", sorted(path.parent.name for path in ROOT.glob("golden/*/architecture.yaml")))
def test_no_project_can_be_named_like_a_class_of_the_emitted_code(case: str) -> None:
    folder = ROOT / "golden" / case / case
    assert not allowed_classes({path.stem: path.read_text() for path in folder.glob("*.py")})


@pytest.mark.parametrize(("task", "pooling"), [("classification", "{mean: 1}, "), ("sequence_labeling", "")])
def test_nor_like_what_reads_words(task: str, pooling: str, tmp_path: Path) -> None:
    files = emitted.emit(WORDS % (task, pooling), tmp_path)
    package = {name.removeprefix("words/"): text for name, text in files.items() if name.startswith("words/")}
    assert not allowed_classes({name.removesuffix(".py"): text for name, text in package.items()})


def allowed_classes(modules: Mapping[str, str]) -> set[str]:
    """The names that a package uses for what is no part of its network, and that a project could have."""
    described = {node.name for node in ast.parse(modules["model"]).body if isinstance(node, ast.ClassDef)}
    used: set[str] = set()
    for text in modules.values():
        for node in ast.parse(text).body:
            if isinstance(node, ast.ImportFrom):
                used |= {alias.asname or alias.name for alias in node.names}
            elif isinstance(node, ast.ClassDef):
                used.add(node.name)
    classes = {name for name in used if name[0].isupper()} - described
    assert classes
    return {name for name in classes if project_name_problem(name[0].lower() + name[1:]) is None}


@pytest.mark.parametrize(
    "name", ["class", "../../x", "x'); import os", "", "9net", "a b", "é", "_x", "x" * 61, 3, None, ["x"]]
)
def test_what_is_no_identifier_is_refused(name: object) -> None:
    assert identifier_problem(name)


@pytest.mark.parametrize("name", ["forward", "train", "half", "self", "torch", "x)\n", "lambda"])
def test_layers_keep_off_the_names_of_modules(name: str) -> None:
    assert attribute_problem(name)


def test_module_attributes_are_those_of_torch() -> None:
    torch = pytest.importorskip("torch")
    for name in dir(torch.nn.Module()):
        if not name.startswith("_"):
            assert attribute_problem(name), name


def test_automatic_names() -> None:
    assert number_names(["fc", "relu", "fc"], ()) == ["fc1", "relu", "fc2"]
    assert number_names(["fc", "fc"], {"fc1"}) == ["fc2", "fc3"]
    assert number_names(["relu6", "relu6"], ()) == ["relu6_1", "relu6_2"]
    assert number_names(["float", "dropout"], {"dropout"}) == ["float1", "dropout1"]
