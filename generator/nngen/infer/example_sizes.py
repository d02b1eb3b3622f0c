"""Tries a network with other sizes: infers it again, to see what it can take and how small it can be."""

from __future__ import annotations

from dataclasses import replace

from ..description.description import Arg, Description, Input, Written
from ..language.expressions import Literal
from ..language.problems import Problems
from ..network.model_facts import LARGE
from ..network.typed import TypedNetwork
from .inference import infer
from .resolve import resolve

# of a dimension that varies, in examples; the first with which the network can be built
_SIZES = (8, 16, 32, 64, 128, 224, 256, 512)
_ENOUGH = 1 << 20  # a network that takes so many takes any number
_TIMES_SMALLER = (32, 16, 8, 4, 2)
_LENGTH = 16  # that the small network has to take


def with_example_sizes(description: Description, typed: TypedNetwork) -> TypedNetwork:
    """Return the network with a size for each dimension that varies, as small as it can be."""
    if not any(_word(size) for model in description.models for given in model.inputs for size in given.shape):
        return typed
    candidates = (_infer(_sized(description, size)) for size in _SIZES)
    return next((candidate for candidate in candidates if candidate), typed)


def longest_input(description: Description) -> int | None:
    """Return the largest number that all dimensions that vary can be; None where any will do, or none."""
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
    """Return arguments that make a large network small, and leave its inputs and outputs; none for a small one."""
    if typed.parameters < LARGE:
        return ()
    tried = _sized(description, _LENGTH)
    whole = _infer(tried)
    chosen: list[tuple[str, int]] = []
    for arg in description.args:
        value = _whole_number(arg)
        for times in _TIMES_SMALLER if whole and value else ():
            assert value is not None
            smaller = _with_value(tried, arg, value // times)
            smaller_network = _infer(smaller) if value >= times else None
            if (
                whole
                and smaller_network
                and _interface(smaller_network) == _interface(whole)
                and _is_smaller(smaller_network, whole)
            ):
                tried = smaller
                chosen.append((arg.name, value // times))
                break
    return tuple(chosen)


def _is_smaller(one: TypedNetwork, other: TypedNetwork) -> bool:
    """Tell whether a network has at most as many parameters and takes no longer: smaller patches are more of them."""
    takes, before = (sum((model.flops for model in network.models), start=0) for network in (one, other))
    faster = takes <= before if isinstance(takes, int) and isinstance(before, int) else True
    return faster and one.parameters <= other.parameters


def _infer(description: Description) -> TypedNetwork | None:
    """Return the network with its types; None with a mistake."""
    problems = Problems()
    _, network = infer(resolve(description, problems), problems)
    return None if problems.has_errors else network


def _interface(typed: TypedNetwork) -> list[object]:
    return [
        (tensor.dtype, tensor.sample_shape, tensor.high.size if tensor.high else None)
        for model in typed.models
        for tensor in (*model.inputs, *model.outputs)
    ]


def _sized(description: Description, size: int) -> Description:
    """Return the description with a size for each dimension that varies."""
    models = tuple(
        replace(model, inputs=tuple(_input(given, size) for given in model.inputs)) for model in description.models
    )
    return replace(description, models=models)


def _input(given: Input, size: int) -> Input:
    return replace(
        given, shape=tuple(Written(Literal(size), word.position) if _word(word) else word for word in given.shape)
    )


def _word(size: Written) -> bool:
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
