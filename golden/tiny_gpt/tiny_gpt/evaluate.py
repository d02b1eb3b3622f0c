"""The loss and the metrics, and the final test of a trained model:

    python -m tiny_gpt.evaluate
    python -m tiny_gpt.evaluate --checkpoint runs/last.pt

Prints the metrics of the test set, one per line.
"""

import argparse
import math
from pathlib import Path

import torch
from torch import nn

from .checkpoint import load_model
from .data import Split, load_data

loss_function = nn.CrossEntropyLoss()


@torch.inference_mode()
def evaluate(model: nn.Module, data: Split, batch_size: int = 256) -> dict[str, float]:
    """Return the metrics of a model by name."""
    model.eval()
    losses = []
    for batch in data.batches(batch_size):
        mean = loss_function(model(batch.x).flatten(0, 1), batch.y.flatten())
        losses.append(mean * len(batch.x))
    loss = torch.stack(losses).sum().item() / len(data.x)
    bits = loss / math.log(2)
    return {
        "loss": loss,
        "bits_per_character": bits,
        "perplexity": math.exp(loss),
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
