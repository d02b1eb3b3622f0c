"""`nngen update` of many projects in one call."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Run, commit_all
from projects import changed, copied, describe, edit


@pytest.fixture
def monorepo(generated: Path, tmp_path: Path) -> Path:
    """A repository with projects: one to update, one in conflict, one that is up to date, one with a mistake."""
    root = tmp_path / "mono"
    for name in ("nets/clean", "nets/conflict", "nets/same", "deep/er/mistake"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        copied(generated, root / name)
        (root / name / ".git").rename(tmp_path / f"{Path(name).name}.git")
    (root / "other").mkdir()
    (root / "other/.copier-answers.yml").write_text("_commit: v1\n_src_path: gh:other/template\n")
    edit(root / "nets/conflict/my_cnn/model.py", "nn.Linear(64 * 2 * 2, 128)", "nn.Linear(64 * 2 * 2, 200)")
    commit_all(root)
    for name in ("nets/clean", "nets/conflict"):
        describe(root / name, "Linear: 128", "Linear: 96")
    describe(root / "deep/er/mistake", "Linear: 128", "Linaer: 96")
    return root


def test_each_project_has_a_line_and_none_stops_the_others(monorepo: Path, nngen: Run) -> None:
    done = nngen("update", "--all", cwd=monorepo)
    assert done.returncode == 1
    path = "deep/er/mistake/architecture.yaml"
    assert done.stdout.splitlines() == [
        f"deep/er/mistake: error: {path} has a mistake; nngen check {path} shows what",
        "nets/clean: 4 files changed",
        "nets/conflict: 1 file in conflict, 4 files changed in all",
        "nets/same: nothing to update",
    ]
    assert done.stderr.splitlines() == [
        "nngen: in conflict:",
        "    nets/conflict/my_cnn/model.py",
        "Choose in each file and git add it, or take a project back: nngen update --abort.",
    ]
    assert " M nets/clean/my_cnn/model.py" in changed(monorepo)
    assert nngen("update", "--abort", "nets/conflict", cwd=monorepo).returncode == 0
    again = nngen("update", "nets/same", "nets/conflict", "--dry-run", cwd=monorepo)
    assert again.stdout.splitlines() == [
        "nets/same: nothing to update",
        "nets/conflict: 1 file in conflict, 4 files changed in all",
    ]
    assert changed(monorepo / "nets/conflict") == [" M nets/conflict/architecture.yaml"]


def test_without_a_project_it_is_said(nngen: Run, tmp_path: Path) -> None:
    done = nngen("update", "--all", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"nngen: error: there is no project of nngen in {tmp_path} or below\n"
