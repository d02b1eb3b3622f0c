"""Autoencoders: networks that give back the sample that they take, by way of something smaller or without its noise."""

from __future__ import annotations

from ...description.target_kinds import INPUT
from ..metrics import metrics
from ._reconstruction import LOSSES, check, target
from .base import Picture, Task

AUTOENCODER = Task(
    "autoencoder",
    default_loss="MSELoss",
    torch_losses=LOSSES,
    metrics=metrics("mse", "rmse", "mae"),
    usual=("mse",),
    check=check,
    targets=frozenset({INPUT}),
    target=target,
    reconstructs=True,
    pictures=(Picture("reconstructions.png", "samples above their reconstructions"),),
    predicted="predictions.npy",
)
