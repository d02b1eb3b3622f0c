"""Export a trained model as one file that runs without this package.

    python -m tiny_gpt.export

To load it elsewhere, with torch alone:

    torch.export.load("runs/model.pt2").module()(x)
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import load_model


def example(batch_size: int, time: int = 8) -> Tensor:
    """Return random samples in the shape that the model takes."""
    return torch.randint(96, (batch_size, time))


def export(model: nn.Module, path: Path) -> None:
    """Write the model to a file, for batches and samples of any size, and check it."""
    model.eval()
    auto = torch.export.Dim.AUTO  # any size that the model can take
    shapes = ({0: auto, 1: auto},)
    program = torch.export.export(model, (example(2, time=16),), dynamic_shapes=shapes)
    torch.export.save(program, path)
    exported = torch.export.load(path).module()

    x = example(5, time=24)
    with torch.inference_mode():
        difference = (exported(x) - model(x)).abs().max().item()
    if difference > 1e-4:
        raise SystemExit(f"{path} differs from the model by {difference}")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkpoint", type=Path, default=Path("runs/best.pt"))
    parser.add_argument("--output", type=Path, default=Path("runs/model.pt2"))
    args = parser.parse_args(argv)

    model, _ = load_model(args.checkpoint)
    export(model, args.output)
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()
