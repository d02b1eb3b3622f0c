"""Samples with any inputs and targets: from a file, or made by a formula."""

from __future__ import annotations

from pydantic import Field

from ..target_kinds import ALL, BINARY, CLASS_LIST, INDEX, INPUT, LABELS, MULTILABEL, NONE, REAL, SIGNED, TAGS
from ..tensor import Tensor
from .base import File, Split

_TARGETS = frozenset({INDEX, BINARY, MULTILABEL, REAL, SIGNED, CLASS_LIST, LABELS, INPUT, TAGS, NONE})


class Arrays(File):
    """An .npz file with the arrays x and y, and x_test and y_test where the test set is separate."""

    source = "arrays"
    title = "arrays of an .npz file"
    targets = _TARGETS
    several_inputs = True
    several_targets = True
    pads = True
    rereads = True

    def input_problem(self, tensor: Tensor) -> str | None:
        return None


class Synthetic(Split):
    """Samples made by a formula that the network can learn, in the shapes that it takes and gives."""

    source = "synthetic"
    title = "samples made by a formula"
    targets = _TARGETS
    several_inputs = True
    several_targets = True
    made = True
    main_argument = "count"
    count: int = Field(2000, ge=50, le=10_000_000, description="How many samples to make.")

    @property
    def size(self) -> int | None:
        return self.count

    def input_problem(self, tensor: Tensor) -> str | None:
        return None


class UnreadSource(Synthetic):
    """A substitute for data with a mistake; it fits every network, so that the mistake causes no others."""

    targets = ALL
