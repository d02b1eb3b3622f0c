"""Installed from a wheel, with no checkout anywhere: the bundle of template versions, and what uses it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

import nngen
from conftest import ROOT, Run, commit_all, git, run
from in_project import run_module
from nngen.delivery import bundle
from projects import describe, edit

TAG = f"v{nngen.__version__}"


def _built(source: Path, kind: str, out: Path) -> Path:
    done = run(sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", out, cwd=source)
    assert done.returncode == 0, done.stderr
    return next(out.iterdir())


@pytest.fixture(scope="session")
def wheel(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built(repo, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the wheel was installed to; its dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder)]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    return folder


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / ".local/share/nngen/templates.bundle"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The cache folder of the installed nngen."""
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def installed(site: Path, cache: str, tmp_path: Path) -> Run:
    """Runs the installed nngen, or another command that uses it; the home directory is the test's own folder."""

    def run_installed(
        *arguments: str | Path, cwd: Path, module: str = "nngen", **more: str
    ) -> subprocess.CompletedProcess[str]:
        environment = {"PYTHONPATH": str(site), "HOME": str(tmp_path), "XDG_CACHE_HOME": cache, **more}
        return run_module(module, *arguments, cwd=cwd, environment=environment)

    return run_installed


def _contents(wheel: Path) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info.CRC for info in archive.infolist() if not info.filename.endswith("/RECORD")}


def _tags(path: Path) -> set[str]:
    return {name.removeprefix("refs/tags/") for name in bundle.heads(path) if name.startswith("refs/tags/")}


# new and update


def test_new_records_the_bundle_in_the_home_directory(installed: Run, kept: Path, my_cnn: Path, tmp_path: Path) -> None:
    done = installed("new", my_cnn, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    answers = yaml.safe_load((tmp_path / "my_cnn/.copier-answers.yml").read_text())
    assert answers["_src_path"] == "~/.local/share/nngen/templates.bundle"
    assert {answers["_commit"]} == _tags(kept)
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


OFFLINE = {"GIT_ALLOW_PROTOCOL": "file", "https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}


@pytest.mark.parametrize("plain", [False, True], ids=["nngen", "copier"])
def test_a_project_made_from_the_wheel_can_be_updated(
    installed: Run, my_cnn: Path, tmp_path: Path, plain: bool
) -> None:
    assert installed("new", my_cnn, cwd=tmp_path).returncode == 0
    project = tmp_path / "my_cnn"
    describe(project, "Linear: 128", "Linear: 96")
    commit_all(project)
    if plain:
        done = installed(
            "update", "--trust", "--data-file", "architecture.yaml", cwd=project, module="copier", **OFFLINE
        )
    else:
        done = installed("update", cwd=project, **OFFLINE)
    assert done.returncode == 0, done.stderr
    model = (project / "my_cnn/model.py").read_text()
    assert "96" in model
    assert "128" not in model


OTHER_CLASS = """

_plan_answers = plan_answers


def plan_answers(mapping):
    from dataclasses import replace
    return replace(_plan_answers(mapping), class_name="OldNet")
"""
OLD_PROJECT = """
import pathlib
from nngen.delivery.new import write_new_project
from nngen.delivery.own_copy import KEPT_BUNDLE
from nngen.delivery.template import Template, own_template
from nngen import pipeline
own_template()
content = pathlib.Path("my_cnn.yaml").read_bytes()
old = Template(KEPT_BUNDLE, "v0.0.1", code=True)
write_new_project(content, pipeline.answers(pipeline.read(content)), pathlib.Path("my_cnn"), old)
"""


def test_a_wheel_of_a_fresh_clone_updates_from_every_release_with_its_generator(
    fork: Path, my_cnn: Path, tmp_path: Path
) -> None:
    pipeline = fork / "generator/nngen/pipeline.py"
    original = pipeline.read_text()
    pipeline.write_text(original + OTHER_CLASS)
    commit_all(fork)
    git("tag", "v0.0.1", cwd=fork)
    pipeline.write_text(original)
    commit_all(fork)
    git("clone", "--quiet", f"file://{fork}", "clone", cwd=tmp_path)
    wheel = _built(tmp_path / "clone", "wheel", tmp_path / "wheel")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", tmp_path / "site"]
    assert run(*pip, wheel, cwd=tmp_path).returncode == 0
    shutil.rmtree(fork)  # no checkout is left on this machine
    shutil.rmtree(tmp_path / "clone")

    environment = {**OFFLINE, "PYTHONPATH": str(tmp_path / "site"), "HOME": str(tmp_path)}
    done = run(sys.executable, "-c", OLD_PROJECT, cwd=tmp_path, environment=environment)
    assert done.returncode == 0, done.stderr
    project = tmp_path / "my_cnn"
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
    assert (answers["_src_path"], answers["_commit"]) == ("~/.local/share/nngen/templates.bundle", "v0.0.1")
    assert "OldNet" in (project / "README.md").read_text()
    with (project / "README.md").open("a") as file:
        file.write("\nMine.\n")
    commit_all(project)
    describe(project, "Linear: 128", "Linear: 96")
    done = run_module("nngen", "update", cwd=project, environment=environment)
    assert done.returncode == 0, done.stderr
    readme = (project / "README.md").read_text()
    assert "Mine." in readme
    assert "MyCnn" in readme  # the old generator rendered the old version: else there would be nothing to merge
    assert "OldNet" not in readme


def test_an_older_nngen_does_not_take_a_project_back(
    installed: Run, site: Path, my_cnn: Path, tmp_path: Path, kept: Path, other: Path
) -> None:
    bundle.keep(other, kept)
    newest = max(_tags(other))
    make = OLD_PROJECT.replace("own_template()", "").replace("v0.0.1", newest)
    environment = {"PYTHONPATH": str(site), "HOME": str(tmp_path)}
    assert run(sys.executable, "-c", make, cwd=tmp_path, environment=environment).returncode == 0
    commit_all(tmp_path / "my_cnn")
    for command in ("update", "status"):
        done = installed(command, "my_cnn", cwd=tmp_path)
        assert done.returncode == 2
        assert f"made by version {newest}, and {TAG}" in done.stderr
        assert "Take a newer nngen: pip install --upgrade nngen" in done.stderr


def test_a_bundle_that_lacks_the_version_of_the_project_says_so(
    installed: Run, my_cnn: Path, tmp_path: Path, kept: Path
) -> None:
    assert installed("new", my_cnn, cwd=tmp_path).returncode == 0
    project = tmp_path / "my_cnn"
    version = yaml.safe_load((project / ".copier-answers.yml").read_text())["_commit"]
    edit(project / ".copier-answers.yml", f"_commit: {version}", "_commit: v0.0.0+1.0123456789")
    commit_all(project)
    kept.write_bytes(b"damaged")  # it is mended on the way
    done = installed("update", project, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("nngen: error: version v0.0.0+1.0123456789 of the template, which generated the ")
    assert git("status", "--porcelain", cwd=project) == ""


def test_new_gives_the_same_from_the_wheel_and_from_the_checkout(
    installed: Run, repo: Path, my_cnn: Path, tmp_path: Path
) -> None:
    assert installed("new", my_cnn, "wheel", cwd=tmp_path).returncode == 0
    checkout = str(repo / "generator")
    assert installed("new", my_cnn, "checkout", cwd=tmp_path, PYTHONPATH=checkout).returncode == 0
    done = run("diff", "-r", "--exclude=.copier-answers.yml", "wheel", "checkout", cwd=tmp_path)
    assert done.stdout == ""


@pytest.mark.parametrize("home", ["/proc", "/dev/null"])
def test_a_home_that_cannot_be_written_is_a_clear_error(installed: Run, my_cnn: Path, home: str) -> None:
    done = installed("new", my_cnn, cwd=my_cnn.parent, HOME=home)
    assert done.returncode == 1
    assert done.stderr.startswith("nngen: error: cannot write ~/.local/share/nngen/templates.bundle, where updates")
    assert done.stderr.count("\n") == 1
    assert list(my_cnn.parent.iterdir()) == [my_cnn]


def test_a_machine_without_git_is_a_clear_error(installed: Run, my_cnn: Path) -> None:
    done = installed("new", my_cnn, cwd=my_cnn.parent, PATH="/nowhere")
    assert (done.returncode, done.stderr) == (1, "nngen: error: git is needed, and was not found\n")
    assert not my_cnn.with_name("my_cnn").exists()


def test_the_schema_and_the_pages_of_layers_are_in_the_wheel(installed: Run, site: Path, tmp_path: Path) -> None:
    assert installed("schema", "--path", cwd=tmp_path).stdout.strip().startswith(str(site))
    assert installed("schema", cwd=tmp_path).stdout.startswith('{"$schema":')
    assert installed("layers", "LSTM", cwd=tmp_path).returncode == 0


# the bundle that is kept


@pytest.mark.parametrize("damage", [b"", b"# v2 git bundle\n", b"nonsense"])
def test_a_damaged_bundle_is_replaced(installed: Run, kept: Path, my_cnn: Path, damage: bytes) -> None:
    kept.parent.mkdir(parents=True)
    kept.write_bytes(damage)
    done = installed("new", my_cnn, cwd=my_cnn.parent)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_bundle_that_was_cut_short_is_replaced(installed: Run, site: Path, kept: Path, my_cnn: Path) -> None:
    kept.parent.mkdir(parents=True)
    kept.write_bytes((site / "nngen/templates.bundle").read_bytes()[:-100])
    assert installed("new", my_cnn, cwd=my_cnn.parent).returncode == 0
    assert kept.read_bytes() == (site / "nngen/templates.bundle").read_bytes()


@pytest.fixture
def other(fork: Path, tmp_path: Path) -> Path:
    """The bundle of another version."""
    path = tmp_path / "other.bundle"
    commit_all(fork)
    bundle.build(fork, path, "9.9.9")
    return path


def test_versions_that_only_the_kept_bundle_has_stay(site: Path, other: Path, kept: Path) -> None:
    packaged = site / "nngen/templates.bundle"
    bundle.keep(other, kept)
    bundle.keep(packaged, kept)
    assert _tags(kept) == _tags(other) | _tags(packaged)
    assert git("bundle", "verify", str(kept), cwd=ROOT)
    before = kept.stat().st_mtime_ns
    bundle.keep(other, kept)  # nothing is missing, so nothing is written
    bundle.keep(packaged, kept)
    assert kept.stat().st_mtime_ns == before


# what is in a bundle


def test_the_same_content_is_the_same_commit_with_git_or_without(repo: Path, fork: Path, tmp_path: Path) -> None:
    bundle.build(repo, tmp_path / "one", "1.0")
    bundle.build(fork, tmp_path / "two", "1.0")  # not in git
    heads = [bundle.heads(tmp_path / name)["HEAD"] for name in ("one", "two")]
    assert heads[0] == heads[1]
    assert _tags(tmp_path / "two") == {f"v1.0+0.{heads[0][:10]}"}


def test_a_release_has_its_plain_name_and_older_releases_are_carried_along(fork: Path, tmp_path: Path) -> None:
    (fork / "templates/project/OLD.md").write_text("old\n")
    (fork / "notes.txt").write_text("no part of the template\n")
    commit_all(fork)
    git("tag", "v0.0.1", cwd=fork)
    git("tag", "not-a-version", cwd=fork)
    (fork / "templates/project/OLD.md").unlink()
    commit_all(fork)
    git("tag", "--annotate", TAG, "--message", "a release", cwd=fork)
    bundle.build(fork, tmp_path / "b", nngen.__version__)
    assert _tags(tmp_path / "b") == {"v0.0.1", TAG}
    assert bundle.tag_of_head(tmp_path / "b") == TAG
    git("clone", "--quiet", "--branch", "v0.0.1", "b", "old", cwd=tmp_path)
    assert (tmp_path / "old/templates/project/OLD.md").read_text() == "old\n"
    assert sorted(os.listdir(tmp_path / "old")) == [".git", "copier.yml", "generator", "schemas", "templates"]


def test_work_after_a_release_does_not_take_its_name(fork: Path, tmp_path: Path) -> None:
    commit_all(fork)
    git("tag", TAG, cwd=fork)
    (fork / "templates/project/NEW.md").write_text("not committed\n")
    bundle.build(fork, tmp_path / "b", nngen.__version__)
    head = bundle.heads(tmp_path / "b")["HEAD"]
    assert _tags(tmp_path / "b") == {TAG, f"{TAG}+1.{head[:10]}"}
    assert bundle.tag_of_head(tmp_path / "b") == f"{TAG}+1.{head[:10]}"


def test_a_wheel_built_from_the_source_distribution_carries_the_same_versions(
    repo: Path, wheel: Path, tmp_path: Path
) -> None:
    shutil.unpack_archive(_built(repo, "sdist", tmp_path / "sdist"), tmp_path / "source")
    second = _built(next((tmp_path / "source").iterdir()), "wheel", tmp_path / "second")
    assert _contents(second) == _contents(wheel)


def test_a_checkout_need_not_be_in_git(fork: Path, my_cnn: Path, tmp_path: Path) -> None:
    done = run_module("nngen", "new", my_cnn, cwd=tmp_path, environment={"PYTHONPATH": str(fork / "generator")})
    assert done.returncode == 0
    assert done.stderr == (f"nngen: note: the template {fork} is not in git: this project cannot be updated later\n")
