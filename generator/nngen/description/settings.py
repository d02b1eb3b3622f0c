"""The settings under ``training``, and the base of all settings.

The field of a setting declares everything about it: type, range, default and help, and in an `Option` its form in an
emitted project and the tasks that have it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Base of all settings: unknown keys are errors, and nothing is converted silently."""

    # deferred, because a description uses only one of the sources
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)

    @classmethod
    def options(cls) -> Iterator[tuple[str, Option]]:
        """Yield the names and options of the fields that have an `Option`, in the order of the fields."""
        for name, field in cls.model_fields.items():
            for option in field.metadata:
                if isinstance(option, Option):
                    yield name, option

    def asked(self) -> dict[str, Option]:
        """Return the options whose values differ from their defaults, by name, in the order of the fields."""
        fields = type(self).model_fields
        return {name: option for name, option in self.options() if getattr(self, name) != fields[name].default}

    @classmethod
    def kind_of(cls, name: str) -> type[Any]:
        """Return the type of a field's values other than None."""
        annotation = cls.model_fields[name].annotation
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return kinds[0] if kinds else annotation  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Option:
    """The form of a setting in an emitted project: a field of its ``Config`` and a flag of its ``train.py``.

    Attributes:
        comment: the comment of the field; if it is empty, the setting is fixed at generation and is no flag.
        flag: the name of the field and the flag, if it differs from the setting's.
        always: whether the field is emitted even if the setting is not written.
        positive: whether a run refuses values of 0 or less.
        apart: whether the comment is on a line above the field, to separate two lines that may change in a merge.
        at_end: whether the field follows all others of ``training``.
        only_for: the only task that has the setting; empty for all tasks.
        one_loop: whether only loops that train a single model support it, not those that alternate between two.
        one_gradient: whether it acts between a gradient and its step, which excludes optimizers with several per step.
        evaluated: whether the evaluation needs it too.
    """

    comment: str = ""
    flag: str = ""
    always: bool = False
    positive: bool = False
    apart: bool = False
    at_end: bool = False
    only_for: str = ""
    one_loop: bool = False
    one_gradient: bool = False
    evaluated: bool = False


class Training(Settings):
    """How to train; most of it becomes the default of a command-line flag."""

    epochs: Annotated[int, Option("passes over the training set", always=True, positive=True)] = Field(
        10, ge=1, le=1_000_000, description="Passes over the training set."
    )
    batch_size: Annotated[int, Option("samples per step", always=True, positive=True, apart=True)] = Field(
        64, ge=1, le=1_000_000, description="Samples in one step."
    )
    seed: Annotated[
        int, Option("for the initial weights and the order of the samples", always=True, apart=True, at_end=True)
    ] = Field(0, ge=0, lt=2**32, description="Of the first weights, the order of the samples and dropout.")
    precision: Annotated[Literal["fp32", "bf16"], Option(one_loop=True)] = Field(
        "fp32", description="bf16 computes in bfloat16 autocast."
    )
    clip_grad_norm: Annotated[
        float | None, Option("maximum norm of the gradients", one_loop=True, one_gradient=True)
    ] = Field(None, gt=0, description="Longest gradient; a longer one is scaled down.")
    accumulate: Annotated[
        int, Option("batches per step of the optimizer", positive=True, one_loop=True, one_gradient=True)
    ] = Field(1, ge=1, le=1_000_000, description="Batches whose gradients are added up before a step.")
    ema: Annotated[float | None, Option("decay of the moving average of the weights")] = Field(
        None, gt=0, lt=1, description="Decay of an average of the weights, used to evaluate."
    )
    early_stopping: Annotated[
        int | None, Option("epochs without improvement, then stop", flag="patience", positive=True, one_loop=True)
    ] = Field(None, ge=1, le=1_000_000, description="Stop after so many epochs without a better validation metric.")
    noise: Annotated[
        float | None,
        Option("standard deviation of the noise added to the samples", only_for="autoencoder", evaluated=True),
    ] = Field(None, gt=0, description="autoencoder: standard deviation of noise that it learns to remove.")
    kl_weight: Annotated[
        float | None, Option("weight of the KL divergence in the loss", only_for="vae", evaluated=True)
    ] = Field(None, gt=0, description="vae: factor of the KL divergence in the loss.")
    kl_warmup: Annotated[
        int | None,
        Option("epochs in which the KL weight grows from 0", positive=True, only_for="vae"),
    ] = Field(None, ge=1, le=1_000_000, description="vae: epochs in which that factor grows to its value.")
    critic_steps: Annotated[
        int | None, Option("steps of the discriminator per step of the generator", positive=True, only_for="gan")
    ] = Field(None, ge=1, le=1000, description="gan: steps of the discriminator for one of the generator.")
    gradient_penalty: Annotated[float | None, Option("weight of the gradient penalty", only_for="gan")] = Field(
        None, gt=0, description="gan: factor of the penalty that keeps the discriminator's gradient near length 1."
    )
    tensorboard: Annotated[bool, Option("log to TensorBoard, too; --no-tensorboard turns it off")] = Field(
        False, description="Write losses, metrics and pictures for TensorBoard too."
    )
    compile: Annotated[bool, Option("use torch.compile; --no-compile makes debugging easier", one_loop=True)] = Field(
        False, description="Compile the model with torch.compile."
    )
