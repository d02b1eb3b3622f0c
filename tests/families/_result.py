"""What an example reached, and the table of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 180  # seconds that a training may take on two cores


@dataclass(frozen=True, slots=True)
class Result:
    """A figure of a trained example beside the one that it must reach.

    Args:
        task: of the description.
        example: its name for ``nngen init``.
        measure: what was measured, with its unit if it has one.
        reached: by the generated project.
        bound: what it must reach, or stay below.
        below: whether it must stay below the bound.
        of: where the bound comes from, such as "4-gram"; empty where it is the issue's own number.
        seconds: that the training took.
    """

    task: str
    example: str
    measure: str
    reached: float
    bound: float
    below: bool
    of: str
    seconds: float

    @property
    def held(self) -> bool:
        """Whether it reached the bound; a NaN reaches none."""
        return self.reached < self.bound if self.below else self.reached >= self.bound

    def cells(self) -> tuple[str, ...]:
        must = f"{'<' if self.below else '>='} {self.bound:.4g}{f' ({self.of})' if self.of else ''}"
        marks = ("" if self.held else "  FAILED", "  TOO LONG" if self.seconds > LONGEST else "")
        reached = f"{self.reached:.4g}"
        return (self.task, self.example, self.measure, reached, must + marks[0], f"{self.seconds:.0f}{marks[1]}")


def table(results: Sequence[Result]) -> str:
    """The results below their headings, in columns."""
    lines = [("task", "example", "measure", "reached", "must reach", "seconds"), *(each.cells() for each in results)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    lines.insert(1, tuple("-" * width for width in widths))
    rows = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    return "\n".join(rows)
