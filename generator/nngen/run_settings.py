"""The settings of a run: fields of the emitted ``Config``, and so flags of its ``train.py``."""

from __future__ import annotations

from dataclasses import dataclass

from .description import Description
from .optimization import Optimization
from .printing import assignment, literal

POSITIVE = ("epochs", "batch_size", "accumulate", "patience")  # whole numbers from 1 on


@dataclass(frozen=True, slots=True)
class Setting:
    """A field of the emitted ``Config``, as lines of code."""

    name: str
    lines: tuple[str, ...]


def run_settings(description: Description, optimization: Optimization) -> tuple[Setting, ...]:
    """The settings of a run with their defaults; those that were not asked for are not there."""
    data, training = description.data, description.training
    optimizer, scheduler = description.optimizer, description.scheduler
    weight_decay = optimizer.arguments.get("weight_decay")
    rows: list[tuple[str, str, object, str]] = [
        ("epochs", "int", training.epochs, "passes over the training set"),
        ("batch_size", "int", training.batch_size, "samples in one step"),
        *((name, "float", value, comment) for name, value, comment in optimization.rates),
    ]
    if weight_decay is not None:
        rows.append(("weight_decay", "float", float(weight_decay), "pulls the weights to zero"))
    if scheduler is not None and scheduler.warmup is not None:
        rows.append(("warmup", "int", scheduler.warmup, "steps on the way up to the learning rate"))
    if scheduler is not None and scheduler.start is not None:
        rows.append(("swa_start", "int", scheduler.start, "epoch after which weights are averaged"))
    if training.clip_grad_norm is not None:
        rows.append(("clip_grad_norm", "float", float(training.clip_grad_norm), "longest gradient"))
    if training.accumulate > 1:
        rows.append(("accumulate", "int", training.accumulate, "batches for one step of the optimizer"))
    if training.ema is not None:
        rows.append(("ema", "float", training.ema, "decay of the averaged weights"))
    if training.early_stopping is not None:
        rows.append(("patience", "int", training.early_stopping, "epochs to wait for a better one"))
    if training.compile:
        rows.append(("compile", "bool", True, "with torch.compile; --no-compile to debug"))
    rows.append(("seed", "int", training.seed, "of the first weights and the order of samples"))
    path = getattr(data, "path", None)
    if path is not None:
        rows.append(("data", "str", path, "where the data are"))
    workers = getattr(data, "workers", None)
    if workers is not None:
        rows.append(("workers", "int", workers, "processes that read images; 0: this one"))
    return tuple(
        Setting(name, assignment(f"{name}: {kind}", literal(value), comment)) for name, kind, value, comment in rows
    )
