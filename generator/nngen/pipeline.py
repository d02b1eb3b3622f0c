"""The stages in their order, from the text of a description to the project that the templates print.

text -> values -> description -> graph -> graph with shapes -> project
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .cli import table
from .cli.table import Row
from .description.description import Description
from .infer.example_sizes import with_example_sizes
from .infer.facts import input_tensors, model_facts
from .infer.infer import infer
from .infer.kept_names import KEY, Record, read_record, record_of
from .infer.resolve import resolve
from .language import load
from .language.errors import DescriptionError, Problem
from .language.problems import Problems
from .network.facts import ModelFacts
from .network.parameters import own_code
from .network.symbolic.sizes import Size
from .network.typed import TypedNetwork
from .plan.model.agreement import check_args, check_uses
from .plan.model.classes import plan_model
from .plan.model.composition import attribute_of, check_together
from .plan.model.lines import ModelPlan
from .plan.model.other_values import check_other_values
from .plan.summary import as_json
from .plan.training.optimizer import plan_optimization
from .plan.training.recipe import Recipe, build_recipe
from .plan.training.torch_version import oldest_torch
from .training.fit.feasible import check_network
from .training.fit.fit import check_fit, check_inputs, check_settings
from .training.fit.optimizers import check_optimization, has_sparse, weights_for
from .validate.validate import validate


@dataclass(frozen=True, slots=True)
class Checked:
    """A description without mistakes, and its network with shapes."""

    description: Description
    network: TypedNetwork
    model: ModelPlan
    facts: tuple[ModelFacts, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """All that the templates need."""

    name: str  # of the package
    class_name: str
    task: str
    model: ModelPlan
    parameters: int  # those of `own_code` left out
    own_code: dict[str, tuple[Size, ...]]  # modules that are imported, with the shapes that they promise
    layers: tuple[Row, ...]
    recipe: Recipe
    attribute_names: dict[str, dict[str, str]]  # of each class, which an update keeps


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


def plan(checked: Checked) -> Project:
    """Lays out the project."""
    description, network = checked.description, checked.network
    return Project(
        name=description.name,
        class_name=description.class_name,
        task=description.task,
        model=checked.model,
        parameters=network.parameters,
        own_code=own_code(with_example_sizes(description, network)),
        layers=_rows(network),
        recipe=build_recipe(
            description,
            checked.facts,
            oldest_torch(description, network),
            plan_optimization(
                description.optimizer,
                description.scheduler,
                weights_for(description.optimizer, network),
                has_sparse(network),
            ),
        ),
        attribute_names=record_of(network.network),
    )


def _rows(network: TypedNetwork) -> tuple[Row, ...]:
    """The layers; those of several models with the attribute of their model."""
    if len(network.models) == 1:
        return table.rows(network.models[0])
    named = [(attribute_of(model.graph), row) for model in network.models for row in table.rows(model)]
    return tuple(replace(row, name=f"{attribute}.{row.name}" if row.name else attribute) for attribute, row in named)


def check_table(checked: Checked) -> str:
    """The table of layers that ``nngen check`` prints."""
    return table.table(checked.network)


def check_json(checked: Checked) -> dict[str, Any]:
    """What ``nngen check --json`` prints."""
    return {"name": checked.description.name, **as_json(checked.network, checked.warnings)}


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
