"""Where the stages put the mistakes that they find, so that all of one file are reported at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from .errors import DescriptionError, Position, Problem
from .load import Node
from .suggest import did_you_mean, suggest

Where = Node | Position | None


class Problems:
    """Collects problems; a stage goes on after one as far as it makes sense."""

    def __init__(self) -> None:
        self._found: list[Problem] = []
        self._trace: list[tuple[str, Position | None]] = []
        self.silent = False

    def add(self, message: str, where: Where = None, hint: str = "") -> None:
        """Note a mistake at a place of the description."""
        self._put(Problem(message, _position(where), hint))

    def warn(self, message: str, where: Where = None, hint: str = "") -> None:
        """Note what is allowed and is nearly always a mistake."""
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
        """Note a name that there is not, with the one that was most likely meant, which is returned.

        Args:
            message: what is wrong.
            where: the place of the name in the description.
            name: what stands there.
            candidates: the right names.
            otherwise: the hint when none of them is near.
            variable: whether it is a name of an expression, as in ``$width``.
        """
        nearest = suggest(name, candidates) if isinstance(name, str) else None
        self.add(message, where, did_you_mean(nearest, otherwise, variable))
        return nearest

    def _put(self, problem: Problem) -> None:
        if self.silent:
            return
        known = {(noted.message, noted.position) for noted in self._found}
        if (problem.message, problem.position) not in known:  # an alias is read, and a block inferred, for each use
            self._found.append(replace(problem, trace=tuple(reversed(self._trace))))

    @contextmanager
    def inside(self, note: str, position: Position | None) -> Iterator[None]:
        """Note problems in here as those of something that is used at a place, which is told too."""
        self._trace.append((note, position))
        try:
            yield
        finally:
            self._trace.pop()

    @contextmanager
    def silenced(self) -> Iterator[None]:
        """Note nothing in here."""
        before, self.silent = self.silent, True
        try:
            yield
        finally:
            self.silent = before

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The warnings that were noted."""
        return tuple(problem for problem in self._found if problem.severity == "warning")

    @property
    def has_errors(self) -> bool:
        """Whether there was a mistake; warnings are none."""
        return any(problem.severity == "error" for problem in self._found)

    def raise_errors(self) -> None:
        """End the work on this description if there was a mistake.

        Raises:
            DescriptionError: with all problems, warnings too.
        """
        if self.has_errors:
            raise DescriptionError(self._found)


def _position(where: Where) -> Position | None:
    return where if where is None or isinstance(where, Position) else where.position
