"""The next token of a text, from those before it."""

from __future__ import annotations

from ...description.sources import Tokens
from ...description.target_kinds import NEXT
from ...language.errors import Position
from ...network.tensors import shape_text
from ..losses import losses
from ..metrics import Metric
from .base import Fit, Task

_TARGETS = frozenset({NEXT})
WINDOW = 64  # tokens at once, for a network that can take any number


def check(fit: Fit) -> None:
    """Notes a network that has no score for each token of the data at each step, or takes fewer than a window."""
    tokens, output, data = fit.models[0].inputs[0], fit.output.shape, fit.description.data
    if len(output) != 2 or output[0] != tokens.shape[0] or not isinstance(output[1], int):
        message = f"the network ends in {shape_text(output)}, and {fit.description.task} needs a score for each token"
        vocabulary = tokens.high or "vocabulary"
        fit.problems.add(f"{message} at each step, ({tokens.shape[0]}, {vocabulary})", fit.end)
        return
    if tokens.high is None:
        fit.problems.add("the network takes tokens, and 'high' says how many there are", _input(fit), "high: 96")
    elif output[1] != tokens.high:
        message = f"the network takes {tokens.high} different tokens, and ends in scores for {output[1]}"
        fit.problems.add(message, fit.end, f"write Linear: {tokens.high}")
    elif isinstance(data, Tokens):
        _check_data(fit, data, tokens.high)


def _check_data(fit: Fit, data: Tokens, high: int) -> None:
    position, longest = fit.description.data_position, fit.models[0].longest
    if data.vocabulary is not None and high != data.vocabulary:
        message = f"{data.source} has {data.vocabulary} different tokens, and the network takes {high}"
        fit.problems.add(message, _input(fit), f"their number is 'high': {data.vocabulary}")
    if data.window is not None and longest is not None and data.window > longest:
        message = f"windows are {data.window} tokens long, and the network takes {longest} at most"
        fit.problems.add(message, position, f"write window: {longest}")


def _input(fit: Fit) -> Position | None:
    return fit.description.models[0].inputs[0].position


LANGUAGE_MODEL = Task(
    "language_model",
    default_loss="CrossEntropyLoss",
    torch_losses=losses("CrossEntropyLoss", "NLLLoss"),
    metrics=(
        Metric(
            "bits_per_character", "bits that coding a character of the text takes, on average", _TARGETS, "bits", True
        ),
        Metric(
            "perplexity",
            "how many tokens the next one could be, as if all were as likely",
            _TARGETS,
            "math.exp(loss)",
            True,
        ),
    ),
    usual=("bits_per_character", "perplexity"),
    check=check,
    targets=_TARGETS,
    target=lambda loss, output: NEXT,
    predict_words="continues a text",
)
