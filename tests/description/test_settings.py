"""What may be written under ``data`` and ``training``."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from nngen.description.settings import Training
from nngen.description.sources import DATA_SOURCES, Csv, Mnist
from nngen.training.tasks import TASKS


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"epochs": 1.5},
        {"epochs": "ten"},
        {"epochs": True},
        {"batch_size": -1},
        {"precision": "fp16"},
        {"clip_grad_norm": 0},
        {"ema": 1.0},
        {"epoch": 3},
    ],
)
def test_wrong_training_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Training(**wrong)
    assert [error["loc"] for error in caught.value.errors()] == [tuple(wrong)]


@pytest.mark.parametrize("path", ["", "a\nb", "a\x1b[31m", "x" * 2000])
def test_a_path_is_short_and_printable(path: str) -> None:
    with pytest.raises(ValidationError):
        Csv(path=path, target="y")


def test_a_table_needs_its_target() -> None:
    with pytest.raises(ValidationError):
        Csv(path="a.csv")  # type: ignore[call-arg]


def test_downloads_have_a_folder_of_their_own() -> None:
    assert Mnist().path == "data"


def test_all_of_a_small_table_is_never_held_back() -> None:
    with pytest.raises(ValidationError):
        Csv(path="a.csv", target="y", validation=0.5, test=0.5)


@pytest.mark.parametrize("source", DATA_SOURCES)
def test_every_setting_has_a_description_and_every_source_a_task(source: str) -> None:
    cls = DATA_SOURCES[source]
    assert all(field.description for field in cls.model_fields.values())
    assert cls.main_argument is None or cls.main_argument in cls.model_fields
    assert any(task.targets & cls.targets for task in TASKS.values())


def test_settings_import_nothing_heavy() -> None:
    heavy = "{'torch', 'copier', 'black', 'jinja2'}"
    code = f"import sys, nngen.plan.training.recipe; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
