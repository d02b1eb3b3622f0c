"""The base classes of all data sources.

Fields are the settings that a user may write; everything else about a source is a ``ClassVar``, for checks and plans.
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
DataPath = Annotated[Path, Option("path of the data", flag="data", always=True)]
Workers = Annotated[int, Option("processes that read images; 0 means the main process", always=True)]
Column = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_printable)]


class DataSettings(Settings):
    """Base of all data sources."""

    source: ClassVar[str]  # its name in the description
    title: ClassVar[str]  # in a sentence: "Train MyCnn on {title}"
    templates: ClassVar[str] = ""  # the name of its templates, if it is not its own
    main_argument: ClassVar[str | None] = None  # the setting that a bare scalar sets
    # each of these four is None if it is known only when the data are read
    sample_shape: ClassVar[tuple[int, ...] | None] = None
    classes: ClassVar[int | None] = None
    target_size: ClassVar[int | None] = None  # real numbers to predict for each sample
    samples: ClassVar[int | None] = None
    targets: ClassVar[frozenset[str]]  # the kinds of target it can give
    several_inputs: ClassVar[bool] = False  # a sample can have any number of inputs
    several_targets: ClassVar[bool] = False  # a sample can have any number of targets
    in_memory: ClassVar[bool] = True
    pixels: ClassVar[bool] = False  # samples are images whose pixels have a known range
    downloads: ClassVar[bool] = False  # torchvision downloads the data on first use
    unit_pixels: ClassVar[bool] = False  # pixels are scaled to 0 to 1, whatever the network ends in
    made: ClassVar[bool] = False  # samples are made for the network, so that nothing has to be scaled
    in_order: ClassVar[bool] = False  # the parts are consecutive; otherwise their samples are drawn at random
    by_time: ClassVar[bool] = False  # samples are windows of a series, whose parts are consecutive in time
    cuts: ClassVar[bool] = False  # samples are cut to the length that the network can take
    pads: ClassVar[bool] = False  # targets may contain ignored values, such as padding
    collates: ClassVar[bool] = False  # a batch may hold samples of several sizes
    learns: ClassVar[bool] = False  # predictions need values learnt from the training set, whatever the target
    rereads: ClassVar[bool] = False  # the data may change after training, and are then read with the learnt values
    scales_input: ClassVar[bool] = False  # inputs are standardised with the learnt values
    learns_classes: ClassVar[bool] = False  # the classes have names that are known when the data are read
    lists_classes: ClassVar[bool] = False  # the classes have names that data.py lists
    reads_images: ClassVar[bool] = False  # predictions are made for image files
    reads_table: ClassVar[bool] = False  # predictions are made for a table
    table_file: ClassVar[TableFile]  # for sources of tables: the kind of file that holds one
    dependencies: ClassVar[tuple[str, ...]] = ()  # of the emitted project, beside the common ones
    untyped: ClassVar[tuple[str, ...]] = ()  # modules of the dependencies that have no types, for mypy

    @property
    def libraries(self) -> tuple[str, ...]:
        """The dependencies that these settings need."""
        return self.dependencies

    @property
    def paths(self) -> tuple[str, ...]:
        """The names of the run's settings that hold paths of the data."""
        return tuple(option.flag or name for name, option in self.options() if self.kind_of(name) is str)

    @property
    def size(self) -> int | None:
        """The number of samples; None if it is known only when the data are read."""
        return self.samples

    @property
    def learns_something(self) -> bool:
        """Whether these settings make predictions depend on values learnt from the training set."""
        return self.learns

    @property
    def one_column(self) -> bool:
        """Whether the data are a series with a single column."""
        return False

    @property
    def tokens_at_once(self) -> int | None:
        """The number of tokens that the network sees at once; None if it is not written."""
        return None

    @property
    def words_at_most(self) -> int | None:
        """The maximum number of words of a text; None if it is not written."""
        return None

    @property
    def text_column(self) -> str:
        """The column of texts in the tables that tests create."""
        return "text"

    def input_problem(self, tensor: Tensor) -> str | None:
        """Return the reason why an input cannot take the samples, for a message; None if it can."""
        if tensor.dtype != "float32":
            return f"the samples of {self.source} are real numbers, and the input takes {tensor.dtype}"
        if tensor.varies:
            return f"the samples of {self.source} have one size, and the input one that varies"
        return None

    def inputs_problem(self, tensors: tuple[Tensor, ...]) -> str | None:
        """Return the reason why the inputs, whose number is valid, cannot take the samples together, or None."""
        return None


class Split(DataSettings):
    """A source without separate validation and test sets."""

    validation: float = Field(0.1, gt=0, le=0.5, description="Share of the samples that picks the best epoch.")
    test: float = Field(0.2, gt=0, lt=0.5, description="Share of the samples for the final evaluation.")


class File(Split):
    """A source that the user has on disk."""

    main_argument = "path"
    path: DataPath = Field(description="Where it is, from the folder of the project.")
