"""The loss and the metrics, and the final test of a trained model:

    python -m my_wgan_gp.evaluate
    python -m my_wgan_gp.evaluate --checkpoint runs/last.pt

Prints the metrics of the test set, one per line.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import load_model
from .data import Split, load_data


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Return the loss of the scores of real and fake samples."""
    return fake.mean() - real.mean()


def generator_loss(fake: Tensor) -> Tensor:
    """Return the loss of the scores of fake samples, which should pass for real."""
    return -fake.mean()


def gradient_penalty(discriminator: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """Penalise gradient norms other than 1 at points between real and fake samples."""
    share = torch.rand(len(real), 1, 1, 1, device=real.device)
    between = torch.lerp(real, fake, share).requires_grad_()
    scores = discriminator(between)
    (gradient,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
    penalty: Tensor = (gradient.flatten(1).norm(dim=1) - 1).square().mean()
    return penalty


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """Return the Frechet distance between two sets of features, (N, D)."""
    means = (a.mean(dim=0) - b.mean(dim=0)).square().sum()
    a, b = a.T.cov(), b.T.cov()
    root = torch.linalg.eigvals(a @ b).real.clamp(min=0).sqrt().sum()  # its trace
    distance: float = (means + a.trace() + b.trace() - 2 * root).item()
    return distance


@torch.inference_mode()
def evaluate(model: nn.Module, data: Split, batch_size: int = 256) -> dict[str, float]:
    """Return the metrics of a model by name."""
    model.eval()
    generator = model.get_submodule("generator")
    discriminator = model.get_submodule("discriminator")
    random = torch.Generator().manual_seed(0)  # the same points every time
    samples, made, real, fake = [], [], [], []
    for batch in data.batches(batch_size):
        latent = torch.randn(len(batch.x), 16, generator=random)
        samples.append(batch.x)
        made.append(generator(latent.to(batch.x.device)))
        real.append(discriminator(samples[-1]))
        fake.append(discriminator(made[-1]))
    real_scores, fake_scores = torch.cat(real), torch.cat(fake)
    features = [torch.cat(x).flatten(1).double().cpu() for x in (samples, made)]
    return {
        "generator_loss": generator_loss(fake_scores).item(),
        "discriminator_loss": discriminator_loss(real_scores, fake_scores).item(),
        "frechet_distance": frechet_distance(*features),
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
