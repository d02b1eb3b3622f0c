"""Predict with a trained model:

    python -m two_heads.predict  # some samples of the test set
    python -m two_heads.predict samples.npz

Prints one line per sample and output.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import load_model
from .data import encode, load_data, read_arrays


@torch.inference_mode()
def predict(model: nn.Module, inputs: Sequence[Tensor]) -> dict[str, Tensor]:
    """Return the model's outputs for samples, by name."""
    model.eval()
    output = model(*inputs)
    return {
        "classes": output[0].softmax(dim=1),
        "numbers": output[1],
    }


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "samples", nargs="?", help=".npz file with an array for each input"
    )
    parser.add_argument("--checkpoint", type=Path, default=Path("runs/best.pt"))
    args = parser.parse_args(argv)

    model, _ = load_model(args.checkpoint)
    inputs: Sequence[Tensor]
    if args.samples:
        inputs = encode(read_arrays(args.samples))
    else:
        _, _, test = load_data()
        inputs = [tensor[:10] for tensor in test[:2]]
    for name, values in predict(model, inputs).items():
        for number, value in enumerate(values.flatten(1)):
            shown = ", ".join(f"{each:.4g}" for each in value[:10].tolist())
            print(f"{number}: {name} {shown}{', ...' if len(value) > 10 else ''}")


if __name__ == "__main__":
    main()
