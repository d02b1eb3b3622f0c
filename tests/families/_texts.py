"""The text of the language models as the baselines read it: Python's own documentation."""

from __future__ import annotations

from pydoc_data.topics import topics

import numpy as np

from ._ngram import NGram
from ._project import Project
from ._result import Result

VOCABULARY = "\n" + "".join(map(chr, range(32, 127)))


def python_docs() -> tuple[np.ndarray, np.ndarray]:
    """The first 0.8 of the text, to train on, and the last 0.1, to test on, as numbers of characters.

    What is no printable ASCII is left out: nine characters, and others in other versions of Python.
    """
    codes = {character: number for number, character in enumerate(VOCABULARY)}
    text = "\n\n".join(topics.values())
    tokens = np.array([codes[character] for character in text if character in codes])
    return tokens[: int(len(tokens) * 0.8)], tokens[int(len(tokens) * 0.9) :]


def results(project: Project, order: int, name: str) -> list[Result]:
    """Bits per character of a trained project beside those of an interpolated n-gram of the same training part."""
    train, test = python_docs()
    bits = NGram(train, len(VOCABULARY), order).bits(test)
    reached = project.evaluate()["bits_per_character"]
    return [project.result("bits per character", reached, bits, short=1.5 * bits, below=True, of=name)]
