"""The values of both evaluations: modules, tensors as the steps that compute them, and sizes that are known later."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..language import expressions
from ..network.tensors import TensorType


class NotUnderstood(Exception):
    """The emitted code has a construct that the evaluation has no rule for."""


class Fails(Exception):
    """The emitted code would raise an error."""


@dataclass(eq=False, slots=True)
class Module:
    """A module of torch or of the author's own code, as the call of its constructor."""

    name: str
    args: tuple[Any, ...]
    keywords: dict[str, Any]


@dataclass(eq=False, slots=True)
class Container:
    """An ``nn.Sequential``, or an ``nn.ModuleList``, which cannot be called."""

    items: list[Any]
    called: bool


@dataclass(eq=False, slots=True)
class OwnTensor:
    """A parameter or a buffer.

    Attributes:
        kind: ``parameter`` or ``buffer``.
        shape: its sizes.
        init: the function that fills it, with its arguments.
    """

    kind: str
    shape: tuple[Any, ...]
    init: tuple[Any, ...]


@dataclass(eq=False, slots=True)
class Instance:
    """An instance of a class of the emitted file."""

    node: ast.ClassDef
    attributes: dict[str, Any] = field(default_factory=dict)
    ready: bool = False  # whether super().__init__() was called


@dataclass(eq=False, slots=True)
class Step:
    """A tensor, as the step of ``forward`` that computes it.

    Attributes:
        kind: ``input``, ``module``, ``operation``, ``index``, ``attribute``, ``slice`` or ``training``.
        target: the name of an input or an operation, or the module that is called.
        args: the positional arguments.
        keywords: the others.
        type: of the reference: the type of the tensor.
        defaults: of the reference: the defaults of an operation's arguments.
    """

    kind: str
    target: Any
    args: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    type: TensorType | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class LateSize:
    """Arithmetic over the sizes of tensors, which the reference knows."""

    operator: str
    parts: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """An argument of a module of the reference."""

    value: Any
    is_default: bool = False  # whether it may be left out
    inferred: bool = False  # whether it follows from the shape of the input: torch refuses any other


@dataclass(eq=False, slots=True)
class Described:
    """A module of the reference.

    Attributes:
        name: its class.
        arguments: all of its arguments.
        order: the names of those that may be positional.
    """

    name: str
    arguments: dict[str, Given]
    order: tuple[str, ...]


TRAINING = Step("training", None)

OPERATORS: Mapping[type[ast.AST], str] = {
    **expressions.BINARY,
    **expressions.COMPARE,
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
}
COMPUTE: Mapping[str, Callable[..., Any]] = {**expressions.COMPUTE, "neg": operator.neg, "not": operator.not_}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {**expressions.FUNCTIONS, "float": float}


def part(owner: Any, index: Any) -> Step:
    """Return an element of a tuple, or a tensor indexed: Python writes them the same."""
    return Step("index", None, (owner, index))


def shown(value: Any) -> str:
    """Return a value as a message shows it."""
    match value:
        case Step(kind="module"):
            return f"{value.target.name}(...)"
        case Step():
            return f"{value.kind} {value.target or ''}".strip()
        case Module() | Described():
            return value.name
        case OwnTensor():
            return f"a {value.kind}"
        case LateSize():
            return f"{value.operator} of sizes"
        case Instance():
            return f"an instance of {value.node.name}"
        case tuple() | list():
            return f"({', '.join(map(shown, value))})"
    return repr(value)


def shown_with_arguments(made: Described | OwnTensor) -> str:
    """Return a module of the reference with its arguments, which are the same wherever it is called."""
    if isinstance(made, OwnTensor):
        return repr((made.kind, made.shape))
    values = {name: given.value for name, given in made.arguments.items()}
    texts = {
        name: shown_with_arguments(value) if isinstance(value, Described) else repr(value)
        for name, value in values.items()
    }
    return f"{made.name}{texts}"
