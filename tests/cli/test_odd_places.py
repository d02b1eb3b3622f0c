"""Odd destinations, outputs and names on the command line: one line each, or it works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import MY_CNN, Run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["new", "my_cnn.yaml", "loop"], "nngen: error: loop is a link that leads nowhere\n"),
        (["init", "mlp", "."], "nngen: error: . is a directory; give the name of a file, such as mlp.yaml\n"),
    ],
)
def test_places_that_cannot_be_written(
    nngen: Run, my_cnn: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    done = nngen(*arguments)
    assert (done.returncode, done.stderr) == (2, message)


def test_names_that_are_odd_work(nngen: Run, my_cnn: Path, tmp_path: Path) -> None:
    done = nngen("new", my_cnn, "--", "-x")
    assert (done.returncode, done.stderr) == (0, "")
    assert "    cd ./-x\n" in done.stdout
    assert nngen("new", my_cnn, "a" * 250).returncode == 0


def test_a_name_that_the_output_cannot_write_is_escaped(repo: Path, my_cnn: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(repo / "generator"), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "nngen", "new", str(my_cnn), "d\N{LATIN SMALL LETTER E WITH ACUTE}"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert r"to d\xe9. Next:" in done.stdout


def test_a_description_can_come_from_standard_input(repo: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(repo / "generator")}
    command = [sys.executable, "-m", "nngen", "check", "-"]
    done = subprocess.run(command, input=MY_CNN, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert "53,002" in done.stdout.splitlines()[-1], done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_output_is_one_line(repo: Path, my_cnn: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(repo / "generator")}
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "nngen", "check", str(my_cnn)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=environment, text=True)
    assert (done.returncode, done.stderr) == (1, "nngen: error: cannot write the output: No space left on device\n")


def test_a_working_folder_that_is_gone_is_one_line(repo: Path, my_cnn: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(repo / "generator")}
    script = f"mkdir gone && cd gone && rmdir ../gone && exec {sys.executable} -m nngen new {my_cnn}"
    done = subprocess.run(["sh", "-c", script], cwd=my_cnn.parent, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "nngen: error: the folder that this runs in is gone\n"
