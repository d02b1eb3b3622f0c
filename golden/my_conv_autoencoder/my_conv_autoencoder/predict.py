"""Remove the noise from samples with a trained model:

    python -m my_conv_autoencoder.predict  # some of the test set, with noise
    python -m my_conv_autoencoder.predict samples.npy

Writes the denoised samples as an array, and as a picture below the originals.
"""

import argparse
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .checkpoint import load_model
from .data import encode, load_data
from .plots import draw_rows


@torch.inference_mode()
def predict(model: nn.Module, x: Tensor) -> Tensor:
    """Return the reconstructions of samples."""
    model.eval()
    output: Tensor = model(x)
    return output


def read_samples(path: str) -> NDArray[Any]:
    """Return the array of a file."""
    try:
        samples = np.load(path)
    except (EOFError, OSError, ValueError, BadZipFile) as error:
        raise SystemExit(f"{path}: not a readable .npy file: {error}") from None
    if not isinstance(samples, np.ndarray) or samples.dtype.kind not in "biuf":
        raise SystemExit(f"{path}: it does not hold an array of numbers")
    return samples


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("samples", nargs="?", help=".npy file with one sample per row")
    parser.add_argument("--checkpoint", type=Path, default=Path("runs/best.pt"))
    parser.add_argument("--out", type=Path, help="default: beside the checkpoint")
    args = parser.parse_args(argv)

    model, checkpoint = load_model(args.checkpoint)
    if args.samples:
        x = encode(read_samples(args.samples))
    else:
        _, _, test = load_data()
        x = test.x[:10]
        x = x + checkpoint["config"]["noise"] * torch.randn_like(x)
    output = predict(model, x)
    out = args.out or args.checkpoint.with_name("predictions.npy")
    np.save(out, output.numpy())
    print(f"wrote {out}: {tuple(output.shape)}")
    draw_rows([x[:10], output[:10]], out.with_suffix(".png"))
    print(f"wrote {out.with_suffix('.png')}")
    for number, error in enumerate((output - x).square().flatten(1).mean(dim=1)):
        print(f"{number}: mean squared difference {error:.4g}")


if __name__ == "__main__":
    main()
