"""`nngen update`: what it refuses and says so, and what failures and kills leave as it was."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from conftest import Run, commit_all, files_of, git, run
from nngen.delivery import merge
from nngen.delivery import update as updates
from nngen.delivery.errors import DeliveryError, DestinationError
from nngen.delivery.git import Repository, Scratch
from nngen.delivery.lock import locked
from nngen.delivery.project import check_no_downgrade
from nngen.delivery.update import update
from projects import changed, describe, edit

WIDER = ("Linear: 128", "Linear: 96")


def test_the_schema_for_the_editor_need_not_be_committed(nngen: Run, project: Path) -> None:
    assert nngen("schema", "architecture.schema.json", cwd=project).returncode == 0
    describe(project, *WIDER)
    done = nngen("update", cwd=project)
    assert done.returncode == 0, done.stderr
    assert (project / "architecture.schema.json").exists()


@pytest.mark.parametrize("path", ["my_cnn/train.py", "notes.md"])
def test_uncommitted_changes_are_refused(nngen: Run, project: Path, path: str) -> None:
    with (project / path).open("a") as file:
        file.write("# mine\n")
    describe(project, *WIDER)
    before = files_of(project)
    done = nngen("update", cwd=project)
    expected = f"nngen: error: uncommitted changes in {path}; commit or stash them, then update\n"
    assert (done.returncode, done.stderr) == (2, expected)
    assert files_of(project) == before


def test_a_conflict_that_is_still_there_is_named(nngen: Run, project: Path) -> None:
    edit(project / "my_cnn/model.py", "nn.Linear(64 * 2 * 2, 128)", "nn.Linear(64 * 2 * 2, 200)")
    commit_all(project)
    describe(project, *WIDER)
    assert update(project).conflicts
    done = nngen("update", project)
    assert done.stderr == (
        "nngen: error: my_cnn/model.py is in conflict still; choose there, git add it, and commit, "
        "or nngen update --abort\n"
    )
    assert done.returncode == 2


def _no_answers(project: Path) -> None:
    git("rm", "--quiet", ".copier-answers.yml", cwd=project)
    git("commit", "--quiet", "--message", "gone", cwd=project)


def _answers(text: str):  # type: ignore[no-untyped-def]
    def write(project: Path) -> None:
        (project / ".copier-answers.yml").write_text(text)
        commit_all(project)

    return write


def _no_git(project: Path) -> None:
    (project / ".git").rename(project.parent / "elsewhere")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            _no_answers,
            "has no .copier-answers.yml, so nobody knows what it was made from; if nngen made it, git has it",
        ),
        (
            _answers("name: [x\n"),
            ".copier-answers.yml, line 2: this file is damaged; git has it: git checkout HEAD -- ",
        ),
        (_answers("name: x\n"), ".copier-answers.yml does not say which template made the project; git has it: "),
        (_answers("_src_path: x\n"), "records no version: the template was not in git, so there is no update"),
        (_no_git, "is in no git repository, which an update needs to merge: git init && git add"),
        (lambda project: git("rm", "--quiet", "--cached", "-r", ".", cwd=project), ".copier-answers.yml is not commi"),
    ],
)
def test_a_project_that_cannot_be_updated(nngen: Run, project: Path, damage, message: str) -> None:  # type: ignore[no-untyped-def]
    damage(project)
    before = files_of(project)
    done = nngen("update", project)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert files_of(project) == before


def test_mistakes_in_the_description_are_reported_with_their_place(nngen: Run, project: Path) -> None:
    describe(project, "Linear: 128", "Linaer: 128")
    before = files_of(project)
    done = nngen("update", cwd=project)
    assert done.returncode == 2
    assert done.stderr.startswith("architecture.yaml:13:5: error: ")
    assert "did you mean 'Linear'?" in done.stderr
    assert files_of(project) == before


@pytest.mark.parametrize("commit", ["3b19960", "0000001", "12a4567", "9c0ffee"])
def test_a_commit_without_tags_is_neither_older_nor_newer_than_a_version(commit: str) -> None:
    check_no_downgrade("v9.9.9", commit)
    check_no_downgrade(commit, "v0.0.1")
    with pytest.raises(DestinationError, match=r"v1\.1\.9 is older"):
        check_no_downgrade(f"v1.2.0-3-g{commit}", "v1.1.9")


def test_a_template_that_is_gone_or_lacks_the_version(project: Path) -> None:
    edit(project / ".copier-answers.yml", "_commit: ", "_commit: v9.9.9  # ")
    commit_all(project)
    with pytest.raises(DeliveryError, match=r"version v9\.9\.9 of the template, which generated the project"):
        update(project)
    edit(project / ".copier-answers.yml", "_src_path: ", "_src_path: /no/such/template  # ")
    commit_all(project)
    with pytest.raises(DeliveryError, match="/no/such/template"):
        update(project, trust=True)
    assert changed(project) == []


# nothing half-done


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_failure_while_files_are_written_leaves_all_as_it_was(
    project: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    edit(project / "my_cnn/model.py", "nn.Linear(64 * 2 * 2, 128)", "nn.Linear(64 * 2 * 2, 200)")
    commit_all(project)
    describe(project, "name: my_cnn", "name: other")
    before = files_of(project)

    def fail(*_: object) -> None:
        assert files_of(project) != before  # the files were written by now
        raise error

    monkeypatch.setattr(merge, "stage", fail)
    describe(project, *WIDER)
    before = files_of(project)
    with pytest.raises((KeyboardInterrupt, DeliveryError)):
        update(project)
    assert files_of(project) == before
    assert changed(project) == [" M architecture.yaml"]


def test_a_file_that_is_saved_meanwhile_is_not_overwritten(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    describe(project, *WIDER)
    real = updates.apply

    def apply(*arguments):  # type: ignore[no-untyped-def]
        edit(project / "my_cnn/model.py", "        return x\n", "        return x  # saved just now\n")
        real(*arguments)

    monkeypatch.setattr(updates, "apply", apply)
    with pytest.raises(DeliveryError, match="files of the project were changed while the update was made"):
        update(project)
    assert "return x  # saved just now" in (project / "my_cnn/model.py").read_text()
    assert changed(project) == [" M architecture.yaml", " M my_cnn/model.py"]


KILLED = """
import os, time
from nngen.delivery import journal
move, calls = journal._move, []
def stop(source, target):
    calls.append(target)
    if len(calls) == {count}:
        os.kill(os.getpid(), {signal})
        time.sleep(30)
    move(source, target)
journal._move = stop
from nngen.cli import main
main()
"""


@pytest.mark.parametrize(("number", "count"), [(signal.SIGKILL, 1), (signal.SIGKILL, 3), (signal.SIGTERM, 3)])
@pytest.mark.parametrize("command", ["status", "update"])
def test_a_kill_between_two_files_is_undone_by_the_next_call(
    project: Path, repo: Path, nngen: Run, number: signal.Signals, count: int, command: str
) -> None:
    edit(project / "my_cnn/model.py", "        return x\n", "        return x  # mine\n")
    commit_all(project)
    describe(project, *WIDER)
    before = files_of(project)
    inside = sorted((project / ".git").iterdir())
    code = KILLED.format(signal=int(number), count=count)
    environment = {"PYTHONPATH": str(repo / "generator")}
    done = run(sys.executable, "-c", code, "update", project, cwd=project.parent, environment=environment)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    if number == signal.SIGKILL:
        assert (files_of(project) != before) == (count > 1)
        assert (project / ".copier-answers.yml").read_bytes() == before[".copier-answers.yml"]
    else:
        assert files_of(project) == before
    done = nngen(command, project)
    assert done.returncode == 0, done.stderr
    undone = "nngen: note: an update that was interrupted is undone; the project is as it was before\n"
    assert done.stderr == (undone if number == signal.SIGKILL else "")
    assert (files_of(project) == before) == (command == "status")
    assert sorted((project / ".git").iterdir()) == inside


def test_what_was_edited_after_a_kill_stays_as_it_is(project: Path, repo: Path, nngen: Run) -> None:
    describe(project, *WIDER)
    code = KILLED.format(signal=int(signal.SIGKILL), count=3)
    environment = {"PYTHONPATH": str(repo / "generator")}
    run(sys.executable, "-c", code, "update", project, cwd=project.parent, environment=environment)
    (path,) = [line[3:] for line in changed(project) if "architecture" not in line][:1]
    (project / path).write_text("mine\n")
    done = nngen("update", project)
    assert done.returncode == 2
    assert f"{path} was edited since, and stays as it is; commit or discard that, then update\n" in done.stderr
    assert (project / path).read_text() == "mine\n"
    assert changed(project) == sorted([" M architecture.yaml", f" M {path}"])


def test_a_kill_while_conflicts_are_marked_leaves_no_mark(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(project / "my_cnn/model.py", "nn.Linear(64 * 2 * 2, 128)", "nn.Linear(64 * 2 * 2, 200)")
    commit_all(project)
    describe(project, *WIDER)
    real, before = merge.stage, files_of(project)

    def fail(*arguments: object) -> None:
        real(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(merge, "stage", fail)
    with pytest.raises(KeyboardInterrupt):
        update(project)
    assert files_of(project) == before
    assert git("ls-files", "--unmerged", cwd=project) == ""
    assert changed(project) == [" M architecture.yaml"]


def test_two_updates_at_once_are_one(project: Path) -> None:
    repository = Repository.around(project)
    assert repository is not None
    describe(project, *WIDER)
    with locked(repository), pytest.raises(DestinationError, match="another nngen is updating"):
        update(project)
    assert changed(project) == [" M architecture.yaml"]
    assert not update(project).conflicts
    assert not list((project / ".git").glob("nngen-*"))


def test_what_is_saved_while_an_update_renders_is_not_merged_uncommitted(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(project, *WIDER)
    real = Scratch.rendered

    def rendered(self: Scratch, folder: Path):  # type: ignore[no-untyped-def]
        (project / "my_cnn/model.py").open("a").write("# saved just now\n")
        return real(self, folder)

    monkeypatch.setattr(Scratch, "rendered", rendered)
    with pytest.raises(DestinationError, match=r"uncommitted changes in my_cnn/model.py"):
        update(project)
    assert changed(project) == [" M architecture.yaml", " M my_cnn/model.py"]
