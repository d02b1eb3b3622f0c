"""The script of docs/updating.md: an update as a branch to pull from, with a bare repository in place of a server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, commit_all, git
from projects import describe, edit

NAMES = {f"GIT_{role}_{key}": "ci@example.com" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}


@pytest.fixture
def server(project: Path, tmp_path: Path) -> Path:
    """A bare repository that the project is pushed to."""
    git("clone", "--quiet", "--bare", str(project), str(tmp_path / "server.git"), cwd=tmp_path)
    git("remote", "add", "origin", str(tmp_path / "server.git"), cwd=project)
    return tmp_path / "server.git"


def _run_script(project: Path, repo: Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    page = (ROOT / "docs/updating.md").read_text(encoding="utf-8")
    script = re.search(r"```sh\n(.*?)```", page, re.DOTALL)
    assert script
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin/nngen"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={repo / "generator"} exec {sys.executable} -m nngen "$@"\n')
    command.chmod(0o755)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    environment = {**os.environ, **NAMES, "PATH": path, "HOME": str(tmp_path), "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(
        ["bash", "-c", script[1]], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def test_a_changed_description_becomes_a_branch(project: Path, server: Path, repo: Path, tmp_path: Path) -> None:
    describe(project, "Linear: 128", "Linear: 96")
    commit_all(project)
    done = _run_script(project, repo, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ".: 4 files changed\n"
    assert ", 96)" in git("show", "nngen-update:my_cnn/model.py", cwd=server)


def test_nothing_is_pushed_in_conflict(project: Path, server: Path, repo: Path, tmp_path: Path) -> None:
    edit(project / "my_cnn/model.py", "nn.Linear(64 * 2 * 2, 128)", "nn.Linear(64 * 2 * 2, 200)")
    describe(project, "Linear: 128", "Linear: 96")
    commit_all(project)
    done = _run_script(project, repo, tmp_path)
    assert done.returncode == 1
    assert done.stdout.endswith("Some projects need a person: run nngen update there.\n")
    assert "nngen-update" not in git("branch", "--list", cwd=server)


def test_nothing_to_update_is_no_commit(project: Path, server: Path, repo: Path, tmp_path: Path) -> None:
    done = _run_script(project, repo, tmp_path)
    assert (done.returncode, done.stdout) == (0, ".: nothing to update\nNothing to update.\n"), done.stderr
    assert "nngen-update" not in git("branch", "--list", cwd=server)
