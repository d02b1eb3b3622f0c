"""`nngen update`: what is merged, what is refused, and that nothing is ever lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from conftest import MY_CNN, Run, commit_all, files_of, git
from nngen import pipeline
from nngen.delivery.errors import DeliveryError, DestinationError
from nngen.delivery.new import write_new_project
from nngen.delivery.template import Template
from nngen.delivery.update import update
from projects import changed, copied, describe, edit, head, plain_copier

WIDER = ("Linear: 128", "Linear: 96")


# what is merged


def test_a_changed_description_is_merged_with_edits(project: Path) -> None:
    edit(project / "my_cnn/train.py", "seed: int = 0", "seed: int = 7")
    edit(project / "my_cnn/model.py", "        return x\n", "        print(x.mean())\n        return x\n")
    commit_all(project)
    describe(project, *WIDER)
    result = update(project)
    assert (result.conflicts, result.notes) == ((), ())
    assert result.weights.startswith("Weights in a checkpoint of before: 5 stay, 0 new, 0 gone, 3 of another shape.\n")
    assert "    other shape fc1.weight (128, 256) -> (96, 256)\n" in result.weights
    model = (project / "my_cnn/model.py").read_text()
    assert "self.fc1 = nn.Linear(64 * 2 * 2, 96)" in model
    assert "print(x.mean())" in model
    assert "seed: int = 7" in (project / "my_cnn/train.py").read_text()
    assert (project / "architecture.yaml").read_text() == MY_CNN.replace(*WIDER)
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
    assert {"Linear": 96} in answers["layers"]
    assert changed(project) == [f" M {path}" for path in sorted({*result.changed, "architecture.yaml"})]


def test_an_update_is_what_plain_copier_makes_of_it(generated: Path, tmp_path: Path) -> None:
    made = []
    for name, make in (("ours", update), ("plain", plain_copier)):
        project = copied(generated, tmp_path / name)
        edit(project / "my_cnn/train.py", "    model.train()\n", "    model.train()\n    # mine\n")
        (project / "notes.md").write_text("mine\n")
        describe(
            project, "layers:\n", "layers:\n  - Conv2d: {out_channels: 16, kernel_size: 3, padding: 1}\n  - GELU\n"
        )
        commit_all(project)
        make(project)
        commit_all(project)
        describe(project, "MaxPool2d: 2\n  - Flatten", "AvgPool2d: 2\n  - Dropout: 0.1\n  - Flatten")
        commit_all(project)
        make(project)
        made.append(files_of(project))
    assert made[0] == made[1]
    model = made[0]["my_cnn/model.py"].decode()
    names = re.findall(r"self\.(\w+) = nn", model)
    assert names == "conv3 gelu conv1 relu1 pool1 conv2 relu2 pool2 dropout flatten fc1 relu3 fc2".split()


def test_nothing_to_do_is_said(nngen: Run, project: Path) -> None:
    done = nngen("update", project)
    assert (done.returncode, done.stdout) == (0, "Nothing to update.\n"), done.stderr
    assert changed(project) == []


def test_conflicts_are_markers_in_the_file_and_unmerged_entries_in_the_index(nngen: Run, project: Path) -> None:
    edit(project / "my_cnn/model.py", "nn.Linear(64 * 2 * 2, 128)", "nn.Linear(64 * 2 * 2, 200)")
    commit_all(project)
    describe(project, *WIDER)
    done = nngen("update", "my_cnn")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "nngen: in conflict, your lines and the generated ones both stand there:",
        "    my_cnn/model.py:21",
        "Choose in each file and git add it, then git commit; what merged is staged.",
        "Or take it all back: nngen update --abort, which is git reset --merge.",
    ]
    model = (project / "my_cnn/model.py").read_text()
    assert "<<<<<<< yours\n        self.fc1 = nn.Linear(64 * 2 * 2, 200)\n=======\n" in model
    assert "nn.Linear(64 * 2 * 2, 96)" in model
    assert ">>>>>>> generated\n" in model
    unmerged = git("ls-files", "--unmerged", cwd=project).splitlines()
    assert [line.split()[2:] for line in unmerged] == [[str(stage), "my_cnn/model.py"] for stage in (1, 2, 3)]
    git("checkout", "--ours", "my_cnn/model.py", cwd=project)
    assert (project / "my_cnn/model.py").read_text() == head(project, "my_cnn/model.py")
    git("checkout", "--theirs", "my_cnn/model.py", cwd=project)
    assert "200" not in (project / "my_cnn/model.py").read_text()


def test_a_dry_run_shows_the_difference_and_changes_nothing(nngen: Run, project: Path) -> None:
    describe(project, *WIDER)
    before = {path: path.read_bytes() for path in sorted(project.rglob("*")) if path.is_file()}
    done = nngen("update", "--dry-run", project)
    assert done.returncode == 0, done.stderr
    assert (
        "-        self.fc1 = nn.Linear(64 * 2 * 2, 128)\n+        self.fc1 = nn.Linear(64 * 2 * 2, 96)\n" in done.stdout
    )
    assert {path: path.read_bytes() for path in sorted(project.rglob("*")) if path.is_file()} == before


def test_a_folder_of_a_larger_repository_is_all_that_is_touched(generated: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    (outer / "other").mkdir(parents=True)
    (outer / "other/notes.md").write_text("theirs\n")
    for name in ("one", "two"):
        copied(generated, outer / "nets" / name)
        (outer / "nets" / name / ".git").rename(tmp_path / f"{name}.git")
    edit(outer / "nets/one/my_cnn/train.py", "seed: int = 0", "seed: int = 7")
    commit_all(outer)
    (outer / "other/notes.md").write_text("not committed\n")
    edit(outer / "nets/two/my_cnn/train.py", "seed: int = 0", "seed: int = 9")
    before = files_of(outer)
    describe(outer / "nets/one", *WIDER)
    result = update(outer / "nets/one")
    assert not result.conflicts
    differing = {path for path, content in files_of(outer).items() if before.get(path) != content}
    assert differing == {f"nets/one/{path}" for path in (*result.changed, "architecture.yaml")}
    assert changed(outer / "other") == [" M other/notes.md"]


# what people do with files


def test_a_deleted_file_stays_deleted_and_a_moved_one_is_updated_where_it_is(project: Path) -> None:
    (project / "tests/test_model.py").unlink()
    (project / "src").mkdir()
    git("mv", "my_cnn", "src/my_cnn", cwd=project)
    (project / "src/my_cnn/model.py").rename(project / "src/my_cnn/network.py")
    edit(project / "src/my_cnn/network.py", "        return x\n", "        return x  # mine\n")
    commit_all(project)
    describe(project, *WIDER)
    result = update(project)
    assert result.notes == ("tests/test_model.py was deleted, and stays so; nngen would have changed it",)
    assert not (project / "tests/test_model.py").exists()
    assert not (project / "my_cnn").exists()
    network = (project / "src/my_cnn/network.py").read_text()
    assert "nn.Linear(64 * 2 * 2, 96)" in network
    assert "return x  # mine" in network


def test_a_renamed_project_takes_edits_and_files_of_its_own_along(project: Path) -> None:
    edit(project / "my_cnn/train.py", "seed: int = 0", "seed: int = 7")
    (project / "my_cnn/mine.py").write_text("MINE = 1\n")
    commit_all(project)
    describe(project, "name: my_cnn", "name: better_net")
    result = update(project)
    assert result.conflicts == ()
    assert not (project / "my_cnn").exists()
    assert (project / "better_net/mine.py").read_text() == "MINE = 1\n"
    train = (project / "better_net/train.py").read_text()
    assert "seed: int = 7" in train
    assert "from .model import BetterNet\n" in train
    assert "better_net" in (project / "pyproject.toml").read_text()


def test_line_ends_and_binary_files_of_the_repository_stay(project: Path) -> None:
    (project / ".gitattributes").write_text("*.py text eol=crlf\n")
    (project / "logo.png").write_bytes(bytes(range(256)))
    commit_all(project)
    git("rm", "--quiet", "--cached", "-r", ".", cwd=project)
    git("reset", "--quiet", "--hard", cwd=project)
    describe(project, *WIDER)
    assert not update(project).conflicts
    model = (project / "my_cnn/model.py").read_bytes()
    assert b"96)\r\n" in model
    assert model.count(b"\n") == model.count(b"\r\n")
    assert (project / "logo.png").read_bytes() == bytes(range(256))


def test_a_file_that_an_editor_gave_other_line_ends_is_merged_all_the_same(project: Path) -> None:
    edit(project / "my_cnn/model.py", "        return x\n", "        return x  # mine\n")
    model = project / "my_cnn/model.py"
    model.write_bytes(model.read_bytes().replace(b"\n", b"\r\n"))
    commit_all(project)
    describe(project, *WIDER)
    assert not update(project).conflicts
    text = model.read_bytes()
    assert b"        return x  # mine\r\n" in text
    assert b", 96)\r\n" in text
    assert text.count(b"\n") == text.count(b"\r\n")


def test_a_file_that_became_a_link_stays_one_and_what_it_leads_to_is_updated(project: Path) -> None:
    git("mv", "my_cnn/model.py", "network.py", cwd=project)
    (project / "my_cnn/model.py").symlink_to("../network.py")
    edit(project / "network.py", "        return x\n", "        return x  # mine\n")
    commit_all(project)
    describe(project, *WIDER)
    result = update(project)
    assert (result.conflicts, result.notes) == ((), ())
    assert (project / "my_cnn/model.py").is_symlink()
    (project / "tests/test_model.py").unlink()
    (project / "tests/test_model.py").symlink_to("/dev/null")
    commit_all(project)
    describe(project, "Linear: 96", "Linear: 64")
    note = "tests/test_model.py is a link by now, and stays so; nngen would have changed it"
    assert update(project, dry_run=True).notes == (note,)
    assert ", 96)\n" in (project / "network.py").read_text()


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_edits_that_git_was_told_to_overlook_are_not_lost(project: Path, flag: str) -> None:
    git("update-index", flag, "my_cnn/train.py", "README.md", cwd=project)
    edit(project / "my_cnn/train.py", "seed: int = 0", "seed: int = 7")
    (project / "README.md").unlink()
    describe(project, "loss:", "scheduler: CosineAnnealingLR\nloss:")
    assert not update(project).conflicts
    train = (project / "my_cnn/train.py").read_text()
    assert "seed: int = 7" in train
    assert "CosineAnnealingLR" in train
    assert not (project / "README.md").exists()


def test_no_program_of_the_users_runs(project: Path, tmp_path: Path) -> None:
    program = f"#!/bin/sh\necho ran >> {tmp_path / 'witness'}\nexit 1\n"
    for name in ("pre-commit", "post-checkout", "post-index-change", "reference-transaction", "fsmonitor"):
        (project / ".git/hooks" / name).write_text(program)
        (project / ".git/hooks" / name).chmod(0o755)
    edit(project / "my_cnn/model.py", "nn.Linear(64 * 2 * 2, 128)", "nn.Linear(64 * 2 * 2, 200)")
    git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--all", "--message", "mine", cwd=project)
    for setting in ("commit.gpgsign=true", "gpg.program=/bin/false", "core.fsmonitor=.git/hooks/fsmonitor"):
        git("config", *setting.split("="), cwd=project)
    describe(project, *WIDER)
    assert update(project).conflicts == ("my_cnn/model.py",)
    assert not (tmp_path / "witness").exists()


def test_generated_files_that_git_ignores_are_updated_too(project: Path) -> None:
    (project / ".gitignore").write_text("README.md\n")
    git("rm", "--quiet", "--cached", "README.md", cwd=project)
    edit(project / "README.md", "# my_cnn\n", "# my_cnn\n\nMine.\n")
    commit_all(project)
    describe(project, *WIDER)
    update(project)
    readme = (project / "README.md").read_text()
    assert "Mine." in readme
    assert "| fc1 | Linear(64 * 2 * 2, 96) |" in readme


# versions


@pytest.fixture
def versions(fork: Path) -> Path:
    """A template with three versions, each with a line of its own in README.md."""
    readme = fork / "templates/project/README.md.jinja"
    original = readme.read_text()
    for version in ("1.0", "2.0", "3.0"):
        readme.write_text(f"{original}\nMade by {version}.\n")
        if version == "2.0":
            (fork / "templates/project/NEW.md").write_text("new\n")
        if version == "3.0":
            (fork / "templates/project/NEW.md").unlink()
        commit_all(fork)
        git("tag", f"v{version}", cwd=fork)
    return fork


def _made(versions: Path, version: str, folder: Path) -> Path:
    answers = pipeline.answers(pipeline.read(MY_CNN))
    write_new_project(MY_CNN.encode(), answers, folder, Template(str(versions), version, code=True))
    commit_all(folder)
    return folder


def test_versions_go_forward_to_the_one_that_is_asked_for(versions: Path, tmp_path: Path) -> None:
    project = _made(versions, "v1.0", tmp_path / "p")
    with pytest.raises(DestinationError, match=r"has no version '2\.1'; there are v1\.0, v2\.0, v3\.0"):
        update(project, to="2.1")
    assert update(project, to="2.0").version == "v2.0"
    assert "Made by 2.0." in (project / "README.md").read_text()
    (project / "NEW.md").write_text("new\nmine\n")
    commit_all(project)
    before = files_of(project)
    with pytest.raises(DestinationError, match=r"made by version v2\.0, and v1\.0 is older"):
        update(project, to="v1.0")
    assert files_of(project) == before
    result = update(project)
    assert result.version == "v3.0"
    assert result.notes == ("nngen no longer writes NEW.md; it was edited, so it stays",)
    assert (project / "NEW.md").read_text() == "new\nmine\n"
    assert "Made by 3.0." in (project / "README.md").read_text()


def test_a_file_of_ones_own_where_a_new_one_comes_is_a_conflict_or_in_the_way(versions: Path, tmp_path: Path) -> None:
    project = _made(versions, "v1.0", tmp_path / "p")
    (project / "NEW.md").write_text("mine\n")
    commit_all(project)
    assert update(project, to="2.0", dry_run=True).conflicts == ("NEW.md",)
    git("rm", "--quiet", "--cached", "NEW.md", cwd=project)
    (project / ".gitignore").write_text("NEW.md\n")
    git("add", ".gitignore", cwd=project)
    git("commit", "--quiet", "--message", "ignored", cwd=project)
    before = files_of(project)
    with pytest.raises(DeliveryError, match=r"NEW\.md is new in this version, and git ignores a file"):
        update(project, to="2.0")
    assert files_of(project) == before


def test_a_fork_with_its_own_house_style_is_where_updates_come_from(nngen: Run, my_cnn: Path, fork: Path) -> None:
    train = next(path for path in fork.glob("templates/project/*/train.py.jinja"))
    commit_all(fork)
    git("tag", "v1", cwd=fork)
    assert nngen("new", my_cnn, "--template", fork).returncode == 0
    project = my_cnn.with_name("my_cnn")
    edit(project / "my_cnn/data.py", "import torch\n", "import torch  # mine\n")
    commit_all(project)
    train.write_text(f"# (c) The House\n{train.read_text()}")
    (fork / "templates/project/HOUSE.md").write_text("Tabs are evil.\n")
    commit_all(fork)
    git("tag", "v2", cwd=fork)
    done = nngen("update", project)
    assert done.returncode == 0, done.stderr
    assert (project / "my_cnn/train.py").read_text().startswith("# (c) The House\n")
    assert (project / "HOUSE.md").read_text() == "Tabs are evil.\n"
    assert "import torch  # mine\n" in (project / "my_cnn/data.py").read_text()
    assert yaml.safe_load((project / ".copier-answers.yml").read_text())["_src_path"] == str(fork)


# what is refused
