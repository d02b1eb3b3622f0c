"""The short form of `make update-stories`: no line that a person wrote is lost, and what is independent merges."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from conftest import commit_all, files_of
from in_project import run_module
from nngen import pipeline
from nngen.delivery.new import write_new_project
from nngen.delivery.template import Template
from nngen.delivery.update import update as update_project
from projects import plain_copier
from rendering import ANSWERS, Files, render_text
from stories import story
from stories.changes import DESCRIPTIONS
from stories.judging import independent, lost_lines
from stories.merging import Merger
from stories.report import SHARE, tell


@cache
def _written() -> dict[str, story.Story]:
    return {each.name: each for each in story.written()}


def _described(name: str) -> str:
    """The description after a written story."""
    change = {each.name: each for each in story.CHANGES}[name.partition(": ")[2]]
    assert change.description
    return change.description(DESCRIPTIONS["cnn"])


def _on_disk(files: Files, description: str, repo: Path, folder: Path) -> Path:
    """A project that was generated from a description and then edited to be those files."""
    checked = pipeline.read(description)
    write_new_project(description.encode(), pipeline.answers(checked), folder, Template(str(repo), "HEAD", code=True))
    answers = folder / ANSWERS
    for path, text in files.items():
        if path != ANSWERS:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    assert answers.is_file()
    commit_all(folder)
    return folder


def _text(files: dict[str, bytes]) -> Files:
    return {path: text.decode() for path, text in files.items() if path not in (ANSWERS, "architecture.yaml")}


@pytest.mark.parametrize("kind", DESCRIPTIONS)
def test_what_stories_render_is_what_copier_renders(kind: str, repo: Path, tmp_path: Path) -> None:
    text = DESCRIPTIONS[kind]
    answers = pipeline.answers(pipeline.read(text))
    write_new_project(text.encode(), answers, tmp_path / "p", Template(str(repo), "HEAD", code=True))
    rendered = render_text(text)
    assert _text(files_of(tmp_path / "p")) == {path: rendered[path] for path in rendered if path != ANSWERS}


@pytest.mark.parametrize(
    "name",
    ["another seed: a layer in front", "a method of the model: dropout", "another learning rate: another optimizer *"],
)
def test_what_stories_merge_is_what_nngen_and_copier_merge(name: str, repo: Path, tmp_path: Path) -> None:
    told = _written()[name]
    (tmp_path / "scratch").mkdir()
    outcome = story.update(Merger(tmp_path / "scratch"), told)
    expected = {path: text for path, text in outcome.merged.items() if path != ANSWERS}
    for make in (update_project, plain_copier):
        project = _on_disk(told.ours, DESCRIPTIONS["cnn"], repo, tmp_path / make.__name__)
        (project / "architecture.yaml").write_text(_described(name.removesuffix(" *")))
        commit_all(project)
        make(project)
        found = _text(files_of(project))
        if make is plain_copier:  # it calls the two sides otherwise
            found = {
                path: text.replace("<<<<<<< before updating", "<<<<<<< yours").replace(
                    ">>>>>>> after updating", ">>>>>>> generated"
                )
                for path, text in found.items()
            }
        assert found == expected


def test_the_written_stories() -> None:
    tally = tell(_written().values(), compared=False)
    assert not tally.lost
    assert tally.share >= SHARE, tally.text("Written")
    assert all(each.conflicts for each in tally.outcomes if each.story.name.endswith("*"))


def test_larger_edits_as_in_real_repositories() -> None:
    tally = tell(story.large(), compared=False)
    assert len(tally.outcomes) >= 60
    assert not tally.lost
    assert tally.share >= SHARE, tally.text("Large")
    assert any(each.detail.by_statements for each in tally.outcomes)


def test_drawn_stories() -> None:
    tally = tell(story.drawn(60))
    print(tally.text("Drawn"))
    assert not tally.lost
    assert tally.share >= SHARE
    assert sum(lost for _, lost in tally.by_hand) > 0  # what files by their paths and names by position cost
    assert sum(tally.regenerated) > 60


def test_a_merged_project_passes_its_own_tests(tmp_path: Path, repo: Path) -> None:
    told = _written()["a method of the model: dropout"]
    (tmp_path / "scratch").mkdir()
    merged = story.update(Merger(tmp_path / "scratch"), told).merged
    project = _on_disk(merged, DESCRIPTIONS["cnn"], repo, tmp_path / "p")
    done = run_module("pytest", "-q", "-x", "-p", "no:cacheprovider", cwd=project)
    assert done.returncode == 0, done.stdout[-2000:]


def test_the_judge_finds_lost_lines_and_statements_that_both_touch() -> None:
    base = {"a.py": "def f(\n    x: int,\n) -> int:\n    y = x\n    return y\n"}
    ours = {"a.py": base["a.py"].replace("    y = x\n", "    y = x\n    print(y)\n")}
    theirs = {"a.py": base["a.py"].replace("return y", "return y + 1")}
    both = {"a.py": ours["a.py"].replace("return y", "return y + 1")}
    assert lost_lines(base, ours, theirs, both) == []
    assert lost_lines(base, ours, theirs, theirs) == ["    print(y)"]
    assert independent(base, ours, theirs)
    assert not independent(base, {"a.py": base["a.py"].replace("return y", "return -y")}, theirs)
    wider = {"a.py": base["a.py"].replace("x: int,\n", "x: int,\n    z: int,\n")}
    assert not independent(base, wider, {"a.py": base["a.py"].replace("x: int", "x: float")})
    assert independent(base, wider, theirs)
