"""Statements of Python as values, and their printer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Union

from ..network.operations.value import Form, Value

Target = Union[str, "Targets"]
Targets = tuple[Target, ...]  # nested like the assigned value


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of Python."""

    def lines(self, indent: str = "") -> Iterator[str]:
        """Yield the lines of code."""
        comment = f"  # {self.comment}" if isinstance(self, (Assign, For, If, Return)) and self.comment else ""
        yield f"{indent}{head(self)}{comment}"
        for inner in body_of(self):
            yield from inner.lines(indent + "    ")


@dataclass(frozen=True, slots=True)
class Assign(Statement):
    """``targets = value``, with an optional comment.

    Attributes:
        node: the number of the node with this value, whose shape becomes the comment.
    """

    targets: Targets
    value: Value
    annotation: str = ""
    operator: str = "="
    node: int | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Declare(Statement):
    """``target: annotation``."""

    target: str
    annotation: str


@dataclass(frozen=True, slots=True)
class Do(Statement):
    """A simple statement that has no type of its own, such as a call for its effect."""

    call: str


@dataclass(frozen=True, slots=True)
class Return(Statement):
    """``return values``; see `Assign` for the node."""

    values: tuple[Value, ...]
    node: int | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class If(Statement):
    """Statements that run if all conditions hold."""

    conditions: tuple[Value, ...]
    body: tuple[Statement, ...]
    kind: Literal["if", "elif"] = "if"
    comment: str = ""


@dataclass(frozen=True, slots=True)
class For(Statement):
    """A ``for`` loop."""

    targets: Targets
    iterable: str
    body: tuple[Statement, ...]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class With(Statement):
    """Statements in a context."""

    context: str
    body: tuple[Statement, ...]


Code = Union[str, Statement]  # a simple statement whose parts nobody asks for may be its text


def head(statement: Statement) -> str:
    """Return the first line of a statement without its comment; the other lines are its body."""
    match statement:
        case Assign(targets, value, annotation, operator):
            return f"{targets_text(targets)}{f': {annotation}' if annotation else ''} {operator} {value}"
        case Declare(target, annotation):
            return f"{target}: {annotation}"
        case Do(call):
            return call
        case Return(values):
            return f"return {', '.join(values)}"
        case If(conditions, _, kind):
            return f"{kind} {_all_of(conditions)}:"
        case For(targets, iterable):
            return f"for {targets_text(targets)} in {iterable}:"
        case With(context):
            return f"with {context}:"
    raise TypeError(type(statement).__name__)


def body_of(statement: Statement) -> tuple[Statement, ...]:
    """Return the statements inside a statement."""
    return statement.body if isinstance(statement, (If, For, With)) else ()


def targets_text(targets: Targets) -> str:
    """Return the code of targets: ``x, (h, c)``."""
    return ", ".join(target if isinstance(target, str) else f"({targets_text(target)})" for target in targets)


def names_of(targets: Targets) -> Iterator[str]:
    """Yield the names in targets."""
    for target in targets:
        if isinstance(target, str):
            yield target
        else:
            yield from names_of(target)


def assigned(statement: Statement) -> Iterator[str]:
    """Yield the names that a statement, or one inside it, assigns."""
    if isinstance(statement, (Assign, For)):
        yield from names_of(statement.targets)
    for inner in body_of(statement):
        yield from assigned(inner)


def assign(target: str, value: str, annotation: str = "", operator: str = "=") -> Assign:
    """Return the assignment of a value to one target."""
    return Assign((target,), Value.of(value), annotation, operator)


def under(condition: str, body: Iterable[Statement]) -> If:
    """Return statements under a condition, merged with that of the ``if`` if they are a single one."""
    statements, outer = tuple(body), Value.of(condition)
    match statements:
        case (If(conditions, inner, "if"),):
            return If((outer, *conditions), inner)
    return If((outer,), statements)


def joined(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Return the statements with each ``if`` in the one before it, where both have the same conditions.

    The statements do not change what the conditions read, as in ``forward``, whose conditions are attributes.
    """
    together: list[Statement] = []
    for statement in statements:
        match together[-1:], statement:
            case [If(before, body, "if")], If(conditions, more, "if") if before == conditions:
                together[-1] = If(before, (*body, *more))
            case _:
                together.append(statement)
    return tuple(together)


def when(condition: str, *body: Code, comment: str = "") -> If:
    """Return statements under a condition."""
    return If((Value.of(condition),), _typed(body), comment=comment)


def loop(targets: str, iterable: str, *body: Code, comment: str = "") -> For:
    """Return statements in a loop over what an iterable yields."""
    return For((targets,), iterable, _typed(body), comment)


def within(context: str, *body: Code) -> With:
    """Return statements in a context."""
    return With(context, _typed(body))


def _typed(body: Iterable[Code]) -> tuple[Statement, ...]:
    return tuple(Do(statement) if isinstance(statement, str) else statement for statement in body)


def _all_of(conditions: tuple[Value, ...]) -> str:
    if len(conditions) == 1:
        return conditions[0]
    return " and ".join(f"({part})" if part.form is Form.CHOICE else part for part in conditions)
