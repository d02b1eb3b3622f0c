"""The loss and the metrics, and the final test of a trained model:

    python -m my_conv_autoencoder.evaluate
    python -m my_conv_autoencoder.evaluate --checkpoint runs/last.pt

Prints the metrics of the test set, one per line.
"""

import argparse
from pathlib import Path

import torch
from torch import nn

from .checkpoint import load_model
from .data import Split, load_data

loss_function = nn.MSELoss()


@torch.inference_mode()
def evaluate(
    model: nn.Module,
    data: Split,
    noise: float,
    batch_size: int = 256,
) -> dict[str, float]:
    """Return the metrics of a model by name."""
    model.eval()
    generator = torch.Generator().manual_seed(0)  # the same noise every time
    x = data.x
    noisy = x + noise * torch.randn(x.shape, generator=generator).to(x.device)
    output = torch.cat([model(part) for part in torch.split(noisy, batch_size)])
    errors = output - x
    return {
        "loss": loss_function(output, x).item(),
        "mse": errors.square().mean().item(),
        "mse_of_noisy_input": (noisy - x).square().mean().item(),
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
    _, _, test = load_data()
    test = test.to(args.device)
    metrics = evaluate(model, test, checkpoint["config"]["noise"])
    for name, value in metrics.items():
        print(f"{name}: {value:.4f}")


if __name__ == "__main__":
    main()
