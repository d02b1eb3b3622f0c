"""The checked description: what the author wrote, with its parts named and its expressions read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import load
from .calls import Call
from .entries import Entry
from .errors import Position
from .expressions import Expr
from .settings import DataSettings, Training


@dataclass(frozen=True, slots=True)
class Written:
    """A value as it was written: an expression (a literal too), or a list of such."""

    value: Expr | tuple[Written, ...]
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Arg:
    """A parameter of the model; a computed one is never passed."""

    name: str
    value: Written
    computed: bool
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """A tensor that the model takes; the shape is without the batch."""

    name: str
    shape: tuple[Written, ...]
    dtype: str = "float32"
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """An item that is a module of torch."""

    entry: Entry
    arguments: Mapping[str, Written]
    name: str | None = None
    position: Position | None = None  # of the kind


@dataclass(frozen=True, slots=True)
class Description:
    name: str
    task: str
    args: tuple[Arg, ...]
    inputs: tuple[Input, ...]
    layers: tuple[Layer | None, ...]  # None: an item with a mistake
    loss: Call
    optimizer: Call
    scheduler: Call | None
    data: DataSettings
    data_position: Position | None
    training: Training
    root: load.Mapping  # all of it as it was read

    @property
    def class_name(self) -> str:
        return class_name(self.name)


def class_name(name: str) -> str:
    """The name of the model's class: ``my_cnn`` gives ``MyCnn``."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
