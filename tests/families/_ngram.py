"""Interpolated n-grams of tokens: what a language model has to beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int64]


class NGram:
    """Counts of a text, interpolated over the lengths of the context.

    A context c that was followed n(c) times by t(c) different tokens gives a share of t(c) / (n(c) + t(c)) to the next
    shorter context, down to one over the number of tokens: Witten and Bell, "The zero-frequency problem: estimating
    the probabilities of novel events in adaptive text compression" (1991), method C, as in equation 17 of Chen and
    Goodman, "An empirical study of smoothing techniques for language modeling" (1998). Nothing is left to tune.

    Args:
        tokens: the text that is counted, numbers from 0.
        vocabulary: how many different tokens there can be.
        order: the length of a context and the token after it; 3 is a trigram.
    """

    def __init__(self, tokens: Tokens, vocabulary: int, order: int) -> None:
        assert vocabulary**order < 2**62, "a context and its token are coded as one int64"
        self.vocabulary = vocabulary
        self.order = order
        self._counts = [self._count(tokens, length) for length in range(order)]

    def probabilities(self, tokens: Tokens) -> NDArray[np.float64]:
        """The probability of each token after those before it, from the first with a whole context on."""
        first = self.order - 1
        found = np.full(len(tokens) - first, 1 / self.vocabulary)
        for length, (pairs, times, contexts, totals, kinds) in enumerate(self._counts):
            context = self._contexts(tokens, length)[first - length :]
            seen = _look_up(pairs, times, context * self.vocabulary + tokens[first:])
            total, different = (_look_up(contexts, values, context) for values in (totals, kinds))
            known = total > 0
            found[known] = ((seen + different * found) / np.maximum(total + different, 1))[known]
        return found

    def bits(self, tokens: Tokens) -> float:
        """Bits for each token, on average, that coding the text takes."""
        return float(-np.log2(self.probabilities(tokens)).mean())

    def _contexts(self, tokens: Tokens, length: int) -> Tokens:
        """The tokens before each one, coded as a number; from the first that has so many before it."""
        code = np.zeros(len(tokens) - length, dtype=np.int64)
        for start in range(length):
            code = code * self.vocabulary + tokens[start : len(tokens) - length + start]
        return code

    def _count(self, tokens: Tokens, length: int) -> tuple[Tokens, Tokens, Tokens, Tokens, Tokens]:
        codes = self._contexts(tokens, length) * self.vocabulary + tokens[length:]
        pairs, times = np.unique(codes, return_counts=True)
        contexts, starts = np.unique(pairs // self.vocabulary, return_index=True)
        return pairs, times, contexts, np.add.reduceat(times, starts), np.diff(starts, append=len(pairs))


def _look_up(keys: Tokens, values: Tokens, wanted: Tokens) -> Tokens:
    """The values of sorted keys, and 0 where there is no such key."""
    places = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], 0)
