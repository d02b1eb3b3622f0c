"""The loss and the metrics, and the final test of a trained model:

    python -m my_vae.evaluate
    python -m my_vae.evaluate --checkpoint runs/last.pt

Prints the metrics of the test set, one per line.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import load_model
from .data import Split, load_data


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    """Return the divergence of N(mu, exp(logvar)) from N(0, 1), in nats per sample."""
    return 0.5 * (mu.square() + logvar.exp() - logvar - 1).sum() / len(mu)


class NegativeELBO(nn.Module):
    """The loss of a reconstruction and the weighted KL divergence, in nats per sample.

    See Kingma and Welling, "Auto-Encoding Variational Bayes" (2014), appendix B.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bce_with_logits = nn.BCEWithLogitsLoss(reduction="sum")

    def forward(
        self,
        output: Tensor,
        mu: Tensor,
        logvar: Tensor,
        x: Tensor,
        kl_weight: float = 1.0,
    ) -> Tensor:
        reconstruction: Tensor = self.bce_with_logits(output, x)
        return reconstruction / len(x) + kl_weight * kl_divergence(mu, logvar)


loss_function = NegativeELBO()


@torch.inference_mode()
def evaluate(model: nn.Module, data: Split, batch_size: int = 256) -> dict[str, float]:
    """Return the metrics of a model by name."""
    model.eval()
    outputs = [model(batch.x) for batch in data.batches(batch_size)]
    output = [torch.cat(parts) for parts in zip(*outputs)]
    elbo = -loss_function(*output, data.x)
    _, mu, logvar = output
    kl = kl_divergence(mu, logvar)
    return {
        "loss": -elbo.item(),
        "elbo": elbo.item(),
        "kl": kl.item(),
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
    torch.manual_seed(0)  # the same points every time
    metrics = evaluate(model, test)
    for name, value in metrics.items():
        print(f"{name}: {value:.4f}")


if __name__ == "__main__":
    main()
