"""Any outputs and targets, with the losses that are given."""

from __future__ import annotations

from ..targets import BINARY, CLASS_LIST, INDEX, LABELS, MULTILABEL, NONE, REAL, SIGNED
from .base import Fit, Task


def check(fit: Fit) -> None:
    """Notes data that cannot have these targets."""
    data = fit.description.data
    targets = {each.name for term in fit.terms for each in term.operands if each.is_target}
    if data.several or not targets:
        return
    if len(targets) > 1:
        message = f"a sample of {data.source} has one target, and the losses take {', '.join(sorted(targets))}"
        fit.problems.add(message, fit.description.data_position, "arrays and synthetic data can have several")


SUPERVISED = Task(
    "supervised",
    default_loss="",
    metrics=(),
    usual=(),
    check=check,
    targets=frozenset({INDEX, BINARY, MULTILABEL, REAL, SIGNED, CLASS_LIST, LABELS, NONE}),
    several=True,
)
