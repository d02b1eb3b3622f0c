"""Code of a stranger: what a project names is not run, whatever the project says, and by no command."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import MY_CNN, Run, commit_all, copy_checkout, git
from nngen import pipeline
from nngen.delivery.errors import DeliveryError, DestinationError
from nngen.delivery.new import write_new_project
from nngen.delivery.own_copy import check_ones_own
from nngen.delivery.project import recorded
from nngen.delivery.status import status
from nngen.delivery.template import foreign_template
from nngen.delivery.trust import check_trusted, may_run
from projects import edit

EXTENSION = """\
import pathlib
from jinja2.ext import Extension

class Evil(Extension):
    def __init__(self, environment):
        pathlib.Path({witness!r}).touch()
        super().__init__(environment)
"""


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has trusted nothing yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config/nngen/trusted"


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    """What a template makes when its code runs."""
    return tmp_path / "witness"


@pytest.fixture
def template(tmp_path: Path, witness: Path) -> Path:
    """A template with a task."""
    folder = tmp_path / "template"
    folder.mkdir()
    (folder / "copier.yml").write_text(f"_tasks:\n  - touch {witness}\n_migrations:\n  - touch {witness}\n")
    (folder / "{{ _copier_conf.answers_file }}.jinja").write_text("{{ _copier_answers | to_nice_yaml }}")
    (folder / "TEXT.md.jinja").write_text("{{ 1 + 1 }}\n")
    commit_all(folder)
    git("tag", "v1", cwd=folder)
    return folder


def with_extension(template: Path, witness: Path) -> None:
    """Gives a template an extension, and no task."""
    (template / "evil.py").write_text(EXTENSION.format(witness=str(witness)))
    (template / "copier.yml").write_text(
        "_jinja_extensions: [copier_template_extensions.TemplateExtensionLoader, evil.py:Evil]\n"
    )
    commit_all(template)
    git("tag", "--force", "v1", cwd=template)


def names(project: Path, source: str) -> None:
    """Lets a project say that it was made from a template."""
    answers = project / ".copier-answers.yml"
    lines = [line for line in answers.read_text().splitlines() if not line.startswith(("_src_path", "_commit"))]
    answers.write_text("\n".join([f"_src_path: {source}", "_commit: v1", *lines]) + "\n")
    commit_all(project)


KINDS = ["folder", "bundle inside", "extension", "link inside", "bare repository inside"]
COMMANDS = ["update", "update --dry-run", "update --to v1", "update --all", "diff", "diff --update"]


@pytest.mark.parametrize(
    ("kind", "command"), [*((kind, "status") for kind in KINDS), *(("folder", command) for command in COMMANDS)]
)
def test_no_command_runs_what_a_project_names(
    nngen: Run, project: Path, template: Path, witness: Path, kind: str, command: str
) -> None:
    source = str(template)
    if kind == "extension":
        with_extension(template, witness)
    elif kind == "bundle inside":
        git("bundle", "create", "--quiet", str(project / "t.bundle"), "HEAD", "--all", cwd=template)
        source = "t.bundle"
    elif kind == "link inside":
        (project / "t").symlink_to(template)
        source = "t"
    elif kind == "bare repository inside":  # whose own settings name a program that `git status` runs
        git("clone", "--quiet", "--bare", str(template), str(project / "t"), cwd=project)
        git("config", "core.fsmonitor", f"touch {witness}", cwd=project / "t")
        git("config", "core.bare", "false", cwd=project / "t")
        git("config", "core.worktree", str(project / "t"), cwd=project / "t")
        source = "t"
    names(project, source)
    done = nngen(*command.split(), cwd=project)
    if "--all" in command:
        assert done.stdout.startswith(".: error: the project says that it was made from") and done.returncode == 1
        assert not witness.exists()
        return
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"nngen: error: the project says that it was made from {source}, which is not nngen")
    assert done.stderr.count("\n") == 1
    assert not witness.exists()


def test_a_template_that_the_user_names_is_rendered_without_its_tasks(
    nngen: Run, my_cnn: Path, template: Path, witness: Path
) -> None:
    done = nngen("new", my_cnn, "plain", "--template", template)
    assert done.returncode == 0, done.stderr
    assert "has tasks, commands that did not run; with --trust they do" in done.stderr
    assert (my_cnn.parent / "plain/TEXT.md").read_text() == "2\n"
    assert not witness.exists()
    with_extension(template, witness)
    done = nngen("new", my_cnn, "refused", "--template", template)
    assert done.returncode == 1
    assert "brings extensions along" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not witness.exists()
    assert not (my_cnn.parent / "refused").exists()


def test_what_is_trusted_is_remembered_by_its_source_and_outside_of_the_project(
    nngen: Run, my_cnn: Path, template: Path, witness: Path, settings: Path
) -> None:
    assert nngen("new", my_cnn, "one", "--template", template, "--trust").returncode == 0
    assert witness.exists()
    assert settings.read_text() == f"{template}\n"
    commit_all(my_cnn.parent / "one")
    assert nngen("status", my_cnn.parent / "one").returncode == 0
    shutil.copytree(template, template.with_name("other"))
    names(my_cnn.parent / "one", str(template.with_name("other")))
    assert nngen("status", my_cnn.parent / "one").returncode == 2


def test_a_link_or_a_path_of_a_trusted_name_is_not_what_was_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert may_run("https://example.com/t.git", True)
    assert may_run("https://example.com/t.git", False)
    (tmp_path / "https:/example.com/t.git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DestinationError, match=r"which is not nngen's own"):
        check_trusted("https://example.com/t.git", False)


def test_a_list_that_others_may_write_is_not_believed(settings: Path) -> None:
    assert may_run("gh:somebody/template", True)
    settings.chmod(0o666)
    assert not may_run("gh:somebody/template", False)


def test_a_configuration_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    with pytest.raises(DeliveryError, match="where trusted templates are kept"):
        foreign_template("gh:somebody/template", trust=True)


@pytest.mark.parametrize(
    "text",
    [
        "_src_path: x\n_commit: --upload-pack=touch\n",
        '_src_path: x\n_commit: "v1\\e[2J"\n',
        "a: &a [1]\nb: [*a]\n_src_path: x\n_commit: v1\n",
        "[" * 5000,
    ],
)
def test_answers_that_nngen_never_writes_are_damaged(tmp_path: Path, text: str) -> None:
    (tmp_path / ".copier-answers.yml").write_text(text)
    with pytest.raises(DestinationError, match=r"git has it: git checkout HEAD"):
        recorded(tmp_path)


def test_a_link_to_what_does_not_end_is_no_file_of_answers(tmp_path: Path) -> None:
    (tmp_path / ".copier-answers.yml").symlink_to("/dev/zero")
    with pytest.raises(DestinationError, match="this file is damaged"):
        recorded(tmp_path)


def test_a_name_that_steers_the_terminal_is_quoted(project: Path) -> None:
    names(project, '"x\\e[2J\\ny"')
    with pytest.raises(DestinationError) as caught:
        status(project)
    assert str(caught.value).isprintable()


def test_a_commit_that_was_only_fetched_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout also has the commits of everybody whose branch was fetched."""
    checkout = copy_checkout(tmp_path / "checkout")
    commit_all(checkout)
    first = git("rev-parse", "HEAD", cwd=checkout).strip()
    git("checkout", "--quiet", "-b", "theirs", cwd=checkout)
    (checkout / "README.md").write_text("theirs")
    commit_all(checkout)
    theirs = git("rev-parse", "HEAD", cwd=checkout).strip()
    git("update-ref", "refs/remotes/somebody/theirs", theirs, cwd=checkout)
    git("checkout", "--quiet", "main", cwd=checkout)
    git("branch", "-D", "theirs", cwd=checkout)
    monkeypatch.setattr("nngen.delivery.own_copy.CHECKOUT", checkout)
    check_ones_own(str(checkout), first[:8])
    for commit in (theirs, theirs[:8], "somebody/theirs"):
        with pytest.raises(DeliveryError, match="no branch or tag of"):
            check_ones_own(str(checkout), commit)


def test_a_template_of_ones_own_code_is_not_trusted_for_being_installed(my_cnn: Path, tmp_path: Path) -> None:
    """A fork of nngen brings its generator along, which is code."""
    fork = copy_checkout(tmp_path / "fork")
    commit_all(fork)
    answers = pipeline.answers(pipeline.read(MY_CNN))
    with pytest.raises(DeliveryError, match="brings extensions along"):
        write_new_project(my_cnn.read_bytes(), answers, tmp_path / "p", foreign_template(str(fork)))


def test_a_project_of_an_nngen_elsewhere_says_how_and_is_updated_from_here(
    nngen: Run, project: Path, repo: Path
) -> None:
    answers = project / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(f"_src_path: {repo}", "_src_path: /home/someone/else/nngen"))
    commit_all(project)
    edit(project / "architecture.yaml", "Linear: 128", "Linear: 96")
    done = nngen("status", cwd=project)
    assert done.returncode == 2
    assert done.stderr.endswith(f"give --from-source {repo}\n")
    done = nngen("update", "--from-source", repo, cwd=project)
    assert done.returncode == 0, done.stderr
    assert f"_src_path: {repo}\n" in answers.read_text()
    assert "96)" in (project / "my_cnn/model.py").read_text()
    assert nngen("status", cwd=project).returncode == 0


def test_a_source_that_is_given_is_not_trusted_for_that(project: Path, template: Path) -> None:
    with pytest.raises(DestinationError, match=r"which is not nngen's own"):
        status(project, source=str(template))
