"""Find the masks of images with a trained model:

    python -m my_unet_shapes.predict  # some images of the test set
    python -m my_unet_shapes.predict one.png two.png

Writes a PNG file for each.
"""

import argparse
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from .checkpoint import load_model
from .data import load_data, read_image


@torch.inference_mode()
def predict(model: nn.Module, image: Tensor) -> Tensor:
    """Return the class of each pixel of an image."""
    model.eval()
    classes: Tensor = model(image.unsqueeze(0))[0].argmax(dim=0)
    return classes.byte()


def write_mask(mask: Tensor, path: Path) -> None:
    """Write a mask as a PNG file whose pixels are classes, with a colour for each."""
    image = Image.fromarray(mask.numpy())
    image.putpalette([0, 0, 0, 230, 80, 60, 60, 160, 90, 60, 110, 220, 240, 200, 60])
    image.save(path)
    print(f"wrote {path}: classes {sorted(set(mask.flatten().tolist()))}")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("images", nargs="*", type=Path, help="image files")
    parser.add_argument("--checkpoint", type=Path, default=Path("runs/best.pt"))
    parser.add_argument(
        "--out", type=Path, help="default: masks/ beside the checkpoint"
    )
    args = parser.parse_args(argv)

    model, _ = load_model(args.checkpoint)
    out = args.out or args.checkpoint.with_name("masks")
    out.mkdir(parents=True, exist_ok=True)
    images = {path.stem: read_image(path) for path in args.images}
    if not images:
        _, _, test = load_data()
        images = {str(number): image for number, image in enumerate(test.x[:10])}
    for name, image in images.items():
        write_mask(predict(model, image), out / f"{name}.png")


if __name__ == "__main__":
    main()
