"""The settings of a run: fields of the emitted ``Config``, and so flags of its ``train.py``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...description.description import Description
from ...description.sources import Masks
from ...language.python import commented, literal
from .optimizer import Optimization

# no run without them above 0; the names may have a prefix
POSITIVE = ("epochs", "batch_size", "lr", "accumulate", "patience", "kl_warmup", "critic_steps")

APART = ("batch_size", "lr", "seed")  # their comment stands above: a line that stays between two that change


@dataclass(frozen=True, slots=True)
class Setting:
    """A field of the emitted ``Config``, as lines of code."""

    name: str
    lines: tuple[str, ...]


def run_settings(description: Description, optimizations: Iterable[Optimization]) -> tuple[Setting, ...]:
    """The settings of a run with their defaults; those that were not asked for are not there.

    Args:
        description: which has them.
        optimizations: that of each network that is trained by itself.
    """
    data, training, scheduler = description.data, description.training, description.scheduler
    rows: list[tuple[str, str, object, str]] = [
        ("epochs", "int", training.epochs, "passes over the training set"),
        ("batch_size", "int", training.batch_size, "samples in one step"),
    ]
    for each in optimizations:
        rows += [(name, "float", value, comment) for name, value, comment in each.rates]
        if each.weight_decay is not None:
            rows.append((f"{each.prefix}weight_decay", "float", each.weight_decay, "pulls the weights to zero"))
    if scheduler is not None and scheduler.warmup is not None:
        rows.append(("warmup", "int", scheduler.warmup, "steps on the way up to the learning rate"))
    if scheduler is not None and scheduler.start is not None:
        rows.append(("swa_start", "int", scheduler.start, "epoch after which weights are averaged"))
    if training.clip_grad_norm is not None:
        rows.append(("clip_grad_norm", "float", float(training.clip_grad_norm), "largest norm of the gradients"))
    if training.accumulate > 1:
        rows.append(("accumulate", "int", training.accumulate, "batches for one step of the optimizer"))
    if training.ema is not None:
        rows.append(("ema", "float", training.ema, "decay of the averaged weights"))
    if training.early_stopping is not None:
        rows.append(("patience", "int", training.early_stopping, "epochs to wait for a better one"))
    if training.tensorboard:
        rows.append(("tensorboard", "bool", True, "write for TensorBoard too; --no-tensorboard: not"))
    if training.compile:
        rows.append(("compile", "bool", True, "with torch.compile; --no-compile to debug"))
    if training.noise is not None:
        rows.append(("noise", "float", training.noise, "standard deviation of the noise that is added to samples"))
    if training.kl_weight is not None:
        rows.append(("kl_weight", "float", training.kl_weight, "factor of the KL divergence in the loss"))
    if training.kl_warmup is not None:
        rows.append(
            ("kl_warmup", "int", training.kl_warmup, "epochs in which the weight of the KL divergence grows from 0")
        )
    if training.critic_steps is not None:
        rows.append(("critic_steps", "int", training.critic_steps, "of the discriminator for one of the generator"))
    if training.gradient_penalty is not None:
        rows.append(("gradient_penalty", "float", training.gradient_penalty, "factor that holds gradients near 1"))
    rows.append(("seed", "int", training.seed, "of the first weights and the order of samples"))
    path = getattr(data, "path", None)
    if path is not None:
        rows.append(("data", "str", path, "where the data are"))
    if isinstance(data, Masks):
        rows.append(("images", "str", data.images, "folder of images"))
        rows.append(("masks", "str", data.masks, "folder of their masks"))
    workers = getattr(data, "workers", None)
    if workers is not None:
        rows.append(("workers", "int", workers, "processes that read images; 0: this one"))
    return tuple(
        Setting(name, _field(f"{name}: {kind}", literal(value), comment, name in APART))
        for name, kind, value, comment in rows
    )


def _field(left: str, right: str, comment: str, above: bool) -> tuple[str, ...]:
    """A field with its comment behind or above."""
    field = f"{left} = {right}"
    return (f"# {comment}", field) if above else commented(field, comment)
