"""What the emitted ``data.py`` needs, and what of it others need."""

from __future__ import annotations

from dataclasses import dataclass

from ....description.sources import DataSettings
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
    LENGTH: "how many of them count",
}


@dataclass(frozen=True, slots=True)
class DataPlan:
    """Choices that depend on where samples come from."""

    core: Core

    @property
    def settings(self) -> DataSettings:
        """The settings under ``data``, with the facts of their source."""
        return self.core.source

    @property
    def source(self) -> str:
        """The name of the source."""
        return self.settings.source

    @property
    def templates(self) -> str:
        """The name that the templates of the source have."""
        return self.settings.templates or self.source

    @property
    def scales_target(self) -> bool:
        """Targets are standardised: a network learns numbers near zero."""
        return self.core.task.scales_target and self.core.loss.name != "PoissonNLLLoss" and not self.settings.made

    @property
    def has_preprocessing(self) -> bool:
        """Something is learnt from the training set that predictions need later."""
        return not self.core.task.reconstructs and (self.scales_target or self.settings.learns_something)

    @property
    def takes_preprocessing(self) -> bool:
        """Data that may have changed since the training are read with what was learnt then."""
        return self.settings.rereads and self.has_preprocessing

    @property
    def y_std(self) -> str:
        """The standard deviations of the targets, as code."""
        return "preprocessing.std" if self.settings.one_column else "preprocessing.y_std"

    @property
    def table(self) -> Table:
        """Of a table: which input takes which columns."""
        return table_of(self.core.inputs)

    @property
    def has_path(self) -> bool:
        """One setting says where the data are."""
        return self.settings.paths == ("data",)

    def paths_from(self, where: str) -> str:
        """Return those settings as arguments of ``load_data``; the braces stand for the name."""
        return ", ".join(where.format(name) for name in self.settings.paths)

    @property
    def collates(self) -> bool:
        """Images of several sizes are put into one batch."""
        return self.settings.collates and self.core.input.varies

    @property
    def loading(self) -> str:
        """The arguments that all loaders take, as code."""
        return "num_workers=config.workers, " + ("collate_fn=collate, " if self.collates else "")

    @property
    def unit_pixels(self) -> bool:
        """Pixels are scaled to 0 to 1, and otherwise to -1 to 1."""
        return self.settings.unit_pixels or (self.core.task.reconstructs and not self.symmetric)

    @property
    def ignores(self) -> bool:
        """Some targets do not count: pixels that masks say, and what batches or sequences are padded with."""
        masks = self.core.target == MASK and (self.collates or self.core.classes > 2)
        return self.settings.pads and (masks or self.core.target == TAGS)

    @property
    def ignored(self) -> int:
        """The class of what does not count."""
        value = self.core.terms[0].call.arguments.get("ignore_index", -100)
        return value if isinstance(value, int) else -100

    @property
    def classes_from_data(self) -> bool:
        """The classes have names that are known when the data are read."""
        return self.settings.learns_classes and self.core.target in (INDEX, BINARY, TAGS)

    @property
    def reshape(self) -> str:
        """The shape of a batch of inputs, as arguments of ``reshape``."""
        return ", ".join(map(str, (-1, *self.core.input.shape)))

    @property
    def reshape_target(self) -> str:
        return ", ".join(map(str, (-1, *self.core.targets[0].tensor.shape)))

    def words(self, field: Field) -> str:
        """What the numbers of a tensor are."""
        if field.kind == INPUT and self.settings.in_order:
            return "tokens"
        if field.kind == NEXT:
            return "the next token of each"
        if self.reads_texts and field.kind == INPUT:
            return "words, padded with zeros"
        if self.settings.by_time and field.kind == INPUT:
            return "standardised"
        if field.kind == INPUT:
            return f"integers below {field.tensor.high}" if field.tensor.high else ""
        if field.kind == TAGS and self.ignores:
            return "tags, padded with IGNORED"
        if field.kind in (INDEX, MASK, TAGS):
            return f"classes 0 to {(field.tensor.high or 1) - 1}"
        if field.kind in (REAL, FORECAST):
            return "standardised" if self.scales_target else "real numbers"
        return _WORDS.get(field.kind, "0 or 1")

    @property
    def y_words(self) -> str:
        return self.words(self.core.targets[0])

    @property
    def reads_texts(self) -> bool:
        """Samples are texts in a column of a table."""
        return self.settings.reads_table and self.core.input.is_whole and self.core.input.varies

    @property
    def reads_tags(self) -> bool:
        """Samples are sentences of a table, with a tag for each word."""
        return self.settings.reads_table and self.core.target == TAGS

    @property
    def step_dim(self) -> int:
        """Which dimension of a batch of inputs the steps of sequences are."""
        return 1 + self.core.input.shape.index(self.core.output.shape[0])

    @property
    def steps(self) -> str:
        """A batch ``x`` of sequences as (N, steps, numbers of one), or (N, steps), as code."""
        moved = f"x.movedim({self.step_dim}, 1)" if self.step_dim > 1 else "x"
        return moved + (".flatten(2)" if len(self.core.input.shape) > 2 else "")

    @property
    def longest_text(self) -> int:
        """How many words of a text count."""
        length = self.settings.words_at_most or LONGEST_TEXT
        return min(length, self.core.network.longest or length)

    @property
    def window(self) -> int:
        """How many tokens of a text the network sees at once."""
        return self.settings.tokens_at_once or self.core.network.longest or WINDOW

    @property
    def small_window(self) -> int:
        return min(self.window, SMALL_WINDOW)

    @property
    def symmetric(self) -> bool:
        """Pixels are scaled to -1 to 1, as the network ends in Tanh; otherwise they are 0 to 1."""
        return self.settings.pixels and self.core.exported.last == "Tanh"

    @property
    def picture(self) -> tuple[int, ...] | None:
        """Channels, height and width of a sample as a picture; None where it is none."""
        for shape in (self.core.input.example, self.settings.sample_shape or ()):
            if len(shape) == 2 and not self.core.input.varies:
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
        return self.core.task.reconstructs and self.core.loss.name in ("BCELoss", "BCEWithLogitsLoss")

    @property
    def range_words(self) -> str:
        """Where pixels lie, at the end of a sentence."""
        if not (self.core.task.reconstructs and self.settings.pixels):
            return ""
        return ": from -1 to 1" if self.symmetric else ": from 0 to 1"

    def drawn_of(self, samples: str) -> str:
        """Samples, given as an expression, with pixels from 0 to 1, as code."""
        return f"{samples}{self.drawn}"
