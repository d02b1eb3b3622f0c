"""The handwritten digits of scikit-learn: 1,797 images of 8 x 8 pixels."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from torch import Tensor

MEAN = 4.88  # of the pixels, which are 0 to 16
STD = 6.02


class Split(NamedTuple):
    """Samples and their targets."""

    x: Tensor  # (N, 64)
    y: Tensor  # (N,), classes 0 to 9

    def to(self, device: str) -> "Split":
        return Split(*(tensor.to(device) for tensor in self))

    def select(self, index: Tensor) -> "Split":
        """Return the samples with these indices."""
        return Split(*(tensor.index_select(0, index) for tensor in self))

    def batches(self, size: int) -> Iterator["Split"]:
        """Yield all samples in order, `size` of them at a time."""
        for tensors in zip(*(torch.split(tensor, size) for tensor in self)):
            yield Split(*tensors)


def encode(images: NDArray[Any]) -> Tensor:
    """Return images, (N, 8, 8), as the model takes them."""
    x = torch.tensor(images, dtype=torch.float32)
    return ((x - MEAN) / STD).reshape(-1, 64)


def split_indices(count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the indices of the training, validation and test samples, in random order.

    The same count always gives the same parts, whatever the --seed of a run.
    """
    order = torch.randperm(count, generator=torch.Generator().manual_seed(0))
    test = round(count * 0.2)
    validation = round(count * 0.1)
    return order[test + validation :], order[test : test + validation], order[:test]


def load_data() -> tuple[Split, Split, Split]:
    """Return the training, validation and test sets."""
    digits = load_digits()
    samples = Split(
        encode(digits.images),
        torch.tensor(digits.target, dtype=torch.int64),
    )
    train, validation, test = split_indices(len(samples.x))
    return samples.select(train), samples.select(validation), samples.select(test)
