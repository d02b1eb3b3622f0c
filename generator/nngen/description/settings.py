"""What can be set under ``training``, and the base of all settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Base of all settings: unknown keys are errors, and nothing is converted silently."""

    # a description uses one source: the checks of the others are not built
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class Place(IntEnum):
    """Where a setting stands among the fields of the emitted ``Config``."""

    FIRST = 0
    OPTIMIZER = 1  # the learning rates and what else is not under ``training`` or ``data``
    COMMON = 2
    TASK = 3  # settings of one task
    SEED = 4
    DATA = 5


@dataclass(frozen=True, slots=True)
class Option:
    """What becomes of a setting, beside its type and its default, which its field has."""

    comment: str = ""  # in ``Config``; a setting without one is no field of it
    name: str = ""  # of that field; by default that of the setting
    place: Place = Place.COMMON
    always: bool = False  # it is a field where it has its default, too
    above_zero: bool = False  # a run needs it so
    apart: bool = False  # its comment stands above: a line that stays between two that change
    evaluated: bool = False  # the evaluation needs it, too
    tasks: tuple[str, ...] = ()  # that have it; none: all of them
    by_turns: bool = True  # it goes with networks that are trained by turns
    closure: bool = True  # it goes with an optimizer that computes the loss several times for each step


class Training(Settings):
    """How to train; most of it becomes the default of a command-line flag."""

    epochs: Annotated[int, Option("passes over the training set", place=Place.FIRST, always=True, above_zero=True)] = (
        Field(10, ge=1, le=1_000_000, description="Passes over the training set.")
    )
    batch_size: Annotated[
        int, Option("samples in one step", place=Place.FIRST, always=True, above_zero=True, apart=True)
    ] = Field(64, ge=1, le=1_000_000, description="Samples in one step.")
    seed: Annotated[
        int, Option("of the first weights and the order of samples", place=Place.SEED, always=True, apart=True)
    ] = Field(0, ge=0, lt=2**32, description="Of the first weights, the order of the samples and dropout.")
    precision: Annotated[Literal["fp32", "bf16"], Option(by_turns=False)] = Field(
        "fp32", description="bf16 computes in bfloat16 autocast."
    )
    clip_grad_norm: Annotated[float | None, Option("largest norm of the gradients", by_turns=False, closure=False)] = (
        Field(None, gt=0, description="Longest gradient; a longer one is scaled down.")
    )
    accumulate: Annotated[
        int, Option("batches for one step of the optimizer", above_zero=True, by_turns=False, closure=False)
    ] = Field(1, ge=1, le=1_000_000, description="Batches whose gradients are added up before a step.")
    ema: Annotated[float | None, Option("decay of the averaged weights")] = Field(
        None, gt=0, lt=1, description="Decay of an average of the weights, used to evaluate."
    )
    early_stopping: Annotated[
        int | None, Option("epochs to wait for a better one", name="patience", above_zero=True, by_turns=False)
    ] = Field(None, ge=1, le=1_000_000, description="Stop after so many epochs without a better validation metric.")
    noise: Annotated[
        float | None,
        Option(
            "standard deviation of the noise that is added to samples",
            place=Place.TASK,
            tasks=("autoencoder",),
            evaluated=True,
        ),
    ] = Field(None, gt=0, description="Standard deviation of noise that it learns to remove.")
    kl_weight: Annotated[
        float | None,
        Option("factor of the KL divergence in the loss", place=Place.TASK, tasks=("vae",), evaluated=True),
    ] = Field(None, gt=0, description="Factor of the KL divergence in the loss.")
    kl_warmup: Annotated[
        int | None,
        Option(
            "epochs in which the weight of the KL divergence grows from 0",
            place=Place.TASK,
            tasks=("vae",),
            above_zero=True,
        ),
    ] = Field(None, ge=1, le=1_000_000, description="Epochs in which that factor grows to its value.")
    critic_steps: Annotated[
        int | None,
        Option("of the discriminator for one of the generator", place=Place.TASK, tasks=("gan",), above_zero=True),
    ] = Field(None, ge=1, le=1000, description="Steps of the discriminator for one of the generator.")
    gradient_penalty: Annotated[
        float | None, Option("factor that holds gradients near 1", place=Place.TASK, tasks=("gan",))
    ] = Field(None, gt=0, description="Factor of the penalty that keeps the discriminator's gradient near length 1.")
    tensorboard: Annotated[bool, Option("write for TensorBoard too; --no-tensorboard: not")] = Field(
        False, description="Write losses, metrics and pictures for TensorBoard too."
    )
    compile: Annotated[bool, Option("with torch.compile; --no-compile to debug", by_turns=False)] = Field(
        False, description="Compile the model with torch.compile."
    )


def options(settings: type[Settings]) -> Mapping[str, Option]:
    """Return what becomes of settings, by their names, in the order in which they are declared."""
    return {
        name: option
        for name, field in settings.model_fields.items()
        for option in field.metadata
        if isinstance(option, Option)
    }
