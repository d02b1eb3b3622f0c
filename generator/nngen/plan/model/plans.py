"""The classes of ``model.py`` as values: what `plan` makes and the template prints."""

from __future__ import annotations

from dataclasses import dataclass

from .statements import Statement

MODULE = "nn.Module"
SEQUENTIAL = "nn.Sequential"


@dataclass(frozen=True, slots=True)
class ConstructorArgument:
    """A parameter of a function."""

    name: str
    annotation: str
    default: str | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.annotation}" + ("" if self.default is None else f" = {self.default}")


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """One class of ``model.py``."""

    name: str
    docstring: tuple[str, ...]
    parameters: tuple[ConstructorArgument, ...]
    init: tuple[Statement, ...]
    inputs: tuple[str, ...]
    returns: str  # the annotation
    forward: tuple[Statement, ...]  # empty for an ``nn.Sequential``
    base: str = MODULE
    has_sequential: bool = False  # whether a module that it makes is one


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """The whole of ``model.py``."""

    imports: tuple[str, ...]
    classes: tuple[ClassPlan, ...]

    @property
    def has_sequential(self) -> bool:
        """Return whether some layers are called by their positions, which an inserted one shifts."""
        return any(made.base == SEQUENTIAL or made.has_sequential for made in self.classes)
