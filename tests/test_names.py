"""Names that the author gives do not hide names that the emitted code uses."""

from __future__ import annotations

import ast

import pytest

from conftest import ROOT
from nngen.names import attribute_problem, identifier_problem, number_names, project_name_problem


@pytest.mark.parametrize("case", sorted(path.parent.name for path in ROOT.glob("golden/*/architecture.yaml")))
def test_no_project_can_be_named_like_a_class_of_the_emitted_code(case: str) -> None:
    used: set[str] = set()
    model = ast.parse((ROOT / "golden" / case / case / "model.py").read_text())
    described = {node.name for node in model.body if isinstance(node, ast.ClassDef)}
    for path in (ROOT / "golden" / case / case).glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ImportFrom):
                used |= {alias.asname or alias.name for alias in node.names}
            elif isinstance(node, ast.ClassDef):
                used.add(node.name)
    classes = {name for name in used if name[0].isupper()} - described
    assert classes
    allowed = {name for name in classes if project_name_problem(name[0].lower() + name[1:]) is None}
    assert not allowed


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
