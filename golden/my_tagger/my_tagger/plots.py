"""Pictures of a run."""

from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from .data import IGNORED, Split


def plot_curves(history: list[dict[str, float]], path: Path) -> None:
    """Draw the losses and the validation accuracy over the epochs."""
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    losses, metric = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in history]
    for name in ("train_loss", "validation_loss"):
        losses.plot(epochs, [row[name] for row in history], label=name)
    losses.set(xlabel="epoch", ylabel="loss")
    losses.legend()
    metric.plot(epochs, [row["validation_accuracy"] for row in history])
    metric.set(xlabel="epoch", ylabel="validation accuracy")
    figure.savefig(path)


@torch.inference_mode()
def draw_confusion(
    model: nn.Module, data: Split, classes: list[str], path: Path, batch_size: int = 256
) -> None:
    """Draw how many steps of each tag, in rows, are taken for each tag."""
    model.eval()
    counts = torch.zeros(81, dtype=torch.int64)
    for batch in data.batches(batch_size):
        pairs = 9 * batch.y + model(batch.x).argmax(dim=2)
        counts += torch.bincount(pairs[batch.y != IGNORED], minlength=81).cpu()
    matrix = counts.reshape(9, 9).numpy()
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.subplots()
    axes.imshow(matrix, cmap="Blues", vmax=2 * matrix.max())  # pale, for the numbers
    for (row, column), count in np.ndenumerate(matrix):
        axes.text(column, row, str(count), ha="center", va="center")
    axes.set_xticks(range(9), classes, rotation=45)
    axes.set_yticks(range(9), classes)
    axes.set(xlabel="predicted tag", ylabel="tag")
    figure.savefig(path)
