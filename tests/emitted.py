"""Projects without copier: what the templates print, for tests that look at many of them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

import jinja2

from conftest import ROOT
from nngen import pipeline
from nngen.copier_extension import prepare


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    prepare(environment)
    return environment


def emit(description: str, folder: Path, only: str = "") -> Mapping[str, str]:
    """Writes the files that come from templates as nngen prints them.

    Args:
        description: the text.
        folder: of the project.
        only: how the paths begin of the files that are wanted.
    """
    project = pipeline.plan(pipeline.read(description))
    environment = _environment()
    files = {}
    for path in sorted((ROOT / "templates/project").rglob("*.jinja")):
        relative = path.relative_to(ROOT / "templates/project")
        parts = [part for part in relative.parts if part.startswith("_") and not part.startswith("__")]
        if parts or "_copier_conf" in relative.name or relative.name.startswith("architecture"):
            continue
        target = environment.from_string(relative.as_posix().removesuffix(".jinja")).render(project=project)
        if target.endswith("/") or not target.startswith(only):
            continue  # a file that this project does not have
        files[target] = environment.get_template(path.relative_to(ROOT).as_posix()).render(project=project)
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        (folder / target).write_text(files[target])
    return files


def package(description: str, folder: Path, name: str) -> ModuleType:
    """Emits the package of a project, and imports its ``train``."""
    emit(description, folder, only=f"{name}/")
    for module in [each for each in sys.modules if each.split(".")[0] == name]:
        del sys.modules[module]
    importlib.invalidate_caches()
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(f"{name}.train")
    finally:
        sys.path.remove(str(folder))
