"""The loss and the metrics, and the final test of a trained model:

    python -m my_tagger.evaluate
    python -m my_tagger.evaluate --checkpoint runs/last.pt

Prints the metrics of the test set, one per line.
"""

import argparse
from pathlib import Path

import torch
from sklearn.metrics import f1_score
from torch import nn

from .checkpoint import load_model
from .data import IGNORED, Preprocessing, Split, load_data
from .plots import draw_confusion

loss_function = nn.CrossEntropyLoss()


@torch.inference_mode()
def evaluate(model: nn.Module, data: Split, batch_size: int = 256) -> dict[str, float]:
    """Return the metrics of a model by name."""
    model.eval()
    output = torch.cat([model(batch.x) for batch in data.batches(batch_size)])
    mask = data.y != IGNORED  # False for padding
    y, predicted = data.y[mask], output.argmax(dim=2)[mask]
    loss = loss_function(output.flatten(0, 1), data.y.flatten())
    truth, labels = y.cpu().numpy(), predicted.cpu().numpy()
    options = {"average": "macro", "zero_division": 0}  # the mean over the classes
    return {
        "loss": loss.item(),
        "accuracy": (predicted == y).float().mean().item(),
        "f1": float(f1_score(truth, labels, **options)),
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

    model, checkpoint = load_model(args.checkpoint)
    model.to(args.device)
    path = checkpoint["config"]["data"]
    preprocessing = Preprocessing(**checkpoint["preprocessing"])
    _, _, test, _ = load_data(path, preprocessing)
    test = test.to(args.device)
    metrics = evaluate(model, test)
    draw_confusion(
        model, test, preprocessing.classes, args.checkpoint.with_name("confusion.png")
    )
    for name, value in metrics.items():
        print(f"{name}: {value:.4f}")


if __name__ == "__main__":
    main()
