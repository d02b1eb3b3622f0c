"""Lines of Python as values: what `plan` makes and the template of ``model.py`` prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A statement, with a comment to stand behind it, or the head of an indented block."""

    code: str
    comment: str = ""
    body: tuple[Line, ...] = ()

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, indent: str = "") -> Iterator[str]:
        """The text, line by line."""
        for index, each in enumerate(self.code.splitlines()):
            comment = f"  # {self.comment}" if self.comment and index == self.code.count("\n") else ""
            yield indent + each + comment
        for line in self.body:
            yield from line.lines(indent + "    ")


def under(condition: str, body: Iterable[Line]) -> Line:
    """Lines under a condition; with that of a single `if` among them it is one condition."""
    lines = tuple(body)
    if len(lines) == 1 and lines[0].code.startswith("if ") and lines[0].body:
        inner = lines[0].code.removeprefix("if ").removesuffix(":")
        both = " and ".join(f"({each})" if " or " in each else each for each in (condition, inner))
        return Line(f"if {both}:", body=lines[0].body)
    return Line(f"if {condition}:", body=lines)


@dataclass(frozen=True, slots=True)
class Parameter:
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
    parameters: tuple[Parameter, ...]
    init: tuple[Line, ...]
    inputs: tuple[str, ...]
    returns: str  # the annotation
    forward: tuple[Line, ...]  # empty for an ``nn.Sequential``
    base: str = "nn.Module"


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """The whole of ``model.py``."""

    imports: tuple[str, ...]
    classes: tuple[ClassPlan, ...]

    @property
    def has_sequential(self) -> bool:
        """Whether some layers are called by their positions, which an inserted one shifts."""
        lines = (text for each in self.classes for line in each.init for text in line.lines())
        return any(each.base == "nn.Sequential" for each in self.classes) or any("nn.Sequential(" in x for x in lines)
