"""What nngen keeps in the user's cache folder: it saves time, and changes nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from jinja2 import Environment

from conftest import MY_CNN, Run, commit_all, copy_checkout, files_of, git
from nngen import pipeline
from nngen.delivery import compiled_templates, own_copy
from nngen.language.errors import DescriptionError


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "nngen"


def environment() -> tuple[Environment, compiled_templates.Cache]:
    """An environment that keeps what it compiles, and its cache."""
    made = Environment()
    return made, compiled_templates.Cache(made)


def test_a_template_is_compiled_once(cache: Path) -> None:
    made, kept = environment()
    made.compile = kept.compile  # type: ignore[method-assign]
    assert made.from_string("{{ a + 1 }}").render(a=1) == "2"
    kept.save()
    other, kept = environment()
    other.compile = kept.compile  # type: ignore[method-assign]
    other._generate = None  # type: ignore[assignment, method-assign]  # so that it cannot compile
    assert other.from_string("{{ a + 1 }}").render(a=2) == "3"
    with pytest.raises(TypeError):
        other.from_string("{{ a + 2 }}")


def test_the_second_version_of_an_update_finds_what_the_first_compiled(cache: Path) -> None:
    first, second = Environment(), Environment()
    compiled_templates.keep_compiled(first)
    first.from_string("{{ a + 3 }}")
    assert not cache.exists()  # it is written when nngen ends
    compiled_templates.keep_compiled(second)
    second._generate = None  # type: ignore[assignment, method-assign]  # so that it cannot compile
    assert second.from_string("{{ a + 3 }}").render(a=1) == "4"


def test_another_syntax_is_another_template(cache: Path) -> None:
    kept = compiled_templates.Cache(Environment())
    kept.compile("{{ a }}")
    kept.save()
    other = Environment(variable_start_string="<<", variable_end_string=">>")
    other.compile = compiled_templates.Cache(other).compile  # type: ignore[method-assign]
    assert other.from_string("{{ a }}").render(a=1) == "{{ a }}"


@pytest.mark.parametrize("harm", ["truncated", "changed", "open to others"])
def test_a_damaged_cache_or_one_that_others_may_write_is_not_read(cache: Path, harm: str) -> None:
    kept = compiled_templates.Cache(Environment())
    kept.compile("{{ a }}")
    kept.save()
    path = cache / "templates.bin"
    content = path.read_bytes()
    if harm == "open to others":
        path.chmod(0o666)
    else:
        path.write_bytes(content[:-9] if harm == "truncated" else content[:-1] + bytes([content[-1] ^ 1]))
    other, kept = environment()
    other.compile = kept.compile  # type: ignore[method-assign]
    assert other.from_string("{{ a }}").render(a="still right") == "still right"


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    kept = compiled_templates.Cache(Environment())
    kept.compile("{{ a }}")
    kept.save()


def test_a_project_of_the_copy_is_that_of_a_clone(nngen: Run, my_cnn: Path, repo: Path, tmp_path: Path) -> None:
    """A folder that cannot be a cache makes copier clone the template."""
    (tmp_path / "file").write_text("")
    for dest, base in (("cloned", tmp_path / "file"), ("copied", tmp_path / "cache"), ("again", tmp_path / "cache")):
        done = nngen("new", my_cnn, dest, XDG_CACHE_HOME=str(base))
        assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "cache/nngen/versions").iterdir())) == 1
    assert files_of(tmp_path / "cloned") == files_of(tmp_path / "copied") == files_of(tmp_path / "again")
    modes = [{path.name: path.stat().st_mode for path in (tmp_path / dest).rglob("*")} for dest in ("cloned", "copied")]
    assert modes[0] == modes[1]


def test_only_what_is_committed_has_a_copy(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = copy_checkout(tmp_path / "checkout")
    commit_all(checkout)
    monkeypatch.setattr(own_copy, "CHECKOUT", checkout)
    first = own_copy.own_copy(str(checkout), "HEAD")
    assert first is not None
    assert (first.folder / "copier.yml").is_file()
    git("tag", "v9.9.9", cwd=checkout)
    tagged = own_copy.own_copy(str(checkout), "v9.9.9")
    assert tagged is not None
    assert (tagged.folder, tagged.commit) == (first.folder, "v9.9.9")
    (checkout / "templates/project/NEW.md").write_text("new\n")
    assert own_copy.own_copy(str(checkout), "HEAD") is None
    commit_all(checkout)
    assert own_copy.own_copy(str(checkout), "v9.9.9") is None
    assert own_copy.own_copy(str(tmp_path), "HEAD") is None
    newer = own_copy.own_copy(str(checkout), "HEAD")
    assert newer is not None
    assert (newer.folder / "templates/project/NEW.md").is_file()
    assert not (first.folder / "templates/project/NEW.md").exists()


def test_few_copies_are_kept(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = copy_checkout(tmp_path / "checkout")
    monkeypatch.setattr(own_copy, "CHECKOUT", checkout)
    monkeypatch.setattr(own_copy, "MOST", 2)
    for number in range(4):
        (checkout / "README.md").write_text(f"{number}\n")
        commit_all(checkout)
        made = own_copy.own_copy(str(checkout), "HEAD")
        assert made is not None
        os.utime(made.folder, (number, number))
    assert len(list((cache / "versions").iterdir())) == 2
    assert made.folder.is_dir()


def test_a_description_is_checked_once_and_one_with_other_values_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """`new` reads the file, and copier hands over the same description as answers."""
    checked = pipeline.read(MY_CNN)
    pipeline.remember(checked)
    assert pipeline.read_answers(pipeline.answers(checked)) is checked
    answers = {**pipeline.answers(checked), "training": {"epochs": 10.0, "batch_size": 64}}
    with pytest.raises(DescriptionError, match="epochs"):  # 10.0 == 10
        pipeline.read_answers(answers)
    assert pipeline.read_answers({**pipeline.answers(checked), "attribute_names": {"model": {}}}) is not checked


def test_copier_asks_git_nothing_about_a_copy(nngen: Run, my_cnn: Path, tmp_path: Path) -> None:
    """It would start git three times for the template, and once for each file."""
    (tmp_path / "bin").mkdir()
    log, real = tmp_path / "log", shutil.which("git")
    (tmp_path / "bin/git").write_text(f'#!/bin/sh\necho "$*" >> {log}\nexec {real} "$@"\n')
    (tmp_path / "bin/git").chmod(0o755)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    assert nngen("new", my_cnn, "first", PATH=path).returncode == 0
    log.unlink()
    assert nngen("new", my_cnn, PATH=path).returncode == 0
    assert len(log.read_text().splitlines()) <= 3
