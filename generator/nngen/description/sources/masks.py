"""Images with a class for each pixel."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..settings import Option
from ..target_kinds import BINARY_MASK, MASK
from ..tensor import Tensor
from .base import Path, Split, Workers


class Masks(Split):
    """Images in one folder, and in another one mask for each, of the same name."""

    source = "masks"
    title = "a folder of images and one of masks"
    targets = frozenset({MASK, BINARY_MASK})
    in_memory = False
    reads_images = True
    pads = True
    collates = True
    dependencies = ("pillow>=10",)
    images: Annotated[Path, Option("folder of images", always=True)] = Field(
        description="Folder of images, from the folder of the project."
    )
    masks: Annotated[Path, Option("folder of masks", always=True)] = Field(
        description="Folder of their masks: PNG files whose pixels are the numbers of classes."
    )
    workers: Workers = Field(0, ge=0, le=256, description="Processes that read images; 0 reads in the main one.")

    def input_problem(self, tensor: Tensor) -> str | None:
        if len(tensor.shape) != 3 or tensor.shape[0] not in (1, 3):
            return f"images need an input such as [3, height, width], not {list(tensor.shape)}"
        return None if tensor.dtype == "float32" else super().input_problem(tensor)


class Shapes(Split):
    """Discs, squares and triangles drawn over handwritten digits, with their masks."""

    source = "shapes"
    title = "shapes drawn over the digits of scikit-learn"
    targets = frozenset({MASK, BINARY_MASK})
    classes = 4
    reads_images = True
    unit_pixels = True
    main_argument = "count"
    dependencies = ("pillow>=10", "scikit-learn>=1.3")
    untyped = ("sklearn.*",)
    count: int = Field(1400, ge=50, le=1_000_000, description="How many pictures to draw.")

    @property
    def size(self) -> int | None:
        return self.count

    def input_problem(self, tensor: Tensor) -> str | None:
        if len(tensor.shape) != 3 or tensor.shape[0] != 1:
            return f"shapes need an input such as [1, 32, 32], not {list(tensor.shape)}"
        if any(isinstance(size, int) and size < 16 for size in tensor.shape[1:]):
            return f"shapes need pictures of 16 x 16 pixels or more, not {list(tensor.shape)}"
        return None if tensor.dtype == "float32" else super().input_problem(tensor)
