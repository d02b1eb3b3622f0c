"""The stages in their order, from the text of a description to the project that the templates print.

text -> values -> description -> graph -> graph with shapes -> project
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import load, table
from .agreement import check_args, check_uses
from .code import ModelPlan
from .description import Description
from .errors import DescriptionError, Problem
from .facts import input_tensors, model_facts
from .feasible import check_network
from .fit import check_fit, check_inputs, check_settings
from .infer import infer
from .interface import ModelFacts
from .plan import plan_model
from .problems import Problems
from .recipe import Recipe, build_recipe
from .resolve import resolve
from .table import Row
from .torch_version import oldest_torch
from .types import TypedNetwork
from .validate import validate


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
    parameters: int
    layers: tuple[Row, ...]
    recipe: Recipe


def read(text: str | bytes) -> Checked:
    """Reads and checks a description.

    Raises:
        DescriptionError: with every mistake that was found.
    """
    return _check(load.parse(load.decode(text) if isinstance(text, bytes) else text))


def read_file(path: Path) -> tuple[bytes, Checked]:
    """The content of a description's file, and the description.

    Raises:
        DescriptionError: with every mistake that was found.
        OSError: when the file cannot be read.
    """
    content = load.read_bytes(path)
    return content, read(content)


def answers(checked: Checked) -> dict[str, Any]:
    """The description as copier's answers: its top-level keys with plain values."""
    plain: dict[str, Any] = load.plain(checked.description.root)
    return plain


def plan_answers(mapping: Mapping[str, Any]) -> Project:
    """The project for copier's answers.

    Raises:
        DescriptionError: when they are no description.
    """
    root = load.from_plain(dict(mapping))
    assert isinstance(root, load.Mapping)
    return plan(_check(root))


def plan(checked: Checked) -> Project:
    """Lays out the project."""
    description, network = checked.description, checked.network
    return Project(
        name=description.name,
        class_name=description.class_name,
        task=description.task,
        model=checked.model,
        parameters=network.parameters,
        layers=table.rows(network),
        recipe=build_recipe(description, checked.facts, oldest_torch(description, network)),
    )


def check_table(checked: Checked) -> str:
    """The table of layers that ``nngen check`` prints."""
    return table.table(checked.network)


def _check(root: load.Mapping) -> Checked:
    problems = Problems()
    description = validate(root, problems)
    network, model = None, None
    facts: tuple[ModelFacts, ...] = ()
    if description:
        inputs, network = infer(resolve(description, problems), problems)
        check_settings(description, problems)
        if network is None:
            check_inputs(description, input_tensors(description, inputs), problems)
        else:
            facts = (model_facts(description, network),)
            check_network(description, network, problems)
            check_fit(description, facts, network.last, problems)
            model = plan_model(network)
            check_uses(network, model, problems)
            check_args(network, model, problems)
    problems.raise_errors()
    if not (description and network and model):  # no stage may give up without a problem; if one does, it is no crash
        raise DescriptionError([Problem("the description cannot be read; please report it as a bug of nngen")])
    return Checked(description, network, model, facts, problems.warnings)
