"""The class of each pixel of an image."""

from __future__ import annotations

from ...description.target_kinds import BINARY_MASK, MASK
from ...description.tensor import Tensor
from ...network.tensors import shape_text
from ..losses import losses
from ..metrics import Metric
from .base import Fit, Picture, Task

_TARGETS = frozenset({MASK, BINARY_MASK})
_IOU = "(hits / union)[union > 0].mean().item()"


def target(loss: str, output: Tensor) -> str:
    """Masks of classes, or of 0 and 1 for losses of one probability."""
    return BINARY_MASK if loss.startswith("BCE") else MASK


def check(fit: Fit) -> None:
    """Notes an output that has no score for each class and pixel of an image."""
    output, sample, data = fit.output.shape, fit.models[0].inputs[0].shape, fit.description.data
    loss, ends = fit.terms[0].call, f"the network ends in {shape_text(fit.output.shape)}"
    binary = target(loss.name, fit.output) == BINARY_MASK
    if len(output) != 3 or not isinstance(output[0], int):
        channels = "1" if binary else "classes"
        needs = ", ".join(map(str, (channels, *sample[1:])))
        fit.problems.add(f"{ends}, and {loss.name} needs a score for each pixel, ({needs})", fit.end)
    elif output[1:] != sample[1:]:
        message = f"{ends}, and an image is {shape_text(sample)}: a mask has its height and width"
        fit.problems.add(message, fit.end, "such as Upsample, ConvTranspose2d or interpolate")
    elif binary and output[0] != 1:
        message = f"{ends}, and {loss.name} needs one channel, {shape_text((1, *output[1:]))}"
        fit.problems.add(message, fit.end, "for several classes there is CrossEntropyLoss")
    elif not binary and output[0] < 2:
        message = f"{loss.name} needs a channel for each class, the background too, and {ends}"
        fit.problems.add(message, fit.end, "for one channel there is BCEWithLogitsLoss")
    elif not binary and data.classes is not None and output[0] != data.classes:
        message = f"{data.source} has {data.classes} classes with the background, and {ends}"
        fit.problems.add(message, fit.end, f"write out_channels: {data.classes}")


SEGMENTATION = Task(
    "segmentation",
    default_loss="CrossEntropyLoss",
    torch_losses=losses("CrossEntropyLoss", "NLLLoss", "BCEWithLogitsLoss", "BCELoss"),
    metrics=(
        Metric("mean_iou", "intersection over union, averaged over the classes", _TARGETS, _IOU),
        Metric("pixel_accuracy", "share of pixels that are right", _TARGETS, "(hits.sum() / counts.sum()).item()"),
    ),
    usual=("mean_iou", "pixel_accuracy"),
    check=check,
    targets=_TARGETS,
    target=target,
    pictures=(Picture("masks.png", "images with their true and predicted masks"),),
    predicted="masks/",
    predict_words="masks for some images of the test set, or for image files",
)
