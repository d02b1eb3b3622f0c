"""Export a trained model as one file that runs without this package.

    python -m my_unet_shapes.export

To load it elsewhere, with torch alone:

    torch.export.load("runs/model.pt2").module()(x)
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import load_model

INPUT_SHAPE = (1, 32, 32)


def example(batch_size: int) -> Tensor:
    """Return random samples in the shape that the model takes."""
    return torch.randn(batch_size, *INPUT_SHAPE)


def export(model: nn.Module, path: Path) -> None:
    """Write the model to a file, for batches of any size, and check it."""
    model.eval()
    batch = torch.export.Dim("batch")
    program = torch.export.export(model, (example(2),), dynamic_shapes=({0: batch},))
    torch.export.save(program, path)
    exported = torch.export.load(path).module()

    x = example(5)
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
