"""Pictures of a run."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from .data import CLASSES


def plot_curves(history: list[dict[str, float]], path: Path) -> None:
    """Draw the losses and the validation mean IoU over the epochs."""
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    losses, metric = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in history]
    for name in ("train_loss", "validation_loss"):
        losses.plot(epochs, [row[name] for row in history], label=name)
    losses.set(xlabel="epoch", ylabel="loss")
    losses.legend()
    metric.plot(epochs, [row["validation_mean_iou"] for row in history])
    metric.set(xlabel="epoch", ylabel="validation mean IoU")
    figure.savefig(path)


@torch.inference_mode()
def draw_masks(
    model: nn.Module, samples: Iterable[Sequence[Tensor]], path: Path
) -> None:
    """Draw images above their true masks and the predicted ones."""
    model.eval()
    columns = []
    for x, y in samples:
        output = model(x.unsqueeze(0)).squeeze(0)
        columns.append((x, y, output.argmax(dim=0)))
    figure = Figure(figsize=(1.5 * len(columns), 4.5), layout="constrained")
    grid = figure.subplots(3, len(columns), squeeze=False)
    for axes, (image, *masks) in zip(grid.T, columns):
        axes[0].imshow(image[0].cpu().numpy(), cmap="gray")
        for each, mask in zip(axes[1:], masks):
            each.imshow(mask.cpu().numpy(), vmin=0, vmax=CLASSES - 1)
    for axes in grid.flat:
        axes.axis("off")
    figure.savefig(path)
