"""What all sources of data share.

Fields are what a user may write; everything else about a source is a ``ClassVar``, for the checker and the recipe.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from ..settings import Option, Settings
from ..tensor import Tensor
from .table_files import TableFile


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("only printable characters are allowed")
    return text


Path = Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_printable)]
DataPath = Annotated[Path, Option("where the data are", flag="data", always=True)]
Workers = Annotated[int, Option("processes that read images; 0: this one", always=True)]
Column = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_printable)]


class DataSettings(Settings):
    """Base of all sources of data."""

    source: ClassVar[str]  # its name in the description
    title: ClassVar[str]  # in a sentence: "Train MyCnn on {title}"
    templates: ClassVar[str] = ""  # the name that its templates have, where that is not its own
    main_argument: ClassVar[str | None] = None  # what a bare scalar stands for
    sample_shape: ClassVar[tuple[int, ...] | None] = None  # None: known only when the data are read
    classes: ClassVar[int | None] = None  # likewise
    target_size: ClassVar[int | None] = None  # real numbers to predict for each sample; likewise
    samples: ClassVar[int | None] = None  # likewise
    targets: ClassVar[frozenset[str]]  # the kinds of target it can give
    several_inputs: ClassVar[bool] = False  # a sample can have any number of inputs
    several_targets: ClassVar[bool] = False  # likewise of targets
    in_memory: ClassVar[bool] = True
    pixels: ClassVar[bool] = False  # samples are images whose pixels have a known range
    downloads: ClassVar[bool] = False  # torchvision does, on first use
    unit_pixels: ClassVar[bool] = False  # they are 0 to 1, whatever the network ends in
    made: ClassVar[bool] = False  # samples are, for the network: nothing has to be scaled
    in_order: ClassVar[bool] = False  # the parts follow each other; otherwise samples are drawn for them
    by_time: ClassVar[bool] = False  # samples are windows of a series, whose parts follow each other in time
    cuts: ClassVar[bool] = False  # samples are cut to what the network can take
    pads: ClassVar[bool] = False  # targets may hold what does not count, such as padding
    collates: ClassVar[bool] = False  # samples of several sizes are put into one batch
    learns: ClassVar[bool] = False  # from the training set, what predictions need later, whatever the target
    rereads: ClassVar[bool] = False  # data that may have changed since are read with what was learnt
    scales_input: ClassVar[bool] = False  # inputs are standardised with what was learnt
    learns_classes: ClassVar[bool] = False  # the classes have names that are known when the data are read
    lists_classes: ClassVar[bool] = False  # the classes have names that data.py lists
    reads_images: ClassVar[bool] = False  # predictions are made for image files
    reads_table: ClassVar[bool] = False  # predictions are made for a table
    table_file: ClassVar[TableFile]  # of a source of tables: what one lies in
    dependencies: ClassVar[tuple[str, ...]] = ()  # of the emitted project, beside those that all have
    untyped: ClassVar[tuple[str, ...]] = ()  # modules of these without types, for mypy

    @property
    def libraries(self) -> tuple[str, ...]:
        """The dependencies with these settings."""
        return self.dependencies

    @property
    def paths(self) -> tuple[str, ...]:
        """The settings of a run that say where the data are."""
        return tuple(option.flag or name for name, option in self.options() if self.kind_of(name) is str)

    @property
    def size(self) -> int | None:
        """How many samples there are; None: known only when the data are read."""
        return self.samples

    @property
    def learns_something(self) -> bool:
        """With these settings something is learnt from the training set."""
        return self.learns

    @property
    def one_column(self) -> bool:
        """A series has but one column."""
        return False

    @property
    def tokens_at_once(self) -> int | None:
        """How many tokens the network is to see, where that is written."""
        return None

    @property
    def words_at_most(self) -> int | None:
        """How many words of a text count, where that is written."""
        return None

    @property
    def text_column(self) -> str:
        """The column of texts in a table that tests make up."""
        return "text"

    def input_problem(self, tensor: Tensor) -> str | None:
        """Return why an input cannot take its samples, for a message; None where it can."""
        if tensor.dtype != "float32":
            return f"the samples of {self.source} are real numbers, and the input takes {tensor.dtype}"
        if tensor.varies:
            return f"the samples of {self.source} have one size, and the input one that varies"
        return None

    def inputs_problem(self, tensors: tuple[Tensor, ...]) -> str | None:
        """Return why the inputs, as many as it can have, cannot take its samples together; None where they can."""
        return None


class Split(DataSettings):
    """A source without parts of its own for validation and test."""

    validation: float = Field(0.1, gt=0, le=0.5, description="Share of the samples that picks the best epoch.")
    test: float = Field(0.2, gt=0, lt=0.5, description="Share of the samples for the final evaluation.")


class File(Split):
    """A source that the user has on disk."""

    main_argument = "path"
    path: DataPath = Field(description="Where it is, from the folder of the project.")
