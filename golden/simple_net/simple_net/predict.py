"""Predict with a trained model:

    python -m simple_net.predict  # some samples of the test set
    python -m simple_net.predict samples.npy

Prints one line per sample.
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


@torch.inference_mode()
def predict(model: nn.Module, x: Tensor) -> Tensor:
    """Return the probabilities of the classes for each sample."""
    model.eval()
    output: Tensor = model(x)
    return output.softmax(dim=1)


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
    args = parser.parse_args(argv)

    model, _ = load_model(args.checkpoint)
    if args.samples:
        x = encode(read_samples(args.samples))
    else:
        _, _, test = load_data()
        x = test.x[:10]
        print("truth:", test.y[:10].tolist())
    predictions = predict(model, x)
    for number, prediction in enumerate(predictions):
        label = int(prediction.argmax())
        probability = prediction[label].item()
        print(f"{number}: class {label}, probability {probability:.3f}")


if __name__ == "__main__":
    main()
