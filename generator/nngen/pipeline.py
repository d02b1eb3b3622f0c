"""The stages in their order, from the text of a description to the project that the templates print.

text -> values -> description -> graph -> graph with shapes -> project
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .infer.collect_facts import input_tensors, model_facts
from .infer.inference import infer
from .infer.kept_names import KEY, Record, read_record
from .infer.resolve import resolve
from .language import load
from .language.errors import DescriptionError, Problem
from .language.problems import Problems
from .network.model_facts import ModelFacts
from .plan.model.agreement import check_args, check_uses
from .plan.model.classes import plan_model
from .plan.model.other_values import check_other_values
from .plan.project import Checked, Project, plan
from .training.fit.feasible import check_network
from .training.fit.models import check_together
from .training.fit.network_and_data import check_fit, check_inputs, check_settings
from .training.fit.optimizers import check_optimization
from .validate.top_level import validate

__all__ = ["Checked", "Project", "answers", "plan", "plan_answers", "read", "read_answers", "read_file"]


def read(text: str | bytes, names: Record | None = None) -> Checked:
    """Reads and checks a description.

    Raises:
        DescriptionError: with every mistake that was found.
    """
    return _check(load.parse(load.decode(text) if isinstance(text, bytes) else text), names)


def read_file(path: Path, names: Record | None = None) -> tuple[bytes, Checked]:
    """The content of a description's file, and the description.

    Args:
        path: of the file.
        names: those that an earlier version of it gave, which layers keep that are still there.

    Raises:
        DescriptionError: with every mistake that was found.
        OSError: when the file cannot be read.
    """
    content = load.read_bytes(path)
    return content, read(content, names)


def answers(checked: Checked) -> dict[str, Any]:
    """The description as copier's answers: its top-level keys with plain values."""
    plain: dict[str, Any] = load.plain(checked.description.root)
    return plain


def plan_answers(mapping: Mapping[str, Any]) -> Project:
    """The project for copier's answers.

    Raises:
        DescriptionError: when they are no description.
    """
    return plan(read_answers(mapping))


def read_answers(mapping: Mapping[str, Any]) -> Checked:
    """The description that copier's answers hold, with the names that they record.

    Raises:
        DescriptionError: when they are no description.
    """
    root = load.from_plain({key: value for key, value in mapping.items() if key != KEY})
    assert isinstance(root, load.Mapping)
    return _check(root, read_record(mapping.get(KEY)))


def _check(root: load.Mapping, names: Record | None = None) -> Checked:
    problems = Problems()
    description = validate(root, problems)
    network, model = None, None
    facts: tuple[ModelFacts, ...] = ()
    if description:
        inputs, network = infer(resolve(description, problems, names), problems)
        check_optimization(description, network, problems)
        check_settings(description, problems)
        if network is None:
            check_inputs(description, input_tensors(description.models[0], inputs[0]), problems)
        else:
            facts = model_facts(description, network)
            check_network(description, network, problems)
            check_fit(description, facts, network.models[-1].ends, problems)
            if len(facts) > 1:
                check_together(network, description.task, problems)
            model = plan_model(network, description.task)
            check_uses(network, model, problems)
            if check_other_values(network, model, problems):
                check_args(network, model, problems)
    problems.raise_errors()
    if not (description and network and model):  # no stage may give up without a problem; if one does, it is no crash
        raise DescriptionError([Problem("the description cannot be read; please report it as a bug of nngen")])
    return Checked(description, network, model, facts, problems.warnings)
