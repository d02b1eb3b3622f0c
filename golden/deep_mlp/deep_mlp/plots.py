"""Pictures of a run."""

from pathlib import Path

import torch
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay
from torch import nn

from .data import Split


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
    model: nn.Module, data: Split, path: Path, batch_size: int = 256
) -> None:
    """Draw the confusion matrix: true classes in rows, predicted ones in columns."""
    model.eval()
    output = torch.cat([model(batch.x) for batch in data.batches(batch_size)])
    y, predicted = data.y, output.argmax(dim=1)
    figure = Figure(figsize=(6, 5), layout="constrained")
    ConfusionMatrixDisplay.from_predictions(
        y.cpu().numpy(),
        predicted.cpu().numpy(),
        labels=range(10),
        values_format="d",
        colorbar=False,
        cmap="Blues",
        ax=figure.subplots(),
    )
    figure.savefig(path)
