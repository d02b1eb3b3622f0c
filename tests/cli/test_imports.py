"""Light commands stay light: which modules a command has imported when it is done."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conftest import run

HEAVY = {"black", "copier", "jinja2", "matplotlib", "numpy", "rich", "sklearn", "torch"}
PROBE = """
import sys
from nngen.cli import main
try:
    main()
except SystemExit as stopped:
    assert not stopped.code, stopped.code
print("\\nimported:", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def _imported(*arguments: str | Path, cwd: Path) -> set[str]:
    done = run(sys.executable, "-c", PROBE, *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("imported:")[2].split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["new", "--help"]])
def test_help_imports_nothing_heavy_not_even_yaml(arguments: list[str], tmp_path: Path) -> None:
    assert not _imported(*arguments, cwd=tmp_path) & (HEAVY | {"yaml"})


def test_check_imports_nothing_heavy(my_cnn: Path) -> None:
    assert not _imported("check", my_cnn, cwd=my_cnn.parent) & HEAVY


def test_new_imports_copier_and_no_library_of_the_emitted_project(my_cnn: Path) -> None:
    imported = _imported("new", my_cnn, cwd=my_cnn.parent)
    assert "copier" in imported
    assert not imported & {"matplotlib", "numpy", "rich", "sklearn", "torch"}
