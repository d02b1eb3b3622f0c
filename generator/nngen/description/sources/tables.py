"""Tables whose rows are samples."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ..target_kinds import BINARY, INDEX, REAL, TAGS
from ..tensor import Tensor
from .base import Column, File, Split
from .table_files import CSV


class Diabetes(Split):
    """The progression of diabetes in 442 patients from ten measurements, from scikit-learn."""

    source = "diabetes"
    title = "the diabetes data of scikit-learn"
    sample_shape = (10,)
    target_size = 1
    samples = 442
    targets = frozenset({REAL})
    dependencies = ("scikit-learn>=1.3",)
    untyped = ("sklearn.*",)
    learns = True
    scales_input = True


class Table(File):
    """A table in a file; one column is the target."""

    templates = "table"
    title = "the rows of a table"
    target_size = 1
    targets = frozenset({INDEX, BINARY, REAL, TAGS})
    dependencies: ClassVar[tuple[str, ...]] = ("pandas>=2.0",)
    untyped: ClassVar[tuple[str, ...]] = ("pandas.*",)
    several_inputs = True
    cuts = True
    pads = True
    learns = True
    rereads = True
    learns_classes = True
    reads_table = True
    target: Column = Field(description="The column to predict.")
    text: Column | None = Field(
        None, description="The column of texts, for an input of words; by default the only one beside the target."
    )
    length: int | None = Field(
        None, ge=1, le=1_000_000, description="Words of a text that count, for an input of words; 256 by default."
    )

    @property
    def words_at_most(self) -> int | None:
        return self.length

    @property
    def text_column(self) -> str:
        return self.text or ("words" if self.target == "text" else "text")

    def input_problem(self, tensor: Tensor) -> str | None:
        shape, high = list(tensor.shape), tensor.high
        if (tensor.is_whole and tensor.varies) or self.text is not None or self.length is not None:
            return _text_problem(tensor)
        if not tensor.is_whole:
            text = "the rows of a table need an input such as [10], for their numbers"
            return super().input_problem(tensor) or (None if len(shape) == 1 else f"{text}, not {shape}")
        if len(shape) > 1:
            return f"categories of a table need [columns], or [] for one column of that name, not {shape}"
        if high is None or high <= tensor.numbers_of_example:
            count = tensor.numbers_of_example
            return f"{count} column{'s' if count > 1 else ''} of categories need a high of {count + 1} or more"
        return None

    def inputs_problem(self, tensors: tuple[Tensor, ...]) -> str | None:
        numbers = [tensor.name for tensor in tensors if not tensor.is_whole]
        categories = [tensor.name for tensor in tensors if tensor.is_whole and tensor.shape]
        for names, noun in ((numbers, "numbers"), (categories, "categories")):
            if len(names) > 1:
                return f"the {noun} of a table are one tensor, and {' and '.join(names)} are two"
        if len(tensors) > 1 and any(tensor.is_whole and tensor.varies for tensor in tensors):
            return "texts of a table are the only input"
        if self.target in [tensor.name for tensor in tensors]:
            return f"{self.target} is the column to predict, so it is no input"
        return None


class Csv(Table):
    """A table with a header; one column is the target, the others are the input, or one of them if that takes words."""

    source = "csv"
    table_file = CSV


def _text_problem(tensor: Tensor) -> str | None:
    """Return the reason why an input cannot take texts, or None."""
    if not tensor.is_whole or len(tensor.shape) != 1 or not tensor.varies:
        difference = f"and this one is {list(tensor.shape)} of {tensor.dtype}"
        return f"texts need an input such as {{shape: [time], dtype: int64, high: 10000}}, {difference}"
    if tensor.high is None or tensor.high < 3:
        difference = "and this one does not say" if tensor.high is None else f"and this one has high: {tensor.high}"
        return f"words are numbered from 2 on (0 is padding, 1 any other word), so 'high' is 3 or more, {difference}"
    return None
