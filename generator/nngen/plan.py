"""Fifth stage: typed graphs to the classes of ``model.py``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
from .variables import commented


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
    constructor = Constructor(graph, types, parameters, several)
    init = constructor.lines()
    forward = Forward(graph, types, constructor)
    inputs, lines = forward.write() if not graph.sequential else ((), ())
    constructor.used |= initial_names
    kept = _kept(forward, constructor, uses[0])
    computed = _computed(constructor, uses[0])
    given = tuple(_parameters(graph, uses[0], constructor.used))
    known = {parameter.name for parameter in given}
    plan = ClassPlan(
        name=graph.class_name,
        base="nn.Sequential" if graph.sequential else "nn.Module",
        docstring=_docstring(uses, known),
        parameters=given,
        init=(*computed, *kept, *init, *extra),
        inputs=inputs,
        returns=(
            "Tensor" if len(graph.body.results) == 1 else f"tuple[{', '.join(['Tensor'] * len(graph.body.results))}]"
        ),
        forward=commented(lines, _shapes_of_comments(uses, known)),
    )
    needs = set(forward.imports) | ({"torch"} if constructor.needs_torch else set())
    return plan, needs


def _kept(forward: Forward, constructor: Constructor, use: ClassUse) -> list[Line]:
    """Attributes for `forward`: arguments, what is computed from them and nobody else needs, and conditions."""
    needed = set(constructor.used)
    lines = []
    for name in forward.stored:
        alone = name in use.computed and name not in needed
        lines.append(Line(f"self.{name} = {constructor.source(use.computed[name]) if alone else name}"))
        constructor.used |= set() if alone else {name}
    return lines + [Line(f"self.{name} = {condition}") for name, condition in forward.flags.items()]


def merged_types(uses: tuple[ClassUse, ...]) -> dict[int, Typed]:
    """The types of each node in a use that has it, one where its condition holds if there is one."""
    merged: dict[int, Typed] = {}
    for use in uses:
        for key, typed in use.types.items():
            if key not in merged or _says(typed) > _says(merged[key]):
                merged[key] = typed
    return merged


def _says(typed: Typed) -> tuple[bool, bool, bool, int]:
    """How much a use says of a node: what is not built, and a loop without rounds, say less."""
    return typed.known, typed.active, typed.loop is None or typed.loop.rounds > 0, len(typed.arguments)


def _shapes_of_comments(uses: tuple[ClassUse, ...], names: Collection[str]) -> dict[int, str]:
    """The shapes that are the same in all uses, by the number of the node; readers know the `names`."""
    found: dict[int, set[str]] = {}
    for use in uses:
        for key, typed in use.types.items():
            if typed.active and typed.outputs:
                found.setdefault(key, set()).add(_shapes(typed.outputs[:1], names) or "")
    return {key: texts.pop() for key, texts in found.items() if len(texts) == 1}


def unused_args(graph: Graph, plan: ClassPlan, use: ClassUse) -> list[Arg]:
    """Arguments that neither a line nor another argument uses."""
    printed = {parameter.name for parameter in plan.parameters}
    used = printed.union(*(argument.names for argument in use.computed.values()))
    return [arg for arg in graph.args if arg.name not in used and not (arg.computed and _assigned(arg, plan))]


def _assigned(arg: Arg, plan: ClassPlan) -> bool:
    return any(line.code.startswith((f"{arg.name} = ", f"self.{arg.name} = ")) for line in plan.init)


def _computed(constructor: Constructor, use: ClassUse) -> list[Line]:
    """Lines for computed arguments that other lines use."""
    lines = [
        Line(f"{name} = {constructor.source(argument)}")
        for name, argument in reversed(list(use.computed.items()))
        if name in constructor.used
    ]
    return lines[::-1]


def _parameters(graph: Graph, use: ClassUse, names: set[str]) -> list[Parameter]:
    """Sizes of the input first, then arguments without a default, then those with one."""
    own = {arg.name for arg in graph.args}
    found = [Parameter(name, "int") for name in use.implicit if name in names and name not in own]
    sizes = [arg.name for arg in graph.args if arg.size and arg.name in names]
    is_model = bool(graph.shapes)  # whose sizes are known, so that it can be made without arguments
    found += [Parameter(name, "int", repr(use.values[name]) if is_model else None) for name in sizes]
    given = [arg for arg in graph.args if arg.name in names and not arg.computed]
    for arg in given:
        if arg.value is None:
            found.append(Parameter(arg.name, _annotation(use.values.get(arg.name))))
    for arg in given:
        if arg.value is not None:
            default = _default(arg.value.value)
            found.append(Parameter(arg.name, _annotation(default), _literal(default)))
    return found


def _default(value: Any) -> Any:
    return tuple(_default(part.value) for part in value) if isinstance(value, tuple) else value.value


def _literal(value: Any) -> str:
    if not isinstance(value, tuple):
        return expressions.literal(value)
    return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"


def _annotation(value: Any) -> str:
    if isinstance(value, tuple):
        kinds = {type(part).__name__ for part in value}
        return f"tuple[{kinds.pop() if len(kinds) == 1 else 'float'}, ...]"
    return type(value).__name__


def _docstring(uses: tuple[ClassUse, ...], names: Collection[str]) -> tuple[str, ...]:
    """What the class takes and gives, where that is the same in all uses."""
    taken = {_shapes(use.inputs, names) for use in uses}
    given = {_shapes(use.outputs, names) for use in uses}
    if len(taken) > 1 or len(given) > 1 or None in taken | given:
        return ()
    letters = {
        name for use in uses for each in (*use.inputs, *use.outputs) for dim in each.dims for name in _varying(dim.size)
    }
    return (f"Maps {taken.pop()} to {given.pop()}.", "", f"N is the batch size{_vary(sorted(letters - {'N'}))}.")


def _vary(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(f"; {name} varies" for name in names)
    return f"; {', '.join(names[:-1])} and {names[-1]} vary"


def _varying(size: Any) -> frozenset[str]:
    return frozenset() if isinstance(size, int) else size.names()


def _shapes(tensors: tuple[TensorType, ...], names: Collection[str]) -> str | None:
    """Shapes for a reader; None where one is known only by asking a tensor."""
    if any(dim.source is not None and expressions.sizes(dim.source) for each in tensors for dim in each.dims):
        return None
    return ", ".join(each.text(names) for each in tensors)


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
