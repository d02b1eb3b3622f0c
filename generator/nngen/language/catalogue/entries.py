"""Entries of the catalogue: torch's classes and the parameters of their constructors."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a class, with all constraints on its value that can be checked without torch.

    ``types`` holds tokens: ``int float bool str none tensor module scheduler callable``, ``true`` (only true),
    a length as in ``int[2]``, ``int[]`` for any length, ``int?[2]`` where elements may be null, and
    ``float?,float`` for a list whose elements differ.
    """

    name: str
    types: tuple[str, ...]
    required: bool = False
    default: object = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None  # ranges hold for the elements of a list too
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    inferred: bool = False  # follows from the incoming shape, never written
    keyword_only: bool = False
    since: str = ""
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A class of torch."""

    name: str
    kind: str  # "layer", "loss", "optimizer" or "scheduler"
    module: str
    family: str
    parameters: tuple[Parameter, ...] = ()
    main: str | None = None  # the argument that a bare value stands for
    inputs: int = 1
    outputs: int = 1
    dims: int | None = None
    since: str = ""
    doc: str = ""
    traits: Mapping[str, Any] = field(default_factory=dict)

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of that name, or None."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


def has_one_part(entry: Entry, arguments: Collection[str]) -> bool:
    """Tell whether a layer with these arguments returns a single tensor."""
    return "parts" not in entry.traits and not any(name in arguments for name in entry.traits.get("parts_if", ()))
