"""Samples of classes, or with labels that are 0 or 1."""

from __future__ import annotations

from ...description.target_kinds import BINARY, INDEX, MULTILABEL
from ...language.suggest import did_you_mean
from ...network.tensors import shape_text
from ..losses import losses, target_kind
from ..metrics import metrics
from .base import Fit, Task

_NEEDS = {
    INDEX: "one output for each class, (classes,)",
    BINARY: "one output, (1,)",
    MULTILABEL: "one output for each label, (labels,)",
}


def check(fit: Fit) -> None:
    """Notes an output that is not one number for each class or label of the data."""
    data, shape, loss = fit.description.data, fit.output.shape, fit.terms[0].call
    kind = target_kind(loss.name, fit.output)
    if len(shape) != 1 or not isinstance(shape[0], int):
        hint = "such as Flatten and Linear at the end" if len(shape) > 1 else ""
        fit.problems.add(
            f"the network ends in {shape_text(shape)}, and {loss.name} needs {_NEEDS[kind]}", fit.end, hint
        )
    elif kind not in data.targets:
        _wrong_kind(fit, kind, shape[0])
    elif kind == INDEX and data.classes is not None and shape[0] != data.classes:
        message = f"{data.source} has {data.classes} classes, but the network ends in {shape_text(shape)}"
        fit.problems.add(message, fit.end, f"write Linear: {data.classes}")
    elif kind == INDEX and shape[0] < 2:
        fit.problems.add(
            f"{loss.name} needs an output for each class, but the network ends in {shape_text(shape)}",
            fit.end,
            "for two classes and one output there is BCEWithLogitsLoss",
        )


def _wrong_kind(fit: Fit, kind: str, count: int) -> None:
    loss, data = fit.terms[0].call, fit.description.data
    if data.classes is not None:
        message = f"{loss.name} is for two classes or for labels, and {data.source} has {data.classes} classes"
        fit.problems.add(message, loss.position or fit.end, did_you_mean("CrossEntropyLoss"))
    else:
        message = (
            f"{loss.name} with {count} outputs needs several labels for each sample, which {data.source} does not have"
        )
        fit.problems.add(message, fit.end, "write Linear: 1, or take CrossEntropyLoss")


CLASSIFICATION = Task(
    "classification",
    default_loss="CrossEntropyLoss",
    torch_losses=losses(
        "CrossEntropyLoss",
        "NLLLoss",
        "MultiMarginLoss",
        "BCEWithLogitsLoss",
        "BCELoss",
        "SoftMarginLoss",
        "MultiLabelSoftMarginLoss",
    ),
    metrics=metrics("accuracy", "f1", "precision", "recall", "confusion"),
    usual=("accuracy", "confusion"),
    check=check,
    targets=frozenset({INDEX, BINARY, MULTILABEL}),
)
