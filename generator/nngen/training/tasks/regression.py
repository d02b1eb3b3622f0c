"""Real numbers for each sample."""

from __future__ import annotations

from ...description.target_kinds import REAL
from ...network.tensors import shape_text
from ..losses import losses
from ..metrics import metrics
from .base import Fit, Task


def check(fit: Fit) -> None:
    """Notes an output that is not one number for each number of the data."""
    data, shape, loss = fit.description.data, fit.output.shape, fit.terms[0].call
    if len(shape) != 1 or not isinstance(shape[0], int):
        needs = f"{loss.name} needs one output for each number to predict, (numbers,)"
        hint = "such as Flatten and Linear at the end" if len(shape) > 1 else ""
        fit.problems.add(f"the network ends in {shape_text(shape)}, and {needs}", fit.end, hint)
    elif data.target_size is not None and shape[0] != data.target_size:
        message = f"{data.source} has {data.target_size} number to predict, but the network ends in {shape_text(shape)}"
        fit.problems.add(message, fit.end, f"write Linear: {data.target_size}")


REGRESSION = Task(
    "regression",
    default_loss="MSELoss",
    torch_losses=losses("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "PoissonNLLLoss", "GaussianNLLLoss"),
    metrics=metrics("mse", "rmse", "mae", "r2"),
    usual=("mse", "mae", "r2"),
    check=check,
    targets=frozenset({REAL}),
    scales_target=True,
    baseline=True,
)
