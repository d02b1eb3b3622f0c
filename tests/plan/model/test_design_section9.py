"""The seven descriptions of DESIGN section 9, as they stand there."""

from __future__ import annotations

from pathlib import Path

import pytest

import emitted
from conftest import ROOT
from networks import emit

torch = pytest.importorskip("torch")

DESIGN = {path.stem: path for path in sorted((ROOT / "tests/design").glob("*.yaml"))}
# published: torchvision's models, and transformers' GPT2Model
PUBLISHED = {"resnet50": 25_557_032, "vit_b16": 86_567_656, "gpt2_small": 124_439_808}


@pytest.mark.parametrize("name", DESIGN)
def test_model_py_has_the_parameters_that_are_told(name: str) -> None:
    text = DESIGN[name].read_text(encoding="utf-8")
    task = text.split("task: ")[1].split("\n")[0]
    model = emit(text, task)
    with torch.device("meta"):
        count = sum(each.numel() for each in model.build().parameters())
    assert count == model.network.parameters == PUBLISHED.get(name, count)


@pytest.mark.parametrize("name", DESIGN)
def test_the_description_is_a_project(name: str, tmp_path: Path) -> None:
    text = DESIGN[name].read_text(encoding="utf-8")
    files = emitted.emit(text, tmp_path)
    for path, source in files.items():
        if path.endswith(".py"):
            compile(source, path, "exec")
    assert f"{name}/train.py" in files
