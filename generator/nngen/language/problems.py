"""The collection of mistakes that the stages share, so that all mistakes of a file are reported at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from .errors import DescriptionError, Position, Problem
from .load import Node
from .suggest import did_you_mean, suggest

Where = Node | Position | None


class Problems:
    """Collects problems; after one, a stage continues as far as it can."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._trace: list[tuple[str, Position | None]] = []
        self._held: list[Problem] | None = None
        self.silent = False

    def add(self, message: str, where: Where = None, hint: str = "") -> None:
        """Record an error at a place in the description."""
        self._put(Problem(message, _position(where), hint))

    def warn(self, message: str, where: Where = None, hint: str = "") -> None:
        """Record a warning about something that is allowed but nearly always a mistake."""
        self._put(Problem(message, _position(where), hint, "warning"))

    def unknown(
        self,
        message: str,
        where: Where,
        name: object,
        candidates: Iterable[str],
        otherwise: str = "",
        variable: bool = False,
    ) -> str | None:
        """Record an unknown name as an error, and return the name that was most likely meant, if any.

        Args:
            message: the text of the error.
            where: the place of the name in the description.
            name: the name as written.
            candidates: the valid names.
            otherwise: the hint if no valid name is similar.
            variable: whether the name belongs to an expression, as in ``$width``.
        """
        nearest = suggest(name, candidates) if isinstance(name, str) else None
        self.add(message, where, did_you_mean(nearest, otherwise, variable))
        return nearest

    def _put(self, problem: Problem) -> None:
        if self.silent:
            if self._held is not None:
                self._held.append(replace(problem, trace=tuple(reversed(self._trace))))
            return
        known = {(other.message, other.position) for other in self._problems}
        if (problem.message, problem.position) not in known:  # an alias is read, and a block inferred, for each use
            self._problems.append(replace(problem, trace=tuple(reversed(self._trace))))

    @contextmanager
    def inside(self, note: str, position: Position | None) -> Iterator[None]:
        """Add a note about a place, such as the use of a block, to every problem recorded in the context."""
        self._trace.append((note, position))
        try:
            yield
        finally:
            self._trace.pop()

    @contextmanager
    def silenced(self) -> Iterator[None]:
        """Record no problems in the context."""
        before, self.silent = self.silent, True
        try:
            yield
        finally:
            self.silent = before

    @contextmanager
    def held(self) -> Iterator[list[Problem]]:
        """Record no problems in the context, and yield the list that receives them."""
        before, self._held = self._held, []
        try:
            with self.silenced():
                yield self._held
        finally:
            self._held = before

    def report(self, problems: Iterable[Problem]) -> None:
        """Record problems that were held."""
        for problem in problems:
            if problem not in self._problems:
                self._problems.append(problem)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The recorded warnings."""
        return tuple(problem for problem in self._problems if problem.severity == "warning")

    @property
    def has_errors(self) -> bool:
        """Whether an error was recorded; warnings do not count."""
        return any(problem.severity == "error" for problem in self._problems)

    def raise_errors(self) -> None:
        """Raise all recorded problems if there is an error among them.

        Raises:
            DescriptionError: with the errors and the warnings.
        """
        if self.has_errors:
            raise DescriptionError(self._problems)


def _position(where: Where) -> Position | None:
    return where if where is None or isinstance(where, Position) else where.position
