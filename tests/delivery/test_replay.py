"""Renames of a folder, a class or a function: what is generated later comes under the names that a person gave."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import Run, commit_all, git
from in_project import run_module
from nngen.delivery.replay import renames
from nngen.delivery.update import update
from projects import describe, edit

RECORDS = ("architecture.yaml", ".copier-answers.yml")


def _renamed(project: Path, **names: str) -> None:
    """Other names throughout a project, as an editor gives them."""
    for path in git("ls-files", cwd=project).splitlines():
        if path not in RECORDS:
            text = (project / path).read_text()
            for old, new in names.items():
                text = re.sub(rf"\b{old}\b", new, text)
            (project / path).write_text(text)
    for old, new in names.items():
        if (project / old).is_dir():
            git("mv", old, new, cwd=project)
    commit_all(project)


def _mentions(project: Path, name: str) -> list[str]:
    files = [path for path in project.rglob("*") if path.is_file() and ".git" not in path.parts]
    return [str(path) for path in files if path.name not in RECORDS and re.search(rf"\b{name}\b", path.read_text())]


def test_what_is_generated_comes_under_the_names_that_a_person_gave(project: Path) -> None:
    names = {"my_cnn": "vision", "MyCnn": "VisionNet", "train_one_epoch": "run_epoch"}
    _renamed(project, **names)
    edit(project / "vision/train.py", "seed: int = 0", "seed: int = 7")
    commit_all(project)
    describe(project, "loss:", "scheduler: CosineAnnealingLR\nloss:")
    describe(project, "  - Linear: 10\n", "  - Dropout: 0.1\n  - Linear: 10\n")
    result = update(project)
    assert result.conflicts == ()
    assert set(result.notes) == {
        f"{old} is {new} here by now, and in what is generated too" for old, new in names.items()
    }
    for old in names:
        assert _mentions(project, old) == []
    train = (project / "vision/train.py").read_text()
    assert "CosineAnnealingLR" in train
    assert "seed: int = 7" in train
    assert "self.dropout = nn.Dropout(0.1)" in (project / "vision/model.py").read_text()
    commit_all(project)
    assert run_module("pytest", "-q", "-x", "-p", "no:cacheprovider", cwd=project).returncode == 0
    describe(project, "Linear: 128", "Linear: 96")
    assert update(project).conflicts == ()
    assert ", 96)" in (project / "vision/model.py").read_text()


def test_a_name_that_is_still_mentioned_is_no_rename(nngen: Run, project: Path) -> None:
    _renamed(project, train_one_epoch="run_epoch")
    (project / "notes.md").write_text("train_one_epoch was here first\n")
    commit_all(project)
    describe(project, "Linear: 128", "Linear: 96")
    done = nngen("update", project)
    assert done.returncode == 0
    assert "by now" not in done.stderr
    assert "def run_epoch(" in (project / "my_cnn/train.py").read_text()


BASE = {"net/a.py": "def work(x):\n    return x\n\n\nprint(work(1))\n", "b.py": "from net.a import work\n\nwork(2)\n"}


def _with(**names: str) -> dict[str, str]:
    files = {}
    for path, text in BASE.items():
        for old, new in names.items():
            path, text = path.replace(f"{old}/", f"{new}/"), re.sub(rf"\b{old}\b", new, text)
        files[path] = text
    return files


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (_with(work="compute"), BASE, {"work": "compute"}),
        (_with(work="compute"), _with(work="compute"), {}),  # nothing generated has the old name
        (_with(work="compute"), _with(work="other"), {}),
        ({**_with(work="compute"), "c.py": "def compute_all(): ...\n"}, BASE, {"work": "compute"}),
        ({**_with(work="compute"), "c.md": "work\n"}, BASE, {}),
        ({"net/a.py": "def compute(x):\n    return x\n\n\nprint(evaluate(1))\n", "b.py": ""}, BASE, {}),
        ({"b.py": "def compute(): ...\n"}, BASE, {}),  # removed, and something else is new
        (_with(work="x"), BASE, {}),  # a name that is there already
    ],
)
def test_a_rename_is_one_new_name_wherever_the_old_one_was(
    ours: dict[str, str], theirs: dict[str, str], expected: dict[str, str]
) -> None:
    assert renames(BASE, ours, theirs) == expected
