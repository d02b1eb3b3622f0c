"""After an update: what is staged, how it is taken back, and what is said of conflicts without markers."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import MY_CNN, Run, commit_all, files_of, git
from nngen.delivery.aftermath import marked_lines, without_markers
from nngen.delivery.errors import DestinationError
from nngen.delivery.update import abort, update
from projects import changed, copied, describe, edit, head
from stories.merging import Merger

NEW_LAYER = ("layers:\n", "layers:\n  - Conv2d: {out_channels: 16, kernel_size: 3, padding: 1}\n")


@pytest.fixture
def in_conflict(project: Path) -> Path:
    """A project after an update with a conflict; edits of its own and of the description stand in it."""
    edit(project / "my_cnn/model.py", "nn.Linear(64 * 2 * 2, 128)", "nn.Linear(64 * 2 * 2, 200)")
    edit(project / "my_cnn/train.py", "seed: int = 0", "seed: int = 7")
    commit_all(project)
    describe(project, "Linear: 128", "Linear: 96")
    describe(project, "epochs: 10", "epochs: 40")
    assert update(project).conflicts == ("my_cnn/model.py",)
    return project


def test_what_merged_is_staged_and_the_description_is_left_as_it_was(in_conflict: Path) -> None:
    assert changed(in_conflict) == [
        "M  .copier-answers.yml",
        "M  README.md",
        " M architecture.yaml",
        "UU my_cnn/model.py",
        "M  my_cnn/train.py",
        "M  tests/test_model.py",
    ]


@pytest.mark.parametrize("way", ["git", "nngen"])
def test_an_update_is_taken_back_but_not_the_description(way: str, in_conflict: Path, nngen: Run) -> None:
    if way == "git":
        git("reset", "--merge", cwd=in_conflict)
    else:
        done = nngen("update", "--abort", in_conflict)
        assert (done.returncode, done.stdout) == (
            0,
            "Took the update of 5 files back; architecture.yaml is as it was edited.\n",
        ), done.stderr
    assert changed(in_conflict) == [" M architecture.yaml"]
    assert (in_conflict / "my_cnn/model.py").read_text() == head(in_conflict, "my_cnn/model.py")
    assert "Linear: 96" in (in_conflict / "architecture.yaml").read_text()
    assert update(in_conflict).conflicts == ("my_cnn/model.py",)


def test_choosing_adding_and_committing_finishes_it(in_conflict: Path) -> None:
    git("checkout", "--theirs", "my_cnn/model.py", cwd=in_conflict)
    git("add", "my_cnn/model.py", "architecture.yaml", cwd=in_conflict)
    git("commit", "--quiet", "--message", "updated", cwd=in_conflict)
    assert changed(in_conflict) == []
    assert update(in_conflict).changed == ()


def test_a_new_file_goes_when_the_update_is_taken_back(project: Path) -> None:
    edit(project / "my_cnn/train.py", "    batch_size: int = 64", "    batch_size: int = 32")
    commit_all(project)
    describe(project, "name: my_cnn", "name: better_net")
    describe(project, "batch_size: 64", "batch_size: 96")
    before = files_of(project)
    assert update(project).conflicts == ("better_net/train.py",)
    assert (project / "better_net/model.py").is_file()
    abort(project)
    assert files_of(project) == before
    assert not (project / "better_net").exists()


def test_there_is_nothing_to_take_back_or_it_is_not_ours(project: Path, generated: Path, tmp_path: Path) -> None:
    with pytest.raises(DestinationError, match="is in conflict, so there is nothing"):
        abort(project)
    outer = tmp_path / "outer"
    outer.mkdir()
    copied(generated, outer / "net")
    (outer / "net/.git").rename(tmp_path / "net.git")
    (outer / "notes.md").write_text("one\n")
    edit(outer / "net/my_cnn/model.py", "nn.Linear(64 * 2 * 2, 128)", "nn.Linear(64 * 2 * 2, 200)")
    commit_all(outer)
    describe(outer / "net", "Linear: 128", "Linear: 96")
    assert update(outer / "net").conflicts
    (outer / "notes.md").write_text("two\n")
    git("add", "notes.md", cwd=outer)
    with pytest.raises(DestinationError, match=r"notes\.md is staged, outside of the project"):
        abort(outer / "net")
    git("restore", "--staged", "notes.md", cwd=outer)
    abort(outer / "net")
    assert changed(outer) == [" M net/architecture.yaml", " M notes.md"]


def test_a_merge_of_the_persons_own_is_left_alone(project: Path) -> None:
    git("branch", "other", cwd=project)
    edit(project / "my_cnn/train.py", "seed: int = 0", "seed: int = 7")
    commit_all(project)
    git("checkout", "--quiet", "other", cwd=project)
    edit(project / "my_cnn/train.py", "seed: int = 0", "seed: int = 8")
    commit_all(project)
    with pytest.raises(AssertionError):
        git("merge", "main", cwd=project)
    with pytest.raises(DestinationError, match="comes from git merge"):
        abort(project)
    assert "UU my_cnn/train.py" in changed(project)


def test_new_files_are_named_since_git_diff_does_not_show_them(nngen: Run, fork: Path, tmp_path: Path) -> None:
    commit_all(fork)
    git("tag", "v1", cwd=fork)
    description = tmp_path / "my_cnn.yaml"
    description.write_text(MY_CNN)
    assert nngen("new", description, tmp_path / "p", "--template", fork).returncode == 0
    commit_all(tmp_path / "p")
    (fork / "templates/project/NEW.md").write_text("new\n")
    commit_all(fork)
    git("tag", "v2", cwd=fork)
    done = nngen("update", tmp_path / "p")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Changed 2 files; git diff shows how.\nNew, which git diff does not show: NEW.md.\n"


TEXT = "".join(f"line {number}\n" for number in range(20))


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (
            {"b.md": TEXT},
            {"c.md": TEXT},
            {
                "a.md": "it has two new names, yours and the generated one: keep one file, git rm the other and a.md",
                "b.md": "your file, which is called otherwise in what is generated: keep one of the two, "
                "git rm the other",
                "c.md": "the generated file, which is called otherwise in yours: keep one of the two, git rm the other",
            },
        ),
        (
            {"a.md": TEXT, "tests": "mine\n"},
            {"a.md": TEXT, "tests/test_a.py": "pass\n"},
            {
                "tests~yours": "your file is called so since a folder of that name is in what is generated: "
                "move it, or git rm it"
            },
        ),
        (
            {"a.md": "\0mine"},
            {"a.md": "\0generated"},
            {
                "a.md": "both changed it, and it is no text or another kind of file: yours stands there; "
                "git checkout --theirs a.md takes the generated one"
            },
        ),
        ({"a.md": f"mine\n{TEXT}"}, {"a.md": f"generated\n{TEXT}"}, {}),
    ],
    ids=["two names", "a file and a folder", "no text", "markers"],
)
def test_of_conflicts_without_markers_it_is_said_what_to_do(
    ours: dict[str, str], theirs: dict[str, str], expected: dict[str, str], tmp_path: Path
) -> None:
    merger = Merger(tmp_path)
    _, merged = merger.merge({"a.md": TEXT}, ours, theirs, ("", ""))
    assert merged.conflicts
    lines = marked_lines(merger.scratch, merged.tree, merged.conflicts)
    assert without_markers(merged.conflicts, lines) == expected
    assert lines == ({} if expected else {"a.md": (1,)})
