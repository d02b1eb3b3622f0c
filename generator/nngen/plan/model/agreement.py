"""Checks that one class fits all uses of a block, and that each argument is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...description.description import Arg, BlockCall, Layer, Operate
from ...language import expressions
from ...language.problems import Problems
from ...network.graph import Fork, Graph, Node
from ...network.tensors import Argument
from ...network.typed import ClassUse, Typed, TypedNetwork
from .classes import is_printed, unused_args
from .plans import ModelPlan


def check_uses(typed: TypedNetwork, plan: ModelPlan, problems: Problems) -> None:
    """Report blocks whose uses would need different constructors."""
    parameters = {
        class_plan.name: {parameter.name for parameter in class_plan.parameters} for class_plan in plan.classes
    }
    for uses in typed.uses.values():
        for use in uses[1:]:
            with problems.inside(f"in {use.graph.class_name}, which is used here", use.position):
                _compare(uses[0], use, parameters, problems)


def check_rounds(typed: TypedNetwork, problems: Problems) -> None:
    """Report repetitions over lists that are empty in all uses: no code follows from layers without sizes."""
    for uses in (*((model,) for model in typed.models), *typed.uses.values()):
        for node in uses[0].graph.walk() if uses else ():
            loops = [use.types[node.id].loop for use in uses if node.id in use.types]
            if node.repeat and node.repeat.columns and loops and all(loop and not loop.rounds for loop in loops):
                message = f"{node.kind} is repeated over an empty list, so the sizes of its layers are not known"
                problems.add(message, node.position, "give a list with at least one element, here or as the default")


def _compare(first: ClassUse, other: ClassUse, parameters: Mapping[str, set[str]], problems: Problems) -> None:
    for node in first.graph.walk():
        first_types, other_types = first.types.get(node.id), other.types.get(node.id)
        if first_types is None or other_types is None or not (first_types.known and other_types.known):
            continue
        for name, left, right in differences(node, first_types, other_types, parameters):
            _note_difference(first.graph, node, name, left, right, problems)
    for name in sorted(first.computed.keys() & other.computed.keys() & first.asked):
        left_value, right_value = first.computed[name], other.computed[name]
        if _lines(left_value) != _lines(right_value):
            values = f"{left_value.value} in one use, {right_value.value} in another"
            arg = next(arg for arg in first.graph.args if arg.name == name)
            message = f"the uses of {first.graph.class_name} need different classes: {name} is {values}"
            problems.add(message, arg.position, "make it an argument that is given")


def differences(
    node: Node, first: Typed, second: Typed, parameters: Mapping[str, set[str]]
) -> Iterator[tuple[str, Argument, Argument]]:
    """Yield the name and both values of each argument that changes the statements of a node between two uses.

    Args:
        node: the node of the class.
        first: its types in one use.
        second: its types in another use.
        parameters: the constructor arguments of each class.
    """
    left, right = _written(first), _written(second)
    names = left.keys() & right.keys()
    if isinstance(node.action, BlockCall):
        names -= {name for name in first.arguments if name not in parameters.get(node.action.block, ())}
    written = _source if isinstance(node.action, (Operate, Fork)) else _lines  # forward reads sizes itself
    for name in sorted(names):
        if written(left[name]) != written(right[name]):
            yield name, left[name], right[name]


def _written(typed: Typed) -> dict[str, Argument]:
    """Return the arguments, the condition and the repetition of a node, which determine its statements."""
    arguments = dict(typed.arguments)
    if typed.condition is not None:
        arguments["'if'"] = typed.condition
    if typed.loop is not None and typed.loop.rounds > 0:
        arguments |= {"'repeat'": typed.loop.count} if typed.loop.count else {}
        arguments |= dict((*typed.loop.columns, *typed.loop.numbers))
    return arguments


def _note_difference(graph: Graph, node: Node, name: str, left: Argument, right: Argument, problems: Problems) -> None:
    inferred = (
        isinstance(node.action, Layer) and (parameter := node.action.entry.parameter(name)) and parameter.inferred
    )
    difference = f"{name} depends on a size of its input that its constructor has no name for"
    hint = "bring what flows in to one size, such as with AdaptiveAvgPool2d" if inferred else _AS_ARGUMENT
    if not (left.sizes or isinstance(left.source, tuple) or isinstance(right.source, tuple)):
        left_text, right_text = expressions.to_python(left.source), expressions.to_python(right.source)
        difference, hint = f"{name} would be {left_text} and {right_text}", "" if inferred else _AS_ARGUMENT
    values = f"{left.value} in one use, {right.value} in another"
    message = f"{node.kind}: the uses of {graph.class_name} need different classes: {difference}: {values}"
    problems.add(message, node.position, hint)


_AS_ARGUMENT = "make it an argument of the block"


def _source(argument: Argument) -> object:
    return tuple(map(_source, argument.source)) if isinstance(argument.source, tuple) else argument.source


def _lines(argument: Argument) -> object:
    if isinstance(argument.source, tuple):
        return tuple(_lines(part) for part in argument.source)
    if expressions.sizes(argument.source) or not argument.names:
        return argument.value
    return argument.source


def check_args(typed: TypedNetwork, plan: ModelPlan, problems: Problems) -> None:
    """Report arguments that no line of the emitted code uses."""
    plans = {class_plan.name: class_plan for class_plan in plan.classes}
    uses = (*typed.models, *(uses[0] for uses in typed.uses.values() if uses))
    unused = [(use, unused_args(use.graph, plans[use.graph.class_name], use)) for use in uses]
    whole = plans[typed.network.name]
    models = unused[: len(typed.models)]
    used = {arg.name for use, args in models for arg in use.graph.args if arg not in args}
    used |= {arg.name for arg in typed.network.args if is_printed(arg, whole)}
    for arg in typed.network.args:  # shared by all models, so one use is enough
        if arg.name not in used:
            _note_unused(arg, problems)
    for _, args in unused:
        for arg in args:
            if arg not in typed.network.args:
                _note_unused(arg, problems)


def _note_unused(arg: Arg, problems: Problems) -> None:
    problems.add(f"no layer uses the argument {arg.name!r}", arg.position, "leave it out")
