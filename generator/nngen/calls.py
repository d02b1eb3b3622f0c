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
