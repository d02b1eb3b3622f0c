"""The loss and the metrics, and the final test of a trained model:

    python -m my_tcn_forecaster.evaluate
    python -m my_tcn_forecaster.evaluate --checkpoint runs/last.pt

Prints the metrics of the test set, one per line.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import load_model
from .data import Split, load_data, seasonal_naive
from .plots import draw_forecasts

loss_function = nn.L1Loss()


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
    return {
        "loss": loss.item(),
        "mae": errors.abs().mean().item(),
        "rmse": errors.square().mean().sqrt().item(),
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
    _, _, test, preprocessing = load_data()
    test = test.to(args.device)
    y_std = preprocessing.std.to(args.device)
    metrics = evaluate(model, test, y_std)
    # the baseline to beat
    errors = (seasonal_naive(test.x) - test.y) * y_std
    metrics["mae_of_seasonal_naive"] = errors.abs().mean().item()
    metrics["rmse_of_seasonal_naive"] = errors.square().mean().sqrt().item()
    draw_forecasts(
        model, test, preprocessing, args.checkpoint.with_name("forecast.png")
    )
    for name, value in metrics.items():
        print(f"{name}: {value:.4f}")


if __name__ == "__main__":
    main()
