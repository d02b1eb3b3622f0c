"""Checks of ``tie`` and ``init`` against the parameters of the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..description.description import Initial, Layer, Written
from ..language import expressions
from ..language.catalogue.entries import Parameter
from ..language.catalogue.values import check_value
from ..language.expressions import ExpressionError
from ..language.load import Scalar
from ..language.problems import Problems
from ..network.layers import made_of
from ..network.layers.weights import Shape
from ..network.parameters import Weight, find, layer_weights, named_weights, size
from ..network.tensors import shape_text
from ..network.typed import ClassUse, TypedNetwork

_FANS = ("xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal", "sparse", "eye", "dirac")
_RANKS = {"sparse": (2,), "eye": (2,), "dirac": (3, 4, 5)}  # the numbers of dimensions, where more than two do not do

_LARGEST = 3e38  # that float32 holds
_ARGUMENTS = {
    **{name: Parameter(name, ("float",), minimum=-_LARGEST, maximum=_LARGEST) for name in ("a", "b", "mean")},
    **{name: Parameter(name, ("float",), minimum=0, maximum=_LARGEST) for name in ("std", "gain")},
    "val": Parameter("val", ("float",)),
    "sparsity": Parameter("sparsity", ("float",), minimum=0, maximum=1),
    "groups": Parameter("groups", ("int",), minimum=1),
}
_INTERVALS = {"uniform": (0, 1), "trunc_normal": (-2, 2)}  # with torch's defaults


def check_ties(typed: TypedNetwork, problems: Problems) -> int:
    """Report invalid ties; return the number of elements of the valid ones, which count only once."""
    parameters = named_weights(typed)
    keys = {str(key.value) for key, _ in typed.network.tie}
    saved = 0
    for key, value in typed.network.tie:
        weight, other = _weight(key, parameters, problems), _weight(value, parameters, problems)
        if weight is None or other is None:
            continue
        if weight.name == other.name:
            problems.add(f"tie: {weight.name} is tied to itself", key)
        elif other.name in keys:
            problems.add(f"tie: {other.name} is tied itself", value, "tie both to the same parameter")
        elif weight.shape != other.shape:
            shapes = f"{shape_text(weight.shape or ())} and {shape_text(other.shape or ())}"
            problems.add(f"tie: {weight.name} and {other.name} have the shapes {shapes}", key)
        else:
            saved += size(weight)
    return saved


def _weight(name: Scalar, parameters: list[Weight], problems: Problems) -> Weight | None:
    weight = find(parameters, str(name.value))
    if weight is None:
        known = [parameter.name for parameter in parameters if parameter.shape is not None]
        listed = f"there are {', '.join(known[:6])}{', ...' if len(known) > 6 else ''}" if known else ""
        problems.unknown(f"tie: there is no parameter {name.value!r}", name, str(name.value), known, listed)
    return weight


def check_initials(typed: TypedNetwork, problems: Problems) -> None:
    """Report initialisations that fit no parameter of the network."""
    used = typed.all_uses
    parameters = named_weights(typed)
    for initial in typed.network.init:
        values = _checked_values(initial, typed, problems)
        if initial.parameter is not None:
            matching = _of_class(initial, used, problems)
        else:
            matching = _of_ending(initial, parameters, problems)
        flat = next((shape for shape in matching if len(shape) < 2), None)
        if initial.function in _FANS and flat is not None:
            message = f"init: {initial.function} needs two dimensions or more, and this is {shape_text(flat)}"
            problems.add(message, initial.position, "such as zeros, ones or normal")
        elif wrong := next(filter(None, (_shape_problem(initial, shape, values) for shape in matching)), None):
            problems.add(f"init: {initial.function} {wrong}", initial.position)


_Uses = tuple[ClassUse, ...]
_Layers = dict[str, list[dict[str, Shape]]]


def _layers(used: _Uses) -> tuple[_Layers, frozenset[str]]:
    """Return the parameters of all built layers by class, and the classes of the modules inside them."""
    weights: _Layers = {}
    within: set[str] = set()
    for use in used:
        for node in use.graph.walk():
            typed = use.types.get(node.id)
            if isinstance(node.action, Layer) and typed is not None and typed.known:
                entry = node.action.entry
                weights.setdefault(entry.name, []).append(layer_weights(entry, typed.arguments))
                within.update(made_of(entry))
    return weights, frozenset(within)


def _switched(used: _Uses) -> set[tuple[str, str]]:
    """Return the parameters of layers that depend on an argument of the model or block: ``bias: not $norm``."""
    switched: set[tuple[str, str]] = set()
    for use in used:
        for node in use.graph.walk():
            if isinstance(node.action, Layer) and node.id in use.types:
                entry, arguments = node.action.entry, use.types[node.id].arguments
                for name, argument in arguments.items():
                    if argument.names and isinstance(argument.value, bool):
                        other = replace(argument, value=not argument.value)
                        switched |= {(entry.name, part) for part in layer_weights(entry, {**arguments, name: other})}
    return switched


def _of_class(initial: Initial, used: _Uses, problems: Problems) -> list[Shape]:
    name, parameter = initial.target, str(initial.parameter)
    layers, within = _layers(used)
    if name not in layers:
        if name not in within:
            listed = ", ".join(sorted(layer for layer, weights in layers.items() if any(weights)))
            problems.add(f"init: no layer is a {name}", initial.position, f"there are {listed}" if listed else "")
        return []
    if (name, parameter) in _switched(used):
        return []
    names = sorted({part for shapes in layers[name] for part in shapes})
    if name not in within and parameter not in names:
        listed = f"there are {', '.join(names)}" if names else ""
        problems.unknown(f"init: no {name} here has a {parameter!r}", initial.position, parameter, names, listed)
    return [shapes[parameter] for shapes in layers[name] if parameter in shapes]


def _of_ending(initial: Initial, parameters: list[Weight], problems: Problems) -> list[Shape]:
    matching = [
        parameter for parameter in parameters if parameter.shape is not None and parameter.name.endswith(initial.target)
    ]
    if not matching and all(parameter.shape is not None for parameter in parameters):
        ends = {".".join(parameter.name.split(".")[-parts:]) for parameter in parameters for parts in (1, 2)}
        message = f"init: no parameter's name ends with {initial.target!r}"
        problems.unknown(message, initial.position, initial.target, sorted(ends))
    return [weight.shape for weight in matching if weight.shape is not None]


def _shape_problem(initial: Initial, shape: Shape, values: Mapping[str, Any]) -> str | None:
    """Return the reason why a function cannot fill a parameter of this shape, or None."""
    ranks, groups = _RANKS.get(initial.function), values.get("groups", 1)
    if ranks and len(shape) not in ranks:
        return f"takes {' or '.join(map(str, ranks))} dimensions, and this is {shape_text(shape)}"
    if shape and shape[0] % groups:
        return f"cannot fill {shape_text(shape)} in {groups} groups"
    return None


def _checked_values(initial: Initial, typed: TypedNetwork, problems: Problems) -> dict[str, Any]:
    """Return the values of the arguments; those that torch would refuse are reported, and left out."""
    values: dict[str, Any] = {}
    for name, written in initial.arguments.items():
        value = _value(written, typed, problems)
        if value is None:
            continue
        if name in ("mode", "nonlinearity"):
            choices = _MODES if name == "mode" else _NONLINEARITIES
            if value not in choices:
                listed = f"there are {', '.join(choices)}"
                problems.unknown(f"init: {name} cannot be {value!r}", written.position, str(value), choices, listed)
        else:
            values[name] = value
    for name, wrong in argument_problems(initial.function, values):
        problems.add(f"init: {wrong}", initial.arguments[name].position)
        values.pop(name)
    return values


def argument_problems(function: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the arguments of a function of ``torch.nn.init`` that it would refuse, each with a message."""
    checked = {name: check_value(_ARGUMENTS[name], value) for name, value in values.items()}
    found = [
        (name, f"{name}{':' if wrong.startswith('expected') else ''} {wrong}")
        for name, wrong in checked.items()
        if wrong
    ]
    if not found and function in _INTERVALS:
        low, high = (values.get(name, default) for name, default in zip("ab", _INTERVALS[function]))
        if low > high:
            found.append(
                ("a" if "a" in values else "b", f"{function} takes numbers from a to b, not from {low} to {high}")
            )
    if not found and function == "trunc_normal" and values.get("std") == 0:
        found.append(("std", "std must be more than 0 for trunc_normal"))
    return found


_MODES = ("fan_in", "fan_out")
_NONLINEARITIES = ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu", "conv2d", "conv1d", "conv3d")


def _value(written: Written, typed: TypedNetwork, problems: Problems) -> object:
    if isinstance(written.value, tuple):
        problems.add("init: expected one value, found a list", written.position)
        return None
    values = typed.values
    for name in sorted(expressions.names(written.value) - set(values)):
        problems.unknown(f"there is no ${name} here", written.position, name, values, variable=True)
        return None
    try:
        return expressions.evaluate(written.value, values)
    except ExpressionError as error:
        problems.add(f"{expressions.to_text(written.value)}: {error}", written.position, error.hint)
        return None
