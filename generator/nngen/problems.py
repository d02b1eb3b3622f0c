"""Where the stages put the mistakes that they find, so that all of one file are reported at once."""

from __future__ import annotations

from .errors import DescriptionError, Position, Problem
from .load import Node

Where = Node | Position | None


class Problems:
    """Collects problems; a stage goes on after one as far as it makes sense."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, message: str, where: Where = None, hint: str = "") -> None:
        """Notes a mistake at a place of the description."""
        self._put(Problem(message, _position(where), hint))

    def warn(self, message: str, where: Where = None, hint: str = "") -> None:
        """Notes what is allowed and is nearly always a mistake."""
        self._put(Problem(message, _position(where), hint, "warning"))

    def _put(self, problem: Problem) -> None:
        if problem not in self._found:  # an aliased value is read once for each use
            self._found.append(problem)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self._found if problem.severity == "warning")

    def raise_errors(self) -> None:
        """Ends the work on this description if there was a mistake.

        Raises:
            DescriptionError: with all problems, warnings too.
        """
        if any(problem.severity == "error" for problem in self._found):
            raise DescriptionError(self._found)


def _position(where: Where) -> Position | None:
    return where if where is None or isinstance(where, Position) else where.position
