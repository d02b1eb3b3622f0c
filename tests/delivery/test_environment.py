"""git inside of git: nngen in a hook, and the settings and hooks of the user, change nothing and are not run."""

from __future__ import annotations

import sys
from pathlib import Path

from conftest import MY_CNN, Run, commit_all, git, trusted
from nngen import pipeline
from nngen.delivery.new import write_new_project
from nngen.delivery.template import Template
from projects import describe


def of_versions(fork: Path, project: Path) -> Path:
    """A project made by an older version of a template, which copier has to clone."""
    commit_all(fork)
    git("tag", "v1", cwd=fork)
    answers = pipeline.answers(pipeline.read(MY_CNN))
    write_new_project(MY_CNN.encode(), answers, project, Template(str(fork), "v1", code=True))
    (fork / "templates/project/NEW.md").write_text("new\n")
    commit_all(fork)
    git("tag", "v2", cwd=fork)
    commit_all(project)
    return project


def test_in_a_hook_neither_the_repository_nor_its_index_is_touched(nngen: Run, fork: Path, tmp_path: Path) -> None:
    """git tells a hook of a linked worktree where its repository and its index are."""
    project = of_versions(fork, tmp_path / "p")
    answers = project / ".copier-answers.yml"
    git("bundle", "create", "--quiet", str(tmp_path / "t.bundle"), "HEAD", "--all", cwd=fork)
    trusted(tmp_path / "t.bundle")
    answers.write_text(answers.read_text().replace(f"_src_path: {fork}", f"_src_path: {tmp_path / 't.bundle'}"))
    commit_all(project)
    git("worktree", "add", "--quiet", "-b", "branch", str(tmp_path / "tree"), cwd=project)
    (tmp_path / "tree/notes.md").write_text("mine\n")
    git("add", "notes.md", cwd=tmp_path / "tree")
    inside = project / ".git/worktrees/tree"
    before = [(project / ".git/config").read_bytes(), (inside / "index").read_bytes()]
    done = nngen("status", cwd=tmp_path / "tree", GIT_DIR=str(inside), GIT_INDEX_FILE=str(inside / "index"))
    assert "Waiting for an update: version v2." in done.stdout, done.stderr
    assert [(project / ".git/config").read_bytes(), (inside / "index").read_bytes()] == before


def test_git_commit_all_works_with_a_hook_that_asks_for_the_status(fork: Path, tmp_path: Path) -> None:
    project = of_versions(fork, tmp_path / "p")
    generator = Path(pipeline.__file__).resolve().parent.parent
    hook = project / ".git/hooks/pre-commit"
    hook.write_text(f"#!/bin/sh\nPYTHONPATH={generator} {sys.executable} -m nngen status > {tmp_path}/told\n")
    hook.chmod(0o755)
    (project / "my_cnn/model.py").open("a").write("# mine\n")
    git("commit", "--quiet", "--all", "--message", "edited", cwd=project)
    assert "my_cnn/model.py  +1 -0" in (tmp_path / "told").read_text()
    assert git("status", "--porcelain", cwd=project) == ""


def test_hooks_and_settings_of_the_user_do_not_run_in_copies(nngen: Run, fork: Path, tmp_path: Path) -> None:
    project = of_versions(fork, tmp_path / "p")
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "post-index-change", "reference-transaction", "monitor"):
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >> {tmp_path}/ran\n")
        (hooks / name).chmod(0o755)
    settings = f"[core]\n\thooksPath = {hooks}\n\tfsmonitor = {hooks}/monitor\n[init]\n\ttemplateDir = {hooks}\n"
    (tmp_path / "gitconfig").write_text(settings)
    describe(project, "Linear: 128", "Linear: 96")
    done = nngen("update", project, GIT_CONFIG_GLOBAL=str(tmp_path / "gitconfig"))
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "ran").exists()
    assert (project / "NEW.md").exists()


def test_line_ends_of_the_user_do_not_come_into_new_files(nngen: Run, my_cnn: Path, fork: Path) -> None:
    """With core.autocrlf, git's default on Windows, .gitignore counted as edited from the first day."""
    commit_all(fork)
    (my_cnn.parent / "gitconfig").write_text("[core]\n\tautocrlf = true\n")
    settings = {"GIT_CONFIG_GLOBAL": str(my_cnn.parent / "gitconfig")}
    assert nngen("new", my_cnn, "p", "--template", fork, **settings).returncode == 0
    project = my_cnn.parent / "p"
    assert b"\r" not in (project / ".gitignore").read_bytes()
    commit_all(project)
    assert "No generated file was edited." in nngen("status", project, **settings).stdout
