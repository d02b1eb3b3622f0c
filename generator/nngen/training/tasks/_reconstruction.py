"""What autoencoders have in common: they give back the sample that they take."""

from __future__ import annotations

from ...description.target_kinds import INPUT
from ...description.tensor import Tensor
from ...network.tensors import shape_text
from ..losses import losses
from .base import Fit

LOSSES = losses("BCEWithLogitsLoss", "BCELoss", "MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss")


def target(loss: str, output: Tensor) -> str:
    """The sample itself, for each loss."""
    return INPUT


def check(fit: Fit) -> None:
    """Notes an output that is not shaped as a sample."""
    first, last = fit.models[0], fit.models[-1]
    names = last.class_name if len(fit.models) > 1 else "the network"
    if len(first.inputs) > 1:
        message = f"{fit.description.task} gives back one tensor, and the network takes {len(first.inputs)}"
        fit.problems.add(message, fit.description.models[0].inputs[1].position)
    elif first.inputs[0].is_whole:
        message = f"{fit.description.task} gives back real numbers, and the input is {first.inputs[0].dtype}"
        fit.problems.add(message, fit.description.models[0].inputs[0].position)
    elif fit.output.shape != first.inputs[0].shape:
        shapes = shape_text(fit.output.shape), shape_text(first.inputs[0].shape)
        message = f"{names} ends in {shapes[0]}, and a sample is {shapes[1]}"
        fit.problems.add(message, fit.end, _hint(fit.output, first.inputs[0]))


def _hint(output: Tensor, sample: Tensor) -> str:
    if output.varies or sample.varies:
        return "such as interpolate to the size of the input"
    numbers = sample.numbers_of_example
    if output.numbers_of_example == numbers:
        return (
            f"add Unflatten: {{dim: 1, unflattened_size: {list(sample.shape)}}}"
            if len(output.shape) == 1
            else "add Flatten"
        )
    return f"a sample has {numbers} numbers"
