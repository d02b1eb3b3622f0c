"""The two networks of a gan, with what trains each of them."""

from __future__ import annotations

from dataclasses import dataclass

from ...description.description import Description
from ...language.identifiers import snake
from ...network.model_facts import ModelFacts, generator_of
from ...training.tasks.gan import ADVERSARIAL_LOSSES, AdversarialLoss
from .optimizer import Optimization, plan_optimization


@dataclass(frozen=True, slots=True)
class Adversary:
    """One of them.

    Attributes:
        role: ``generator`` or ``discriminator``, which begins the names of its settings.
        attribute: under which the whole holds it.
        facts: the network.
        optimization: its optimizer.
    """

    role: str
    attribute: str
    facts: ModelFacts
    optimization: Optimization


@dataclass(frozen=True, slots=True)
class Adversaries:
    """Both, in the order in which checkpoints and settings have them, and what they minimise."""

    generator: Adversary
    discriminator: Adversary
    loss: AdversarialLoss

    @property
    def both(self) -> tuple[Adversary, Adversary]:
        return self.generator, self.discriminator


def plan_adversaries(description: Description, models: tuple[ModelFacts, ...]) -> Adversaries:
    """Which network is which, and the optimizer of each.

    Args:
        description: without mistakes.
        models: its two networks, in its order.
    """
    made = generator_of([model.ends for model in models])
    found = []
    for role, number in (("generator", made), ("discriminator", 1 - made)):
        optimizer = description.optimizer_of(description.models[number])
        optimization = plan_optimization(optimizer, None, prefix=f"{role}_")
        found.append(Adversary(role, snake(models[number].class_name), models[number], optimization))
    return Adversaries(found[0], found[1], ADVERSARIAL_LOSSES[description.losses[0].call.name])
