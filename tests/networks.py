"""Networks of descriptions, for tests: the source of ``model.py``, and the class in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from types import SimpleNamespace
from typing import Any

from conftest import ROOT
from nngen.infer.inference import infer
from nngen.infer.resolve import resolve
from nngen.language import load
from nngen.language.problems import Problems
from nngen.network.typed import TypedNetwork
from nngen.plan.model.agreement import check_args, check_rounds, check_uses
from nngen.plan.model.classes import plan_model
from nngen.plan.model.other_values import check_other_values
from nngen.proof.prove import check_code
from nngen.training.fit.models import check_together
from nngen.validate.top_level import validate
from rendering import render_model

EXAMPLES = ROOT / "generator" / "nngen" / "examples"
_NETWORK = ("name", "args", "input", "inputs", "blocks", "layers", "models", "outputs", "tie", "init")
_OTHERS = "task: classification\ndata: synthetic\n"


@dataclass(frozen=True)
class Emitted:
    """What comes of the network of a description; its task, data and loss are left aside."""

    source: str  # of model.py
    network: TypedNetwork
    name: str  # of the model's class

    def build(self, *arguments: Any, **named: Any) -> Any:
        """An instance of the model."""
        return self.classes()[self.name](*arguments, **named)

    def classes(self) -> dict[str, Any]:
        """The names of ``model.py``."""
        namespace: dict[str, Any] = {"__name__": "model"}
        exec(compile(self.source, "model.py", "exec"), namespace)
        return namespace


def emit(text: str, task: str = "") -> Emitted:
    """The network of a description.

    Args:
        text: the description.
        task: which decides how several models make one.

    Raises:
        DescriptionError: when the network has a mistake.
    """
    problems = Problems()
    root = load.parse(text)
    kept = tuple(entry for entry in root.entries if entry[0].value in _NETWORK)
    description = validate(replace(root, entries=(*kept, *load.parse(_OTHERS).entries)), problems)
    network = infer(resolve(description, problems), problems)[1] if description else None
    if network is not None:
        check_together(network, task, problems)
        check_rounds(network, problems)
        problems.raise_errors()
        plan = plan_model(network, task)
        check_uses(network, plan, problems)
        if check_other_values(network, plan, problems):
            check_args(network, plan, problems)
    problems.raise_errors()
    assert description and network, "a stage gave up without a problem"
    check_code(description, plan.code, problems)
    problems.raise_errors()
    project = SimpleNamespace(model=plan, name=description.name, class_name=description.class_name)
    return Emitted(render_model(project), network, description.class_name)


@cache
def example(name: str) -> Emitted:
    """The network of an example of ``nngen init``."""
    text = (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")
    return emit(text, str(load.plain(load.parse(text))["task"]))
