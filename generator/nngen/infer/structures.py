"""The inference of own tensors, imported modules, repeated calls, nested lists and branches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod

from ..description.description import Own, Written
from ..network.graph import Body, Fork, Node, inside
from ..network.layers import ShapeError
from ..network.operations import OPERATIONS, OperationUse
from ..network.tensors import BATCH, Argument, Dim, TensorType, shape_text
from ..network.typed import Typed
from .initial import argument_problems
from .rules import FrameRules
from .scope import as_dim, size_problem


def own(frame: FrameRules, node: Node) -> Typed | None:
    """Infer a parameter or a buffer; return None, with a problem recorded, if a size is invalid."""
    assert isinstance(node.action, Own)
    sizes = [frame.value(size, node) for size in node.action.shape]
    shape = tuple(size for size in sizes if size)
    wrong = next((problem for size in shape if (problem := size_problem(size.value))), None)
    if wrong:
        frame.problems.add(f"{node.action.kind}: {wrong}", node.position)
    if wrong or len(shape) < len(sizes):
        return None
    count = prod(size.value for size in shape)
    init_arguments = node.action.init.arguments if node.action.init else {}
    init = {name: argument for name, written in init_arguments.items() if (argument := frame.value(written, node))}
    parameter = node.action.kind == "parameter"
    if node.action.init:
        values = {name: argument.value for name, argument in init.items() if name not in ("mode", "nonlinearity")}
        for name, wrong in argument_problems(node.action.init.function, values):
            frame.problems.add(f"init: {wrong}", init[name].position)
    return Typed(
        (TensorType(tuple(as_dim(size) for size in shape)),),
        {"shape": Argument(tuple(size.value for size in shape), shape)},
        parameters=count if parameter else 0,
        buffers=0 if parameter else count,
        init=init,
    )


def imported(
    frame: FrameRules,
    node: Node,
    arguments: Mapping[str, Written],
    output: tuple[Written, ...],
    inputs: tuple[TensorType, ...] | None,
) -> Typed | None:
    """Infer a module of the author's own code from its declared output; return None if a value is invalid."""
    values = {name: frame.value(written, node) for name, written in arguments.items()}
    sizes = [frame.value(size, node) for size in output]
    evaluated = {name: argument for name, argument in values.items() if argument}
    if inputs is None or len(evaluated) < len(values) or not all(sizes):
        return None
    wrong = next((problem for size in sizes if size and (problem := size_problem(size.value))), None)
    if wrong:
        frame.problems.add(f"output: {wrong}", node.position)
        return None
    dims = (Dim(BATCH), *(as_dim(size) for size in sizes if size))
    return Typed((TensorType(dims),), evaluated, inputs=inputs)


def again(frame: FrameRules, node: Node, target: int, inputs: tuple[TensorType, ...] | None) -> Typed | None:
    """Infer another call of a module, which needs the same arguments as the first one.

    Args:
        frame: the inference of the class.
        node: the repeated call.
        target: the node of the first call.
        inputs: the types of the inputs of the repeated call.

    Returns:
        The types, or None, with a problem recorded, if the module does not fit.
    """
    first = frame.types.get(target)
    original = next(other for other in frame.graph.walk() if other.id == target)
    if first is None or inputs is None:
        return None
    original_types = {part.id: frame.types[part.id] for part in inside(original) if part.id in frame.types}
    typed = frame.all_rounds(original, inputs)
    inner = {part.id: frame.types[part.id] for part in inside(original) if part.id in frame.types}
    frame.types |= original_types
    if typed is None:
        return None
    for first_typed, typed_here in (
        (first, typed),
        *((original_types[key], part) for key, part in inner.items() if key in original_types),
    ):
        for name, argument in first_typed.arguments.items():
            if not first_typed.passes(name):
                continue
            if name in typed_here.arguments and typed_here.arguments[name].value != argument.value:
                value = typed_here.arguments[name].value
                message = f"use: {original.attribute} was made for {name}={argument.value}, and here it is {value}"
                frame.problems.add(message, node.position)
                return None
    flops = sum((part.flops for part in inner.values()), start=typed.flops)
    return replace(typed, parameters=0, buffers=0, flops=flops, condition=None, loop=None)


def nested(
    frame: FrameRules, node: Node, body: Body, residual: bool, inputs: tuple[TensorType, ...] | None
) -> Typed | None:
    """Infer a nested list, and for a residual its sum with the input; return None if they do not fit."""
    output = frame.body(body, inputs or ())
    if inputs is None or output is None:
        return None
    if not residual:
        return Typed((output,), inputs=inputs)
    try:
        (total,) = OPERATIONS["add"].infer(OperationUse(OPERATIONS["add"], (inputs[0], output), {}))
    except ShapeError:
        shapes = f"{shape_text(inputs[0].sample_shape)}, and its layers give {shape_text(output.sample_shape)}"
        frame.problems.add(f"residual: what flows in is {shapes}, so they cannot be added", node.position)
        return None
    return Typed((total,), inputs=inputs)


def fork(frame: FrameRules, node: Node, inputs: tuple[TensorType, ...] | None) -> Typed | None:
    """Infer branches, and the operation that joins them; return None if they do not fit."""
    assert isinstance(node.action, Fork)
    results = [frame.body(body, inputs or ()) for _, body, _ in node.action.branches]
    types = tuple(result for result in results if result)
    if inputs is None or len(types) < len(results):
        return None
    merge = node.action.merge
    if merge is None:
        return Typed(types, inputs=inputs)
    joined = replace(node, action=merge, kind=merge.operation, keywords={}, position=node.action.merge_position)
    return frame.operation(joined, types)
