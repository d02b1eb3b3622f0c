"""The loss and the metrics, and the final test of a trained model:

    python -m two_heads.evaluate
    python -m two_heads.evaluate --checkpoint runs/last.pt

Prints the metrics of the test set, one per line.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import load_model
from .data import Split, load_data


class Loss(nn.Module):
    """The sum of the losses."""

    def __init__(self) -> None:
        super().__init__()
        self.cross_entropy = nn.CrossEntropyLoss()
        self.smooth_l1 = nn.SmoothL1Loss()

    def forward(
        self, classes: Tensor, numbers: Tensor, label: Tensor, amounts: Tensor
    ) -> Tensor:
        loss: Tensor = self.cross_entropy(classes, label)
        loss = loss + 2 * self.smooth_l1(numbers, amounts)
        return loss


loss_function = Loss()


@torch.inference_mode()
def evaluate(model: nn.Module, data: Split, batch_size: int = 256) -> dict[str, float]:
    """Return the metrics of a model by name."""
    model.eval()
    outputs = [
        model(batch.measurements, batch.kinds) for batch in data.batches(batch_size)
    ]
    output = [torch.cat(parts) for parts in zip(*outputs)]
    loss = loss_function(*output, data.label, data.amounts)
    return {
        "loss": loss.item(),
        "label_accuracy": (output[0].argmax(dim=1) == data.label).float().mean().item(),
        "amounts_mae": (output[1] - data.amounts).abs().mean().item(),
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
