"""The settings of a run: fields of the emitted ``Config``, and so flags of its ``train.py``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...description.description import Description
from ...description.settings import Option, Settings
from ...language.python import commented, literal
from .optimizer import Optimization


@dataclass(frozen=True, slots=True)
class Setting:
    """A field of the emitted ``Config``, as lines of code."""

    name: str
    lines: tuple[str, ...]
    positive: bool = False  # no run without it above 0


def run_settings(description: Description, optimizations: Iterable[Optimization]) -> tuple[Setting, ...]:
    """Return the settings of a run with their defaults; those that were not asked for are not there.

    Args:
        description: which has them.
        optimizations: that of each network that is trained by itself.
    """
    first, middle, last = _of_training(description)
    return (*first, *_of_optimizers(description, optimizations), *middle, *last, *_written(description.data))


def _of_training(description: Description) -> tuple[list[Setting], list[Setting], list[Setting]]:
    """Return the options that every run has, then those that were asked for, then those that stand at the end."""
    training = description.training
    options = dict(training.options())
    last = [name for name, option in options.items() if option.at_end]
    first = [name for name, option in options.items() if option.always and name not in last]
    middle = [name for name in options if name not in first and name not in last]
    return list(_written(training, first)), list(_written(training, middle)), list(_written(training, last))


def _written(settings: Settings, names: Iterable[str] | None = None) -> Iterator[Setting]:
    """Yield a setting for each option that is written or always there."""
    asked = settings.asked()
    for name, option in settings.options():
        wanted = names is None or name in names
        if wanted and option.comment and (option.always or name in asked):
            kind = settings.kind_of(name)
            yield _setting(option.flag or name, kind.__name__, kind(getattr(settings, name)), option)


def _of_optimizers(description: Description, optimizations: Iterable[Optimization]) -> Iterator[Setting]:
    """Yield the learning rates, and what else of optimizers and the scheduler can be changed for a run."""
    for each in optimizations:
        for name, value, comment in each.rates:
            yield _setting(name, "float", value, Option(comment, positive=name != "base_lr", apart=name == "lr"))
        if each.weight_decay is not None:
            decay = Option("pulls the weights towards zero")
            yield _setting(f"{each.prefix}weight_decay", "float", each.weight_decay, decay)
    schedule = description.scheduler
    if schedule is not None and schedule.warmup is not None:
        yield _setting("warmup", "int", schedule.warmup, Option("steps in which the learning rate rises"))
    if schedule is not None and schedule.start is not None:
        yield _setting("swa_start", "int", schedule.start, Option("epoch after which weights are averaged"))


def _setting(name: str, kind: str, value: object, option: Option) -> Setting:
    """Return a field with its comment behind or above."""
    field = f"{name}: {kind} = {literal(value)}"
    lines = (f"# {option.comment}", field) if option.apart else commented(field, option.comment)
    return Setting(name, lines, option.positive)
