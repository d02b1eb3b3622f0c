"""What flows into a network and out of it, as data and losses see it."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

Shapes = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or an output, without the batch."""

    name: str
    shape: tuple[int | str, ...]  # a text is a size that varies, as an expression of the words of the description
    dtype: str = "float32"
    high: int | None = None  # of whole numbers: one more than the largest
    example: tuple[int, ...] = ()  # the shape with a size for each that varies

    @property
    def varies(self) -> bool:
        """Whether a dimension has no size before the network runs."""
        return any(isinstance(size, str) for size in self.shape)

    @property
    def numbers_of_example(self) -> int:
        """How many numbers one sample has."""
        return prod(self.example)

    @property
    def is_whole(self) -> bool:
        """Whether the tensor holds whole numbers, such as those of words or categories."""
        return not self.dtype.startswith("float")

    @property
    def batch_text(self) -> str:
        """The shape with the batch: ``(N, 1, 8, 8)``."""
        return f"({', '.join(map(str, ('N', *self.shape)))}{'' if self.shape else ','})"
