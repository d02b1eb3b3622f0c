"""Images with one class each."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ..target_kinds import BINARY, INDEX, INPUT
from ..tensor import Tensor
from .base import DataPath, DataSettings, File, Split, Workers


class Digits(Split):
    """1,797 handwritten digits of 8 x 8 pixels, from scikit-learn."""

    source = "digits"
    pixels = True
    title = "the handwritten digits of scikit-learn"
    sample_shape = (1, 8, 8)
    classes = 10
    samples = 1797
    targets = frozenset({INDEX, INPUT})
    dependencies = ("scikit-learn>=1.3",)
    untyped = ("sklearn.*",)


class Images(File):
    """A folder with one folder of images for each class."""

    source = "images"
    pixels = True
    title = "a folder of images"
    targets = frozenset({INDEX, BINARY, INPUT})
    in_memory = False
    reads_images = True
    learns = True
    learns_classes = True
    dependencies = ("pillow>=10",)
    workers: Workers = Field(0, ge=0, le=256, description="Processes that read images; 0 reads in the main one.")

    def input_problem(self, tensor: Tensor) -> str | None:
        if len(tensor.shape) != 3 or tensor.shape[0] not in (1, 3):
            return f"images need an input such as [3, 224, 224], not {list(tensor.shape)}"
        return super().input_problem(tensor)


class _Torchvision(DataSettings):
    """A data set that torchvision downloads on first use."""

    classes = 10
    targets = frozenset({INDEX, INPUT})
    pixels = True
    downloads = True
    reads_images = True
    dataset: ClassVar[str]  # the class of torchvision
    dependencies = ("pillow>=10", "torchvision>=0.19")
    untyped = ("torchvision.*",)
    main_argument = "path"
    path: DataPath = Field("data", description="Folder that the download goes to.")
    validation: float = Field(0.1, gt=0, le=0.5, description="Share of the training samples that picks the best epoch.")


class Mnist(_Torchvision):
    """70,000 handwritten digits of 28 x 28 pixels."""

    source = "mnist"
    dataset = "MNIST"
    title = "MNIST"
    sample_shape = (1, 28, 28)
    samples = 70_000


class FashionMnist(_Torchvision):
    """70,000 pictures of clothes, 28 x 28 pixels."""

    source = "fashion_mnist"
    dataset = "FashionMNIST"
    lists_classes = True
    title = "Fashion-MNIST"
    sample_shape = (1, 28, 28)
    samples = 70_000


class Cifar10(_Torchvision):
    """60,000 colour pictures of 32 x 32 pixels in ten classes."""

    source = "cifar10"
    dataset = "CIFAR10"
    lists_classes = True
    title = "CIFAR-10"
    sample_shape = (3, 32, 32)
    samples = 60_000
