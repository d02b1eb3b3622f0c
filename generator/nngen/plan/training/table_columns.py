"""How the columns of a table become the inputs of a network."""

from __future__ import annotations

from dataclasses import dataclass

from ...training.sample_fields import Field


@dataclass(frozen=True, slots=True)
class Table:
    """Which input takes which columns."""

    numbers: Field | None  # all columns of numbers
    categories: Field | None  # all others, as whole numbers
    columns: tuple[Field, ...]  # one column each, of that name

    @property
    def one_hot(self) -> bool:
        """Numbers are the only input, so that categories become zeros and ones among them."""
        return self.categories is None and not self.columns


def table_of(inputs: tuple[Field, ...]) -> Table:
    """The columns that inputs take, by their type and shape."""
    whole = [field for field in inputs if field.tensor.is_whole]
    return Table(
        numbers=next((field for field in inputs if not field.tensor.is_whole), None),
        categories=next((field for field in whole if field.tensor.shape), None),
        columns=tuple(field for field in whole if not field.tensor.shape),
    )
