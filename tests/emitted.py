"""Projects without copier: what the templates print, for tests that look at many of them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from rendering import render_text


def emit(description: str, folder: Path, only: str = "", formatted: bool = False) -> Mapping[str, str]:
    """Write the files of a project.

    Args:
        description: the text.
        folder: of the project.
        only: how the paths begin of the files that are wanted.
        formatted: whether the layout is black's, which takes longer than the rest and changes nothing that runs.
    """
    files = render_text(description, only=only, formatted=formatted)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
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
