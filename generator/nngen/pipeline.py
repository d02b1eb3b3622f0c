"""The stages in their order, from the text of a description to the project that the templates print.

text -> values -> description -> graph -> graph with shapes -> project
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .description.description import Description
from .infer.collect_facts import input_tensors, model_facts
from .infer.inference import infer
from .infer.kept_names import KEY, Record, read_record
from .infer.resolve import resolve
from .language import load
from .language.errors import DescriptionError, Problem
from .language.problems import Problems
from .network.model_facts import ModelFacts
from .network.tensors import TensorType
from .network.typed import TypedNetwork
from .plan.model.agreement import check_args, check_uses
from .plan.model.classes import plan_model
from .plan.model.other_values import check_other_values
from .plan.model.plans import ModelPlan
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


@dataclass(frozen=True, slots=True)
class _Read:
    """A description whose network may have a mistake."""

    description: Description
    inputs: tuple[tuple[TensorType, ...], ...]  # of each model
    network: TypedNetwork | None
    problems: Problems


@dataclass(frozen=True, slots=True)
class _Inferred:
    """A description whose network has shapes."""

    description: Description
    network: TypedNetwork
    facts: tuple[ModelFacts, ...]
    model: ModelPlan
    problems: Problems


def _check_inputs(it: _Read) -> None:
    """Check the inputs alone, where nothing is known of what is behind them."""
    if it.network is None:
        check_inputs(it.description, input_tensors(it.description.models[0], it.inputs[0]), it.problems)


def _check_models(it: _Inferred) -> None:
    """Check what each of several models takes from the one before; the task has its say on a single one."""
    if len(it.facts) > 1:
        check_together(it.network, it.description.task, it.problems)


def _check_arguments(it: _Inferred) -> None:
    """Check the model's arguments; whether each has a purpose is seen only where the lines hold for all values."""
    if check_other_values(it.network, it.model, it.problems):
        check_args(it.network, it.model, it.problems)


# in the order in which they run; the type of what a check is given says what it needs
_OF_DESCRIPTIONS: tuple[Callable[[_Read], object], ...] = (
    lambda it: check_optimization(it.description, it.network, it.problems),
    lambda it: check_settings(it.description, it.problems),
    _check_inputs,
)
_OF_NETWORKS: tuple[Callable[[_Inferred], object], ...] = (
    lambda it: check_network(it.description, it.network, it.problems),
    lambda it: check_fit(it.description, it.facts, it.network.models[-1].ends, it.problems),
    _check_models,
    lambda it: check_uses(it.network, it.model, it.problems),
    _check_arguments,
)


def _check(root: load.Mapping, names: Record | None = None) -> Checked:
    problems = Problems()
    inferred = _infer(root, names, problems)
    problems.raise_errors()
    if inferred is None:  # no stage may give up without a problem; if one does, it is no crash
        raise DescriptionError([Problem("the description cannot be read; please report it as a bug of nngen")])
    return Checked(inferred.description, inferred.network, inferred.model, inferred.facts, problems.warnings)


def _infer(root: load.Mapping, names: Record | None, problems: Problems) -> _Inferred | None:
    """Run the stages and their checks; None, with problems noted, when there is no network with shapes."""
    description = validate(root, problems)
    if description is None:
        return None
    inputs, network = infer(resolve(description, problems, names), problems)
    for check in _OF_DESCRIPTIONS:
        check(_Read(description, inputs, network, problems))
    if network is None:
        return None
    facts, model = model_facts(description, network), plan_model(network, description.task)
    inferred = _Inferred(description, network, facts, model, problems)
    for rule in _OF_NETWORKS:
        rule(inferred)
    return inferred
