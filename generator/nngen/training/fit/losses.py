"""Checks of a loss against the outputs that it takes: their shapes, and what their last layers give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...description.calls import Schedule
from ...description.description import Layer
from ...description.settings import Training
from ...description.target_kinds import INDEX, LAST
from ...description.tensor import Tensor
from ...language.errors import Position
from ...language.problems import Problems
from ...network.graph import Node
from ...network.tensors import shape_text
from ..loss_terms import Operand, Term
from ..losses import classes_of

# what the last layer gives
_PROBABILITIES = ("Sigmoid", "Softmax", "Hardsigmoid", "Softmax2d", "Softmin")
_LOGARITHMS = ("LogSoftmax", "LogSigmoid")
_FROM_ZERO = ("Softplus", "ReLU", "ReLU6", *_PROBABILITIES)
_KEEP = ("Dropout", "Identity", "Flatten", "Unflatten")  # hand on what they get: more is not known
# losses that are given numbers of any size, and make probabilities of them
_OF_SCORES = {
    "CrossEntropyLoss": "softmax",
    "MultiMarginLoss": "",
    "MultiLabelMarginLoss": "",
    "BCEWithLogitsLoss": "sigmoid",
    "SoftMarginLoss": "",
    "MultiLabelSoftMarginLoss": "sigmoid",
}
_OF_LOGARITHMS = {"NLLLoss": "CrossEntropyLoss", "KLDivLoss": "", "CTCLoss": ""}  # and what takes scores instead
# outputs without the batch: their number of dimensions, in words
_DIMENSIONS: Mapping[str, tuple[range, str]] = {
    "MultiMarginLoss": (range(1, 2), "one number for each class, (classes,)"),
    "MultiLabelMarginLoss": (range(1, 2), "one number for each class, (classes,)"),
    "NLLLoss": (range(1, 9), "one number for each class, (classes, ...)"),
    "CrossEntropyLoss": (range(1, 9), "one number for each class, (classes, ...)"),
    "CosineEmbeddingLoss": (range(1, 2), "vectors, (features,)"),
    "TripletMarginLoss": (range(1, 2), "vectors, (features,)"),
    "TripletMarginWithDistanceLoss": (range(1, 2), "vectors, (features,)"),
    "CTCLoss": (range(2, 3), "logarithms of probabilities for each step, (steps, classes)"),
    "AdaptiveLogSoftmaxWithLoss": (range(1, 2), "features, (features,)"),
    "LinearCrossEntropyLoss": (range(1, 9), "features, (..., features)"),
}
_VARIANCE = "var"  # the argument of GaussianNLLLoss


def check_term(term: Term, kind: str, ends: Mapping[str, Node], problems: Problems) -> None:
    """Note outputs that a loss of torch would refuse, would broadcast, or was not made for.

    Args:
        term: the loss with what it is given.
        kind: of its target.
        ends: the node that gives each output.
        problems: takes what is wrong.
    """
    outputs = [operand for operand in term.operands if operand.tensor is not None]
    for operand in outputs:
        _check_dimensions(term, operand, ends.get(operand.name), problems)
    _check_same(term, outputs, problems)
    _check_own_arguments(term, problems)
    for operand in outputs:
        node = ends.get(operand.name)
        if node is not None and isinstance(node.action, Layer) and node.kind not in _KEEP:
            _check_range(term, kind, operand, node, problems)


def check_averages(terms: Sequence[Term], training: Training, schedule: Schedule | None, problems: Problems) -> None:
    """Note averages of weights beside a loss that learns: they are of the model alone."""
    averaged = "ema" if training.ema is not None else "SWALR" if schedule and schedule.name == "SWALR" else ""
    for term in terms:
        if term.loss.learns and averaged:
            message = f"{term.call.name} has weights of its own, which {averaged} does not average"
            problems.add(message, term.position, f"leave {averaged} out")


def _check_dimensions(term: Term, operand: Operand, end: Node | None, problems: Problems) -> None:
    """Note an output with more or fewer dimensions than the loss takes; where nobody wrote the loss, at its layer."""
    assert operand.tensor is not None
    allowed, words = _DIMENSIONS.get(term.call.name, (None, ""))
    shape = operand.tensor.shape
    if allowed is not None and len(shape) not in allowed and operand.argument != _VARIANCE:
        name = f"{operand.name} has" if len(term.operands) > 2 else "the network gives"
        place = _where(term, operand) or (end.position if end else None)
        problems.add(f"{term.call.name} takes {words}, and {name} the shape {shape_text(shape)}", place)


def _check_same(term: Term, outputs: list[Operand], problems: Problems) -> None:
    """Note outputs of one loss that have different shapes: torch would broadcast them, or fail late."""
    for other in outputs[1:]:
        first = outputs[0]
        assert first.tensor is not None and other.tensor is not None
        if other.argument == _VARIANCE and _is_variance(other.tensor, first.tensor):
            continue
        if other.tensor.shape != first.tensor.shape:
            shapes = f"{first.name} has {shape_text(first.tensor.shape)}, {other.name} {shape_text(other.tensor.shape)}"
            problems.add(f"{term.call.name} takes outputs of one shape, and {shapes}", _where(term, other))


def _is_variance(variance: Tensor, mean: Tensor) -> bool:
    """Tell whether torch takes a variance: one for each number, or one for all numbers of the last dimension."""
    return variance.shape in (mean.shape, mean.shape[:-1], (*mean.shape[:-1], 1))


def _check_own_arguments(term: Term, problems: Problems) -> None:
    """Check the arguments of a loss that depend on the output."""
    call, output = term.call, term.output
    if output is None or not output.shape:
        return
    classes = output.example[-1]
    if call.name == "CTCLoss" and call.arguments.get("blank", 0) >= classes:
        message = f"CTCLoss: blank is class {call.arguments['blank']}, and the network gives {classes} classes"
        problems.add(message, call.position)
    if call.name == "KLDivLoss" and call.arguments.get("reduction") == "mean":
        message = "KLDivLoss: mean divides by the number of classes too, and is no divergence"
        problems.warn(message, call.position, "leave reduction out: batchmean is")
    if call.name == "AdaptiveLogSoftmaxWithLoss":
        clusters = len(call.arguments["cutoffs"])
        if classes // call.arguments.get("div_value", 4.0) ** clusters < 1:
            message = f"AdaptiveLogSoftmaxWithLoss: the last of {clusters} clusters would have no features of {classes}"
            problems.add(message, call.position, "take fewer cutoffs, a smaller div_value, or more features")
    if call.name == "LinearCrossEntropyLoss" and isinstance(call.arguments.get("weight"), list):
        given, wanted = len(call.arguments["weight"]), call.arguments["num_classes"]
        if given != wanted:
            problems.add(f"LinearCrossEntropyLoss: weight has {given} numbers for {wanted} classes", call.position)


def _check_range(term: Term, kind: str, operand: Operand, node: Node, problems: Problems) -> None:
    """Note a last layer whose range of values is not what the loss takes."""
    loss, last = term.call.name, node.kind
    if loss in _OF_SCORES and last in (*_PROBABILITIES, "LogSoftmax"):
        does = f" and applies a {_OF_SCORES[loss]} itself" if _OF_SCORES[loss] == "sigmoid" else ""
        end = "" if does else f"; after {last} it learns slowly"
        problems.warn(f"{loss} takes raw scores{does}{end}", node.position, f"leave {last} out")
    elif loss == "BCELoss" and last not in _PROBABILITIES:
        message = f"BCELoss takes probabilities, and {last} gives other numbers too"
        problems.add(message, node.position, "end in Sigmoid, or take BCEWithLogitsLoss")
    elif loss in _OF_LOGARITHMS and last not in _LOGARITHMS:
        dim = -1 if loss == "CTCLoss" or kind in LAST else 1
        instead = f", or take {_OF_LOGARITHMS[loss]}" if _OF_LOGARITHMS[loss] else ""
        message = f"{loss} takes logarithms of probabilities, and {last} gives others"
        problems.add(message, node.position, f"end in LogSoftmax: {dim}{instead}")
    elif operand.argument == _VARIANCE and last not in _FROM_ZERO:
        message = f"{loss} takes {operand.name} as a variance, and {last} gives negative numbers too"
        problems.add(message, node.position, "end it in Softplus")
    elif loss == "PoissonNLLLoss" and term.call.arguments.get("log_input") is False and last not in _FROM_ZERO:
        message = f"PoissonNLLLoss takes rates where log_input is false, and {last} gives negative numbers too"
        problems.add(message, node.position, "end in Softplus, or leave log_input out")


def _where(term: Term, operand: Operand) -> Position | None:
    return operand.position or term.position


def check_weights(term: Term, kind: str, problems: Problems) -> None:
    """Note weights that are not as many as the classes or outputs that they are for.

    Args:
        term: a loss.
        kind: of its target.
        problems: where mistakes are noted.
    """
    output = term.output
    if output is None or not output.shape or term.loss.learns:
        return
    classes = classes_of(kind, output)
    for name in term.loss.tensors:
        shape = _shape(term.call.arguments.get(name))
        if shape is None:
            continue
        if INDEX in term.loss.targets:
            if isinstance(classes, int) and shape != (classes,):
                message = f"{term.call.name}: {name} has {_count(shape)}, and the network {classes} classes"
                problems.add(message, term.position)
        elif not output.varies and not _broadcasts(shape, output.example):
            message = (
                f"{term.call.name}: {name} has {_count(shape)}, and the network ends in {shape_text(output.shape)}"
            )
            problems.add(message, term.position)


def _shape(value: Any) -> tuple[int, ...] | None:
    if not isinstance(value, (list, tuple)):
        return None
    return (len(value), *(_shape(value[0]) or ())) if value else (0,)


def _count(shape: tuple[int, ...]) -> str:
    if len(shape) > 1:
        return f"the shape {shape_text(shape)}"
    return f"{shape[0]} number{'s' if shape[0] != 1 else ''}"


def _broadcasts(shape: tuple[int, ...], output: tuple[int, ...]) -> bool:
    if len(shape) > len(output):
        return False
    return all(size in (1, full) for size, full in zip(reversed(shape), reversed(output)))
