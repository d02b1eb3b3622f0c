"""What training must know of a network: what it takes and gives, and what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..description.tensor import Shapes, Tensor

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
        """Whether tests take a long time: the network is large, and no arguments make it small."""
        return self.parameters >= LARGE and not self.small

    @property
    def has_conv2d(self) -> bool:
        """Whether channels-last memory can make it faster."""
        return "Conv2d" in self.layers

    @property
    def has_batchnorm(self) -> bool:
        """Whether samples of a batch depend on each other."""
        return any(name.startswith("BatchNorm") for name in self.layers)

    @property
    def ends(self) -> tuple[Shapes, Shapes]:
        """The shapes of the inputs and of the outputs."""
        return [tensor.shape for tensor in self.inputs], [output.shape for output in self.outputs]

    @property
    def unrolls(self) -> bool:
        """Whether ``torch.export`` would fix the length of sequences, or refuse the network."""
        recurrent = self.layers & {"RNN", "LSTM", "GRU"} and any(tensor.varies for tensor in self.inputs)
        return bool(recurrent) or "pack_padded_sequence" in self.operations


def generator_of(ends: Sequence[tuple[Shapes, Shapes]]) -> int:
    """Return the number of the adversary that makes samples: the one that gives what the other takes.

    Where that is none or both, it is the one that does not end in one number, or else the first.

    Args:
        ends: the shapes, without the batch, of what each takes and gives.
    """
    makes = [ends[number][1] == ends[1 - number][0] for number in (0, 1)]
    if makes[0] == makes[1]:
        makes = [ends[number][1] != [(1,)] for number in (0, 1)]
    return 1 if makes == [False, True] else 0
