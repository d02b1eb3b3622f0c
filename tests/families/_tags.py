"""Sentences whose words mean different things by what stands left and right of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

Sentence = Sequence[tuple[str, str]]  # words with their tags

# words that are only one thing, and words that are two things
WORDS = {
    "DET": "the a this every some",
    "PRON": "she he they we it you",
    "ADJ": "old small green quiet tall bright",
    "NOUN": "dog city river teacher garden idea table child",
    "VERB": "sees likes builds follows finds makes",
    "ADV": "often never slowly here soon",
    "ADP": "in on near under behind",
    "AUX": "must could should",
    "NAME": "anna omar lena paul rome paris",
}
AMBIGUOUS = {
    ("NOUN", "VERB"): "walk play watch plant guard answer light dream cook paint visit water name drive",
    ("ADJ", "NOUN"): "human cold round square native sweet green light criminal expert",
    ("AUX", "NOUN"): "can will might",
    ("ADP", "VERB"): "like",
    ("ADJ", "ADV"): "fast hard early late",
    ("DET", "PRON"): "that her these",
    ("NAME", "VERB"): "mark rob will drew",
    ("NAME", "NOUN"): "rose may lily",
}


def sentences(count: int = 3000, seed: int = 0) -> list[list[tuple[str, str]]]:
    """Sentences of a small grammar."""
    return [_Writer(Random(seed * 1_000_003 + number)).sentence() for number in range(count)]


def write_sentences(path: Path, count: int = 3000) -> None:
    """Writes a CSV with a sentence a row: words and tags with spaces between them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [",".join(" ".join(column) for column in zip(*sentence)) for sentence in sentences(count)]
    path.write_text("\n".join(["words,tags", *rows]) + "\n", encoding="utf-8")


def read_sentences(words: Iterable[str], tags: Iterable[str]) -> list[list[tuple[str, str]]]:
    """The rows of such a CSV as sentences."""
    return [list(zip(row.split(), tag.split())) for row, tag in zip(words, tags)]


def most_frequent_tag(train: Iterable[Sentence], test: Iterable[Sentence]) -> float:
    """The accuracy of giving every word the tag that is the most frequent one of all."""
    tag = Counter(tag for sentence in train for _, tag in sentence).most_common(1)[0][0]
    return _share(tag == truth for sentence in test for _, truth in sentence)


def most_frequent_tag_of_word(train: Iterable[Sentence], test: Iterable[Sentence]) -> float:
    """The accuracy of giving a word the tag that it has most often, and an unknown one the most frequent tag."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sentence in train:
        for word, tag in sentence:
            counts[word][tag] += 1
    overall = sum(counts.values(), Counter()).most_common(1)[0][0]
    tags = {word: each.most_common(1)[0][0] for word, each in counts.items()}
    return _share(tags.get(word, overall) == truth for sentence in test for word, truth in sentence)


def _share(held: Iterable[bool]) -> float:
    answers = list(held)
    return sum(answers) / len(answers)


class _Writer:
    def __init__(self, random: Random) -> None:
        self.random = random

    def sentence(self) -> list[tuple[str, str]]:
        words = [*self.subject(), *self.action()]
        if self.maybe(0.2):
            words = [*self.place(), *words]
        return words

    def maybe(self, probability: float) -> bool:
        return self.random.random() < probability

    def word(self, tag: str) -> tuple[str, str]:
        """A word that can have a tag; as likely one of those that can have another."""
        shared = [word for tags, words in AMBIGUOUS.items() if tag in tags for word in words.split()]
        words = shared if shared and self.maybe(0.5) else WORDS[tag].split()
        return self.random.choice(words), tag

    def subject(self) -> list[tuple[str, str]]:
        if self.maybe(0.3):
            return [self.word("PRON")]
        return self.thing()

    def thing(self) -> list[tuple[str, str]]:
        if self.maybe(0.25):
            return [self.word("NAME")]
        adjectives = [self.word("ADJ") for _ in range(2) if self.maybe(0.4)]
        return [self.word("DET"), *adjectives, self.word("NOUN")]

    def action(self) -> list[tuple[str, str]]:
        words = [self.word("AUX")] if self.maybe(0.4) else []
        words += [self.word("ADV")] if self.maybe(0.2) else []
        words.append(self.word("VERB"))
        if self.maybe(0.7):
            words += self.thing()
        if self.maybe(0.3):
            words += self.place()
        if self.maybe(0.2):
            words.append(self.word("ADV"))
        return words

    def place(self) -> list[tuple[str, str]]:
        return [self.word("ADP"), *self.thing()]
