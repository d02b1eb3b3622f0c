"""Draw new samples with a trained model:

    python -m my_wgan_gp.predict
    python -m my_wgan_gp.predict --count 1000 --seed 1 --out new.npy

Writes them as an array, and the first ones as a picture.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .checkpoint import load_model
from .plots import draw_rows


@torch.inference_mode()
def predict(generator: nn.Module, latent: Tensor) -> Tensor:
    """Return the samples made of points, (N, 16): pixels from 0 to 1."""
    generator.eval()
    output: Tensor = generator(latent)
    return output


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=64, help="number of samples")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random points")
    parser.add_argument("--checkpoint", type=Path, default=Path("runs/best.pt"))
    parser.add_argument("--out", type=Path, help="default: beside the checkpoint")
    args = parser.parse_args(argv)
    if args.count < 1:
        parser.error("--count must be at least 1")

    model, _ = load_model(args.checkpoint)
    generator = torch.Generator().manual_seed(args.seed)
    latent = torch.randn(args.count, 16, generator=generator)
    samples = predict(model.generator, latent)
    out = args.out or args.checkpoint.with_name("samples.npy")
    np.save(out, samples.numpy())
    print(f"wrote {out}: {tuple(samples.shape)}")
    shown = samples[: min(64, args.count // 8 * 8)] if args.count > 8 else samples
    draw_rows(torch.split(shown, 8), out.with_suffix(".png"))
    print(f"wrote {out.with_suffix('.png')}")


if __name__ == "__main__":
    main()
