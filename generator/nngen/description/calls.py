"""Calls of torch's classes outside the network: losses, optimizers and schedulers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..language.errors import Position
from ..language.expressions import Expr


@dataclass(frozen=True, slots=True)
class Call:
    """``name(**arguments)`` with checked plain values, or a `Function` or other calls where torch takes these."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function of one number: an expression over names such as ``$epoch``, or a function of the author's code."""

    expr: Expr | None = None
    module: str = ""
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class ParameterGroup:
    """A group of parameters with its own options, selected by parts of the parameters' names.

    Attributes:
        params: parts of names; a parameter whose name contains one of them belongs to the group.
        options: plain values, or an ``Expr`` over ``$lr`` and ``$weight_decay``.
    """

    params: tuple[str, ...]
    options: Mapping[str, Any]
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Optimizer(Call):
    """An optimizer with the keys beside it.

    Attributes:
        no_decay: parts of names; parameters whose names contain one of them have no weight decay.
        groups: groups of parameters with other options; a parameter belongs to the first that matches.
        rest: the optimizer of the parameters that this one cannot take.
    """

    no_decay: tuple[str, ...] = ()
    groups: tuple[ParameterGroup, ...] = ()
    rest: Call | None = None


@dataclass(frozen=True, slots=True)
class Schedule(Call):
    """A scheduler with the keys beside it.

    Attributes:
        warmup: the number of steps in which the learning rate rises to its value.
        unit: the unit of the scheduler's steps, ``batch`` or ``epoch``; None if it is not written.
        constant: whether there is no scheduler after the warm-up.
        before: for SWALR, the scheduler until the averaging starts.
        start: for SWALR, the epoch after which the averaging starts.
    """

    warmup: int | None = None
    unit: str | None = None
    constant: bool = False
    before: Call | None = None
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A name with its position, such as that of an output or a metric."""

    name: str
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class LossTerm:
    """A term of the sum of losses."""

    call: Call
    sources: tuple[Named, ...] | None = None  # ``from``: outputs and targets; None if it is not written
    scale: float = 1.0
