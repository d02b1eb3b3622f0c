"""Export a trained model as one file that runs without this package.

    python -m two_heads.export

To load it elsewhere, with torch alone:

    torch.export.load("runs/model.pt2").module()(measurements, kinds)
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import load_model


def example(batch_size: int) -> tuple[Tensor, ...]:
    """Return random samples in the shapes that the model takes."""
    return (
        torch.randn(batch_size, 12),
        torch.randint(6, (batch_size, 2)),
    )


def export(model: nn.Module, path: Path) -> None:
    """Write the model to a file, for batches of any size, and check it."""
    model.eval()
    batch = torch.export.Dim("batch")
    shapes = tuple({0: batch} for _ in example(2))
    program = torch.export.export(model, example(2), dynamic_shapes=shapes)
    torch.export.save(program, path)
    exported = torch.export.load(path).module()

    x = example(5)
    with torch.inference_mode():
        pairs = zip(exported(*x), model(*x))
        difference = max((a - b).abs().max().item() for a, b in pairs)
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
