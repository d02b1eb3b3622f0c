"""Pictures of a run."""

from collections.abc import Sequence
from pathlib import Path

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn


def plot_curves(history: list[dict[str, float]], path: Path) -> None:
    """Draw the losses and the validation MSE over the epochs."""
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    losses, metric = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in history]
    for name in ("train_loss", "validation_loss"):
        losses.plot(epochs, [row[name] for row in history], label=name)
    losses.set(xlabel="epoch", ylabel="loss")
    losses.legend()
    metric.plot(epochs, [row["validation_mse"] for row in history])
    metric.set(xlabel="epoch", ylabel="validation MSE")
    figure.savefig(path)


def draw_rows(rows: Sequence[Tensor], path: Path) -> None:
    """Draw rows of equally many images, with pixels from 0 to 1, as one picture."""
    images = torch.stack([row.reshape(-1, 1, 8, 8) for row in rows])
    images = nn.functional.pad(images.float().cpu(), (1, 1, 1, 1))  # a frame for each
    pixels = images.permute(0, 3, 1, 4, 2).flatten(0, 1).flatten(1, 2).clamp(0, 1)
    figure = Figure(figsize=(images.size(1), images.size(0)), layout="constrained")
    axes = figure.subplots()
    axes.axis("off")
    axes.imshow(pixels.squeeze(2).numpy(), cmap="gray", vmin=0, vmax=1)
    figure.savefig(path)


@torch.inference_mode()
def draw_reconstructions(model: nn.Module, x: Tensor, noise: float, path: Path) -> None:
    """Draw samples above their noisy versions and the reconstructions of these."""
    model.eval()
    noisy = x + noise * torch.randn_like(x)
    draw_rows([x, noisy, model(noisy)], path)
