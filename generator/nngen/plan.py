"""Fifth stage: a graph with shapes to the lines of ``model.py``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from . import expressions
from .entries import Entry
from .expressions import Literal
from .graph import Argument, Module, ModuleNode, TensorType, Typed, TypedGraph
from .ops import family_of, parts


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a constructor."""

    name: str
    annotation: str
    default: str

    def __str__(self) -> str:
        return f"{self.name}: {self.annotation} = {self.default}"


@dataclass(frozen=True, slots=True)
class Line:
    """A statement, and a comment to stand behind it."""

    code: str
    comment: str = ""

    def __str__(self) -> str:
        return f"{self.code}  # {self.comment}" if self.comment else self.code


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """One class of ``model.py``."""

    name: str
    summary: str  # first line of its docstring
    legend: tuple[str, ...]  # what the letters in shapes mean
    parameters: tuple[Parameter, ...]
    init: tuple[Line, ...]
    forward: tuple[Line, ...]


def plan_class(typed: TypedGraph) -> ClassPlan:
    """The class of a network, as a person would write it."""
    init = [_constructor(node, inferred) for node, inferred in typed.modules()]
    used = _used_names(typed)
    computed = [
        Line(f"{arg.name} = {expressions.to_python(arg.value.value)}")
        for arg in typed.graph.args
        if arg.computed and arg.name in used and not isinstance(arg.value.value, tuple)
    ]
    parameters = [
        Parameter(arg.name, type(typed.values[arg.name]).__name__, repr(typed.values[arg.name]))
        for arg in typed.graph.args
        if not arg.computed and arg.name in used
    ]
    return ClassPlan(
        name=typed.graph.class_name,
        summary=f"Maps {typed.input} to {typed.output}.",
        legend=("N is the batch size.",),
        parameters=tuple(parameters),
        init=(*computed, *init),
        forward=tuple(_forward(typed)),
    )


def unused_args(typed: TypedGraph) -> list[str]:
    """Arguments of the model that no line would use."""
    used = _used_names(typed)
    return [arg.name for arg in typed.graph.args if arg.name not in used]


def _used_names(typed: TypedGraph) -> set[str]:
    used: set[str] = set()
    for _, inferred in typed.modules():
        for argument in inferred.arguments.values():
            used |= argument.names
    for arg in reversed(typed.graph.args):  # a computed argument may need those before it
        if arg.computed and arg.name in used and not isinstance(arg.value.value, tuple):
            used |= expressions.names(arg.value.value)
    return used


def _forward(typed: TypedGraph) -> Iterable[Line]:
    shape: TensorType = typed.input
    for node, inferred in typed.modules():
        output = inferred.outputs[0]
        family = family_of(node.entry)
        passed = family.call(node.entry, ("x",), used=()) if family else "x"
        target = ", ".join(["x", *("_" for _ in parts(node.entry, inferred.arguments)[1:])])
        yield Line(f"{target} = self.{node.attribute}({passed})", str(output) if str(output) != str(shape) else "")
        shape = output
    yield Line("return x")


def _constructor(node: ModuleNode, inferred: Typed) -> Line:
    return Line(f"self.{node.attribute} = {module_call(node, inferred.arguments)}")


def module_call(node: ModuleNode, arguments: Mapping[str, Argument]) -> str:
    """The module's constructor: ``nn.Conv2d(1, 32, kernel_size=3, padding=1)``."""
    return constructor(node.entry, arguments)


def constructor(entry: Entry, arguments: Mapping[str, Argument]) -> str:
    """A class of torch with its arguments, as people write them."""
    family = family_of(entry)
    fixed = family.fixed(entry) if family else {}
    given = {**arguments, **fixed}
    written = {
        parameter.name: given[parameter.name]
        for parameter in entry.parameters
        if parameter.name in given
        and (parameter.required or parameter.name in fixed or _differs(given[parameter.name], parameter.default))
    }
    leading = family.positional(entry, written) if family else 0
    positional = {parameter.name for parameter in entry.parameters[:leading]}
    printed = [
        source(argument) if name in positional else f"{name}={source(argument)}" for name, argument in written.items()
    ]
    return f"nn.{entry.name}({', '.join(printed)})"


def _differs(argument: Argument, default: object) -> bool:
    if argument.names:
        return True  # a source with names says more than the value that it has today
    value = list(argument.value) if isinstance(argument.value, tuple) else argument.value
    return bool(value != default) or isinstance(value, bool) != isinstance(default, bool)


def source(argument: Argument) -> str:
    """The Python source of an argument."""
    if isinstance(argument.value, Module):
        return constructor(argument.value.entry, argument.value.arguments)
    if isinstance(argument.source, tuple):
        parts = [source(part) for part in argument.source]
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
    if isinstance(argument.source, Literal):
        return repr(argument.value)
    return expressions.to_python(argument.source)
