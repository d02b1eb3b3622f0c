"""The documentation that Python ships: half a million characters of English."""

from collections.abc import Iterator
from pydoc_data.topics import topics
from typing import NamedTuple

import torch
from torch import Tensor

CHARACTERS = "\n" + "".join(map(chr, range(32, 127)))  # tokens are its indices
CODES = {character: token for token, character in enumerate(CHARACTERS)}
WINDOW = 64  # tokens that the model sees at once


class Split(NamedTuple):
    """Samples and their targets."""

    x: Tensor  # (N, time), tokens
    y: Tensor  # (N, time), the next token of each

    def to(self, device: str) -> "Split":
        return Split(*(tensor.to(device) for tensor in self))

    def select(self, index: Tensor) -> "Split":
        """Return the samples with these indices."""
        return Split(*(tensor.index_select(0, index) for tensor in self))

    def batches(self, size: int) -> Iterator["Split"]:
        """Yield all samples in order, `size` of them at a time."""
        for tensors in zip(*(torch.split(tensor, size) for tensor in self)):
            yield Split(*tensors)


def encode(text: str) -> Tensor:
    """Return the tokens of a text, (tokens,)."""
    if unknown := set(text) - CODES.keys():
        raise SystemExit(f"the model does not know {min(unknown)!r}")
    return torch.tensor([CODES[character] for character in text], dtype=torch.int64)


def decode(tokens: Tensor) -> str:
    """Return the text of tokens."""
    return "".join(CHARACTERS[token] for token in tokens.tolist())


def windows(tokens: Tensor) -> Split:
    """Return a text, (tokens,), cut into windows, with the next token of each token."""
    if len(tokens) <= WINDOW:
        raise SystemExit(f"{len(tokens)} tokens are too few for a window of {WINDOW}")
    cut = tokens.unfold(0, WINDOW + 1, WINDOW)  # views: nothing is copied
    return Split(cut[:, :-1], cut[:, 1:])


def load_data() -> tuple[Split, Split, Split]:
    """Return the training, validation and test sets, in the order of the text."""
    text = "\n\n".join(topics.values())
    tokens = encode("".join(character for character in text if character in CODES))
    train, validation = int(len(tokens) * 0.8), int(len(tokens) * 0.9)
    return (
        windows(tokens[:train]),
        windows(tokens[train:validation]),
        windows(tokens[validation:]),
    )
