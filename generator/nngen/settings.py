"""What can be set under ``data`` and ``training``, and what is known of each source of data before it is read.

Fields are what a user may write; everything else about a source is a ``ClassVar``, for the checker and the recipe.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from .interface import Tensor
from .targets import (
    ALL,
    BINARY,
    BINARY_MASK,
    CLASS_LIST,
    FORECAST,
    INDEX,
    INPUT,
    LABELS,
    MASK,
    MULTILABEL,
    NEXT,
    NONE,
    REAL,
    SIGNED,
)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("only printable characters are allowed")
    return text


Path = Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_printable)]
Column = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_printable)]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Columns = Annotated[list[Column], BeforeValidator(_listed, Column | list[Column]), Field(min_length=1, max_length=1024)]


class Settings(BaseModel):
    """Base of all settings: unknown keys are errors, and nothing is converted silently."""

    # a description uses one source: the checks of the others are not built
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class Training(Settings):
    """How to train; most of it becomes the default of a command-line flag."""

    epochs: int = Field(10, ge=1, le=1_000_000, description="Passes over the training set.")
    batch_size: int = Field(64, ge=1, le=1_000_000, description="Samples in one step.")
    seed: int = Field(0, ge=0, lt=2**32, description="Of the first weights, the order of the samples and dropout.")
    precision: Literal["fp32", "bf16"] = Field("fp32", description="bf16 computes in bfloat16 autocast.")
    clip_grad_norm: float | None = Field(None, gt=0, description="Longest gradient; a longer one is scaled down.")
    accumulate: int = Field(1, ge=1, le=1_000_000, description="Batches whose gradients are added up before a step.")
    ema: float | None = Field(None, gt=0, lt=1, description="Decay of an average of the weights, used to evaluate.")
    early_stopping: int | None = Field(
        None, ge=1, le=1_000_000, description="Stop after so many epochs without a better validation metric."
    )
    noise: float | None = Field(
        None, gt=0, description="autoencoder: standard deviation of noise that it learns to remove."
    )
    kl_weight: float | None = Field(None, gt=0, description="vae: factor of the KL divergence in the loss.")
    kl_warmup: int | None = Field(
        None, ge=1, le=1_000_000, description="vae: epochs in which that factor grows to its value."
    )
    critic_steps: int | None = Field(
        None, ge=1, le=1000, description="gan: steps of the discriminator for one of the generator."
    )
    gradient_penalty: float | None = Field(
        None, gt=0, description="gan: factor of the penalty that keeps the discriminator's gradient near length 1."
    )
    tensorboard: bool = Field(False, description="Write losses, metrics and pictures for TensorBoard too.")
    compile: bool = Field(False, description="Compile the model with torch.compile.")


class DataSettings(Settings):
    """Base of all sources of data."""

    source: ClassVar[str]  # its name in the description
    title: ClassVar[str]  # in a sentence: "Train MyCnn on {title}"
    main_argument: ClassVar[str | None] = None  # what a bare scalar stands for
    sample_shape: ClassVar[tuple[int, ...] | None] = None  # None: known only when the data are read
    classes: ClassVar[int | None] = None  # likewise
    target_size: ClassVar[int | None] = None  # real numbers to predict for each sample; likewise
    samples: ClassVar[int | None] = None  # likewise
    targets: ClassVar[frozenset[str]]  # the kinds of target it can give
    several: ClassVar[bool] = False  # a sample can have several inputs and targets
    in_memory: ClassVar[bool] = True
    pixels: ClassVar[bool] = False  # samples are images whose pixels have a known range
    downloads: ClassVar[bool] = False  # torchvision does, on first use
    dependencies: ClassVar[tuple[str, ...]] = ()  # of the emitted project, beside those that all have
    untyped: ClassVar[tuple[str, ...]] = ()  # modules of these without types, for mypy

    @property
    def libraries(self) -> tuple[str, ...]:
        """The dependencies with these settings."""
        return self.dependencies

    def input_problem(self, tensor: Tensor) -> str | None:
        """Why an input cannot take its samples, for a message; None where it can."""
        if tensor.dtype != "float32":
            return f"the samples of {self.source} are real numbers, and the input takes {tensor.dtype}"
        if tensor.varies:
            return f"the samples of {self.source} have one size, and the input one that varies"
        return None


class _Split(DataSettings):
    """A source without parts of its own for validation and test."""

    validation: float = Field(0.1, gt=0, le=0.5, description="Share of the samples that picks the best epoch.")
    test: float = Field(0.2, gt=0, lt=0.5, description="Share of the samples for the final evaluation.")


class _File(_Split):
    """A source that the user has on disk."""

    main_argument = "path"
    path: Path = Field(description="Where it is, from the folder of the project.")


class Digits(_Split):
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


class Diabetes(_Split):
    """The progression of diabetes in 442 patients from ten measurements, from scikit-learn."""

    source = "diabetes"
    title = "the diabetes data of scikit-learn"
    sample_shape = (10,)
    target_size = 1
    samples = 442
    targets = frozenset({REAL})
    dependencies = ("scikit-learn>=1.3",)
    untyped = ("sklearn.*",)


class Csv(_File):
    """A table with a header; one column is the target, the others are the input."""

    source = "csv"
    title = "the rows of a table"
    targets = frozenset({INDEX, BINARY, REAL})
    dependencies = ("pandas>=2.0",)
    untyped = ("pandas.*",)
    target: Column = Field(description="The column to predict.")

    def input_problem(self, tensor: Tensor) -> str | None:
        if len(tensor.shape) != 1:
            return f"the rows of a table need an input such as [10], not {list(tensor.shape)}"
        return super().input_problem(tensor)


class Arrays(_File):
    """An .npz file with the arrays x and y, and x_test and y_test where the test set is separate."""

    source = "arrays"
    title = "arrays of an .npz file"
    targets = frozenset({INDEX, BINARY, MULTILABEL, REAL, SIGNED, CLASS_LIST, LABELS, INPUT, NONE})
    several = True

    def input_problem(self, tensor: Tensor) -> str | None:
        return None


class Images(_File):
    """A folder with one folder of images for each class."""

    source = "images"
    pixels = True
    title = "a folder of images"
    targets = frozenset({INDEX, BINARY, INPUT})
    in_memory = False
    dependencies = ("pillow>=10",)
    workers: int = Field(0, ge=0, le=256, description="Processes that read images; 0 reads in the main one.")

    def input_problem(self, tensor: Tensor) -> str | None:
        if len(tensor.shape) != 3 or tensor.shape[0] not in (1, 3):
            return f"images need an input such as [3, 224, 224], not {list(tensor.shape)}"
        return super().input_problem(tensor)


class Masks(_Split):
    """Images in one folder, and in another one mask for each, of the same name."""

    source = "masks"
    title = "a folder of images and one of masks"
    targets = frozenset({MASK, BINARY_MASK})
    in_memory = False
    dependencies = ("pillow>=10",)
    images: Path = Field(description="Folder of images, from the folder of the project.")
    masks: Path = Field(description="Folder of their masks: PNG files whose pixels are the numbers of classes.")
    workers: int = Field(0, ge=0, le=256, description="Processes that read images; 0 reads in the main one.")

    def input_problem(self, tensor: Tensor) -> str | None:
        if len(tensor.shape) != 3 or tensor.shape[0] not in (1, 3):
            return f"images need an input such as [3, height, width], not {list(tensor.shape)}"
        return None if tensor.dtype == "float32" else super().input_problem(tensor)


class Shapes(_Split):
    """Discs, squares and triangles drawn over handwritten digits, with their masks."""

    source = "shapes"
    title = "shapes drawn over the digits of scikit-learn"
    targets = frozenset({MASK, BINARY_MASK})
    classes = 4
    main_argument = "count"
    dependencies = ("pillow>=10", "scikit-learn>=1.3")
    untyped = ("sklearn.*",)
    count: int = Field(1400, ge=50, le=1_000_000, description="How many pictures to draw.")

    def input_problem(self, tensor: Tensor) -> str | None:
        if len(tensor.shape) != 3 or tensor.shape[0] != 1:
            return f"shapes need an input such as [1, 32, 32], not {list(tensor.shape)}"
        if any(isinstance(size, int) and size < 16 for size in tensor.shape[1:]):
            return f"shapes need pictures of 16 x 16 pixels or more, not {list(tensor.shape)}"
        return None if tensor.dtype == "float32" else super().input_problem(tensor)


class _Torchvision(DataSettings):
    """A data set that torchvision downloads on first use."""

    classes = 10
    targets = frozenset({INDEX, INPUT})
    pixels = True
    downloads = True
    dependencies = ("pillow>=10", "torchvision>=0.19")
    untyped = ("torchvision.*",)
    main_argument = "path"
    path: Path = Field("data", description="Folder that the download goes to.")
    validation: float = Field(0.1, gt=0, le=0.5, description="Share of the training samples that picks the best epoch.")


class Mnist(_Torchvision):
    """70,000 handwritten digits of 28 x 28 pixels."""

    source = "mnist"
    title = "MNIST"
    sample_shape = (1, 28, 28)
    samples = 70_000


class FashionMnist(_Torchvision):
    """70,000 pictures of clothes, 28 x 28 pixels."""

    source = "fashion_mnist"
    title = "Fashion-MNIST"
    sample_shape = (1, 28, 28)
    samples = 70_000


class Cifar10(_Torchvision):
    """60,000 colour pictures of 32 x 32 pixels in ten classes."""

    source = "cifar10"
    title = "CIFAR-10"
    sample_shape = (3, 32, 32)
    samples = 60_000


class Tokens(_Split):
    """A text in windows that follow each other; the network tells the next token of each."""

    targets = frozenset({NEXT})
    test: float = Field(0.1, gt=0, lt=0.5, description="Share of the text for the final evaluation; its end.")
    window: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description="Tokens that the network sees at once; by default as many as it can take, or 64.",
    )

    def input_problem(self, tensor: Tensor) -> str | None:
        if tensor.dtype == "int64" and len(tensor.shape) == 1 and tensor.varies:
            return None
        return (
            f"the samples of {self.source} are tokens, and need an input such as "
            "{shape: [time], dtype: int64, high: 96}"
        )

    @property
    def vocabulary(self) -> int | None:
        """How many different tokens there are; None: known only when the text is read."""
        return None

    @property
    def train(self) -> float:
        """The share of the text that the training set is."""
        return round(1 - self.validation - self.test, 6)

    @property
    def train_and_validation(self) -> float:
        return round(1 - self.test, 6)


class PythonDocs(Tokens):
    """The documentation that Python ships: 520,000 characters of English, none of them beyond ASCII."""

    source = "python_docs"
    title = "Python's own documentation"

    @property
    def vocabulary(self) -> int | None:
        return 96  # the printable characters of ASCII, and the line break


class Text(Tokens):
    """A text file, character by character or in the tokens of GPT-2."""

    source = "text"
    title = "a text"
    main_argument = "path"
    path: Path = Field(description="Where it is, from the folder of the project.")
    tokenizer: Literal["char", "gpt2"] = Field(
        "char", description="char makes each character a token; gpt2 takes the tokens of GPT-2, through tiktoken."
    )

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("tiktoken>=0.7",) if self.tokenizer == "gpt2" else ()

    @property
    def vocabulary(self) -> int | None:
        return 50257 if self.tokenizer == "gpt2" else None


class TimeSeries(_Split):
    """A series in windows: a number of steps, and those that follow, which the network forecasts."""

    targets = frozenset({FORECAST})
    dependencies: ClassVar[tuple[str, ...]] = ("pandas>=2.0",)
    untyped: ClassVar[tuple[str, ...]] = ("pandas.*",)
    column: ClassVar[str]  # its name, of a series that has but one
    step: ClassVar[str] = "step"
    validation: float = Field(0.1, gt=0, le=0.5, description="Share of the steps that picks the best epoch.")
    test: float = Field(0.2, gt=0, lt=0.5, description="Share of the steps, the last ones, for the final evaluation.")
    window: int = Field(ge=1, le=1_000_000, description="How many steps the network is given.")
    horizon: int = Field(ge=1, le=1_000_000, description="How many steps after these it forecasts.")
    period: int = Field(
        1, ge=1, le=1_000_000, description="Steps of a season, for the naive forecast; 1 repeats the last value."
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
    def forecast(self) -> list[str]:
        """The columns that are forecast."""
        return self.names

    @property
    def starts(self) -> tuple[float, float]:
        """Where the validation and the test part begin, as shares of the series."""
        return round(1 - self.validation - self.test, 9), round(1 - self.test, 9)

    def layout(self, shape: tuple[int | str, ...], steps: int, columns: int) -> str | None:
        """How a tensor holds steps of columns: ``flat``, ``steps`` or ``columns`` first; None where it does not."""
        layouts: dict[str, tuple[int, ...]] = {"steps": (steps, columns), "columns": (columns, steps)}
        if columns == 1:
            layouts = {"flat": (steps,), **layouts}
        for name, sizes in layouts.items():
            if len(sizes) == len(shape) and all(
                size == given or (isinstance(given, str) and size == steps) for size, given in zip(sizes, shape)
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


class Sunspots(TimeSeries):
    """The yearly number of sunspots from 1700 to 2008, from statsmodels."""

    source = "sunspots"
    title = "the yearly sunspots of statsmodels"
    samples = 309
    dependencies = ("pandas>=2.0", "statsmodels>=0.14")
    untyped = ("pandas.*", "statsmodels.*")
    column = "SUNACTIVITY"
    step = "year"
    period: int = Field(11, ge=1, le=1_000_000, description="Years of a cycle, for the naive forecast.")


class Elnino(TimeSeries):
    """The temperature of the Pacific's surface in each month from 1950 to 2010, from statsmodels."""

    source = "elnino"
    title = "the monthly sea temperatures of statsmodels"
    samples = 732
    dependencies = ("pandas>=2.0", "statsmodels>=0.14")
    untyped = ("pandas.*", "statsmodels.*")
    column = "TEMPERATURE"
    step = "month"
    period: int = Field(12, ge=1, le=1_000_000, description="Months of a season, for the naive forecast.")


class Series(TimeSeries):
    """Columns of a table whose rows follow each other in time."""

    source = "series"
    title = "a series of a table"
    path: Path = Field(description="Where the table is, from the folder of the project.")
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


class Synthetic(_Split):
    """Samples made by a formula that the network can learn, in the shapes that it takes and gives."""

    source = "synthetic"
    title = "samples made by a formula"
    targets = frozenset({INDEX, BINARY, MULTILABEL, REAL, SIGNED, CLASS_LIST, LABELS, INPUT, NONE})
    several = True
    main_argument = "count"
    count: int = Field(2000, ge=50, le=10_000_000, description="How many samples to make.")

    def input_problem(self, tensor: Tensor) -> str | None:
        return None


class Unread(Synthetic):
    """Stands in for data with a mistake: it fits everything, so that no second mistake is seen in the first."""

    targets = ALL


DATA_SOURCES: dict[str, type[DataSettings]] = {
    cls.source: cls
    for cls in (
        *(Digits, Diabetes, Csv, Arrays, Images, Mnist, FashionMnist, Cifar10),
        *(Masks, Shapes),
        *(Sunspots, Elnino, Series, PythonDocs, Text, Synthetic),
    )
}
