"""The stages in their order, from the text of a description to the project that the templates render.

text -> values -> description -> graph -> graph with shapes -> project
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .description.description import Description
from .infer.collect_facts import input_tensors, model_facts
from .infer.example_sizes import check_example_sizes
from .infer.inference import infer
from .infer.kept_names import KEY, Record, read_record
from .infer.resolve import resolve
from .language import load
from .language.errors import DescriptionError, Problem
from .language.problems import Problems
from .network.model_facts import ModelFacts
from .network.tensors import TensorType
from .network.typed import TypedNetwork
from .plan.model.agreement import check_args, check_rounds, check_uses
from .plan.model.classes import plan_model
from .plan.model.other_values import check_other_values
from .plan.model.plans import ModelPlan
from .plan.project import Checked, Project, plan
from .proof.prove import prove
from .training.fit.feasible import check_network
from .training.fit.models import check_together
from .training.fit.network_and_data import check_fit, check_inputs, check_settings
from .training.fit.optimizers import check_optimization
from .validate.top_level import validate

__all__ = [
    "Checked", "Project", "answers", "plan", "plan_answers", "read", "read_answers", "read_file", "remember",
]  # fmt: skip


def read(text: str | bytes, names: Record | None = None) -> Checked:
    """Read and check a description.

    Raises:
        DescriptionError: with all mistakes of the description.
    """
    return _check(load.parse(load.decode(text) if isinstance(text, bytes) else text), names)


def read_file(path: Path, names: Record | None = None) -> tuple[bytes, Checked]:
    """Read and check the file of a description; return its content and the checked description.

    Args:
        path: the path of the file.
        names: the names of layers in an earlier version, which layers that still exist keep.

    Raises:
        DescriptionError: with all mistakes of the description.
        OSError: when the file cannot be read.
    """
    content = load.read_bytes(path)
    return content, read(content, names)


def answers(checked: Checked) -> dict[str, Any]:
    """Return the description as copier's answers: its top-level keys with plain values."""
    plain: dict[str, Any] = load.plain(checked.description.root)
    return plain


def plan_answers(mapping: Mapping[str, Any]) -> Project:
    """Return the project for copier's answers.

    Raises:
        DescriptionError: when the answers are not a valid description.
    """
    return plan(read_answers(mapping))


def read_answers(mapping: Mapping[str, Any]) -> Checked:
    """Return the checked description in copier's answers, with the names that they record.

    Raises:
        DescriptionError: when the answers are not a valid description.
    """
    root = load.from_plain({key: value for key, value in mapping.items() if key != KEY})
    assert isinstance(root, load.Mapping)
    names = read_record(mapping.get(KEY))
    key = _key(root, names)
    known = next((checked for other, checked in _RECENT if other == key), None)
    if known is None:
        known = _check(root, names)
        _RECENT.append((key, known))
    return known


# What was checked last: a command reads a description from its file, and then copier hands over the same answers.
_RECENT: deque[tuple[str, Checked]] = deque(maxlen=2)


def remember(checked: Checked, names: Record | None = None) -> None:
    """Keep a description that was read from a file, since the same one will come as copier's answers."""
    _RECENT.append((_key(checked.description.root, names or {}), checked))


def _key(root: load.Node, names: Record) -> str:
    """Return the values of a description as text, which tells ``1`` from ``1.0`` and from ``True``."""
    return repr((load.plain(root), names))


@dataclass(frozen=True, slots=True)
class _Read:
    """A validated description whose network may have a mistake."""

    description: Description
    inputs: tuple[tuple[TensorType, ...], ...]  # one tuple per model
    network: TypedNetwork | None
    problems: Problems


@dataclass(frozen=True, slots=True)
class _Inferred:
    """A validated description whose network has shapes."""

    description: Description
    network: TypedNetwork
    facts: tuple[ModelFacts, ...]
    problems: Problems


def _check_inputs(state: _Read) -> None:
    """Check the inputs alone, if the shapes of the network are not known."""
    if state.network is None:
        check_inputs(state.description, input_tensors(state.description.models[0], state.inputs[0]), state.problems)


def _check_models(state: _Inferred) -> None:
    """Check the tensors that models pass on to each other; a single model is checked against its task."""
    if len(state.facts) > 1:
        check_together(state.network, state.description.task, state.problems)


def check_code(description: Description, network: TypedNetwork, model: ModelPlan, problems: Problems) -> None:
    """Prove that the emitted model is what is described, or say in terms of the description why it cannot be."""
    verdict = prove(description, model.code)
    if verdict.refutation is not None or verdict.doubtful:
        check_uses(network, model, problems)
        check_other_values(network, model, problems)
    if problems.has_errors:
        return
    if verdict.refutation is not None:
        message = f"nngen would write a model that is not what is described: {verdict.refutation.text}"
        hint = "this is a fault of nngen; please report it with this description"
        problems.add(message, verdict.refutation.position, hint)
    else:
        check_args(network, model, problems)


# in the order in which they run; the argument's type tells which stage a check needs
_OF_DESCRIPTIONS: tuple[Callable[[_Read], object], ...] = (
    lambda state: check_optimization(state.description, state.network, state.problems),
    lambda state: check_settings(state.description, state.problems),
    _check_inputs,
)
_OF_NETWORKS: tuple[Callable[[_Inferred], object], ...] = (
    lambda state: check_network(state.description, state.network, state.problems),
    lambda state: check_fit(state.description, state.facts, state.network.models[-1].ends, state.problems),
    _check_models,
)


def _check(root: load.Mapping, names: Record | None = None) -> Checked:
    problems = Problems()
    inferred = _infer(root, names, problems)
    model = _plan(inferred, problems) if inferred is not None else None
    problems.raise_errors()
    if inferred is None or model is None:  # a stage that gives up without a problem has a bug
        raise DescriptionError([Problem("the description cannot be read; please report it as a bug of nngen")])
    return Checked(inferred.description, inferred.network, model, inferred.facts, problems.warnings)


def _infer(root: load.Mapping, names: Record | None, problems: Problems) -> _Inferred | None:
    """Run the stages and their checks; return None, with problems recorded, if the network has no shapes."""
    description = validate(root, problems)
    if description is None:
        return None
    inputs, network = infer(resolve(description, problems, names), problems)
    for check in _OF_DESCRIPTIONS:
        check(_Read(description, inputs, network, problems))
    if network is None:
        return None
    inferred = _Inferred(description, network, model_facts(description, network), problems)
    for rule in _OF_NETWORKS:
        rule(inferred)
    if not problems.has_errors:
        check_example_sizes(description, problems)
    return inferred


def _plan(inferred: _Inferred, problems: Problems) -> ModelPlan | None:
    """Plan the code and check it; return None after a mistake, since a broken network has no code to judge."""
    if not problems.has_errors:
        check_rounds(inferred.network, problems)
    if problems.has_errors:
        return None
    model = plan_model(inferred.network, inferred.description.task)
    check_code(inferred.description, inferred.network, model, problems)
    return model
