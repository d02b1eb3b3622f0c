"""Time series."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from ..target_kinds import FORECAST
from ..tensor import Tensor
from .base import Column, DataPath, Split
from .table_files import CSV


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Columns = Annotated[list[Column], BeforeValidator(_listed, Column | list[Column]), Field(min_length=1, max_length=1024)]


class TimeSeries(Split):
    """A series in windows: a number of steps, and those that follow, which the network forecasts."""

    targets = frozenset({FORECAST})
    by_time = True
    learns = True
    table_file = CSV
    dependencies: ClassVar[tuple[str, ...]] = ("pandas>=2.0",)
    untyped: ClassVar[tuple[str, ...]] = ("pandas.*",)
    column: ClassVar[str]  # the name of the only column, for a series that has one
    step: ClassVar[str] = "step"
    validation: float = Field(0.1, gt=0, le=0.5, description="Share of the steps that picks the best epoch.")
    test: float = Field(0.2, gt=0, lt=0.5, description="Share of the steps, the last ones, for the final evaluation.")
    window: int = Field(ge=1, le=1_000_000, description="How many steps the network is given.")
    horizon: int = Field(ge=1, le=1_000_000, description="How many steps after these it forecasts.")
    period: int = Field(
        1, ge=1, le=1_000_000, description="Steps per season, for the naive forecast; 1 repeats the last value."
    )

    @model_validator(mode="after")
    def _reaches_back(self) -> Self:
        if self.period > self.window:
            raise ValueError(f"a window of {self.window} has no whole period of {self.period}")
        return self

    @property
    def names(self) -> list[str]:
        """The columns of the series."""
        return [self.column]

    @property
    def one_column(self) -> bool:
        return len(self.names) == 1

    @property
    def forecast(self) -> list[str]:
        """The columns that are forecast."""
        return self.names

    @property
    def starts(self) -> tuple[float, float]:
        """The beginnings of the validation and the test part, as fractions of the series."""
        return round(1 - self.validation - self.test, 9), round(1 - self.test, 9)

    def layout(self, shape: tuple[int | str, ...], steps: int, columns: int) -> str | None:
        """Return how a tensor is laid out, ``flat``, ``steps`` first or ``columns`` first, or None for other shapes."""
        layouts: dict[str, tuple[int, ...]] = {"steps": (steps, columns), "columns": (columns, steps)}
        if columns == 1:
            layouts = {"flat": (steps,), **layouts}
        for name, sizes in layouts.items():
            if len(sizes) == len(shape) and all(
                expected == size or (isinstance(size, str) and expected == steps)
                for expected, size in zip(sizes, shape)
            ):
                return name
        return None

    def input_problem(self, tensor: Tensor) -> str | None:
        if tensor.dtype != "float32":
            return super().input_problem(tensor)
        if self.layout(tensor.shape, self.window, len(self.names)):
            return None
        columns = f" and {len(self.names)} columns" if len(self.names) > 1 else ""
        sizes = f"[{self.window}, {len(self.names)}] or [{len(self.names)}, {self.window}]"
        window = f"a window of {self.window} {self.step}s{columns}"
        return f"{window} needs an input such as {sizes}, not {list(tensor.shape)}"


class _Statsmodels(TimeSeries):
    """A series that statsmodels ships."""

    dependencies = ("pandas>=2.0", "statsmodels>=0.14")
    untyped = ("pandas.*", "statsmodels.*")


class Sunspots(_Statsmodels):
    """The yearly number of sunspots from 1700 to 2008, from statsmodels."""

    source = "sunspots"
    title = "the yearly sunspots of statsmodels"
    samples = 309
    column = "SUNACTIVITY"
    step = "year"
    period: int = Field(11, ge=1, le=1_000_000, description="Years of a cycle, for the naive forecast.")


class Elnino(_Statsmodels):
    """The temperature of the Pacific's surface in each month from 1950 to 2010, from statsmodels."""

    source = "elnino"
    title = "the monthly sea temperatures of statsmodels"
    samples = 732
    column = "TEMPERATURE"
    step = "month"
    period: int = Field(12, ge=1, le=1_000_000, description="Months per season, for the naive forecast.")


class Series(TimeSeries):
    """Columns of a table whose rows follow each other in time."""

    source = "series"
    title = "a series of a table"
    rereads = True
    path: DataPath = Field(description="Where the table is, from the folder of the project.")
    columns: Columns = Field(description="The columns that the network is given, in this order; one or a list.")
    target: Columns | None = Field(None, description="Those of them that it forecasts; all where none is written.")

    @model_validator(mode="after")
    def _are_columns(self) -> Self:
        for name, count in Counter(self.columns).items():
            if count > 1:
                raise ValueError(f"the column {name!r} is there twice")
        for name in self.target or ():
            if name not in self.columns:
                raise ValueError(f"the target {name!r} is none of the columns {', '.join(self.columns)}")
        return self

    @property
    def names(self) -> list[str]:
        return self.columns

    @property
    def forecast(self) -> list[str]:
        return self.target or self.columns
