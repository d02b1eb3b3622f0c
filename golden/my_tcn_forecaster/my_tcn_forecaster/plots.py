"""Pictures of a run."""

from pathlib import Path

import torch
from matplotlib.figure import Figure
from torch import nn

from .data import HORIZON, Preprocessing, Split


def plot_curves(history: list[dict[str, float]], path: Path) -> None:
    """Draw the losses and the validation MAE over the epochs."""
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    losses, metric = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in history]
    for name in ("train_loss", "validation_loss"):
        losses.plot(epochs, [row[name] for row in history], label=name)
    losses.set(xlabel="epoch", ylabel="loss")
    losses.legend()
    metric.plot(epochs, [row["validation_mae"] for row in history])
    metric.set(xlabel="epoch", ylabel="validation MAE")
    figure.savefig(path)


@torch.inference_mode()
def draw_forecasts(
    model: nn.Module, data: Split, preprocessing: Preprocessing, path: Path
) -> None:
    """Draw consecutive forecasts over the true values, at most the last 50."""
    model.eval()
    x, y = data.x[::HORIZON][-50:], data.y[::HORIZON][-50:].cpu()
    forecasts = model(x).cpu()
    y, forecasts = preprocessing.decode(y), preprocessing.decode(forecasts)
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(y.flatten(), color="gray", label="truth")
    for number, forecast in enumerate(forecasts):
        steps = range(number * HORIZON, (number + 1) * HORIZON)
        axes.plot(steps, forecast, color="C0", label="" if number else "forecast")
    axes.set(xlabel="years of the test part", ylabel="SUNACTIVITY")
    axes.legend()
    figure.savefig(path)
