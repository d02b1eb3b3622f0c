"""`nngen new` and plain copier: what is written where, and that nothing is when something goes wrong."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from conftest import MY_CNN, Run, commit_all, copy_checkout, files_of, git, run
from in_project import run_module, start_module
from nngen import pipeline
from nngen.delivery.errors import DeliveryError
from nngen.delivery.new import write_new_project
from nngen.delivery.template import Template


def _copier(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return run_module("copier", *arguments, cwd=cwd, environment={"HOME": str(cwd)})


def _lines(content: bytes, *without: str) -> list[str]:
    return [line for line in content.decode().splitlines() if not line.startswith(without)]


# where a project goes


def test_new_writes_a_project_named_as_the_description_says(nngen: Run, my_cnn: Path) -> None:
    done = nngen("new", my_cnn)
    assert done.returncode == 0, done.stderr
    project = my_cnn.with_name("my_cnn")
    assert {".copier-answers.yml", "architecture.yaml", "my_cnn/__init__.py", "my_cnn/model.py"} <= set(
        files_of(project)
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[2:] == [
        "    cd my_cnn",
        "    pip install -e .",
        "    python -m my_cnn.train",
        "    python -m my_cnn.evaluate",
        "",
        "For completion and help in architecture.yaml, if your editor has yaml-language-server:",
        "",
        "    nngen schema architecture.schema.json",
    ]


@pytest.mark.parametrize("dest", ["here", "a/b/c", "with space"])
def test_new_writes_where_it_is_told(nngen: Run, my_cnn: Path, dest: str) -> None:
    done = nngen("new", my_cnn, dest)
    assert done.returncode == 0, done.stderr
    assert (my_cnn.parent / dest / "my_cnn/__init__.py").is_file()
    assert not list(my_cnn.parent.rglob("*.nngen"))


def test_the_description_goes_into_the_project_as_its_author_wrote_it(nngen: Run, my_cnn: Path) -> None:
    content = MY_CNN.replace("\n", "\r\n").encode("utf-8-sig") + "# \N{SNOWMAN}".encode()
    my_cnn.write_bytes(content)
    assert nngen("new", my_cnn).returncode == 0
    assert (my_cnn.parent / "my_cnn/architecture.yaml").read_bytes() == content


def test_an_empty_folder_is_a_fine_destination_and_keeps_its_mode(nngen: Run, my_cnn: Path) -> None:
    folder = my_cnn.with_name("empty")
    folder.mkdir(mode=0o750)
    assert nngen("new", my_cnn, folder).returncode == 0
    assert (folder / "my_cnn").is_dir()
    assert folder.stat().st_mode & 0o777 == 0o750


def test_the_current_folder_is_a_fine_destination_when_it_is_empty(nngen: Run, my_cnn: Path) -> None:
    folder = my_cnn.with_name("empty")
    folder.mkdir()
    done = nngen("new", my_cnn, ".", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "my_cnn").is_dir()
    assert f"cd {folder}\n" in done.stdout  # the shell's own folder is the one that was replaced


def test_new_files_have_the_mode_that_the_umask_gives(nngen: Run, my_cnn: Path) -> None:
    assert nngen("new", my_cnn).returncode == 0
    (my_cnn.parent / "plain").mkdir()
    assert my_cnn.with_name("my_cnn").stat().st_mode == my_cnn.with_name("plain").stat().st_mode


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda dest: (dest.mkdir(), (dest / "mine").touch()), "exists and is not empty"),
        (lambda dest: dest.touch(), "exists and is not a directory"),
    ],
)
def test_a_destination_with_something_in_it_is_refused(nngen: Run, my_cnn: Path, make, message: str) -> None:
    make(my_cnn.with_name("my_cnn"))
    before = files_of(my_cnn.parent)
    done = nngen("new", my_cnn)
    assert (done.returncode, done.stderr) == (2, f"nngen: error: my_cnn {message}\n")
    assert files_of(my_cnn.parent) == before


@pytest.mark.parametrize("dest", ["/proc/no/such", "my_cnn.yaml/below/a/file"])
def test_a_destination_that_cannot_be_written(nngen: Run, my_cnn: Path, dest: str) -> None:
    done = nngen("new", my_cnn, dest)
    assert done.returncode == 1
    assert done.stderr.startswith("nngen: error: cannot write ")
    assert "Traceback" not in done.stderr
    assert list(my_cnn.parent.iterdir()) == [my_cnn]


def test_inside_another_repository_nothing_else_is_touched(nngen: Run, my_cnn: Path) -> None:
    outer = my_cnn.with_name("outer")
    (outer / "nets").mkdir(parents=True)
    (outer / "README.md").write_text("outer\n")
    git("init", "--quiet", cwd=outer)
    git("config", "core.fileMode", "false", cwd=outer)
    commit_all(outer)
    before = {path: path.read_bytes() for path in (outer / ".git").rglob("*") if path.is_file()}
    assert nngen("new", my_cnn, outer / "nets/my_cnn").returncode == 0
    assert {path: path.read_bytes() for path in (outer / ".git").rglob("*") if path.is_file()} == before
    assert git("status", "--porcelain", cwd=outer) == "?? nets/\n"


# nothing half-written


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device"), ValueError("bad")])
def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    import copier

    def fail(source: str, folder: Path, *arguments: object, **settings: object) -> None:
        folder.mkdir()
        (folder / "half").touch()
        raise error

    monkeypatch.setattr(copier, "run_copy", fail)
    expected = KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else DeliveryError
    with pytest.raises(expected):
        write_new_project(b"", {"name": "x"}, tmp_path / "a/b", Template("anywhere"))
    assert list(tmp_path.iterdir()) == []


AT_THE_LAST_STEP = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
rename = pathlib.Path.rename
def stop(path, target):
    if pathlib.Path(target).name != "my_cnn":
        return rename(path, target)
    os.kill(os.getpid(), {signal})
    time.sleep(30)
pathlib.Path.rename = stop
from nngen.cli import main
main()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_kill_just_before_the_last_step_leaves_no_destination(
    my_cnn: Path, repo: Path, number: signal.Signals
) -> None:
    code = AT_THE_LAST_STEP.format(signal=int(number))
    environment = {"PYTHONPATH": str(repo / "generator")}
    done = run(sys.executable, "-c", code, "new", my_cnn, cwd=my_cnn.parent, environment=environment)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    left = {path.name for path in my_cnn.parent.iterdir()} - {"my_cnn.yaml"}
    if number == signal.SIGKILL:  # nobody is left to remove the temporary folder
        assert len(left) == 1
        assert left.pop().endswith(".nngen")
    else:
        assert left == set()


def test_a_kill_at_any_moment_leaves_no_half_of_a_project(my_cnn: Path, repo: Path) -> None:
    command = ("nngen", "new", my_cnn)
    environment = {"PYTHONPATH": str(repo / "generator")}
    run_module(*command, cwd=my_cnn.parent, environment=environment)  # now all of it is compiled and cached
    shutil.rmtree(my_cnn.with_name("my_cnn"))
    started = time.monotonic()
    assert run_module(*command, cwd=my_cnn.parent, environment=environment).returncode == 0
    whole = set(files_of(my_cnn.with_name("my_cnn")))
    duration = time.monotonic() - started
    for part in (0.3, 0.5, 0.7, 0.9, 0.97):
        shutil.rmtree(my_cnn.with_name("my_cnn"), ignore_errors=True)
        process = start_module(*command, cwd=my_cnn.parent, environment=environment)
        time.sleep(part * duration)
        process.kill()
        process.join()
        assert set(files_of(my_cnn.with_name("my_cnn"))) in (set(), whole)


# plain copier


@pytest.mark.parametrize("options", [[], ["--defaults"]])
def test_plain_copier_writes_the_same_files_to_the_byte(
    nngen: Run, my_cnn: Path, repo: Path, tmp_path: Path, options: list[str]
) -> None:
    assert nngen("new", my_cnn, "ours").returncode == 0
    done = _copier("copy", "--trust", *options, "--data-file", my_cnn, repo, "plain", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    ours, plain = files_of(tmp_path / "ours"), files_of(tmp_path / "plain")
    assert ours.pop(".copier-answers.yml") == plain.pop(".copier-answers.yml")
    assert pipeline.answers(pipeline.read(ours.pop("architecture.yaml"))) == pipeline.answers(
        pipeline.read(plain.pop("architecture.yaml"))
    )
    assert ours == plain


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: x\nlayerz: [ReLU]\n", "layerz"),
        ("name: ../../x\nlayers: [ReLU]\n", "../../x"),
        ('name: "x\'); import os"\nlayers: [ReLU]\n', "import os"),
        (None, "nngen needs a description; give it with --data-file FILE.yaml"),
    ],
)
def test_a_wrong_description_given_to_plain_copier_is_an_error_of_copier(
    my_cnn: Path, repo: Path, tmp_path: Path, text: str | None, message: str
) -> None:
    my_cnn.write_text(text or "", encoding="utf-8")
    data = ["--data-file", my_cnn] if text else []
    done = _copier("copy", "--trust", *data, repo, "plain", cwd=tmp_path)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "plain").exists()


def test_the_answers_follow_the_description_and_forget_what_it_no_longer_has(
    nngen: Run, my_cnn: Path, tmp_path: Path
) -> None:
    assert nngen("new", my_cnn).returncode == 0
    project = tmp_path / "my_cnn"
    commit_all(project)
    description = MY_CNN.replace("training: {epochs: 10, batch_size: 64}\n", "").replace("1e-3", "2e-3")
    (project / "architecture.yaml").write_text(description)
    commit_all(project)
    assert yaml.safe_load((project / ".copier-answers.yml").read_text())["training"] == {"epochs": 10, "batch_size": 64}

    done = _copier("update", "--trust", "--data-file", "architecture.yaml", cwd=project)
    assert done.returncode == 0, done.stderr
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
    assert answers["optimizer"] == {"Adam": {"lr": 0.002}}
    assert "training" not in answers
    assert (project / "architecture.yaml").read_text() == description

    commit_all(project)
    done = _copier("update", "--trust", cwd=project)  # no description: the answers stand
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load((project / ".copier-answers.yml").read_text()) == answers


# other templates


def test_a_template_of_ones_own_is_used_and_recorded_as_an_absolute_path(
    nngen: Run, my_cnn: Path, fork: Path, tmp_path: Path
) -> None:
    (fork / "templates/project/HOUSE_RULES.md").write_text("Tabs.\n")
    commit_all(fork)
    done = nngen("new", my_cnn, "--template", "fork")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "my_cnn/HOUSE_RULES.md").read_text() == "Tabs.\n"
    answers = yaml.safe_load((tmp_path / "my_cnn/.copier-answers.yml").read_text())
    assert answers["_src_path"] == str(fork)


@pytest.mark.parametrize("template", ["no/such/folder", "empty", "https://127.0.0.1:9/none.git"])
def test_a_template_that_is_none_is_an_error(nngen: Run, my_cnn: Path, template: str) -> None:
    my_cnn.with_name("empty").mkdir()
    done = nngen("new", my_cnn, "--template", template)
    assert done.returncode == 1
    assert "nngen: error: " in done.stderr
    assert "internal" not in done.stderr
    assert "Traceback" not in done.stderr
    assert not my_cnn.with_name("my_cnn").exists()


def test_the_generator_that_lies_in_the_template_is_the_one_that_runs(nngen: Run, my_cnn: Path, fork: Path) -> None:
    with (fork / "generator/nngen/pipeline.py").open("a") as file:
        file.write(
            "\n\ndef plan_answers(mapping):\n"
            "    from .language.errors import DescriptionError, Problem\n"
            "    raise DescriptionError([Problem('this is the generator of the fork: ' + __name__)])\n"
        )
    commit_all(fork)
    done = nngen("new", my_cnn, "--template", fork)
    assert done.returncode == 1
    assert "this is the generator of the fork: nngen_" in done.stderr


NAMES_THE_CLASS = """

_plan_answers = plan_answers


def plan_answers(mapping):
    from dataclasses import replace
    return replace(_plan_answers(mapping), class_name="{}")
"""


def test_an_update_renders_the_old_version_with_the_old_generator(
    nngen: Run, my_cnn: Path, fork: Path, tmp_path: Path
) -> None:
    pipeline_file = fork / "generator/nngen/pipeline.py"
    original = pipeline_file.read_text()
    for version, name in (("v1", "FirstNet"), ("v2", "SecondNet")):
        pipeline_file.write_text(original + NAMES_THE_CLASS.format(name))
        commit_all(fork)
        git("tag", version, cwd=fork)
        if version == "v1":
            assert nngen("new", my_cnn, "--template", fork).returncode == 0
    project = tmp_path / "my_cnn"
    readme = (project / "README.md").read_text()
    assert "FirstNet" in readme
    (project / "README.md").write_text(readme + "\nMy own line.\n")
    commit_all(project)

    done = _copier("update", "--trust", cwd=project)
    assert done.returncode == 0, done.stderr
    # with the new generator for both versions there would be no difference to merge
    assert (project / "README.md").read_text() == readme.replace("FirstNet", "SecondNet") + "\nMy own line.\n"


def test_uncommitted_changes_of_the_template_are_used_and_said(my_cnn: Path, tmp_path: Path) -> None:
    checkout = copy_checkout(tmp_path / "checkout")
    commit_all(checkout)
    (checkout / "templates/project/NEW.md").write_text("new\n")
    environment = {"PYTHONPATH": str(checkout / "generator")}
    done = run(sys.executable, "-m", "nngen", "new", my_cnn, cwd=tmp_path, environment=environment)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "my_cnn/NEW.md").is_file()
    assert done.stderr == (
        f"nngen: note: the template {checkout} has uncommitted changes: this project cannot be updated later\n"
    )
