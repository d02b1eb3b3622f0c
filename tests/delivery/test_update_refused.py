"""`nngen update`: what it refuses and says so, and what failures and kills leave as it was."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from conftest import Run, commit_all, files_of, git, run
from nngen.delivery import merge
from nngen.delivery.errors import DeliveryError, DestinationError
from nngen.delivery.git import Scratch
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
    expected = "nngen: error: my_cnn/model.py is in conflict still; choose there, git add it, and commit\n"
    assert (done.returncode, done.stderr) == (2, expected)


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

    monkeypatch.setattr(merge, "_mark_conflicts", fail)
    describe(project, *WIDER)
    before = files_of(project)
    with pytest.raises((KeyboardInterrupt, DeliveryError)):
        update(project)
    assert files_of(project) == before
    assert changed(project) == [" M architecture.yaml"]


def test_a_file_that_is_saved_meanwhile_is_not_overwritten(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    describe(project, *WIDER)
    real_on_disk, calls = Scratch.on_disk, []

    def on_disk(self: Scratch, generated=()):  # type: ignore[no-untyped-def]
        found = real_on_disk(self, generated)
        if not calls:
            edit(project / "my_cnn/model.py", "        return x\n", "        return x  # saved just now\n")
        calls.append(1)
        return found

    monkeypatch.setattr(Scratch, "on_disk", on_disk)
    with pytest.raises(DeliveryError, match="files of the project were changed while the update was made"):
        update(project)
    assert "return x  # saved just now" in (project / "my_cnn/model.py").read_text()
    assert changed(project) == [" M architecture.yaml", " M my_cnn/model.py"]


KILLED = """
import os, time
from nngen.delivery import merge
from nngen.delivery.project import check_no_downgrade
from nngen.delivery.git import Scratch
check_out = Scratch.check_out
def stop(scratch, tree):
    check_out(scratch, dict(sorted(tree.items())[:2]))
    if not os.path.exists({witness!r}):
        open({witness!r}, "w").close()
        os.kill(os.getpid(), {signal})
        time.sleep(30)
    check_out(scratch, tree)
Scratch.check_out = stop
from nngen.cli import main
main()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_kill_between_two_files_loses_nothing(project: Path, repo: Path, number: signal.Signals) -> None:
    edit(project / "my_cnn/model.py", "        return x\n", "        return x  # mine\n")
    commit_all(project)
    committed = files_of(project)
    describe(project, *WIDER)
    before = files_of(project)
    code = KILLED.format(signal=int(number), witness=str(project.parent / "witness"))
    environment = {"PYTHONPATH": str(repo / "generator")}
    done = run(sys.executable, "-c", code, "update", project, cwd=project.parent, environment=environment)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    if number == signal.SIGKILL:
        assert files_of(project) != before
        assert (project / "architecture.yaml").read_bytes() == before["architecture.yaml"]
        git("checkout", "HEAD", "--", ".", cwd=project)
        git("clean", "--quiet", "-d", "--force", cwd=project)
        assert files_of(project) == committed
    else:
        assert files_of(project) == before
