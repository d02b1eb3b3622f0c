"""The command line: exit codes, and a message instead of a traceback whatever happens."""

from __future__ import annotations

from pathlib import Path

import pytest

import nngen as package
from conftest import Run
from nngen import pipeline
from nngen.cli import commands as cli


def test_version(nngen: Run) -> None:
    done = nngen("--version")
    assert (done.returncode, done.stdout) == (0, f"nngen {_version()}\n")


def test_help_names_every_command(nngen: Run) -> None:
    done = nngen("--help")
    assert done.returncode == 0
    assert {"new", "check"} <= set(done.stdout.split())


@pytest.mark.parametrize("arguments", [[], ["nwe"], ["new"], ["check"], ["new", "--templte", "x", "y"]])
def test_a_wrong_command_line_exits_with_2(nngen: Run, arguments: list[str]) -> None:
    done = nngen(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_check_prints_a_table(nngen: Run, my_cnn: Path) -> None:
    done = nngen("check", my_cnn)
    assert done.returncode == 0, done.stderr
    assert "53,002" in done.stdout.splitlines()[-1]  # 320 + 18,496 + 32,896 + 1,290 parameters


@pytest.mark.parametrize("command", ["check", "new"])
def test_mistakes_in_a_description_exit_with_2_and_name_their_place(nngen: Run, my_cnn: Path, command: str) -> None:
    my_cnn.write_text("name: my_cnn\nname: again\nlayers: [Linear: 3, on]\n", encoding="utf-8")
    done = nngen(command, my_cnn)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{my_cnn}:2:1: error: duplicate key 'name'" in done.stderr
    assert f"{my_cnn}:3:21: error: 'on' is" in done.stderr  # all at once
    assert "Traceback" not in done.stderr
    assert list(my_cnn.parent.iterdir()) == [my_cnn]


@pytest.mark.parametrize("command", ["check", "new"])
@pytest.mark.parametrize(
    ("file", "code", "message"),
    [
        ("missing.yaml", 2, "missing.yaml: error: there is no such file"),
        (".", 2, ".: error: this is a directory"),
        ("/proc/self/mem", 1, "nngen: error: cannot read /proc/self/mem"),
    ],
)
def test_a_file_that_cannot_be_read(nngen: Run, command: str, file: str, code: int, message: str) -> None:
    done = nngen(command, file)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stderr


def test_an_internal_error_is_a_short_message(
    my_cnn: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _break(monkeypatch, my_cnn)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    assert capsys.readouterr().err == (
        "nngen: internal error: ZeroDivisionError: oh\n"
        "This is a bug in nngen. Set NNGEN_TRACEBACK=1 to see where it happened.\n"
    )


def test_the_traceback_of_an_internal_error_is_there_for_the_asking(
    my_cnn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _break(monkeypatch, my_cnn)
    monkeypatch.setenv("NNGEN_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main()


def _break(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    def broken(path: Path) -> object:
        raise ZeroDivisionError("oh")

    monkeypatch.delenv("NNGEN_TRACEBACK", raising=False)
    monkeypatch.setattr(pipeline, "read_file", broken)
    monkeypatch.setattr("sys.argv", ["nngen", "check", str(file)])


def _version() -> str:
    return package.__version__


def test_init_writes_a_description_that_can_be_generated(nngen: Run, tmp_path: Path) -> None:
    for kind in ("cnn", "mlp", "regression", "resnet18"):
        done = nngen("init", kind, tmp_path / f"{kind}.yaml")
        assert done.returncode == 0, done.stderr
        checked = nngen("check", tmp_path / f"{kind}.yaml")
        assert checked.returncode == 0, checked.stderr
    assert "cnn" in nngen("init").stdout


def test_init_overwrites_nothing_and_knows_its_kinds(nngen: Run, tmp_path: Path) -> None:
    mine = tmp_path / "cnn.yaml"
    mine.write_text("mine")
    done = nngen("init", "cnn", mine)
    assert done.returncode == 2 and "is there already" in done.stderr and mine.read_text() == "mine"
    done = nngen("init", "resnet", tmp_path / "new.yaml")
    assert done.returncode == 2 and "did you mean 'resnet18'?" in done.stderr
    assert not (tmp_path / "new.yaml").exists()
    assert nngen("init", "cnn", tmp_path / "no" / "folder.yaml").returncode == 1


def test_the_keys_of_the_language_are_the_same_in_its_three_lists() -> None:
    import yaml

    from conftest import ROOT
    from nngen import copier_extension
    from nngen.validate import top_level as validate

    questions = yaml.safe_load((ROOT / "copier.yml").read_text())
    asked = [key for key in questions if not key.startswith("_") and key != "attribute_names"]
    assert asked == list(copier_extension.KEYS) == list(validate.KEYS)
