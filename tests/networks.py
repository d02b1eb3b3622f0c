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
from nngen.pipeline import check_code
from nngen.plan.imports import import_lines
from nngen.plan.model.agreement import check_rounds
from nngen.plan.model.classes import plan_model
from nngen.training.fit.models import check_together
from nngen.validate.top_level import validate
from rendering import render_model

EXAMPLES = ROOT / "generator" / "nngen" / "examples"
_NETWORK = ("name", "class", "args", "input", "inputs", "blocks", "layers", "models", "outputs", "tie", "init")
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
        assert description, "a stage gave up without a problem"
        check_code(description, network, plan, problems)
    problems.raise_errors()
    assert description and network, "a stage gave up without a problem"
    project = SimpleNamespace(
        model=plan,
        class_name=description.class_name,
        imports=lambda code, module, is_test: import_lines(code, module, {}, plan.imported),
    )
    return Emitted(render_model(project), network, description.class_name)


@cache
def example(name: str) -> Emitted:
    """The network of an example of ``nngen init``."""
    text = (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")
    return emit(text, str(load.plain(load.parse(text))["task"]))


def is_the_same(model: Any, reference: Any, *inputs: Any) -> None:
    """Compare two networks whose parameters stand in the same order."""
    import torch

    ours, theirs = dict(model.named_parameters()), dict(reference.named_parameters())
    assert [value.shape for value in ours.values()] == [value.shape for value in theirs.values()]
    with torch.no_grad():
        for value, other in zip(ours.values(), theirs.values(), strict=True):
            value.normal_(std=0.3)
            other.copy_(value)
        got, expected = model.eval()(*inputs), reference.eval()(*inputs)
    got, expected = (value if isinstance(value, tuple) else (value,) for value in (got, expected))
    for tensor, other in zip(got, expected, strict=True):
        torch.testing.assert_close(tensor, other)
