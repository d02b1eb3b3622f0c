"""Installed from a wheel, with no checkout anywhere: the bundle of template versions, and what uses it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import nngen
from conftest import commit_all, git, run
from nngen import bundle

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


@pytest.fixture
def installed(site: Path, tmp_path: Path) -> Iterator[list[str]]:
    """The command of the installed nngen; the home directory is the test's own folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(site))
        patch.setenv("HOME", str(tmp_path))
        yield [sys.executable, "-m", "nngen"]


def _contents(wheel: Path) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info.CRC for info in archive.infolist() if not info.filename.endswith("/RECORD")}


def _tags(path: Path) -> set[str]:
    return {name.removeprefix("refs/tags/") for name in bundle.heads(path) if name.startswith("refs/tags/")}


# new and update


def test_new_records_the_bundle_in_the_home_directory(
    installed: list[str], kept: Path, my_cnn: Path, tmp_path: Path
) -> None:
    done = run(*installed, "new", my_cnn, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    answers = yaml.safe_load((tmp_path / "my_cnn/.copier-answers.yml").read_text())
    assert answers["_src_path"] == "~/.local/share/nngen/templates.bundle"
    assert {answers["_commit"]} == _tags(kept)
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_a_project_made_from_the_wheel_can_be_updated(installed: list[str], my_cnn: Path, tmp_path: Path) -> None:
    assert run(*installed, "new", my_cnn, cwd=tmp_path).returncode == 0
    project = tmp_path / "my_cnn"
    description = (project / "architecture.yaml").read_text().replace("Linear: 128", "Linear: 96")
    (project / "architecture.yaml").write_text(description)
    commit_all(project)
    copier = Path(sys.executable).with_name("copier")
    done = run(copier, "update", "--trust", "--data-file", "architecture.yaml", cwd=project)
    assert done.returncode == 0, done.stderr
    model = (project / "my_cnn/model.py").read_text()
    assert "96" in model
    assert "128" not in model


def test_new_gives_the_same_from_the_wheel_and_from_the_checkout(
    installed: list[str], repo: Path, my_cnn: Path, tmp_path: Path
) -> None:
    assert run(*installed, "new", my_cnn, "wheel", cwd=tmp_path).returncode == 0
    checkout = {"PYTHONPATH": str(repo / "generator")}
    assert run(*installed, "new", my_cnn, "checkout", cwd=tmp_path, environment=checkout).returncode == 0
    done = run("diff", "-r", "--exclude=.copier-answers.yml", "wheel", "checkout", cwd=tmp_path)
    assert done.stdout == ""


@pytest.mark.parametrize("home", ["/proc", "/dev/null"])
def test_a_home_that_cannot_be_written_is_a_clear_error(installed: list[str], my_cnn: Path, home: str) -> None:
    done = run(*installed, "new", my_cnn, cwd=my_cnn.parent, environment={"HOME": home})
    assert done.returncode == 1
    assert done.stderr.startswith("nngen: error: cannot write ~/.local/share/nngen/templates.bundle, where updates")
    assert done.stderr.count("\n") == 1
    assert list(my_cnn.parent.iterdir()) == [my_cnn]


def test_a_machine_without_git_is_a_clear_error(installed: list[str], my_cnn: Path) -> None:
    done = run(*installed, "new", my_cnn, cwd=my_cnn.parent, environment={"PATH": "/nowhere"})
    assert (done.returncode, done.stderr) == (1, "nngen: error: git is needed, and was not found\n")
    assert not my_cnn.with_name("my_cnn").exists()


# the bundle that is kept


@pytest.mark.parametrize("damage", [b"", b"# v2 git bundle\n", b"nonsense"])
def test_a_damaged_bundle_is_replaced(installed: list[str], kept: Path, my_cnn: Path, damage: bytes) -> None:
    kept.parent.mkdir(parents=True)
    kept.write_bytes(damage)
    done = run(*installed, "new", my_cnn, cwd=my_cnn.parent)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_bundle_that_was_cut_short_is_replaced(installed: list[str], site: Path, kept: Path, my_cnn: Path) -> None:
    kept.parent.mkdir(parents=True)
    kept.write_bytes((site / "nngen/templates.bundle").read_bytes()[:-100])
    assert run(*installed, "new", my_cnn, cwd=my_cnn.parent).returncode == 0
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
    assert git("bundle", "verify", str(kept), cwd=Path(__file__).parent)
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
    (fork / "templates/OLD.md").write_text("old\n")
    (fork / "notes.txt").write_text("no part of the template\n")
    commit_all(fork)
    git("tag", "v0.0.1", cwd=fork)
    git("tag", "not-a-version", cwd=fork)
    (fork / "templates/OLD.md").unlink()
    commit_all(fork)
    git("tag", "--annotate", TAG, "--message", "a release", cwd=fork)
    bundle.build(fork, tmp_path / "b", nngen.__version__)
    assert _tags(tmp_path / "b") == {"v0.0.1", TAG}
    assert bundle.tag_of_head(tmp_path / "b") == TAG
    git("clone", "--quiet", "--branch", "v0.0.1", "b", "old", cwd=tmp_path)
    assert (tmp_path / "old/templates/OLD.md").read_text() == "old\n"
    assert sorted(os.listdir(tmp_path / "old")) == [".git", "copier.yml", "generator", "schemas", "templates"]


def test_work_after_a_release_does_not_take_its_name(fork: Path, tmp_path: Path) -> None:
    commit_all(fork)
    git("tag", TAG, cwd=fork)
    (fork / "templates/NEW.md").write_text("not committed\n")
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
    done = run(
        sys.executable, "-m", "nngen", "new", my_cnn, cwd=tmp_path, environment={"PYTHONPATH": str(fork / "generator")}
    )
    assert done.returncode == 0
    assert done.stderr == (f"nngen: note: the template {fork} is not in git: this project cannot be updated later\n")
