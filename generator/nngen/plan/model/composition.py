"""The class that combines several models, the last one of ``model.py``."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ...description.description import Arg
from ...language import expressions
from ...network.graph import Graph, attribute_of
from ...network.operations.text import call
from ...network.operations.value import Value
from ...network.tensors import TensorType
from ...network.typed import TypedNetwork
from ...training.fit.models import generator_among
from ...training.tasks import TASKS, UNKNOWN
from ..statements import Assign, Return, Statement, assign
from .plans import ClassPlan, ConstructorArgument
from .signature import defaulted, legend


def input_names(graph: Graph) -> tuple[str, ...]:
    """Return the names of a model's inputs in ``forward``."""
    return ("x",) if graph.inputs == ("input",) else graph.inputs


def plan_together(
    typed: TypedNetwork, parts: tuple[ClassPlan, ...], task: str, extra: tuple[Statement, ...], names: Collection[str]
) -> ClassPlan:
    """Return the class that holds the models.

    Args:
        typed: the models.
        parts: their classes.
        task: the task of the description, which determines what the whole network computes.
        extra: statements of ``tie`` and ``init``, at the end of the constructor.
        names: arguments that these statements use.
    """
    declared = [arg for arg in typed.network.args if not arg.computed]
    passed = {parameter.name for part in parts for parameter in part.parameters}
    computed = _computed(typed.network.args, names)
    needed = passed | set(names) | {name for arg in computed for name in _names(arg)}
    parameters = tuple(defaulted(arg) for arg in declared if arg.name in needed)
    lines = [assign(arg.name, expressions.to_python(arg.value.value)) for arg in computed]  # type: ignore[union-attr, arg-type]
    for graph, part in zip(typed.network.models, parts, strict=True):
        lines.append(assign(f"self.{attribute_of(graph)}", f"{part.name}({_passed(part, parameters)})"))
    known = {parameter.name for parameter in parameters}
    inputs, returns, forward = _forward(typed, task, known)
    return ClassPlan(
        typed.network.name,
        _docstring(typed, task, known),
        parameters,
        (*lines, *extra),
        inputs,
        returns,
        tuple(forward),
    )


def _passed(part: ClassPlan, parameters: Collection[ConstructorArgument]) -> str:
    shared = {parameter.name for parameter in parameters}
    return ", ".join(f"{parameter.name}={parameter.name}" for parameter in part.parameters if parameter.name in shared)


def _computed(args: tuple[Arg, ...], names: Collection[str]) -> list[Arg]:
    """Return the computed arguments that the statements of the class use, in their order."""
    needed, computed = set(names), []
    for arg in reversed(args):
        if arg.computed and arg.size is None and arg.name in needed:
            computed.append(arg)
            needed |= _names(arg)
    return computed[::-1]


def _names(arg: Arg) -> frozenset[str]:
    if arg.value is None or isinstance(arg.value.value, tuple):
        return frozenset()
    return expressions.names(arg.value.value)


def _forward(typed: TypedNetwork, task: str, known: Collection[str]) -> tuple[tuple[str, ...], str, list[Statement]]:
    """Return the names of the inputs, the return annotation, and the statements."""
    if TASKS.get(task, UNKNOWN).composition == "adversaries":
        generator = typed.models[generator_among(typed.models)]
        names = ("latent",) if generator.graph.inputs == ("input",) else generator.graph.inputs
        sample = Assign(("x",), _call(generator.graph, names), "Tensor", comment=_shapes(generator.outputs, known))
        return names, "Tensor", [sample, Return((Value.name("x"),))]
    first, last = typed.network.models[0], typed.network.models[-1]
    names = input_names(first)
    if TASKS.get(task, UNKNOWN).composition == "latent":
        latent = input_names(last)[0] if last.inputs != ("input",) else "latent"
        return (
            names,
            "tuple[Tensor, Tensor, Tensor]",
            [
                Assign(("mu", "logvar"), _call(first, names)),
                assign("std", "(0.5 * logvar).exp()"),
                assign(latent, "mu + std * torch.randn_like(std)"),
                Return((_call(last, (latent,)), Value.name("mu"), Value.name("logvar"))),
            ],
        )
    return _chain(typed, known)


def _chain(typed: TypedNetwork, known: Collection[str]) -> tuple[tuple[str, ...], str, list[Statement]]:
    names = taken = input_names(typed.network.models[0])
    lines: list[Statement] = []
    declared = set(names)
    shape = ""
    for number, use in enumerate(typed.models):
        following = typed.models[number + 1].graph if number + 1 < len(typed.models) else None
        count = len(use.outputs)
        results = _results(following, count)
        declare = following is None and count == 1 and results[0] not in declared
        text = _shapes(use.outputs, known)
        comment = text if count == 1 and text != shape else ""
        lines.append(Assign(results, _call(use.graph, taken), "Tensor" if declare else "", comment=comment))
        declared |= set(results)
        taken, shape = results, text
    returns = "Tensor" if len(taken) == 1 else f"tuple[{', '.join(['Tensor'] * len(taken))}]"
    return names, returns, [*lines, Return(tuple(map(Value.name, taken)))]


def _call(graph: Graph, arguments: Iterable[str]) -> Value:
    return call(f"self.{attribute_of(graph)}", *arguments)


def _results(following: Graph | None, count: int) -> tuple[str, ...]:
    if following is not None:
        return input_names(following)
    return ("x",) if count == 1 else tuple(f"output{number}" for number in range(1, count + 1))


def _docstring(typed: TypedNetwork, task: str, known: Collection[str]) -> tuple[str, ...]:
    if TASKS.get(task, UNKNOWN).composition == "adversaries":
        return ("A generator of samples, and the discriminator that it is trained against.",)
    first, last = typed.models[0], typed.models[-1]
    ends = f"Maps {_shapes(first.inputs, known)} to {_shapes(last.outputs, known)}"
    tensors = [tensor for use in typed.models for tensor in (*use.inputs, *use.outputs)]
    if TASKS.get(task, UNKNOWN).composition == "latent":
        return (f"{ends}, by way of a random point {_shapes(last.inputs, known)}.", "", legend(tensors))
    between = " and ".join(_shapes(use.outputs, known) for use in typed.models[:-1])
    return (f"{ends}, by way of {between}.", "", legend(tensors))


def _shapes(tensors: tuple[TensorType, ...], known: Collection[str]) -> str:
    """Return shapes in terms of the constructor's arguments, which the models take under the same names."""
    return ", ".join(tensor.text(known) for tensor in tensors)
