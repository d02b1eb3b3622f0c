"""What the emitted ``data.py`` needs, and what of it others need."""

from __future__ import annotations

from ....description.sources import Csv, Text, TimeSeries, Tokens
from ....description.target_kinds import (
    BINARY,
    CLASS_LIST,
    FORECAST,
    INDEX,
    INPUT,
    LABELS,
    LENGTH,
    MASK,
    NEXT,
    REAL,
    SIGNED,
    TAGS,
)
from ....training.sample_fields import Field
from ....training.tasks.language_model import WINDOW
from ..table_columns import Table, table_of
from .core import Core

LONGEST_TEXT = 256  # words, where nothing else is said
SMALL_WINDOW = 16  # tokens at once, for the tests of a large network
_WORDS = {
    SIGNED: "1 or -1",
    CLASS_LIST: "the classes of a sample, then -1",
    LABELS: "padded at the end",
    LENGTH: "how many count",
}


class DataChoices(Core):
    """Choices that depend on where samples come from."""

    @property
    def source(self) -> str:
        return self.data.source

    @property
    def scales_target(self) -> bool:
        """Targets are standardised: a network learns numbers near zero."""
        return self.task.scales_target and self.loss.name != "PoissonNLLLoss" and self.source != "synthetic"

    @property
    def has_preprocessing(self) -> bool:
        """Something is learnt from the training set that predictions need later."""
        if self.reconstructs:
            return False
        learnt = self.by_time or self._learns_characters
        return self.scales_target or learnt or self.source in ("diabetes", "csv", "images")

    @property
    def takes_preprocessing(self) -> bool:
        """Data that may have changed since the training are read with what was learnt then."""
        scaled = self.source == "arrays" and self.scales_target
        return scaled or self._learns_characters or self.source in ("csv", "series")

    @property
    def _learns_characters(self) -> bool:
        return isinstance(self.data, Text) and self.data.tokenizer == "char"

    @property
    def by_time(self) -> bool:
        """The samples are windows of a series, and the parts follow each other in time."""
        return isinstance(self.data, TimeSeries)

    @property
    def y_std(self) -> str:
        """The standard deviations of the targets, as code."""
        one = isinstance(self.data, TimeSeries) and len(self.data.names) == 1
        return "preprocessing.std" if one else "preprocessing.y_std"

    @property
    def table(self) -> Table:
        """Of csv: which input takes which columns."""
        return table_of(self.inputs)

    @property
    def has_path(self) -> bool:
        return hasattr(self.data, "path")

    @property
    def in_order(self) -> bool:
        """The parts of the data follow each other; otherwise samples are drawn for them."""
        return isinstance(self.data, Tokens)

    @property
    def paths(self) -> tuple[str, ...]:
        """The settings of a run that say where the data are."""
        return ("data",) if self.has_path else ("images", "masks") if self.source == "masks" else ()

    def paths_from(self, where: str) -> str:
        """Those settings, as arguments of ``load_data``; the braces stand for the name."""
        return ", ".join(where.format(name) for name in self.paths)

    @property
    def collates(self) -> bool:
        """Images of several sizes are put into one batch."""
        return self.source == "masks" and self.input.varies

    @property
    def unit_pixels(self) -> bool:
        """Pixels are scaled to 0 to 1, and otherwise to -1 to 1."""
        return self.source == "shapes" or (self.reconstructs and not self.symmetric)

    @property
    def ignores(self) -> bool:
        """Some targets do not count: pixels that masks say, and what batches or sequences are padded with."""
        if self.target == TAGS:
            return self.source != "synthetic"
        return self.source == "masks" and self.target == MASK and (self.collates or self.classes > 2)

    @property
    def ignored(self) -> int:
        """The class of what does not count."""
        value = self.terms[0].call.arguments.get("ignore_index", -100)
        return value if isinstance(value, int) else -100

    @property
    def reads_images(self) -> bool:
        """Predictions are made for image files."""
        return self.source in ("images", "mnist", "fashion_mnist", "cifar10", "masks", "shapes")

    @property
    def classes_from_data(self) -> bool:
        """The classes have names that are known when the data are read."""
        return self.source in ("csv", "images") and self.target in (INDEX, BINARY, TAGS)

    @property
    def class_names(self) -> bool:
        """The classes have names that data.py lists."""
        return self.source in ("fashion_mnist", "cifar10")

    @property
    def reshape(self) -> str:
        """The shape of a batch of inputs, as arguments of ``reshape``."""
        return ", ".join(map(str, (-1, *self.input.shape)))

    @property
    def reshape_target(self) -> str:
        return ", ".join(map(str, (-1, *self.targets[0].tensor.shape)))

    def words(self, field: Field) -> str:
        """What the numbers of a tensor are."""
        if field.kind == INPUT and isinstance(self.data, Tokens):
            return "tokens"
        if field.kind == NEXT:
            return "the next token of each"
        if self.reads_texts and field.kind == INPUT:
            return "words, padded with zeros"
        if self.by_time and field.kind == INPUT:
            return "standardised"
        if field.kind == INPUT:
            return f"whole numbers below {field.tensor.high}" if field.tensor.high else ""
        if field.kind == TAGS and self.ignores:
            return "tags, padded with IGNORED"
        if field.kind in (INDEX, MASK, TAGS):
            return f"classes 0 to {(field.tensor.high or 1) - 1}"
        if field.kind in (REAL, FORECAST):
            return "standardised" if self.scales_target else "real numbers"
        return _WORDS.get(field.kind, "0 or 1")

    @property
    def y_words(self) -> str:
        return self.words(self.targets[0])

    @property
    def reads_texts(self) -> bool:
        """Samples are texts in a column of a table."""
        return isinstance(self.data, Csv) and self.input.is_whole and self.input.varies

    @property
    def reads_tags(self) -> bool:
        """Samples are sentences of a table, with a tag for each word."""
        return self.source == "csv" and self.target == TAGS

    @property
    def step_dim(self) -> int:
        """Which dimension of a batch of inputs the steps of sequences are."""
        return 1 + self.input.shape.index(self.output.shape[0])

    @property
    def steps(self) -> str:
        """A batch ``x`` of sequences as (N, steps, numbers of one), or (N, steps), as code."""
        moved = f"x.movedim({self.step_dim}, 1)" if self.step_dim > 1 else "x"
        return moved + (".flatten(2)" if len(self.input.shape) > 2 else "")

    @property
    def text_column(self) -> str:
        """The column of texts in a table that tests make up."""
        data = self.data
        assert isinstance(data, Csv)
        return data.text or ("words" if data.target == "text" else "text")

    @property
    def longest_text(self) -> int:
        """How many words of a text count."""
        length = (self.data.length if isinstance(self.data, Csv) else None) or LONGEST_TEXT
        return min(length, self.network.longest or length)

    @property
    def window(self) -> int:
        """How many tokens of a text the network sees at once."""
        given = self.data.window if isinstance(self.data, Tokens) else None
        return given or self.network.longest or WINDOW

    @property
    def evaluation_batch(self) -> int:
        """Samples that are evaluated at once; their scores take a gigabyte at most."""
        scores = self.window * (self.network.inputs[0].high or 1)
        return max(1, min(256, 2**28 // scores))

    @property
    def small_arguments(self) -> str:
        """Arguments that make a large network small, as code."""
        return ", ".join(f"{name}={value}" for name, value in self.network.small)

    @property
    def small_window(self) -> int:
        return min(self.window, SMALL_WINDOW)

    @property
    def reconstructs(self) -> bool:
        """Samples have no targets; pixels are scaled to what the network can give."""
        return self.task.reconstructs

    @property
    def symmetric(self) -> bool:
        """Pixels are scaled to -1 to 1, as the network ends in Tanh; otherwise they are 0 to 1."""
        return self.data.pixels and self.exported.last == "Tanh"

    @property
    def picture(self) -> tuple[int, ...] | None:
        """Channels, height and width of a sample as a picture; None where it is none."""
        for shape in (self.input.example, self.data.sample_shape or ()):
            if len(shape) == 2 and not self.input.varies:
                return (1, *shape)
            if len(shape) == 3 and shape[0] in (1, 3):
                return shape
        return None

    @property
    def drawn(self) -> str:
        """What turns samples into pixels from 0 to 1, as the end of an expression."""
        return " / 2 + 0.5" if self.symmetric else ""

    @property
    def takes_shares(self) -> bool:
        """The loss compares probabilities with samples, so these must be 0 to 1."""
        return self.reconstructs and self.loss.name in ("BCELoss", "BCEWithLogitsLoss")

    @property
    def range_words(self) -> str:
        """Where pixels lie, at the end of a sentence."""
        if not (self.reconstructs and self.data.pixels):
            return ""
        return ": from -1 to 1" if self.symmetric else ": from 0 to 1"

    def drawn_of(self, samples: str) -> str:
        """Samples, given as an expression, with pixels from 0 to 1, as code."""
        return f"{samples}{self.drawn}"
