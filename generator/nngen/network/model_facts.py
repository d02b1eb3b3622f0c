"""The facts about a network that training needs: its inputs, outputs and contents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..description.tensor import Shapes, Tensor
from ..language.catalogue.entries import Entry
from ..language.catalogue.registry import catalogue
from .layers import Family, family_of

LARGE = 10_000_000  # the number of parameters from which tests use a smaller network, or less data


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The facts about a network that training needs."""

    class_name: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    parameters: int = 0
    last: str = ""  # the kind of its last item: ``Linear``
    layers: frozenset[str] = frozenset()  # the classes of all its layers
    operations: frozenset[str] = frozenset()
    longest: int | None = None  # the largest size of varying dimensions; None: no known limit
    small: tuple[tuple[str, int], ...] = ()  # arguments that make a large network small, for tests

    @property
    def is_slow(self) -> bool:
        """Whether tests take long, because the network is large and no arguments make it small."""
        return self.parameters >= LARGE and not self.small

    @property
    def has_conv2d(self) -> bool:
        """Whether it has 2d convolutions, which channels-last memory can make faster."""
        return any(family.gains_from_channels_last(entry) for entry, family in self._families)

    @property
    def has_batchnorm(self) -> bool:
        """Whether it has batch normalisation, which makes the samples of a batch depend on each other."""
        return any(family.mixes_samples(entry) for entry, family in self._families)

    @property
    def _families(self) -> list[tuple[Entry, Family]]:
        entries = [catalogue().layers[name] for name in self.layers]
        return [(entry, family) for entry in entries if (family := family_of(entry))]

    @property
    def ends(self) -> tuple[Shapes, Shapes]:
        """The shapes of the inputs and of the outputs."""
        return [tensor.shape for tensor in self.inputs], [output.shape for output in self.outputs]

    @property
    def unrolls(self) -> bool:
        """Whether ``torch.export`` would fix the length of sequences, or refuse the network."""
        recurrent = any(family.unrolls for _, family in self._families)
        return (recurrent and any(tensor.varies for tensor in self.inputs)) or "pack_padded_sequence" in self.operations


def generator_of(ends: Sequence[tuple[Shapes, Shapes]]) -> int:
    """Return the index of the generator of two adversaries: the one whose output has the shape of the other's input.

    If that holds for neither or both, it is the one whose output is not a single number, or else the first.

    Args:
        ends: the shapes of the inputs and outputs of each, without the batch.
    """
    makes = [ends[number][1] == ends[1 - number][0] for number in (0, 1)]
    if makes[0] == makes[1]:
        makes = [ends[number][1] != [(1,)] for number in (0, 1)]
    return 1 if makes == [False, True] else 0
