"""Checks that the emitted classes are correct for other values of the model's arguments than the description's.

The project's owner may call ``Net(wide=False)``, so the source of everything that depends on an argument has to
contain its name. The network is inferred with other values; where a statement changes, its source lacks the argument.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from ...description.description import Arg
from ...infer.inference import Inference
from ...language import expressions
from ...language.problems import Problems
from ...network.graph import Node
from ...network.symbolic.conditions import near
from ...network.typed import ClassUse, Typed, TypedNetwork
from .agreement import differences
from .plans import ModelPlan

MAX_NODES = 20_000  # nodes of all inferences together


def check_other_values(typed: TypedNetwork, plan: ModelPlan, problems: Problems) -> bool:
    """Report statements of the emitted classes that are correct only for the arguments of the description.

    Returns:
        Whether there are no such statements.
    """
    good = True
    parameters = {
        class_plan.name: {parameter.name for parameter in class_plan.parameters} for class_plan in plan.classes
    }
    literals = set(_literals(typed))
    size = sum(len(use.types) for use in typed.all_uses)
    budget = MAX_NODES // max(1, size)
    for index, model in enumerate(typed.models):
        before = _outcomes(model, typed.uses)
        for arg in model.graph.args:
            if arg.computed or arg.value is None or arg.name not in model.values:
                continue
            current = model.values[arg.name]
            beside = near(current, literals)
            for value in dict.fromkeys((*beside, *_others(current))):
                if value == current:
                    continue
                if budget <= 0:
                    break
                budget -= 1
                candidate = _with(typed, index, arg.name, value)
                if candidate is None:
                    continue
                if value in beside and _outcomes(*candidate) == before:
                    continue
                if _compare(typed, model, candidate, parameters, (arg, value), problems):
                    good = False
                    break
    return good


def _with(typed: TypedNetwork, index: int, name: str, value: Any) -> tuple[ClassUse, Mapping[str, Any]] | None:
    """Return a model and its blocks with another value of an argument; None if they do not fit."""
    problems = Problems()
    inference = Inference(typed.network, problems)
    use = inference.model(typed.network.models[index], {name: value})[1]
    fits = use is not None and use.complete and not problems.has_errors
    return (use, inference.uses) if use is not None and fits else None


def _compare(
    typed: TypedNetwork,
    model: ClassUse,
    candidate: tuple[ClassUse, Mapping[str, Any]],
    parameters: Mapping[str, set[str]],
    changed: tuple[Arg, Any],
    problems: Problems,
) -> bool:
    """Report the first statement that would change, and return whether there is one."""
    other, blocks = candidate
    pairs: list[tuple[tuple[ClassUse, ...], ClassUse]] = [((model,), other)]
    pairs += [(typed.uses[name], use) for name, uses in blocks.items() for use in uses if typed.uses[name]]
    arg, value = changed
    current, changed_value = _text(model.values[arg.name]), _text(value)
    for uses, use in pairs:
        for node, name, left, right in _different(uses, use, parameters):
            message = f"{node.kind}: {name} is {left}, and {right} when {arg.name} is {changed_value}"
            hint = f"write {current} in place of ${arg.name}, or bring what flows in to one size"
            if left is None:
                message = f"{node.kind} fits when {arg.name} is {changed_value}, and not while it is {current}"
                hint = f"the class has a line for it either way, so give {arg.name} a value that fits"
            if use.position is None:
                problems.add(message, node.position, hint)
            else:
                with problems.inside(f"in {use.graph.class_name}, which is used here", use.position):
                    problems.add(message, node.position, hint)
            return True
    return False


def _text(value: Any) -> str:
    """Return a value in the notation of descriptions."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_text, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _different(
    uses: tuple[ClassUse, ...], other: ClassUse, parameters: Mapping[str, set[str]]
) -> Iterator[tuple[Node, str, Any, Any]]:
    for node in other.graph.walk():
        types = [use.types[node.id] for use in uses if node.id in use.types]
        current = other.types.get(node.id)
        if current is None or not current.known or not types:
            continue
        known = [typed for typed in types if typed.known]
        if not known and current.active:
            yield node, "", None, None
        for reference in known[:1]:
            if (
                len(reference.outputs) != len(current.outputs)
                and reference.active == current.active
                and reference.loop is None
            ):
                yield node, "what it gives", _tensors(reference), _tensors(current)
            for name, left, right in differences(node, reference, current, parameters):
                yield node, name, left.value, right.value


def _tensors(typed: Typed) -> str:
    return "one tensor" if len(typed.outputs) == 1 else f"{len(typed.outputs)} tensors"


def _others(value: Any) -> list[Any]:
    """Return other values that a user may choose.

    Odd sizes of windows stay odd, since padding by half of them is right only for odd ones; lists keep their length,
    since the modules after a loop over them may depend on it in ways that no expression captures.
    """
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 2] if value % 2 else [2 * value, value + 2]
    if isinstance(value, float):
        return [value / 2, 2 * value]
    if isinstance(value, tuple):
        return [tuple(2 * part if type(part) in (int, float) else part for part in value)]
    return []


def _outcomes(use: ClassUse, blocks: Mapping[str, Any]) -> set[tuple[str, int, bool]]:
    """Return the outcomes of all conditions in a model and in the uses of its blocks."""
    uses = (use, *chain.from_iterable(blocks.values()))
    return {
        (class_use.graph.class_name, number, bool(typed.condition.value))
        for class_use in uses
        for number, typed in class_use.types.items()
        if typed.condition is not None
    }


def _literals(typed: TypedNetwork) -> Iterator[Any]:
    """Yield the literals in the conditions of items."""
    graphs = (*(model.graph for model in typed.models), *typed.network.blocks.values())
    for node in (node for graph in graphs for node in graph.walk()):
        if node.condition is not None and not isinstance(node.condition.value, tuple):
            yield from expressions.literals(node.condition.value)
