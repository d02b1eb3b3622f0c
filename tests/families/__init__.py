"""The families that nngen trains, each example held against something that knows nothing of nngen.

``make families`` generates every example that has a module here, of the same name, trains it, evaluates it with the
project's own ``evaluate``, and prints what it reached beside what it must reach. A module's ``run`` does that with a
generated project; its ``SHORT`` are flags of a training that takes seconds, for ``make test``, or None.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from pathlib import Path

from ._project import Project
from ._result import Result

EXAMPLES = tuple(each.name for each in pkgutil.iter_modules(__path__) if not each.name.startswith("_"))


def short(example: str) -> Sequence[str] | None:
    """The flags of an example's short training; None when it has none."""
    flags: Sequence[str] | None = importlib.import_module(f".{example}", __name__).SHORT
    return flags


def run(example: str, folder: Path, flags: Sequence[str] | None = None) -> list[Result]:
    """What an example reached that is generated into a folder and trained; with flags, in a short training."""
    results: list[Result] = importlib.import_module(f".{example}", __name__).run(Project(example, folder, flags))
    return results
