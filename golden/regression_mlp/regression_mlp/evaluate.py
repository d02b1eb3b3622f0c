"""The loss and the metrics, and the final test of a trained model:

    python -m regression_mlp.evaluate
    python -m regression_mlp.evaluate --checkpoint runs/last.pt

Prints the metrics of the test set, one per line.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import load_model
from .data import Split, load_data

loss_function = nn.MSELoss()


@torch.inference_mode()
def evaluate(
    model: nn.Module,
    data: Split,
    y_std: Tensor,
    batch_size: int = 256,
) -> dict[str, float]:
    """Return the metrics of a model by name, in the units of the data."""
    model.eval()
    output = torch.cat([model(batch.x) for batch in data.batches(batch_size)])
    loss = loss_function(output, data.y)
    errors = (output - data.y) * y_std
    deviations = (data.y - data.y.mean(dim=0)) * y_std
    return {
        "loss": loss.item(),
        "mse": errors.square().mean().item(),
        "mae": errors.abs().mean().item(),
        "r2": 1 - (errors.square().mean() / deviations.square().mean()).item(),
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
    train, _, test, preprocessing = load_data()
    test = test.to(args.device)
    y_std = preprocessing.y_std.to(args.device)
    metrics = evaluate(model, test, y_std)
    mean = train.y.mean(dim=0).to(args.device)
    baseline = ((test.y - mean) * y_std).square().mean()
    metrics["mse_of_training_mean"] = baseline.item()  # the baseline to beat
    for name, value in metrics.items():
        print(f"{name}: {value:.4f}")


if __name__ == "__main__":
    main()
