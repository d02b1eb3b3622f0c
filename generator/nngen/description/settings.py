"""What can be set under ``training``, and the base of all settings."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Base of all settings: unknown keys are errors, and nothing is converted silently."""

    # a description uses one source: the checks of the others are not built
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class Training(Settings):
    """How to train; most of it becomes the default of a command-line flag."""

    epochs: int = Field(10, ge=1, le=1_000_000, description="Passes over the training set.")
    batch_size: int = Field(64, ge=1, le=1_000_000, description="Samples in one step.")
    seed: int = Field(0, ge=0, lt=2**32, description="Of the first weights, the order of the samples and dropout.")
    precision: Literal["fp32", "bf16"] = Field("fp32", description="bf16 computes in bfloat16 autocast.")
    clip_grad_norm: float | None = Field(None, gt=0, description="Longest gradient; a longer one is scaled down.")
    accumulate: int = Field(1, ge=1, le=1_000_000, description="Batches whose gradients are added up before a step.")
    ema: float | None = Field(None, gt=0, lt=1, description="Decay of an average of the weights, used to evaluate.")
    early_stopping: int | None = Field(
        None, ge=1, le=1_000_000, description="Stop after so many epochs without a better validation metric."
    )
    noise: float | None = Field(
        None, gt=0, description="autoencoder: standard deviation of noise that it learns to remove."
    )
    kl_weight: float | None = Field(None, gt=0, description="vae: factor of the KL divergence in the loss.")
    kl_warmup: int | None = Field(
        None, ge=1, le=1_000_000, description="vae: epochs in which that factor grows to its value."
    )
    critic_steps: int | None = Field(
        None, ge=1, le=1000, description="gan: steps of the discriminator for one of the generator."
    )
    gradient_penalty: float | None = Field(
        None, gt=0, description="gan: factor of the penalty that keeps the discriminator's gradient near length 1."
    )
    tensorboard: bool = Field(False, description="Write losses, metrics and pictures for TensorBoard too.")
    compile: bool = Field(False, description="Compile the model with torch.compile.")
