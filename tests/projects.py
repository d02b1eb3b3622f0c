"""Projects to update: generated once, copied for each test, with the edits that people make."""

from __future__ import annotations

import shutil
from pathlib import Path

from conftest import commit_all, git
from in_project import run_module


def edit(path: Path, old: str, new: str) -> None:
    """Replaces text that stands in a file once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def describe(project: Path, old: str, new: str) -> None:
    """Edits a project's description."""
    edit(project / "architecture.yaml", old, new)


def copied(project: Path, folder: Path) -> Path:
    """A copy of a generated project, committed."""
    shutil.copytree(project, folder)
    commit_all(folder, "as generated")
    return folder


def head(project: Path, path: str) -> str:
    """A file as it was committed last."""
    return git("show", f"HEAD:./{path}", cwd=project)


def changed(project: Path) -> list[str]:
    """What git says was changed in a folder, its marks included."""
    return git("status", "--porcelain", "--untracked-files=all", "--", ".", cwd=project).splitlines()


def plain_copier(project: Path) -> None:
    """What an update is without nngen's own command."""
    arguments = ["update", "--trust", "--quiet", "--data-file", "architecture.yaml"]
    done = run_module("copier", *arguments, cwd=project, environment={"HOME": str(project.parent)})
    assert done.returncode == 0, done.stderr
