"""The statements after the modules of a model, which tie and initialise parameters."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from ...description.description import Initial, Layer, Written
from ...language import expressions
from ...language.catalogue.entries import Entry
from ...language.python import tuple_of
from ...network.layers import family_of
from ...network.operations.value import Value
from ...network.parameters import layer_weights, named_weights
from ...network.tensors import Argument
from ...network.typed import TypedNetwork
from ..statements import Do, For, If, Statement, assign


def initial_lines(typed: TypedNetwork) -> tuple[Statement, ...]:
    """Return the statements at the end of the model's ``__init__``; later ones override earlier ones."""
    statements: list[Statement] = [
        assign(_attribute(str(key.value)), _parameter(str(value.value))) for key, value in typed.network.tie
    ]
    names = [weight.name for weight in named_weights(typed)]
    for kind, group in groupby(typed.network.init, key=lambda initial: _kind(initial, names)):
        initials = list(group)
        if kind == "class":
            statements.append(_of_classes(initials, typed))
        elif kind == "one":
            statements += [_call(initial, f"self.{initial.target}") for initial in initials]
        else:
            body = tuple(_of_ending(initial) for initial in initials)
            statements.append(For(("name", "parameter"), "self.named_parameters()", body))
    return tuple(statements)


def _of_ending(initial: Initial) -> If:
    return If((Value(f'name.endswith("{initial.target}")'),), (_call(initial, "parameter"),))


def names_of_initials(initials: tuple[Initial, ...]) -> frozenset[str]:
    """Return the names of the model's arguments that the initialisations use."""
    values = [value.value for initial in initials for value in initial.arguments.values()]
    return frozenset[str]().union(*(expressions.names(value) for value in values if not isinstance(value, tuple)))


def _kind(initial: Initial, names: list[str]) -> str:
    """Return the kind of an initialisation: of a ``class`` of layers, ``one`` parameter, or all with an ``ending``."""
    if initial.parameter is not None:
        return "class"
    alone = [name for name in names if name.endswith(initial.target)] == [initial.target]
    return "one" if alone and not _has_places(initial.target) else "ending"


def _has_places(name: str) -> bool:
    """Return whether a parameter's name contains a position in an ``nn.Sequential``: ``mlp.0.weight``."""
    return any(part.isdigit() for part in name.split("."))


def _attribute(name: str) -> str:
    """Return a parameter as the target of an assignment."""
    module, _, attribute = name.rpartition(".")
    return f'self.get_submodule("{module}").{attribute}' if _has_places(name) else f"self.{name}"


def _parameter(name: str) -> str:
    return f'self.get_parameter("{name}")' if _has_places(name) else f"self.{name}"


def _of_classes(initials: list[Initial], typed: TypedNetwork) -> For:
    classes: dict[str, list[Initial]] = {}
    for initial in initials:
        classes.setdefault(initial.target, []).append(initial)
    same: dict[tuple[Statement, ...], list[str]] = {}
    for name, group in classes.items():
        same.setdefault(tuple(_of_class(initial, typed) for initial in group), []).append(f"nn.{name}")
    body: list[If] = []
    for inner, names in same.items():
        types_text = names[0] if len(names) == 1 else f"({', '.join(names)})"
        body.append(If((Value(f"isinstance(module, {types_text})"),), inner, "elif" if body else "if"))
    return For(("module",), "self.modules()", tuple(body))


def _of_class(initial: Initial, typed: TypedNetwork) -> Statement:
    parameter = f"module.{initial.parameter}"
    call = _call(initial, parameter)
    return If((Value(f"{parameter} is not None"),), (call,)) if _may_be_missing(initial, typed) else call


def _may_be_missing(initial: Initial, typed: TypedNetwork) -> bool:
    """Return whether the parameter of a layer may be None, in fact or by torch's annotations."""
    for use in typed.all_uses:
        for node in use.graph.walk():
            if not isinstance(node.action, Layer) or node.id not in use.types:
                continue
            if _is_missing(initial, node.action.entry, use.types[node.id].arguments):
                return True
    return False


def _is_missing(initial: Initial, entry: Entry, arguments: Mapping[str, Argument]) -> bool:
    family, parameter = family_of(entry), str(initial.parameter)
    if family is None:
        return False
    switch = arguments.get("bias")
    if initial.target in family.made_of(entry) and switch is not None and not switch.value:
        return True  # the modules inside the layer have no bias
    if entry.name != initial.target:
        return False
    switch = arguments.get(parameter)
    optional = parameter in family.optional_weights or (switch is not None and bool(switch.names))
    return optional or parameter not in layer_weights(entry, arguments)


def _call(initial: Initial, target: str) -> Do:
    arguments = [f"{name}={_source(value)}" for name, value in initial.arguments.items()]
    return Do(f"nn.init.{initial.function}_({', '.join([target, *arguments])})")


def _source(value: Written) -> str:
    if isinstance(value.value, tuple):
        return tuple_of(map(_source, value.value))
    return expressions.to_python(value.value)
