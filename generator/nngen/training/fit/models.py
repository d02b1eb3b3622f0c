"""Do several models make one: does each take what the one before gives?"""

from __future__ import annotations

from itertools import pairwise

from ...language.problems import Problems
from ...network.model_facts import generator_of
from ...network.tensors import shape_text, shapes
from ...network.typed import ClassUse, TypedNetwork
from ..tasks import TASKS, UNKNOWN


def check_together(typed: TypedNetwork, name: str, problems: Problems) -> None:
    """Note models that do not fit together: what one gives is not what the next takes."""
    models, task = typed.models, TASKS.get(name, UNKNOWN)
    if task.parts and len(models) != 2:
        names = " and ".join(use.graph.class_name for use in models)
        message = f"{task.name} trains {task.parts}, and there {'is' if len(models) == 1 else 'are'} {names}"
        problems.add(message, models[-1].graph.position)
        return
    if task.composition == "adversaries":
        made = generator_among(models)
        models = (models[made], models[1 - made])
    for one, other in pairwise(models):
        given, wanted = shapes(one.outputs), shapes(other.inputs)
        if task.composition == "latent":
            _check_moments(one, problems)
            given = given[:1]
        if given != wanted:
            message = (
                f"{one.graph.class_name} gives {_listed(given)}, and {other.graph.class_name} takes {_listed(wanted)}"
            )
            problems.add(message, other.graph.position)


def _check_moments(encoder: ClassUse, problems: Problems) -> None:
    given = shapes(encoder.outputs)
    if len(given) != 2 or given[0] != given[1]:
        message = f"the first model of a vae gives mu and logvar of one shape, and {encoder.graph.class_name} gives"
        problems.add(f"{message} {_listed(given)}", encoder.graph.position, "name both in 'outputs: [mu, logvar]'")


def _listed(several: list[tuple[object, ...]]) -> str:
    return " and ".join(map(shape_text, several))


def generator_among(models: tuple[ClassUse, ...]) -> int:
    """Return the number of the adversary that makes samples."""
    return generator_of([(shapes(use.inputs), shapes(use.outputs)) for use in models])
