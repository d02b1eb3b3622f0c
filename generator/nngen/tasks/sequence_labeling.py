"""The tag of each word of a sentence."""

from __future__ import annotations

from ..graph import shape_text
from ..metrics import metrics
from ..sources import Csv
from ..targets import TAGS
from .base import Fit, Task


def check(fit: Fit) -> None:
    """Notes a network that has no score for each tag at each word, and data without a column of words."""
    words, output, data = fit.models[0].inputs[0], fit.output.shape, fit.description.data
    position = fit.description.models[0].inputs[0].position
    if len(words.shape) != 1 or not words.is_whole or not words.varies:
        message = f"sequence_labeling takes the numbers of words, and the input is {shape_text(words.shape)}"
        fit.problems.add(message, position, "input: {shape: [time], dtype: int64, high: 10000}")
    elif len(output) != 2 or output[0] != words.shape[0] or not isinstance(output[1], int):
        message = f"the network ends in {shape_text(output)}, and sequence_labeling needs a score for each tag"
        fit.problems.add(f"{message} at each word, ({words.shape[0]}, tags)", fit.end)
    elif output[1] < 2:
        message = f"{fit.terms[0].call.name} needs an output for each tag, but the network ends in {shape_text(output)}"
        fit.problems.add(message, fit.end, "there are two tags or more")
    if isinstance(data, Csv) and data.text is None:
        message = "sequence_labeling needs the column of words, and csv names the one of tags only"
        fit.problems.add(message, fit.description.data_position, "add text: words")


SEQUENCE_LABELING = Task(
    "sequence_labeling",
    default_loss="CrossEntropyLoss",
    metrics=metrics("accuracy", "f1", "precision", "recall", "confusion"),
    usual=("accuracy", "f1", "confusion"),
    check=check,
    targets=frozenset({TAGS}),
    target=lambda loss, output: TAGS,
    predict_words="tags of some sentences of the test set, or of a .csv file",
)
