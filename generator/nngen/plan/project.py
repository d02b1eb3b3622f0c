"""The whole project: all that the templates print."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..description.description import Description
from ..infer.example_sizes import with_example_sizes
from ..infer.kept_names import record_of
from ..language.errors import Problem
from ..network.graph import attribute_of
from ..network.model_facts import ModelFacts
from ..network.parameters import own_code
from ..network.symbolic.sizes import Size
from ..network.typed import TypedNetwork
from ..training.optimizers import has_sparse, weights_for
from .imports import import_lines, import_lines_of_test
from .model.plans import ModelPlan
from .summary import Row, rows
from .training.optimizer import plan_optimization
from .training.recipe import Recipe, build_recipe
from .training.torch_version import oldest_torch


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

    def imports(self, code: str, module: str, is_test: bool) -> str:
        """Return the imports that the code of a module needs.

        Args:
            code: the module without its imports.
            module: its name, such as ``train``.
            is_test: whether it is one of the project's tests.
        """
        if is_test:
            return import_lines_of_test(code, self.name)
        others = self.model.imported if module == "model" else self.recipe.imported(module)
        own = {self.class_name: "model", **self.recipe.own_names}
        return import_lines(code, module, own, others, self.name)


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
        return rows(network.models[0])
    named = [(attribute_of(model.graph), row) for model in network.models for row in rows(model)]
    return tuple(replace(row, name=f"{attribute}.{row.name}" if row.name else attribute) for attribute, row in named)
