"""The loss and the metrics, and the final test of a trained model:

    python -m deep_mlp.evaluate
    python -m deep_mlp.evaluate --checkpoint runs/last.pt

Prints the metrics of the test set, one per line.
"""

import argparse
from pathlib import Path

import torch
from torch import nn

from .checkpoint import load_model
from .data import Split, load_data
from .plots import draw_confusion

loss_function = nn.CrossEntropyLoss()


@torch.inference_mode()
def evaluate(model: nn.Module, data: Split, batch_size: int = 256) -> dict[str, float]:
    """Return the metrics of a model by name."""
    model.eval()
    output = torch.cat([model(batch.x) for batch in data.batches(batch_size)])
    y, predicted = data.y, output.argmax(dim=1)
    loss = loss_function(output, y)
    return {
        "loss": loss.item(),
        "accuracy": (predicted == y).float().mean().item(),
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
    draw_confusion(model, test, args.checkpoint.with_name("confusion.png"))
    for name, value in metrics.items():
        print(f"{name}: {value:.4f}")


if __name__ == "__main__":
    main()
