"""A torch class with its arguments, outside the network: a loss, an optimizer, a scheduler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..language.errors import Position
from ..language.expressions import Expr


@dataclass(frozen=True, slots=True)
class Call:
    """``name(**arguments)``, with plain values that were checked; a `Function` or calls where torch takes those."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function of one number: an expression over names such as ``$epoch``, or one of the author's own code."""

    expr: Expr | None = None
    module: str = ""
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class ParameterGroup:
    """Parameters with settings of their own; which ones, parts of their names say.

    Attributes:
        params: a parameter belongs here when one of these is a part of its name.
        options: plain values, or an ``Expr`` over ``$lr`` and ``$weight_decay``.
    """

    params: tuple[str, ...]
    options: Mapping[str, Any]
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Optimizer(Call):
    """An optimizer, with what stands beside it.

    Attributes:
        no_decay: parameters with one of these in their names have no weight decay.
        groups: parameters with other settings; the first that fits counts.
        rest: the optimizer of the parameters that this one cannot take.
    """

    no_decay: tuple[str, ...] = ()
    groups: tuple[ParameterGroup, ...] = ()
    rest: Call | None = None


@dataclass(frozen=True, slots=True)
class Schedule(Call):
    """A scheduler, with what stands beside it.

    Attributes:
        warmup: steps on the way up to the learning rate.
        unit: what it counts when that is written, ``batch`` or ``epoch``.
        constant: there is no scheduler but the warm-up.
        before: of SWALR: the scheduler until the averaging starts.
        start: of SWALR: the epoch after which the averaging starts.
    """

    warmup: int | None = None
    unit: str | None = None
    constant: bool = False
    before: Call | None = None
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A name that was written, such as that of an output or a metric."""

    name: str
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class LossTerm:
    """One of the losses that are summed."""

    call: Call
    sources: tuple[Named, ...] | None = None  # ``from``: outputs and targets; None where none are written
    scale: float = 1.0
