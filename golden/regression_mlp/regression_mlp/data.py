"""The diabetes data of scikit-learn: ten measurements of 442 patients.

The target is the progression of the disease one year later.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from sklearn.datasets import load_diabetes
from torch import Tensor


class Split(NamedTuple):
    """Samples and their targets."""

    x: Tensor  # (N, 10)
    y: Tensor  # (N, 1), standardised

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
    """Means and standard deviations of the training set."""

    x_mean: Tensor
    x_std: Tensor
    y_mean: Tensor
    y_std: Tensor

    def encode(self, measurements: Tensor) -> Tensor:
        """Return measurements, (N, 10), as the model takes them."""
        return (measurements - self.x_mean) / self.x_std

    def decode(self, y: Tensor) -> Tensor:
        """Return predictions in the units of the data."""
        return y * self.y_std + self.y_mean


def split_indices(count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the indices of the training, validation and test samples, in random order.

    The same count always gives the same parts, whatever the --seed of a run.
    """
    order = torch.randperm(count, generator=torch.Generator().manual_seed(0))
    test = round(count * 0.2)
    validation = round(count * 0.1)
    return order[test + validation :], order[test : test + validation], order[:test]


def load_data() -> tuple[Split, Split, Split, Preprocessing]:
    """Return the training, validation and test sets, and how they were standardised."""
    measurements, progression = load_diabetes(return_X_y=True, scaled=False)
    x = torch.tensor(measurements, dtype=torch.float32)
    y = torch.tensor(progression, dtype=torch.float32).reshape(-1, 1)
    train, validation, test = split_indices(len(x))
    preprocessing = Preprocessing(  # of the training set alone: the others are unseen
        x_mean=x[train].mean(dim=0),
        x_std=x[train].std(dim=0),
        y_mean=y[train].mean(dim=0),
        y_std=y[train].std(dim=0),
    )
    y = (y - preprocessing.y_mean) / preprocessing.y_std
    samples = Split(preprocessing.encode(x), y)
    return (
        samples.select(train),
        samples.select(validation),
        samples.select(test),
        preprocessing,
    )
