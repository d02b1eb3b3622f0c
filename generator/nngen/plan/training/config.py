"""The settings of a run: fields of the emitted ``Config``, and so flags of its ``train.py``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import get_args

from ...description.calls import Schedule
from ...description.description import Description
from ...description.settings import Option, Place, Settings, options
from ...language.python import commented, literal
from .optimizer import Optimization

_RATE = Option(place=Place.OPTIMIZER, above_zero=True)
_NOT_NEGATIVE = Option(place=Place.OPTIMIZER)  # a run may have it at 0


@dataclass(frozen=True, slots=True)
class Setting:
    """A field of the emitted ``Config``, as lines of code."""

    name: str
    lines: tuple[str, ...]
    place: Place
    above_zero: bool


def run_settings(description: Description, optimizations: Iterable[Optimization]) -> tuple[Setting, ...]:
    """Return the settings of a run with their defaults; those that were not asked for are not there.

    Args:
        description: which has them.
        optimizations: that of each network that is trained by itself.
    """
    settings = [*_fields(description.training), *_fields(description.data)]
    for optimization in optimizations:
        settings += _rates(optimization)
    if description.scheduler:
        settings += _schedule(description.scheduler)
    return tuple(sorted(settings, key=lambda setting: setting.place))


def _fields(settings: Settings) -> Iterator[Setting]:
    for name, option in options(type(settings)).items():
        field, value = type(settings).model_fields[name], getattr(settings, name)
        if option.comment and (option.always or value != field.default):
            kinds = [kind for kind in get_args(field.annotation) if kind is not type(None)] or [field.annotation]
            yield _setting(option.name or name, kinds[0].__name__, value, option.comment, option)


def _rates(optimization: Optimization) -> Iterator[Setting]:
    for name, value, comment in optimization.rates:
        option = _NOT_NEGATIVE if name == "base_lr" else _RATE
        yield _setting(name, "float", value, comment, replace(option, apart=name == "lr"))
    if optimization.weight_decay is not None:
        name = f"{optimization.prefix}weight_decay"
        yield _setting(name, "float", optimization.weight_decay, "pulls the weights to zero", _NOT_NEGATIVE)


def _schedule(schedule: Schedule) -> Iterator[Setting]:
    rows = (
        ("warmup", schedule.warmup, "steps on the way up to the learning rate"),
        ("swa_start", schedule.start, "epoch after which weights are averaged"),
    )
    for name, value, comment in rows:
        if value is not None:
            yield _setting(name, "int", value, comment, _NOT_NEGATIVE)


def _setting(name: str, kind: str, value: object, comment: str, option: Option) -> Setting:
    """Return a field with its comment behind or above."""
    left, right = f"{name}: {kind}", literal(float(value) if kind == "float" else value)  # type: ignore[arg-type]
    field = f"{left} = {right}"
    lines = (f"# {comment}", field) if option.apart else commented(field, comment)
    return Setting(name, lines, option.place, option.above_zero)
