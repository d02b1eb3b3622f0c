"""The inference of items with a condition, whose class has to hold whether or not they are built."""

from __future__ import annotations

from dataclasses import replace

from ..description.description import Written
from ..network.dims import either, where
from ..network.graph import Node, inside
from ..network.tensors import Argument, TensorType
from ..network.typed import Typed
from .known_sources import unbuilt
from .round_sizes import or_untouched
from .rules import FrameRules

Inputs = tuple[TensorType, ...]

_FALSE_HERE = "'if' is false here, and true for other values of the arguments"


def infer_condition(frame: FrameRules, node: Node, written: Written, inputs: Inputs | None) -> Typed | None:
    """Infer a node with a condition; return None if it has a mistake.

    Args:
        frame: the inference of the class.
        node: the node.
        written: its condition.
        inputs: the types of its inputs, if they are known.
    """
    condition = frame.value(written, node)
    if condition is None:
        return None
    if inputs == ():  # nothing could go on where the condition is false, which is reported where it is read
        return None
    varies = _varies(condition)
    narrowed = inputs
    if varies and inputs is not None:
        narrowed = tuple(where(tensor, condition.source, frame.scope.values) for tensor in inputs)  # type: ignore[arg-type]
    if not condition.value:
        return _not_built(frame, node, condition, narrowed, inputs)
    typed = frame.without_condition(node, narrowed)
    if typed is None or inputs is None:
        return None
    frame.inference.fitting.add((frame.graph.class_name, node.id))
    outputs = _either(frame, node, condition, typed, inputs) if varies else typed.outputs
    return replace(typed, outputs=outputs, condition=condition)


def _varies(condition: Argument) -> bool:
    return bool(condition.names) and not isinstance(condition.source, tuple)


def _not_built(
    frame: FrameRules, node: Node, condition: Argument, narrowed: Inputs | None, inputs: Inputs | None
) -> Typed | None:
    """Infer a node whose condition is false; it need not fit here if it fits in another use of its class.

    Args:
        frame: the inference of the class.
        node: the node.
        condition: its condition.
        narrowed: the types of its inputs where the condition is true.
        inputs: the types of its inputs.
    """
    place = (frame.graph.class_name, node.id)
    with frame.problems.held() as held, frame.problems.inside(_FALSE_HERE, condition.position):
        before = {inner.id: frame.types[inner.id] for inner in inside(node) if inner.id in frame.types}
        typed = frame.without_condition(node, narrowed)
    if inputs is None:
        return None
    if typed is None:
        if _varies(condition):
            frame.inference.unfit.setdefault(place, held)
        for inner in inside(node):
            frame.types.pop(inner.id, None)
        frame.types |= before
        return Typed(inputs[:1], active=False, known=False, condition=condition, inputs=inputs)
    frame.inference.fitting.add(place)
    for inner in inside(node):
        if inner.id in frame.types:
            frame.types[inner.id] = unbuilt(frame.types[inner.id])
    outputs = _either(frame, node, condition, typed, inputs) if _varies(condition) else inputs[:1]
    return replace(unbuilt(typed), outputs=outputs, condition=condition)


def _either(frame: FrameRules, node: Node, condition: Argument, typed: Typed, inputs: Inputs) -> Inputs:
    """Return the results of an item with a condition, with sizes that hold whether or not it is built."""
    assert not isinstance(condition.source, tuple)
    computed = {n: argument.source for n, argument in frame.computed.items() if not isinstance(argument.source, tuple)}
    first = either(condition.source, typed.outputs[0], inputs[0], bool(condition.value), computed)
    first = or_untouched(first, typed, inputs[0])
    return (first, *typed.outputs[1:]) if condition.value else (first,)
