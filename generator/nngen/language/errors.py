"""The error type of the generator, and its reports as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A span on one line of the description; lines and columns count from 1."""

    line: int
    column: int
    end_column: int  # one past the last character


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in a description, with its position and a hint to its correction."""

    message: str
    position: Position | None = None
    hint: str = ""  # printed under the caret, such as "did you mean 'kernel_size'?"
    severity: str = "error"
    trace: tuple[tuple[str, Position | None], ...] = ()  # the uses that led there, the nearest first


class DescriptionError(Exception):
    """Raised for a wrong description; holds all its problems, sorted by position."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_by_position))
        super().__init__("; ".join(problem.message for problem in self.problems))


def _by_position(problem: Problem) -> tuple[int, int]:
    position = problem.position
    return (position.line, position.column) if position else (0, 0)


def report(problems: Iterable[Problem], source: str, text: str = "") -> str:
    """Return the problems as text for a terminal, each with the line that it concerns.

    Args:
        problems: the errors and warnings.
        source: the name of the file, as the user gave it.
        text: the content of the file.
    """
    problems = tuple(problems)
    lines = text.splitlines()
    printed = [line for problem in problems for line in _lines_of(problem, source, lines)]
    errors = sum(problem.severity == "error" for problem in problems)
    if errors > 1:
        printed.append(f"{source}: {errors} errors")
    return "\n".join(printed)


def problems_as_json(problems: Iterable[Problem]) -> dict[str, Any]:
    """Return the problems as plain values for JSON, separated into ``errors`` and ``warnings``."""
    plain = [(problem.severity, _as_json(problem)) for problem in problems]
    return {f"{kind}s": [problem for severity, problem in plain if severity == kind] for kind in ("error", "warning")}


def place_as_json(position: Position | None) -> dict[str, int]:
    """Return a position as plain values for JSON; an empty mapping if there is no position."""
    if position is None:
        return {}
    return {"line": position.line, "column": position.column, "end_column": position.end_column}


def _as_json(problem: Problem) -> dict[str, Any]:
    notes = [{"message": note, **place_as_json(position)} for note, position in problem.trace]
    return {"message": problem.message, "hint": problem.hint, **place_as_json(problem.position), "notes": notes}


def _lines_of(problem: Problem, source: str, text: list[str]) -> list[str]:
    return [*_head_lines(problem, source, text), *_trace_lines(problem, source)]


def _trace_lines(problem: Problem, source: str) -> list[str]:
    return [
        f"{source}:{position.line}:{position.column}: note: {note}" if position else f"{source}: note: {note}"
        for note, position in problem.trace
    ]


def _head_lines(problem: Problem, source: str, text: list[str]) -> list[str]:
    position = problem.position
    if position is None:
        hint = f" ({problem.hint})" if problem.hint else ""
        return [f"{source}: {problem.severity}: {problem.message}{hint}"]
    head = f"{source}:{position.line}:{position.column}: {problem.severity}: {problem.message}"
    if position.line > len(text) or not problem.hint:
        return [head]
    excerpt = text[position.line - 1].rstrip()
    width = max(1, min(position.end_column, len(excerpt) + 1) - position.column)
    gutter = f"{position.line:>5} | "
    caret = " " * (len(gutter) - 2) + "| " + " " * (position.column - 1) + "^" * width
    return [head, gutter + excerpt, f"{caret} {problem.hint}".rstrip()]
