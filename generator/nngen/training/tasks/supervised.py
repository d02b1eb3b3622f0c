"""Any outputs and targets, with the losses that are given."""

from __future__ import annotations

from ...description.sources import sources_where
from ...description.target_kinds import BINARY, CLASS_LIST, INDEX, LABELS, MULTILABEL, NONE, REAL, SIGNED
from ...language.errors import Position
from ...network.tensors import shape_text
from ..losses import LOSSES
from ..sample_fields import Field
from .base import Fit, Task

_WORDS = {INDEX: "a class", BINARY: "0 or 1", MULTILABEL: "labels", REAL: "real numbers"}


def check(fit: Fit) -> None:
    """Notes data that cannot have these targets."""
    data, place = fit.description.data, fit.description.data_position
    targets = fit.targets
    if data.several_targets:
        return
    if not targets:
        fit.problems.add(f"no loss takes the target that a sample of {data.source} has", place)
        return
    if len(targets) > 1:
        names = ", ".join(field.name for field in targets)
        message = f"a sample of {data.source} has one target, and the losses take {names}"
        fitting = sources_where(lambda source: source.several_targets)
        fit.problems.add(message, place, f"{fitting} can have several")
        return
    _check_target(fit, targets[0], place)


def _check_target(fit: Fit, field: Field, place: Position | None) -> None:
    """Notes a target that is not the class or the numbers of the data."""
    data, shape = fit.description.data, field.tensor.shape
    found = f"{field.loss} takes {_WORDS.get(field.kind, 'other targets')}"
    if field.kind not in data.targets:
        kinds = " or ".join(_WORDS[kind] for kind in (INDEX, BINARY, REAL) if kind in data.targets)
        fit.problems.add(f"the target of {data.source} is {kinds}, and {found}", place)
    elif field.kind == INDEX and shape:
        fit.problems.add(f"a sample of {data.source} has one class, and {found} shaped {shape_text(shape)}", place)
    elif field.kind == INDEX and data.classes not in (None, field.tensor.high):
        fit.problems.add(f"{data.source} has {data.classes} classes, and {field.loss} takes {field.tensor.high}", place)
    elif field.kind == REAL and data.target_size is not None and shape != (data.target_size,):
        fit.problems.add(
            f"{data.source} has {data.target_size} number to predict, and {found} shaped {shape_text(shape)}", place
        )


SUPERVISED = Task(
    "supervised",
    default_loss="",
    torch_losses=LOSSES,
    metrics=(),
    usual=(),
    check=check,
    targets=frozenset({INDEX, BINARY, MULTILABEL, REAL, SIGNED, CLASS_LIST, LABELS, NONE}),
    several=True,
)
