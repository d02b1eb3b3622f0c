"""Plans the classes of ``model.py`` from typed graphs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...description.description import Arg, Import
from ...language import expressions
from ...network.graph import Graph
from ...network.typed import ClassUse, Typed, TypedNetwork
from ..statements import Assign, Statement, assign
from .composition import plan_together
from .constructor import Constructor
from .forward import Forward
from .initial import initial_lines, names_of_initials
from .plans import MODULE, SEQUENTIAL, ClassPlan, ModelPlan
from .signature import docstring, parameters_of, shapes_text
from .variables import commented


def plan_model(typed: TypedNetwork, task: str = "") -> ModelPlan:
    """Return the plan of ``model.py``; each class follows those that it uses, and the model is last.

    Args:
        typed: the models and their blocks.
        task: the task of the description, which determines how several models are combined.
    """
    parameters: dict[str, tuple[str, ...]] = {}
    several = {name: len(graph.body.results) for name, graph in typed.network.blocks.items()}
    classes: list[ClassPlan] = []
    imported: dict[str, str] = {}
    for name, graph in typed.network.blocks.items():
        uses = typed.uses[name]
        if not uses:
            continue
        plan = _plan_class(graph, uses, parameters, several)
        parameters[name] = tuple(parameter.name for parameter in plan.parameters)
        classes.append(plan)
        imported |= _imported(graph)
    extra, names = initial_lines(typed), names_of_initials(typed.network.init)
    alone = len(typed.models) == 1
    for model in typed.models:
        initial = (extra, names) if alone else ((), frozenset[str]())
        plan = _plan_class(model.graph, (model,), parameters, several, *initial)
        classes.append(plan)
        imported |= _imported(model.graph)
    if not alone:
        classes.append(plan_together(typed, tuple(classes[-len(typed.models) :]), task, extra, names))
    return ModelPlan(tuple(classes), imported)


def _plan_class(
    graph: Graph,
    uses: tuple[ClassUse, ...],
    parameters: Mapping[str, tuple[str, ...]],
    several: Mapping[str, int],
    extra: tuple[Statement, ...] = (),
    initial_names: frozenset[str] = frozenset(),
) -> ClassPlan:
    types = merged_types(uses)
    constructor = Constructor(graph, types, parameters, several)
    init = constructor.write()
    forward = Forward(graph, types, constructor)
    inputs, lines = forward.write() if not graph.sequential else ((), ())
    constructor.used |= initial_names
    kept = _kept(forward, constructor, uses[0])
    computed = _computed(constructor, uses[0])
    signature = tuple(parameters_of(graph, uses, constructor.used))
    known = {parameter.name for parameter in signature}
    return ClassPlan(
        name=graph.class_name,
        base=SEQUENTIAL if graph.sequential else MODULE,
        docstring=docstring(uses, known),
        parameters=signature,
        init=(*computed, *kept, *init, *extra),
        inputs=inputs,
        returns=(
            "Tensor" if len(graph.body.results) == 1 else f"tuple[{', '.join(['Tensor'] * len(graph.body.results))}]"
        ),
        forward=commented(lines, _shapes_of_comments(uses, known)),
        has_sequential=constructor.has_sequential,
    )


def _kept(forward: Forward, constructor: Constructor, use: ClassUse) -> list[Statement]:
    """Return the attributes that `forward` needs: arguments, computed ones that only it uses, and conditions."""
    needed = set(constructor.used)
    statements: list[Statement] = []
    for name in forward.stored:
        alone = name in use.computed and name not in needed
        statements.append(assign(f"self.{name}", constructor.source(use.computed[name]) if alone else name))
        constructor.used |= set() if alone else {name}
    return statements + [assign(f"self.{name}", condition) for name, condition in forward.flags.items()]


def merged_types(uses: tuple[ClassUse, ...]) -> dict[int, Typed]:
    """Return the types of each node, from the use that determines most of its statements."""
    merged: dict[int, Typed] = {}
    for use in uses:
        for key, typed in use.types.items():
            if key not in merged or _coverage(typed) > _coverage(merged[key]):
                merged[key] = typed
    return merged


def _coverage(typed: Typed) -> tuple[bool, bool, bool, int]:
    """Return how much a use determines of a node, as a sort key: less if it is not built or its loop has no rounds."""
    return typed.known, typed.active, typed.loop is None or typed.loop.rounds > 0, len(typed.arguments)


def _shapes_of_comments(uses: tuple[ClassUse, ...], names: Collection[str]) -> dict[int, str]:
    """Return the shapes that are the same in all uses, by node, in terms of `names`, which readers know."""
    shapes: dict[int, set[str]] = {}
    for use in uses:
        for key, typed in use.types.items():
            if typed.active and typed.outputs:
                shapes.setdefault(key, set()).add(shapes_text(typed.outputs[:1], names) or "")
    return {key: texts.pop() for key, texts in shapes.items() if len(texts) == 1}


def unused_args(graph: Graph, plan: ClassPlan, use: ClassUse) -> list[Arg]:
    """Return the arguments that neither a statement nor another argument nor the range of an input uses."""
    used = frozenset[str]().union(*(argument.names for argument in use.computed.values()))
    used |= {name for tensor in graph.shapes if tensor.high for name in expressions.names(tensor.high.value)}  # type: ignore[arg-type]
    return [arg for arg in graph.args if arg.name not in used and not is_printed(arg, plan)]


def is_printed(arg: Arg, plan: ClassPlan) -> bool:
    """Return whether an argument is a parameter of a class or, if it is computed, assigned in its constructor."""
    if not arg.computed or arg.size:
        return any(parameter.name == arg.name for parameter in plan.parameters)
    targets = ((arg.name,), (f"self.{arg.name}",))
    return any(isinstance(statement, Assign) and statement.targets in targets for statement in plan.init)


def _computed(constructor: Constructor, use: ClassUse) -> list[Statement]:
    """Return the statements for computed arguments that other statements use."""
    statements: list[Statement] = [
        assign(name, constructor.source(argument))
        for name, argument in reversed(list(use.computed.items()))
        if name in constructor.used
    ]
    return statements[::-1]


def _imported(graph: Graph) -> dict[str, str]:
    """Return the names of the author's own code, and the modules that hold them."""
    actions = (node.action for node in graph.walk())
    return {action.attribute: action.module for action in actions if isinstance(action, Import)}


__all__ = ["is_printed", "merged_types", "plan_model", "unused_args"]
