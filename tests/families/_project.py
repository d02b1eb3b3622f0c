"""A project that is generated from an example of ``nngen init``, and used as its owner uses it."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from in_project import run_module

from ._result import Result

CHECKOUT = Path(__file__).resolve().parent.parent.parent


class Failed(Exception):
    """A command of nngen or of a generated project failed; the message holds its output."""


class Project:
    """An example that becomes a project in a folder.

    Args:
        example: its name for ``nngen init``.
        folder: where the project goes; new or empty.
        short: flags of a short training, which has to reach less; None for the training of the example.
        edit: texts of the description with what stands in their place, for a variant of the example.

    Raises:
        Failed: nngen refuses its own example.
    """

    def __init__(
        self,
        example: str,
        folder: Path,
        short: Sequence[str] | None = None,
        edit: Mapping[str, str] | None = None,
    ) -> None:
        self.example = example
        self.folder = folder
        self.short = short
        self.seconds = 0.0  # of the last training
        description = folder.with_name(f"{folder.name}.yaml")
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._nngen("init", example, description)
        text = description.read_text(encoding="utf-8")
        for old, new in (edit or {}).items():
            assert text.count(old) == 1, f"{example} has no {old!r}"
            text = text.replace(old, new)
        description.write_text(text, encoding="utf-8")
        self.description: dict[str, Any] = yaml.safe_load(text)
        self.package = str(self.description["name"])
        self._nngen("new", description, folder)

    def variant(self, edit: Mapping[str, str]) -> Project:
        """The same example with another description, beside this one."""
        return Project(self.example, self.folder.with_name(f"{self.folder.name}_variant"), self.short, edit)

    def train(self) -> None:
        """Trains it on the CPU."""
        start = time.perf_counter()
        self._run("train", "--device=cpu", *(self.short or ()))
        self.seconds = time.perf_counter() - start

    def evaluate(self) -> dict[str, float]:
        """What the project's own ``evaluate`` prints of its best checkpoint: numbers by name."""
        printed = self._run("evaluate", "--device=cpu")
        return {name: float(value) for name, value in re.findall(r"^(\w+): (\S+)$", printed, flags=re.MULTILINE)}

    def predict(self, *flags: str) -> str:
        """What the project's own ``predict`` prints."""
        return self._run("predict", *flags)

    def arrays(self, code: str) -> dict[str, NDArray[Any]]:
        """What code that runs in the project, where ``data`` is its module, puts into the dictionary ``result``.

        A baseline has to see the same parts of the data as the project, so it takes them from there.
        """
        head = f"import numpy as np\nimport {self.package}.data as data\nresult = {{}}\n"
        (self.folder / "baseline.py").write_text(f"{head}{code}\nnp.savez('baseline.npz', **result)\n")
        _check(run_module("baseline", cwd=self.folder))
        with np.load(self.folder / "baseline.npz") as file:
            return dict(file)

    def result(
        self, measure: str, reached: float, bound: float, *, short: float, below: bool = False, of: str = ""
    ) -> Result:
        """A figure of this project beside what it must reach; ``short`` is that of a short training."""
        must = bound if self.short is None else short
        task = str(self.description["task"])
        return Result(task, self.example, measure, float(reached), float(must), below, of, self.seconds)

    def _nngen(self, *arguments: str | Path) -> None:
        environment = {"PYTHONPATH": str(CHECKOUT / "generator")}
        _check(run_module("nngen", *arguments, cwd=self.folder.parent, environment=environment))

    def _run(self, module: str, *flags: str) -> str:
        done = run_module(f"{self.package}.{module}", *flags, cwd=self.folder)
        _check(done)
        return done.stdout


def _check(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode:
        raise Failed(f"{' '.join(done.args)}\n{done.stdout}{done.stderr}")
