"""Lines behind the modules of a model: weights that are shared, and how parameters begin."""

from __future__ import annotations

from . import expressions
from .code import Line
from .description import Initial, Written
from .expressions import Literal
from .types import TypedNetwork


def initial_lines(typed: TypedNetwork) -> tuple[Line, ...]:
    """For ``tie`` and ``init``, at the end of the model's ``__init__``; later ones win, as they run later."""
    lines = [Line(f"self.{key.value} = self.{value.value}") for key, value in typed.network.tie]
    classes: dict[str, list[Initial]] = {}
    for initial in typed.network.init:
        if initial.parameter is not None:
            classes.setdefault(initial.target, []).append(initial)
    if classes:
        body = []
        for index, (name, initials) in enumerate(classes.items()):
            inner = [_of_class(initial) for initial in initials]
            body.append(Line(f"{'if' if index == 0 else 'elif'} isinstance(module, nn.{name}):", body=tuple(inner)))
        lines.append(Line("for module in self.modules():", body=tuple(body)))
    endings = [initial for initial in typed.network.init if initial.parameter is None]
    exact = set(_top_level_names(typed))
    for initial in endings:
        if initial.target in exact:
            lines.append(Line(_call(initial, f"self.{initial.target}")))
    general = [initial for initial in endings if initial.target not in exact]
    if general:
        body = [
            Line(f'if name.endswith("{initial.target}"):', body=(Line(_call(initial, "parameter")),))
            for initial in general
        ]
        lines.append(Line("for name, parameter in self.named_parameters():", body=tuple(body)))
    return tuple(lines)


def names_of_initials(initials: tuple[Initial, ...]) -> frozenset[str]:
    """Arguments of the model that the lines use."""
    values = [value.value for initial in initials for value in initial.arguments.values()]
    return frozenset[str]().union(*(expressions.names(value) for value in values if not isinstance(value, tuple)))


def _of_class(initial: Initial) -> Line:
    line = Line(_call(initial, f"module.{initial.parameter}"))
    if initial.parameter == "bias":
        return Line("if module.bias is not None:", body=(line,))
    return line


def _call(initial: Initial, target: str) -> str:
    printed = [f"{name}={_source(value)}" for name, value in initial.arguments.items()]
    return f"nn.init.{initial.function}_({', '.join([target, *printed])})"


def _source(value: Written) -> str:
    if isinstance(value.value, tuple):
        return f"({', '.join(_source(part) for part in value.value)})"
    if isinstance(value.value, Literal):
        return expressions.literal(value.value.value)
    return expressions.to_python(value.value)


def _top_level_names(typed: TypedNetwork) -> list[str]:
    """Parameters of the model's own modules, by their whole names."""
    found = []
    for node in typed.network.model.walk():
        if node.attribute:
            found += [f"{node.attribute}.weight", f"{node.attribute}.bias", node.attribute]
    return found
