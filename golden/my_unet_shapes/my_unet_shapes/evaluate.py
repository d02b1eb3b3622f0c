"""The loss and the metrics, and the final test of a trained model:

    python -m my_unet_shapes.evaluate
    python -m my_unet_shapes.evaluate --checkpoint runs/last.pt

Prints the metrics of the test set, one per line.
"""

import argparse
from pathlib import Path

import torch
from torch import nn

from .checkpoint import load_model
from .data import CLASSES, Split, load_data

loss_function = nn.CrossEntropyLoss()


@torch.inference_mode()
def evaluate(model: nn.Module, data: Split, batch_size: int = 256) -> dict[str, float]:
    """Return the metrics of a model by name."""
    model.eval()
    losses, samples, counts = [], 0, torch.zeros(CLASSES**2, dtype=torch.int64)
    for batch in data.batches(batch_size):
        output = model(batch.x)
        losses.append(loss_function(output, batch.y) * len(batch.x))
        samples += len(batch.x)
        truth, predicted = batch.y, output.argmax(dim=1)
        pairs = (CLASSES * truth + predicted).flatten()
        counts += pairs.bincount(minlength=CLASSES**2).cpu()
    counts = counts.reshape(CLASSES, CLASSES)  # in pixels; rows are the true classes
    hits = counts.diag()
    union = counts.sum(dim=0) + counts.sum(dim=1) - hits
    return {
        "loss": torch.stack(losses).sum().item() / samples,
        "mean_iou": (hits / union)[union > 0].mean().item(),
        "pixel_accuracy": (hits.sum() / counts.sum()).item(),
    }


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkpoint", type=Path, default=Path("runs/best.pt"))
    parser.add_argument(
        "--device",
        default="cuda" if torch.cuda.is_available() else "cpu",
        help="default: %(default)s",
    )
    args = parser.parse_args(argv)

    model, _ = load_model(args.checkpoint)
    model.to(args.device)
    _, _, test = load_data()
    test = test.to(args.device)
    metrics = evaluate(model, test)
    for name, value in metrics.items():
        print(f"{name}: {value:.4f}")


if __name__ == "__main__":
    main()
