"""Inputs and outputs of a network, as data and losses see them."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

Shapes = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or an output; its shapes exclude the batch dimension."""

    name: str
    shape: tuple[int | str, ...]  # a text is a size that varies: an expression over the names of the description
    dtype: str = "float32"
    high: int | None = None  # for integers: one more than the largest
    example: tuple[int, ...] = ()  # the shape with an example of each size that varies

    @property
    def varies(self) -> bool:
        """Whether the size of a dimension is known only at run time."""
        return any(isinstance(size, str) for size in self.shape)

    @property
    def numbers_of_example(self) -> int:
        """The number of elements of the example's shape."""
        return prod(self.example)

    @property
    def is_whole(self) -> bool:
        """Whether the tensor holds integers, such as the indices of words or categories."""
        return not self.dtype.startswith("float")

    @property
    def batch_text(self) -> str:
        """The shape with the batch dimension: ``(N, 1, 8, 8)``."""
        return f"({', '.join(map(str, ('N', *self.shape)))}{'' if self.shape else ','})"
