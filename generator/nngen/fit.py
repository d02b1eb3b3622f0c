"""Checks that the network, its loss and its data fit together."""

from __future__ import annotations

from math import prod

from .description import Description, Layer
from .errors import Position
from .feasible import check_training
from .graph import TensorType, shape_text
from .losses import target_kind
from .optimizer_checks import check_optimization
from .problems import Problems
from .settings import BINARY, INDEX, MULTILABEL, REAL
from .sizes import Symbolic
from .types import TypedNetwork

_NEEDS = {
    INDEX: "one output for each class, (classes,)",
    BINARY: "one output, (1,)",
    MULTILABEL: "one output for each label, (labels,)",
    REAL: "one output for each number to predict, (numbers,)",
}


def check_fit(
    description: Description, inputs: tuple[TensorType, ...], typed: TypedNetwork | None, problems: Problems
) -> None:
    """Notes where the data do not fit the input, or the last layer does not fit the loss or the data."""
    check_optimization(description.optimizer, description.scheduler, description.training, typed, problems)
    check_training(description, typed, problems)
    if description.task:
        _check_task(description, problems)
    trained = _check_interface(description, inputs, typed, problems)
    if inputs and trained:
        _check_input(description, inputs[0], problems)
    if typed and description.task and trained:
        _check_output(description, typed, problems)
        _check_last_activation(description, typed, problems)


def _check_interface(
    description: Description, inputs: tuple[TensorType, ...], typed: TypedNetwork | None, problems: Problems
) -> bool:
    """Notes what the tasks of this version cannot train; returns whether they can."""
    task = description.task or "this task"
    cannot = f"this version of nngen cannot train {task} with"
    if len(description.models) > 1:
        problems.add(f"{cannot} several models yet", description.models[1].position)
        return False
    if len(inputs) > 1:
        problems.add(f"{cannot} several inputs yet", description.models[0].inputs[1].position)
        return False
    if inputs and inputs[0].dtype != "float32":
        problems.add(f"{cannot} an input of {inputs[0].dtype} yet", description.models[0].inputs[0].position)
        return False
    if inputs and any(isinstance(size, Symbolic) for size in inputs[0].sample_shape):
        problems.add(f"{cannot} dimensions that vary yet", description.models[0].inputs[0].position, "give their sizes")
        return False
    if typed and len(typed.models[0].outputs) > 1:
        names = description.models[0].outputs
        position = names[1].position if names else None
        problems.add(f"{cannot} several outputs yet", position)
        return False
    return True


def _check_task(description: Description, problems: Problems) -> None:
    data = description.data
    if description.task not in data.tasks:
        fitting = " and ".join(sorted(data.tasks))
        problems.add(f"{data.source} is data for {fitting}, not for {description.task}", description.data_position)


def _check_input(description: Description, tensor: TensorType, problems: Problems) -> None:
    sample, shape = description.data.sample_shape, tensor.sample_shape
    position = description.models[0].inputs[0].position
    if description.data.source == "images" and (len(shape) != 3 or shape[0] not in (1, 3)):
        problems.add(f"images need an input such as [3, 224, 224], not {list(shape)}", position)
    if description.data.source == "csv" and len(shape) != 1:
        problems.add(f"the rows of a table need an input such as [10], not {list(shape)}", position)
    if sample is None or sample == shape:
        return
    flat = len(shape) == 1 and shape[0] == prod(sample)
    without_channel = sample[0] == 1 and sample[1:] == shape
    with_channel = shape[:1] == (1,) and shape[1:] == sample
    if not (flat or without_channel or with_channel):
        options = [list(sample)] + ([[prod(sample)]] if len(sample) > 1 else [])
        hint = f"write {' or '.join(f'input: {option}' for option in options)}"
        problems.add(
            f"a sample of {description.data.source} is {shape_text(sample)}, the input {shape_text(shape)}",
            position,
            hint,
        )


def _check_output(description: Description, typed: TypedNetwork, problems: Problems) -> None:
    loss, data = description.loss, description.data
    shape = typed.models[0].outputs[0].sample_shape
    last = _last_layer(description)
    sizes = tuple(size for size in shape if isinstance(size, int))
    kind = target_kind(loss.name, sizes, description.task)
    if len(shape) != 1 or len(sizes) != 1:
        problems.add(
            f"the network ends in {shape_text(shape)}, and {loss.name} needs {_NEEDS[kind]}",
            last,
            "such as Flatten and Linear at the end" if len(shape) > 1 else "",
        )
        return
    (count,) = sizes
    if description.task in data.tasks and kind not in data.targets:
        _wrong_kind(description, kind, count, last, problems)
    elif kind == INDEX and data.classes is not None and count != data.classes:
        message = f"{data.source} has {data.classes} classes, but the network ends in {shape_text(shape)}"
        problems.add(message, last, f"write Linear: {data.classes}")
    elif kind == INDEX and count < 2:
        problems.add(
            f"{loss.name} needs an output for each class, but the network ends in {shape_text(shape)}",
            last,
            "for two classes and one output there is BCEWithLogitsLoss",
        )
    elif kind == REAL and data.target_size is not None and count != data.target_size:
        message = f"{data.source} has {data.target_size} number to predict, but the network ends in {shape_text(shape)}"
        problems.add(message, last, f"write Linear: {data.target_size}")


def _wrong_kind(description: Description, kind: str, count: int, last: Position | None, problems: Problems) -> None:
    loss, data = description.loss, description.data
    if data.classes is not None:
        message = f"{loss.name} is for two classes or for labels, and {data.source} has {data.classes} classes"
        problems.add(message, loss.position or last, "did you mean 'CrossEntropyLoss'?")
    else:
        message = (
            f"{loss.name} with {count} outputs needs several labels for each sample, which {data.source} does not have"
        )
        problems.add(message, last, "write Linear: 1, or take CrossEntropyLoss")


def _check_last_activation(description: Description, typed: TypedNetwork, problems: Problems) -> None:
    node = typed.models[0].last
    if not isinstance(node.action, Layer):
        return
    loss, last = description.loss, node.kind
    if loss.name in ("CrossEntropyLoss", "MultiMarginLoss") and last in ("Softmax", "LogSoftmax", "Sigmoid"):
        problems.warn(
            f"{loss.name} takes raw scores; after {last} it learns slowly", node.position, f"leave {last} out"
        )
    elif loss.name == "BCEWithLogitsLoss" and last in ("Sigmoid", "Softmax"):
        problems.warn(f"{loss.name} takes raw scores and applies a sigmoid itself", node.position, f"leave {last} out")
    elif loss.name == "BCELoss" and last not in ("Sigmoid", "Softmax", "Hardsigmoid"):
        problems.add(
            f"{loss.name} takes probabilities, and {last} gives other numbers too",
            node.position,
            "end in Sigmoid, or take BCEWithLogitsLoss",
        )
    elif loss.name == "NLLLoss" and last != "LogSoftmax":
        problems.add(
            f"{loss.name} takes logarithms of probabilities, and {last} gives others",
            node.position,
            "end in LogSoftmax: 1, or take CrossEntropyLoss",
        )


def _last_layer(description: Description) -> Position | None:
    """Where the size of the output was written: the last layer that has a say in it."""
    items = description.models[0].items
    for item in reversed(items):
        match item.action:
            case Layer(entry, arguments) if arguments and entry.family in ("linear", "conv", "adaptive_pool"):
                return item.position
    return items[-1].position
