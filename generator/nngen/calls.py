"""A torch class with its arguments, outside the network: a loss, an optimizer, a scheduler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import Position


@dataclass(frozen=True, slots=True)
class Call:
    """``name(**arguments)``, with plain values that were checked."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    position: Position | None = None


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
