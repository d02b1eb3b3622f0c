"""Infers a network again with other sizes, to see which sizes it can take and how small it can be."""

from __future__ import annotations

from dataclasses import replace

from ..description.description import Arg, Description, Input, Operate, Written
from ..language.expressions import Literal
from ..language.problems import Problems
from ..network.model_facts import LARGE
from ..network.typed import TypedNetwork
from .inference import infer
from .resolve import resolve

# example sizes of dimensions that vary; the first with which the network can be built is used
_SIZES = (8, 16, 32, 64, 128, 224, 256, 512, 1024, 4096, 16384)
_ENOUGH = 1 << 20  # a network that takes this size is assumed to take any
_TIMES_SMALLER = (32, 16, 8, 4, 2)
_LENGTH = 16  # the size that the small network has to take


def with_example_sizes(description: Description, typed: TypedNetwork) -> TypedNetwork:
    """Return the network with the smallest possible example size for dimensions that vary."""
    if not _any_varies(description):
        return typed
    candidates = (_infer(_sized(description, size)) for size in _SIZES)
    return next((candidate for candidate in candidates if candidate), typed)


def check_example_sizes(description: Description, problems: Problems) -> None:
    """Report what does not fit in a network that takes none of the example sizes for its dimensions that vary."""
    if not _any_varies(description) or any(_infer(_sized(description, size)) for size in _SIZES):
        return
    with problems.inside(f"sizes that vary were tried from {_SIZES[0]} to {_SIZES[-1]}", None):
        infer(resolve(_sized(description, _SIZES[-1]), problems), problems)


def longest_input(description: Description) -> int | None:
    """Return the largest size that all varying dimensions can have together; None if any size or none will do."""
    if _infer(_sized(description, _ENOUGH)):
        return None
    low, high = 0, _ENOUGH
    start = next((size for size in _SIZES if _infer(_sized(description, size))), None)
    if start is None:
        return None
    low = start
    while high - low > 1:
        middle = min((low + high) // 2, 4 * low)
        if _infer(_sized(description, middle)):
            low = middle
        else:
            high = middle
    return low


def small_arguments(description: Description, typed: TypedNetwork) -> tuple[tuple[str, int], ...]:
    """Return arguments that make a large network small but keep its inputs and outputs; none for a small one."""
    if typed.parameters < LARGE:
        return ()
    smallest = _sized(description, _LENGTH)
    whole = _infer(smallest)
    chosen: list[tuple[str, int]] = []
    for arg in description.args:
        value = _whole_number(arg)
        for times in _TIMES_SMALLER if whole and value else ():
            assert value is not None
            smaller = _with_value(smallest, arg, value // times)
            smaller_network = _infer(smaller) if value >= times else None
            if (
                whole
                and smaller_network
                and _interface(smaller_network) == _interface(whole)
                and _signs(smaller_network) == _signs(whole)
                and _is_smaller(smaller_network, whole)
            ):
                smallest = smaller
                chosen.append((arg.name, value // times))
                break
    return tuple(chosen)


def _is_smaller(network: TypedNetwork, original: TypedNetwork) -> bool:
    """Tell whether a network has no more parameters and no more FLOPs: smaller patches, for one, cost more."""
    flops, original_flops = network.flops, original.flops
    faster = flops <= original_flops if isinstance(flops, int) and isinstance(original_flops, int) else True
    return faster and network.parameters <= original.parameters


def _infer(description: Description) -> TypedNetwork | None:
    """Return the network with its types; None if it has a mistake."""
    problems = Problems()
    _, network = infer(resolve(description, problems), problems)
    return None if problems.has_errors else network


def _interface(typed: TypedNetwork) -> list[object]:
    return [
        (tensor.dtype, tensor.sample_shape, tensor.high.size if tensor.high else None)
        for model in typed.models
        for tensor in (*model.inputs, *model.outputs)
    ]


def _signs(typed: TypedNetwork) -> set[tuple[str, int, str, int]]:
    """Return the signs of the numbers that operations take: a divisor that becomes 0 fails only when it runs."""
    return {
        (use.graph.class_name, node.id, name, (argument.value > 0) - (argument.value < 0))
        for use in typed.all_uses
        for node in use.graph.walk()
        if isinstance(node.action, Operate) and node.id in use.types
        for name, argument in use.types[node.id].arguments.items()
        if isinstance(argument.value, (int, float))
    }


def _sized(description: Description, size: int) -> Description:
    """Return the description with this size for all dimensions that vary."""
    models = tuple(
        replace(model, inputs=tuple(_input(tensor, size) for tensor in model.inputs)) for model in description.models
    )
    return replace(description, models=models)


def _any_varies(description: Description) -> bool:
    return any(_varies(size) for model in description.models for tensor in model.inputs for size in tensor.shape)


def _input(tensor: Input, size: int) -> Input:
    return replace(
        tensor, shape=tuple(Written(Literal(size), dim.position) if _varies(dim) else dim for dim in tensor.shape)
    )


def _varies(size: Written) -> bool:
    return isinstance(size.value, Literal) and isinstance(size.value.value, str)


def _whole_number(arg: Arg) -> int | None:
    match arg.value:
        case Written(Literal(int() as value)) if not isinstance(value, bool):
            return value
    return None


def _with_value(description: Description, arg: Arg, value: int) -> Description:
    changed = replace(arg, value=Written(Literal(value), arg.position))
    args = tuple(changed if other is arg else other for other in description.args)
    models = tuple(
        replace(model, args=tuple(changed if other is arg else other for other in model.args))
        for model in description.models
    )
    return replace(description, args=args, models=models)
