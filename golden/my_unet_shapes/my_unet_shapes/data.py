"""Discs, squares and triangles, drawn over the handwritten digits of scikit-learn."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits
from torch import Tensor

COUNT = 1000
HEIGHT, WIDTH = 32, 32
CLASSES = 4  # background, disc, square, triangle


class Split(NamedTuple):
    """Samples and their targets."""

    x: Tensor  # (N, 1, 32, 32)
    y: Tensor  # (N, 32, 32), classes 0 to 3

    def to(self, device: str) -> "Split":
        return Split(*(tensor.to(device) for tensor in self))

    def select(self, index: Tensor) -> "Split":
        """Return the samples with these indices."""
        return Split(*(tensor.index_select(0, index) for tensor in self))

    def batches(self, size: int) -> Iterator["Split"]:
        """Yield all samples in order, `size` of them at a time."""
        for tensors in zip(*(torch.split(tensor, size) for tensor in self)):
            yield Split(*tensors)


def read_image(path: Path) -> Tensor:
    """Return an image as the model takes it: (1, 32, 32), from 0 to 1."""
    try:
        with Image.open(path) as image:
            resized = image.convert("L").resize((32, 32))
    except OSError as error:
        raise SystemExit(f"{path}: {error}") from None
    pixels = torch.from_numpy(np.array(resized)).float().div(255)
    return pixels.unsqueeze(0)


def draw(
    digit: NDArray[Any], rng: np.random.Generator
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return a digit with up to three shapes over it, and the class of each pixel."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    image = digit[y * 8 // HEIGHT, x * 8 // WIDTH] / 32  # from 0 to 0.5
    mask = np.zeros((HEIGHT, WIDTH), np.int64)
    size = min(HEIGHT, WIDTH)
    for _ in range(rng.integers(1, 4)):
        shape, radius = rng.integers(1, 4), size * rng.uniform(0.125, 0.25)
        down = y - HEIGHT * rng.uniform(0.1, 0.9)
        right = x - WIDTH * rng.uniform(0.1, 0.9)
        if shape == 1:
            inside = down**2 + right**2 <= radius**2
        elif shape == 2:
            inside = np.maximum(abs(down), abs(right)) <= 0.8 * radius
        else:
            inside = (abs(right) <= 0.55 * (down + radius)) & (down <= 0.8 * radius)
        image[inside] = rng.uniform(0.4, 1.0)
        mask[inside] = shape
    return image + rng.normal(0, 0.1, image.shape), mask


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
    digits, rng = load_digits().images, np.random.default_rng(0)
    images, masks = zip(*(draw(digits[n % len(digits)], rng) for n in range(COUNT)))
    samples = Split(
        torch.tensor(np.stack(images), dtype=torch.float32).unsqueeze(1),
        torch.tensor(np.stack(masks)),
    )
    train, validation, test = split_indices(COUNT)
    return samples.select(train), samples.select(validation), samples.select(test)
