"""The losses of classification and regression: which targets they take, and what their outputs mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .settings import BINARY, INDEX, MULTILABEL, REAL


@dataclass(frozen=True, slots=True)
class Loss:
    """What the recipe must know of a loss of torch."""

    name: str
    targets: frozenset[str]
    prediction: str = ""  # from an output to a probability or to the predicted number: ``.softmax(dim=1)``
    threshold: float = 0.0  # of an output, between the two classes of a binary target
    target: str = "y"  # what the loss gets as the target, written with ``y``
    tensors: frozenset[str] = frozenset()  # arguments that are tensors
    probabilities: bool = True  # its predictions are probabilities


_INDEX = frozenset({INDEX})
_BINARY = frozenset({BINARY, MULTILABEL})
_REAL = frozenset({REAL})
_WEIGHT = frozenset({"weight"})

LOSSES: Mapping[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("CrossEntropyLoss", _INDEX, ".softmax(dim=1)", tensors=_WEIGHT),
        Loss("NLLLoss", _INDEX, ".exp()", tensors=_WEIGHT),
        Loss("MultiMarginLoss", _INDEX, tensors=_WEIGHT, probabilities=False),
        Loss("BCEWithLogitsLoss", _BINARY, ".sigmoid()", tensors=frozenset({"weight", "pos_weight"})),
        Loss("BCELoss", _BINARY, "", threshold=0.5, tensors=_WEIGHT),
        Loss("SoftMarginLoss", _BINARY, ".sigmoid()", target="2 * y - 1"),
        Loss("MultiLabelSoftMarginLoss", frozenset({MULTILABEL}), ".sigmoid()", tensors=_WEIGHT),
        Loss("MSELoss", _REAL),
        Loss("L1Loss", _REAL),
        Loss("SmoothL1Loss", _REAL),
        Loss("HuberLoss", _REAL),
        Loss("PoissonNLLLoss", _REAL, ".exp()"),
    )
}


def losses_for(task: str) -> tuple[str, ...]:
    """The losses that a task can be trained with."""
    return tuple(name for name, loss in LOSSES.items() if (REAL in loss.targets) == (task == "regression"))


def target_kind(loss: str, output_shape: tuple[int, ...], task: str) -> str:
    """The kind of target that a loss compares this output with.

    Args:
        loss: its name.
        output_shape: of the network, without the batch.
        task: ``classification`` or ``regression``.
    """
    targets = LOSSES[loss].targets
    if targets == _BINARY:
        return BINARY if output_shape == (1,) else MULTILABEL
    return next(iter(targets))
