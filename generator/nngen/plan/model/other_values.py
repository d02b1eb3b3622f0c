"""Whether the emitted classes are right for other values of the model's arguments than those of the description.

Whoever owns the project calls ``Net(wide=False)``. Every line has a source with names for what depends on an
argument; the network is inferred with other values, and where a line would then be another one, its source lacks
that argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from ...description.description import Arg
from ...infer.inference import Inference
from ...language.expressions import Expr, FunctionCall, Literal, Operation
from ...language.problems import Problems
from ...network.graph import Node
from ...network.typed import ClassUse, Typed, TypedNetwork
from .agreement import differences
from .plans import ModelPlan

MAX_NEAR = 12  # numbers around those that conditions ask for
MAX_NODES = 20_000  # of all inferences


def check_other_values(typed: TypedNetwork, plan: ModelPlan, problems: Problems) -> bool:
    """Note statements of the emitted classes that hold for the arguments of the description alone.

    Returns:
        Whether there are none.
    """
    good = True
    parameters = {made.name: {parameter.name for parameter in made.parameters} for made in plan.classes}
    literals = set(_literals(typed))
    size = sum(len(use.types) for use in typed.all_uses)
    budget = MAX_NODES // max(1, size)
    for index, model in enumerate(typed.models):
        before = _outcomes(model, typed.uses)
        for arg in model.graph.args:
            if arg.computed or arg.value is None or arg.name not in model.values:
                continue
            now = model.values[arg.name]
            near = _near(now, literals)
            for value in dict.fromkeys((*near, *_others(now))):
                if value == now:
                    continue
                if budget <= 0:
                    break
                budget -= 1
                tried = _with(typed, index, arg.name, value)
                if tried is None:
                    continue
                if value in near and _outcomes(*tried) == before:
                    continue
                if _compare(typed, model, tried, parameters, (arg, value), problems):
                    good = False
                    break
    return good


def _with(typed: TypedNetwork, index: int, name: str, value: Any) -> tuple[ClassUse, Mapping[str, Any]] | None:
    """Return a model and the blocks in it where an argument has another value; None where they do not fit."""
    problems = Problems()
    inference = Inference(typed.network, problems)
    use = inference.model(typed.network.models[index], {name: value})[1]
    fits = use is not None and use.complete and not problems.has_errors
    return (use, inference.uses) if use is not None and fits else None


def _compare(
    typed: TypedNetwork,
    model: ClassUse,
    tried: tuple[ClassUse, Mapping[str, Any]],
    parameters: Mapping[str, set[str]],
    changed: tuple[Arg, Any],
    problems: Problems,
) -> bool:
    """Return whether a statement would be another one, and note it."""
    other, blocks = tried
    pairs: list[tuple[tuple[ClassUse, ...], ClassUse]] = [((model,), other)]
    pairs += [(typed.uses[name], use) for name, uses in blocks.items() for use in uses if typed.uses[name]]
    arg, value = changed
    now, then = _text(model.values[arg.name]), _text(value)
    for uses, use in pairs:
        for node, name, left, right in _different(uses, use, parameters):
            message = f"{node.kind}: {name} is {left}, and {right} when {arg.name} is {then}"
            hint = f"write {now} in place of ${arg.name}, or bring what flows in to one size"
            if left is None:
                message = f"{node.kind} fits when {arg.name} is {then}, and not while it is {now}"
                hint = f"the class has a line for it either way, so give {arg.name} a value that fits"
            if use.position is None:
                problems.add(message, node.position, hint)
            else:
                with problems.inside(f"in {use.graph.class_name}, which is used here", use.position):
                    problems.add(message, node.position, hint)
            return True
    return False


def _text(value: Any) -> str:
    """Return a value as descriptions write it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_text, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _different(
    uses: tuple[ClassUse, ...], other: ClassUse, parameters: Mapping[str, set[str]]
) -> Iterator[tuple[Node, str, Any, Any]]:
    for node in other.graph.walk():
        types = [use.types[node.id] for use in uses if node.id in use.types]
        now = other.types.get(node.id)
        if now is None or not now.known or not types:
            continue
        known = [typed for typed in types if typed.known]
        if not known and now.active:
            yield node, "", None, None
        for one in known[:1]:
            if len(one.outputs) != len(now.outputs) and one.active == now.active and one.loop is None:
                yield node, "what it gives", _tensors(one), _tensors(now)
            for name, left, right in differences(node, one, now, parameters):
                yield node, name, left.value, right.value


def _tensors(typed: Typed) -> str:
    return "one tensor" if len(typed.outputs) == 1 else f"{len(typed.outputs)} tensors"


def _near(value: Any, literals: set[Any]) -> list[Any]:
    """Return values of the same kind that may change the outcome of a condition."""
    same = sorted(literal for literal in literals if type(literal) is type(value) and not isinstance(literal, bool))
    if isinstance(value, int) and not isinstance(value, bool):
        return [number + step for number in same for step in (0, 1, -1) if number + step >= 0][:MAX_NEAR]
    return same


def _others(value: Any) -> list[Any]:
    """Return values that may do instead.

    An odd size of a window stays odd, since padding of half of it is right for odd ones; lists stay as long as they
    are, since what is behind a loop over them depends on their length in more ways than a line can say.
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
    """Return which conditions hold in the uses of classes."""
    everywhere = (use, *chain.from_iterable(blocks.values()))
    return {
        (one.graph.class_name, number, bool(typed.condition.value))
        for one in everywhere
        for number, typed in one.types.items()
        if typed.condition is not None
    }


def _literals(typed: TypedNetwork) -> Iterator[Any]:
    """Return the values that conditions of items compare with."""
    graphs = (*(model.graph for model in typed.models), *typed.network.blocks.values())
    for node in (node for graph in graphs for node in graph.walk()):
        if node.condition is not None and not isinstance(node.condition.value, tuple):
            yield from _in(node.condition.value)


def _in(expr: Expr) -> Iterable[Any]:
    match expr:
        case Literal(value):
            yield value
        case Operation(_, parts) | FunctionCall(_, parts):
            for part in parts:
                yield from _in(part)
