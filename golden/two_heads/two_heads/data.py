"""Samples made by a formula, the same ones every time."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

COUNT = 2000


class Split(NamedTuple):
    """Samples and their targets."""

    measurements: Tensor  # (N, 12)
    kinds: Tensor  # (N, 2), integers below 6
    label: Tensor  # (N,), classes 0 to 3
    amounts: Tensor  # (N, 3), real numbers

    def to(self, device: str) -> "Split":
        return Split(*(tensor.to(device) for tensor in self))

    def select(self, index: Tensor) -> "Split":
        """Return the samples with these indices."""
        return Split(*(tensor.index_select(0, index) for tensor in self))

    def batches(self, size: int) -> Iterator["Split"]:
        """Yield all samples in order, `size` of them at a time."""
        for tensors in zip(*(torch.split(tensor, size) for tensor in self)):
            yield Split(*tensors)


def encode_measurements(samples: NDArray[Any]) -> Tensor:
    """Return measurements as the model takes them."""
    if math.prod(samples.shape[1:]) != 12:
        raise SystemExit(f"measurements must have shape (N, 12), not {samples.shape}")
    return torch.tensor(samples, dtype=torch.float32).reshape(-1, 12)


def encode_kinds(samples: NDArray[Any]) -> Tensor:
    """Return kinds as the model takes them."""
    if math.prod(samples.shape[1:]) != 2:
        raise SystemExit(f"kinds must have shape (N, 2), not {samples.shape}")
    if samples.dtype.kind not in "biu":
        raise SystemExit("kinds must hold integers")
    if samples.size and not 0 <= samples.min() <= samples.max() < 6:
        raise SystemExit("kinds must hold numbers from 0 to 5")
    return torch.tensor(samples, dtype=torch.int64).reshape(-1, 2)


def read_arrays(path: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file by name."""
    try:
        with np.load(path) as file:
            return dict(file)
    except (AttributeError, EOFError, OSError, TypeError, ValueError, BadZipFile):
        raise SystemExit(f"{path}: not a readable .npz file") from None


def numbers_of(arrays: Mapping[str, NDArray[Any]], name: str) -> NDArray[Any]:
    """Return the array of this name."""
    if name not in arrays:
        raise SystemExit(f"there is no array {name!r} among {list(arrays)}")
    if arrays[name].dtype.kind not in "biuf":
        raise SystemExit(f"the array {name!r} does not hold numbers")
    return arrays[name]


def encode(arrays: Mapping[str, NDArray[Any]]) -> tuple[Tensor, ...]:
    """Return the inputs as the model takes them."""
    return (
        encode_measurements(numbers_of(arrays, "measurements")),
        encode_kinds(numbers_of(arrays, "kinds")),
    )


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
    generator = torch.Generator().manual_seed(0)
    inputs = [
        torch.randn(COUNT, 12, generator=generator),
        torch.randint(6, (COUNT, 2), generator=generator),
    ]
    # targets follow from random mixtures of the inputs
    features = torch.cat(
        [
            inputs[0].reshape(COUNT, -1),
            inputs[1].reshape(COUNT, -1) / 6 - 0.5,
        ],
        dim=1,
    )
    targets = []
    weights = torch.randn(features.size(1), 4, generator=generator)
    scores = features @ weights / features.size(1) ** 0.5
    targets.append(scores.reshape(COUNT, 4).argmax(dim=1))
    weights = torch.randn(features.size(1), 3, generator=generator)
    scores = features @ weights / features.size(1) ** 0.5
    targets.append(scores.tanh().reshape(COUNT, 3))
    samples = Split(*inputs, *targets)
    train, validation, test = split_indices(COUNT)
    return samples.select(train), samples.select(validation), samples.select(test)
