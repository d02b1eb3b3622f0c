"""The tag of each step of a sequence, such as the words of a sentence."""

from __future__ import annotations

from ...description.sources import Arrays
from ...description.target_kinds import TAGS
from ...network.tensors import shape_text
from ..losses import losses
from ..metrics import metrics
from .base import Fit, Task


def check(fit: Fit) -> None:
    """Notes a network that has no score for each tag at each step of a sequence."""
    model, output = fit.models[0], fit.output.shape
    sample, position = model.inputs[0], fit.description.models[0].inputs[0].position
    name, ends = fit.description.task, f"the network ends in {shape_text(output)}"
    if len(model.inputs) > 1:
        message = f"{name} takes one sequence, and the network has {len(model.inputs)} inputs"
        fit.problems.add(message, fit.description.models[0].inputs[1].position)
    elif fit.description.data.reads_table and not (sample.is_whole and sample.varies):
        found = f"and this one is {list(sample.shape)} of {sample.dtype}"
        message = "sentences of a table need an input such as {shape: [time], dtype: int64, high: 10000}, "
        fit.problems.add(message + found, position)
    elif len(output) != 2 or output[0] not in sample.shape or not isinstance(output[1], int):
        steps = next((size for size in sample.shape if isinstance(size, str)), "steps")
        turned = len(output) == 2 and output[1] in sample.shape and isinstance(output[0], int)
        message = f"{ends}, and {name} needs a score for each tag at each step, ({steps}, tags)"
        fit.problems.add(message, fit.end, "add transpose: [1, 2]" if turned else "")
    elif sample.shape.count(output[0]) > 1:
        message = f"of the input {shape_text(sample.shape)} more than one dimension could be the steps"
        fit.problems.add(message, position, "give the steps a name, such as time, or another size")
    elif output[1] < 2:
        message = f"{fit.terms[0].call.name} needs a score for each tag, and {ends}"
        fit.problems.add(message, fit.end, "write Linear: and the number of tags")
    elif not isinstance(fit.description.data, Arrays):
        _check_ignored(fit, output[1])


def _check_ignored(fit: Fit, tags: int) -> None:
    """Where nngen numbers the tags, none of them may be the one that does not count."""
    call = fit.terms[0].call
    ignored = call.arguments.get("ignore_index", -100)
    if isinstance(ignored, int) and 0 <= ignored < tags:
        message = f"{call.name}: ignore_index {ignored} is one of the tags, which are numbered from 0 to {tags - 1}"
        fit.problems.add(message, call.position, "leave it out: padding is ignored anyway")


SEQUENCE_LABELING = Task(
    "sequence_labeling",
    default_loss="CrossEntropyLoss",
    torch_losses=losses("CrossEntropyLoss", "NLLLoss"),
    metrics=metrics("accuracy", "f1", "precision", "recall", "confusion"),
    usual=("accuracy", "f1", "confusion"),
    check=check,
    targets=frozenset({TAGS}),
    target=lambda loss, output: TAGS,
)
