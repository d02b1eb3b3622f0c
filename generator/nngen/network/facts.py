"""What training must know of a network: what it takes and gives, and what is in it."""

from __future__ import annotations

from collections.abc import Sequence
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
        return any(isinstance(size, str) for size in self.shape)

    @property
    def numbers_of_example(self) -> int:
        """How many numbers one sample has."""
        return prod(self.example)

    @property
    def is_whole(self) -> bool:
        """Whether it holds whole numbers, such as those of words or categories."""
        return not self.dtype.startswith("float")

    @property
    def batch_text(self) -> str:
        """The shape with the batch: ``(N, 1, 8, 8)``."""
        return f"({', '.join(map(str, ('N', *self.shape)))}{'' if self.shape else ','})"


LARGE = 10_000_000  # parameters, from which on tests train a smaller network, or with less data


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A network as training sees it."""

    class_name: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    parameters: int = 0
    last: str = ""  # what its last layer is: ``Linear``
    layers: frozenset[str] = frozenset()  # all that are in it
    operations: frozenset[str] = frozenset()
    longest: int | None = None  # that a dimension that varies can be; None: it has no limit that is known
    small: tuple[tuple[str, int], ...] = ()  # arguments that make a large network small, for tests

    @property
    def is_slow(self) -> bool:
        """Tests take a long time: it is large, and no arguments make it small."""
        return self.parameters >= LARGE and not self.small

    @property
    def has_conv2d(self) -> bool:
        return "Conv2d" in self.layers

    @property
    def is_recurrent(self) -> bool:
        return bool(self.layers & {"GRU", "LSTM", "RNN"})

    @property
    def has_batchnorm(self) -> bool:
        return any(name.startswith("BatchNorm") for name in self.layers)

    @property
    def ends(self) -> tuple[Shapes, Shapes]:
        """The shapes of what it takes, and of what it gives."""
        return [each.shape for each in self.inputs], [each.shape for each in self.outputs]

    @property
    def unrolls(self) -> bool:
        """``torch.export`` would make it one of sequences of one length, or refuse it."""
        recurrent = self.layers & {"RNN", "LSTM", "GRU"} and any(tensor.varies for tensor in self.inputs)
        return bool(recurrent) or "pack_padded_sequence" in self.operations


def generator_of(ends: Sequence[tuple[Shapes, Shapes]]) -> int:
    """Which of two adversaries makes samples: the one that gives what the other takes.

    Where that is none or both, it is the one that does not end in one number, or else the first.

    Args:
        ends: the shapes, without the batch, of what each takes and gives.
    """
    makes = [ends[number][1] == ends[1 - number][0] for number in (0, 1)]
    if makes[0] == makes[1]:
        makes = [ends[number][1] != [(1,)] for number in (0, 1)]
    return 1 if makes == [False, True] else 0
