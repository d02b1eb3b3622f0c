"""Sentences of a .csv file: one column holds their words, another their tags."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor, nn

TARGET = "tags"  # the column of tags
TEXT = "words"  # the column of sentences
VOCABULARY = 200  # words that the model knows; 0 is padding, 1 any unknown word
LENGTH = 256  # words of a sentence that are used
CLASSES = 9  # number of tags
IGNORED = -100  # the tag of padding


class Split(NamedTuple):
    """Samples and their targets."""

    x: Tensor  # (N, time), words, padded with zeros
    y: Tensor  # (N, time), tags, padded with IGNORED

    def to(self, device: str) -> "Split":
        return Split(*(tensor.to(device) for tensor in self))

    def select(self, index: Tensor) -> "Split":
        """Return the samples with these indices."""
        return Split(*(tensor.index_select(0, index) for tensor in self))

    def batches(self, size: int) -> Iterator["Split"]:
        """Yield all samples in order, `size` of them at a time."""
        for tensors in zip(*(torch.split(tensor, size) for tensor in self)):
            yield Split(*tensors)


class Preprocessing(NamedTuple):
    """What was learnt from the training set, and is needed for predictions."""

    words: list[str]  # the most frequent ones; the first is number 2
    classes: list[str]  # the tags

    def encode(self, sentences: list[list[str]]) -> Tensor:
        """Return sentences as the model takes them, (N, words of the longest)."""
        numbers = {word: number for number, word in enumerate(self.words, 2)}
        rows = []
        for number, words in enumerate(sentences, start=1):
            if not words:
                raise SystemExit(f"sentence {number} has no words")
            rows.append(torch.tensor([numbers.get(word, 1) for word in words[:LENGTH]]))
        if not rows:
            raise SystemExit("there are no sentences")
        return nn.utils.rnn.pad_sequence(rows, batch_first=True)

    def encode_target(self, tags: list[list[str]]) -> Tensor:
        """Return the tags of sentences as the loss takes them."""
        if new := sorted({tag for row in tags for tag in row} - set(self.classes)):
            raise SystemExit(f"{TARGET!r} has {new[0]!r}, not a tag of the model")
        numbers = {tag: number for number, tag in enumerate(self.classes)}
        rows = [torch.tensor([numbers[tag] for tag in row[:LENGTH]]) for row in tags]
        return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=IGNORED)


def read_table(path: str) -> pd.DataFrame:
    """Return the rows of a file as texts: "null" and "NA" are words, too."""
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:  # pandas has its own kinds of ValueError
        raise SystemExit(f"{path}: {error}") from None


def read_sentences(table: pd.DataFrame) -> list[list[str]]:
    """Return the words of each row, split at blanks."""
    if TEXT not in table:
        raise SystemExit(f"no column {TEXT!r} among {list(table.columns)}")
    return [text.split() for text in table[TEXT]]


def read_tags(table: pd.DataFrame, sentences: list[list[str]]) -> list[list[str]]:
    """Return the tags of each row: as many as it has words."""
    if TARGET not in table:
        raise SystemExit(f"no column {TARGET!r} among {list(table.columns)}")
    tags = [text.split() for text in table[TARGET]]
    for number, (words, row) in enumerate(zip(sentences, tags), start=1):
        if len(words) != len(row) or not words:
            found = f"{len(words)} words and {len(row)} tags"
            raise SystemExit(f"row {number} below the header has {found}")
    return tags


def learn(
    sentences: list[list[str]], tags: list[list[str]], train: Tensor
) -> Preprocessing:
    """Return the words of the training set, and all tags."""
    classes = sorted({tag for row in tags for tag in row})
    if len(classes) != CLASSES:
        found = f"{TARGET!r} has {len(classes)} different tags"
        raise SystemExit(f"{found}, but the model has scores for {CLASSES}")
    counts: Counter[str] = Counter()
    for number in train.tolist():
        counts.update(sentences[number][:LENGTH])
    words = [word for word, _ in counts.most_common(VOCABULARY - 2)]
    return Preprocessing(words, classes)


def split_indices(count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the indices of the training, validation and test samples, in random order.

    The same count always gives the same parts, whatever the --seed of a run.
    """
    order = torch.randperm(count, generator=torch.Generator().manual_seed(0))
    test = round(count * 0.2)
    validation = round(count * 0.1)
    if min(test, validation) < 1:
        raise SystemExit(f"{count} samples are too few for three parts")
    return order[test + validation :], order[test : test + validation], order[:test]


def load_data(
    path: str, preprocessing: Preprocessing | None = None
) -> tuple[Split, Split, Split, Preprocessing]:
    """Return the training, validation and test sets, and what was learnt from the data.

    With the preprocessing of a trained model, nothing is learnt anew.
    """
    table = read_table(path)
    sentences = read_sentences(table)
    tags = read_tags(table, sentences)
    train, validation, test = split_indices(len(sentences))
    if preprocessing is None:
        preprocessing = learn(sentences, tags, train)
    samples = Split(preprocessing.encode(sentences), preprocessing.encode_target(tags))
    return (
        samples.select(train),
        samples.select(validation),
        samples.select(test),
        preprocessing,
    )
