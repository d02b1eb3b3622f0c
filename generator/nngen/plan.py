"""Fifth stage: typed graphs to the classes of ``model.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import expressions
from .code import ClassPlan, Line, ModelPlan, Parameter
from .constructor import Constructor
from .description import Arg, Import
from .forward import Forward
from .graph import Graph, TensorType
from .initialise import initial_lines, names_of_initials
from .operations import MODULES
from .types import ClassUse, Typed, TypedNetwork


def plan_model(typed: TypedNetwork) -> ModelPlan:
    """The classes, blocks in order of dependency and the model last, with what they import."""
    parameters: dict[str, tuple[str, ...]] = {}
    several = {name: len(graph.body.results) for name, graph in typed.network.blocks.items()}
    classes: list[ClassPlan] = []
    imports: set[str] = set()
    modules: set[str] = set()
    for name, graph in typed.network.blocks.items():
        uses = typed.uses[name]
        if not uses:
            continue
        plan, needs = _plan_class(graph, uses, parameters, several)
        parameters[name] = tuple(parameter.name for parameter in plan.parameters)
        classes.append(plan)
        imports |= needs
        modules |= _imported(graph)
    extra = initial_lines(typed)
    plan, needs = _plan_class(
        typed.network.model, (typed.model,), parameters, several, extra, names_of_initials(typed.network.init)
    )
    classes.append(plan)
    return ModelPlan(_import_lines(imports | needs, modules | _imported(typed.network.model)), tuple(classes))


def _plan_class(
    graph: Graph,
    uses: tuple[ClassUse, ...],
    parameters: Mapping[str, tuple[str, ...]],
    several: Mapping[str, int],
    extra: tuple[Line, ...] = (),
    initial_names: frozenset[str] = frozenset(),
) -> tuple[ClassPlan, set[str]]:
    types = merged_types(uses)
    constructor = Constructor(graph, types, parameters)
    init = constructor.lines()
    forward = Forward(graph, types, constructor, several)
    inputs, lines = forward.write()
    kept = [Line(f"self.{name} = {name}") for name in forward.stored]
    kept += [Line(f"self.{name} = {condition}") for name, condition in forward.flags.items()]
    names = constructor.used | set(forward.stored)
    names |= initial_names
    computed = _computed(graph, names)
    plan = ClassPlan(
        name=graph.class_name,
        docstring=_docstring(uses),
        parameters=tuple(_parameters(graph, uses[0], names)),
        init=(*computed, *kept, *init, *extra),
        inputs=inputs,
        returns=(
            "Tensor" if len(graph.body.results) == 1 else f"tuple[{', '.join(['Tensor'] * len(graph.body.results))}]"
        ),
        forward=lines,
    )
    needs = set(forward.imports) | ({"torch"} if constructor.needs_torch else set())
    return plan, needs


def merged_types(uses: tuple[ClassUse, ...]) -> dict[int, Typed]:
    """The types of each node in a use that has it, one where its condition holds if there is one."""
    merged: dict[int, Typed] = {}
    for use in uses:
        for key, typed in use.types.items():
            if (
                key not in merged
                or (typed.active and not merged[key].active)
                or len(typed.arguments) > len(merged[key].arguments)
            ):
                merged[key] = typed
    return merged


def unused_args(graph: Graph, plan: ClassPlan) -> list[Arg]:
    """Arguments that no line uses."""
    printed = {parameter.name for parameter in plan.parameters}
    return [arg for arg in graph.args if arg.name not in printed and not (arg.computed and _assigned(arg, plan))]


def _assigned(arg: Arg, plan: ClassPlan) -> bool:
    return any(line.code.startswith(f"{arg.name} = ") for line in plan.init)


def _computed(graph: Graph, names: set[str]) -> list[Line]:
    """Lines for computed arguments that are used; adds the names that they need."""
    lines: list[Line] = []
    for arg in reversed(graph.args):
        if (
            arg.computed
            and arg.size is None
            and arg.name in names
            and arg.value
            and not isinstance(arg.value.value, tuple)
        ):
            names |= expressions.names(arg.value.value)
            lines.append(Line(f"{arg.name} = {expressions.to_python(arg.value.value)}"))
    return lines[::-1]


def _parameters(graph: Graph, use: ClassUse, names: set[str]) -> list[Parameter]:
    """Sizes of the input first, then arguments without a default, then those with one."""
    own = {arg.name for arg in graph.args}
    found = [Parameter(name, "int") for name in use.implicit if name in names and name not in own]
    found += [Parameter(arg.name, "int") for arg in graph.args if arg.size and arg.name in names]
    given = [arg for arg in graph.args if arg.name in names and not arg.computed]
    for arg in given:
        if arg.value is None:
            found.append(Parameter(arg.name, _annotation(use.values.get(arg.name))))
    for arg in given:
        if arg.value is not None:
            default = _default(arg.value.value)
            found.append(Parameter(arg.name, _annotation(default), repr(default)))
    return found


def _default(value: Any) -> Any:
    return tuple(_default(part.value) for part in value) if isinstance(value, tuple) else value.value


def _annotation(value: Any) -> str:
    if isinstance(value, tuple):
        kinds = {type(part).__name__ for part in value}
        return f"tuple[{kinds.pop() if len(kinds) == 1 else 'float'}, ...]"
    return type(value).__name__


def _docstring(uses: tuple[ClassUse, ...]) -> tuple[str, ...]:
    """What the class takes and gives, where that is the same in all uses."""
    taken = {_shapes(use.inputs) for use in uses}
    given = {_shapes(use.outputs) for use in uses}
    if len(taken) > 1 or len(given) > 1 or None in taken | given:
        return ()
    letters = {
        name for use in uses for each in (*use.inputs, *use.outputs) for dim in each.dims for name in _varying(dim.size)
    }
    legend = ["N is the batch size"] + [f"{name} varies" for name in sorted(letters - {"N"})]
    return (f"Maps {taken.pop()} to {given.pop()}.", "", f"{', '.join(legend)}.")


def _varying(size: Any) -> frozenset[str]:
    return frozenset() if isinstance(size, int) else size.names()


def _shapes(tensors: tuple[TensorType, ...]) -> str | None:
    if any(dim.source is not None and expressions.sizes(dim.source) for each in tensors for dim in each.dims):
        return None
    return ", ".join(str(each) for each in tensors)


def _imported(graph: Graph) -> set[str]:
    return {
        f"from {node.action.module} import {node.action.attribute}"
        for node in graph.walk()
        if isinstance(node.action, Import)
    }


def _import_lines(needed: set[str], modules: set[str]) -> tuple[str, ...]:
    lines = sorted({MODULES[name] for name in needed if name != "torch"} | {"from torch import Tensor, nn"} | modules)
    lines = sorted(lines, key=lambda line: (not line.startswith("import "), line))
    return (*(["import torch"] if "torch" in needed else []), *lines)


__all__ = ["merged_types", "plan_model", "unused_args"]
