"""The plan of ``model.py``: its classes as values, which the templates print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..imports import import_lines
from ..statements import Statement

MODULE = "nn.Module"
SEQUENTIAL = "nn.Sequential"


@dataclass(frozen=True, slots=True)
class ConstructorArgument:
    """A parameter of an emitted constructor, which prints as ``name: annotation = default``."""

    name: str
    annotation: str
    default: str | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.annotation}" + ("" if self.default is None else f" = {self.default}")


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """A class of ``model.py``."""

    name: str
    docstring: tuple[str, ...]
    parameters: tuple[ConstructorArgument, ...]
    init: tuple[Statement, ...]
    inputs: tuple[str, ...]
    returns: str  # the return annotation of ``forward``
    forward: tuple[Statement, ...]  # empty for an ``nn.Sequential``
    base: str = MODULE
    has_sequential: bool = False  # whether its constructor creates an ``nn.Sequential``

    @property
    def code(self) -> str:
        """The class as code."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"class {self.name}({self.base}):"
        if self.docstring:
            yield f'    """{self.docstring[0]}'
            yield from (f"    {line}" for line in self.docstring[1:])
            yield '    """'
            yield ""
        if self.parameters or self.init:
            yield f"    def __init__({', '.join(['self', *map(str, self.parameters)])}) -> None:"
            if self.forward:
                yield "        super().__init__()"
            for statement in self.init:
                yield from statement.lines("        ")
            yield ""
        if self.forward:
            inputs = (f"{name}: Tensor" for name in self.inputs)
            yield f"    def forward({', '.join(['self', *inputs])}) -> {self.returns}:"
            for statement in self.forward:
                yield from statement.lines("        ")


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """The whole of ``model.py``."""

    classes: tuple[ClassPlan, ...]
    imported: Mapping[str, str]  # names of the author's own code, and the modules that hold them

    @property
    def code(self) -> str:
        """The imports and classes as code."""
        classes = "\n".join(plan.code for plan in self.classes)
        return f"{import_lines(classes, 'model', {}, self.imported)}\n{classes}"

    @property
    def has_sequential(self) -> bool:
        """Whether some layers are named by their positions in an ``nn.Sequential``, which an inserted layer shifts."""
        return any(plan.base == SEQUENTIAL or plan.has_sequential for plan in self.classes)
