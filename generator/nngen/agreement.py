"""Checks that one class can serve all uses of a block, and that each argument has a purpose."""

from __future__ import annotations

from collections.abc import Mapping

from . import expressions
from .code import ModelPlan
from .description import Arg, BlockCall
from .graph import Argument, Graph, Node
from .plan import unused_args
from .problems import Problems
from .types import ClassUse, Typed, TypedNetwork


def check_uses(typed: TypedNetwork, plan: ModelPlan, problems: Problems) -> None:
    """Notes blocks whose uses would need different lines in the constructor."""
    parameters = {each.name: {parameter.name for parameter in each.parameters} for each in plan.classes}
    for uses in typed.uses.values():
        for use in uses[1:]:
            _compare(uses[0], use, parameters, problems)


def _compare(first: ClassUse, other: ClassUse, parameters: Mapping[str, set[str]], problems: Problems) -> None:
    for node in first.graph.walk():
        one, two = first.types.get(node.id), other.types.get(node.id)
        if one is None or two is None or not node.attribute:
            continue
        names = one.arguments.keys() & two.arguments.keys()
        if isinstance(node.action, BlockCall):
            names &= parameters[node.action.block]
        for name in sorted(names):
            _compare_argument(first.graph, node, name, one, two, problems)


def _compare_argument(graph: Graph, node: Node, name: str, one: Typed, two: Typed, problems: Problems) -> None:
    left, right = one.arguments[name], two.arguments[name]
    if _lines(left) == _lines(right):
        return
    source = left.source
    if not isinstance(source, tuple) and expressions.sizes(source):
        asked = expressions.to_python(source)
        what = f"{name} is {asked} of its input, a size that its constructor has no name for"
    else:
        what = f"{name} comes from another place"
    values = f"{left.value} in one use, {right.value} in another"
    message = f"{node.kind}: the uses of {graph.class_name} need different classes: {what}: {values}"
    problems.add(message, node.position, "make it an argument of the block")


def _lines(argument: Argument) -> object:
    if isinstance(argument.source, tuple):
        return tuple(_lines(part) for part in argument.source)
    if expressions.sizes(argument.source) or not argument.names:
        return argument.value
    return argument.source


def check_args(typed: TypedNetwork, plan: ModelPlan, problems: Problems) -> None:
    """Notes arguments that no line of the emitted code uses."""
    graphs = {graph.class_name: graph for graph in (typed.network.model, *typed.network.blocks.values())}
    for each in plan.classes:
        for arg in unused_args(graphs[each.name], each):
            _note_unused(arg, problems)


def _note_unused(arg: Arg, problems: Problems) -> None:
    problems.add(f"no layer uses the argument {arg.name!r}", arg.position, "leave it out")
