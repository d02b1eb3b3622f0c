"""The number of sunspots of each year from 1700 to 2008, from statsmodels.

A sample is a window of 22 years, and the 3 after it are its target.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd
import torch
from statsmodels.datasets import sunspots
from torch import Tensor

COLUMN = "SUNACTIVITY"
WINDOW = 22  # years that the model sees
HORIZON = 3  # years that it forecasts
PERIOD = 11  # years per season, for the naive forecast


class Split(NamedTuple):
    """Samples and their targets."""

    x: Tensor  # (N, 1, 22), standardised
    y: Tensor  # (N, 3), standardised

    def to(self, device: str) -> "Split":
        return Split(*(tensor.to(device) for tensor in self))

    def select(self, index: Tensor) -> "Split":
        """Return the samples with these indices."""
        return Split(*(tensor.index_select(0, index) for tensor in self))

    def batches(self, size: int) -> Iterator["Split"]:
        """Yield all samples in order, `size` of them at a time."""
        for tensors in zip(*(torch.split(tensor, size) for tensor in self)):
            yield Split(*tensors)


class Preprocessing(NamedTuple):
    """Mean and standard deviation of the training part."""

    mean: Tensor
    std: Tensor

    def encode(self, series: Tensor) -> Tensor:
        """Return values in the units of the series as the model takes them."""
        return (series - self.mean) / self.std

    def decode(self, y: Tensor) -> Tensor:
        """Return forecasts in the units of the series."""
        return y * self.std + self.mean


def load_series() -> Tensor:
    """Return the number of sunspots of each year, (years,)."""
    table = sunspots.load_pandas().data
    return torch.tensor(table[COLUMN].to_numpy("float32"))


def read_series(path: str) -> Tensor:
    """Return the column of a .csv file, (steps,), in the order of its rows."""
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:  # pandas has its own kinds of ValueError
        raise SystemExit(f"{path}: {error}") from None
    if COLUMN not in table:
        raise SystemExit(f"{path}: no column {COLUMN!r} among {list(table.columns)}")
    values = pd.to_numeric(table[COLUMN], errors="coerce")
    if values.isna().any():
        row = int(values.isna().argmax())
        raise SystemExit(f"{path}: {COLUMN!r} has no number in row {row + 1}")
    return torch.tensor(values.to_numpy("float32"))


def last_window(values: Tensor) -> Tensor:
    """Return the end of a series as a batch of one sample."""
    if len(values) < WINDOW:
        raise SystemExit(f"{len(values)} years are too few for a window of {WINDOW}")
    return values[-WINDOW:].reshape(1, 1, WINDOW)


def windows_of(values: Tensor, part: slice) -> Split:
    """Return the windows whose horizon lies in a part; they may begin before it."""
    steps = slice(max(part.start - WINDOW, 0), part.stop)
    windows = values[steps].unfold(0, WINDOW + HORIZON, 1)  # views: nothing is copied
    return Split(windows[:, :WINDOW].unsqueeze(1), windows[:, WINDOW:])


def seasonal_naive(x: Tensor) -> Tensor:
    """Return the values of the season before, as forecasts for windows."""
    steps = [WINDOW - PERIOD + step % PERIOD for step in range(HORIZON)]
    return x[:, 0, steps]


def split_times(count: int) -> tuple[slice, slice, slice]:
    """Return the steps of the training, validation and test parts, in this order."""
    validation, test = int(0.7 * count), int(0.8 * count)
    return slice(0, validation), slice(validation, test), slice(test, count)


def load_data() -> tuple[Split, Split, Split, Preprocessing]:
    """Return training, validation and test windows, and how they were standardised."""
    series = load_series()
    train, validation, test = split_times(len(series))
    seen = series[train]  # the later parts are unseen
    preprocessing = Preprocessing(seen.mean(), seen.std())
    values = preprocessing.encode(series)
    return (
        windows_of(values, train),
        windows_of(values, validation),
        windows_of(values, test),
        preprocessing,
    )
