"""Checks of ``tie`` and ``init`` against the parameters of the network."""

from __future__ import annotations

from ..description.description import Initial, Layer, Written
from ..language import expressions
from ..language.expressions import ExpressionError
from ..language.load import Scalar
from ..language.problems import Problems
from ..network.layers import made_of
from ..network.layers.weights import Shape
from ..network.parameters import Weight, find, layer_weights, named_weights, size
from ..network.tensors import shape_text
from ..network.typed import ClassUse, TypedNetwork

_FANS = ("xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal", "sparse", "eye", "dirac")


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
        _check_values(initial, typed, problems)
        if initial.parameter is not None:
            matching = _of_class(initial, used, problems)
        else:
            matching = _of_ending(initial, parameters, problems)
        flat = next((shape for shape in matching if len(shape) < 2), None)
        if initial.function in _FANS and flat is not None:
            message = f"init: {initial.function} needs two dimensions or more, and this is {shape_text(flat)}"
            problems.add(message, initial.position, "such as zeros, ones or normal")


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
    """Return the arguments of layers that depend on an argument of the model or block: ``bias: not $norm``."""
    return {
        (node.action.entry.name, name)
        for use in used
        for node in use.graph.walk()
        if isinstance(node.action, Layer) and node.id in use.types
        for name, argument in use.types[node.id].arguments.items()
        if argument.names
    }


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


def _check_values(initial: Initial, typed: TypedNetwork, problems: Problems) -> None:
    for name, written in initial.arguments.items():
        value = _value(written, typed, problems)
        if value is None:
            continue
        if name in ("mode", "nonlinearity"):
            choices = _MODES if name == "mode" else _NONLINEARITIES
            if value not in choices:
                listed = f"there are {', '.join(choices)}"
                problems.unknown(f"init: {name} cannot be {value!r}", written.position, str(value), choices, listed)
        elif not isinstance(value, (int, float)) or isinstance(value, bool):
            problems.add(f"init: {name} has to be a number, not {value!r}", written.position)


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
