"""Fourth stage: infers the shapes in graphs, and reports what does not fit.

A class is inferred once for each distinct use: for the values of its arguments and the types of its inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..description.description import SIZES_OF_INPUT
from ..language.errors import Position, Problem
from ..language.expressions import Name, SizeOf
from ..language.problems import Problems
from ..network.graph import Graph, Network, Ref
from ..network.tensors import Dim, TensorType
from ..network.typed import ClassUse, TypedNetwork
from .frame import Frame
from .initial import check_initials, check_ties
from .rules import Place
from .scope import Scope

Key = tuple[bool, str, tuple[tuple[str, Any], ...], tuple[Any, ...]]


Inputs = tuple[TensorType, ...]


def infer(network: Network, problems: Problems) -> tuple[tuple[Inputs, ...], TypedNetwork | None]:
    """Infer the types of every node.

    Returns:
        The types of each model's inputs, and the typed network, or None if a model has no output type.
        Mistakes are recorded in `problems`; after a node with a mistake, arguments are still checked, but shapes,
        which are unknown, are not.
    """
    inference = Inference(network, problems)
    inputs, uses = zip(*(inference.model(graph) for graph in network.models))
    problems.report(inference.misfits())
    models = tuple(use for use in uses if use is not None and use.complete)
    if len(models) < len(network.models):
        return inputs, None
    typed = TypedNetwork(network, models, inference.all_uses(), inference.shared())
    check_initials(typed, problems)
    return inputs, replace(typed, tied=check_ties(typed, problems))


class Inference:
    """Infers classes, each distinct use of a block once."""

    def __init__(self, network: Network, problems: Problems) -> None:
        self.network = network
        self.problems = problems
        self.rounds = 0  # the number of rounds of all loops
        self.different_rounds = 0  # those of them that were inferred, since they differ from the round before
        self.uses: dict[str, list[ClassUse]] = {name: [] for name in network.blocks}
        self.fitting: set[Place] = set()
        self.unfit: dict[Place, list[Problem]] = {}
        self._unbuilt: dict[str, list[ClassUse]] = {name: [] for name in network.blocks}  # uses under false conditions
        self._known: dict[Key, ClassUse | None] = {}

    def all_uses(self) -> dict[str, tuple[ClassUse, ...]]:
        """Return the uses of each block; uses under false conditions count only if the block has no others."""
        return {name: tuple(uses or self._unbuilt[name]) for name, uses in self.uses.items()}

    def misfits(self) -> list[Problem]:
        """Return why nodes do not fit that have a condition and fit in no use, whose code would not be known."""
        return [problem for place, held in self.unfit.items() if place not in self.fitting for problem in held]

    def shared(self) -> dict[str, Any]:
        """Return the values of the arguments of all models, except those that depend on the size of an input."""
        scope = Scope(self.problems)
        for arg in self.network.args:
            argument = scope.evaluate(arg.value, {}) if arg.value is not None else None
            if argument is not None:
                scope.values[arg.name] = argument.value
        return scope.values

    def model(self, graph: Graph, values: Mapping[str, Any] | None = None) -> tuple[Inputs, ClassUse | None]:
        """Infer a model; return the types of its inputs, and its use.

        Args:
            graph: the graph of the model.
            values: values of arguments that replace their defaults.

        Returns:
            The types, none if one is invalid, and the use, or None if the model has a mistake.
        """
        frame = Frame(self, graph, self.problems)
        frame.take_args(values or {})
        inputs = tuple(frame.input_type(shape) for shape in graph.shapes)
        types = tuple(tensor for tensor in inputs if tensor)
        if len(types) < len(inputs):
            return (), None
        return types, frame.run(types, {})

    def block(
        self,
        graph: Graph,
        values: Mapping[str, Any],
        inputs: tuple[TensorType, ...],
        problems: Problems,
        position: Position | None,
    ) -> ClassUse | None:
        """Return the use of a block with these arguments and inputs; None if it has a mistake.

        Args:
            graph: the graph of the block.
            values: the values of its arguments.
            inputs: the types of its inputs.
            problems: receives the mistakes.
            position: the place of the item that uses it.
        """
        key = (
            problems.silent,
            graph.class_name,
            tuple(sorted(values.items())),
            tuple((tensor.sizes, tensor.dtype, tensor.packed) for tensor in inputs),
        )
        if key not in self._known:
            use = self._infer_block(graph, values, inputs, problems)
            self._known[key] = use = replace(use, position=position) if use else None
            if use:
                (self._unbuilt if problems.silent else self.uses)[graph.class_name].append(use)
        return self._known[key]

    def _infer_block(
        self, graph: Graph, values: Mapping[str, Any], inputs: tuple[TensorType, ...], problems: Problems
    ) -> ClassUse | None:
        frame = Frame(self, graph, problems)
        implicit = implicit_sizes(graph, inputs)
        tensors = name_sizes(graph, inputs, implicit)
        for arg in graph.args:
            if arg.size and arg.name in implicit:
                tensor, dim = implicit[arg.name]
                frame.scope.values[arg.name] = inputs[tensor].dims[dim].size
        for name, (tensor, dim) in implicit.items():
            if name not in SIZES_OF_INPUT:
                frame.scope.values.setdefault(name, inputs[tensor].dims[dim].size)
        frame.tensors = dict(zip((Ref(index) for index in range(len(inputs))), tensors, strict=True))
        frame.take_args(values)
        return frame.run(tensors, implicit)


def implicit_sizes(graph: Graph, inputs: tuple[TensorType, ...]) -> dict[str, tuple[int, int]]:
    """Return the sizes of the inputs that may become constructor arguments of a block, as (input, dimension)."""
    sizes: dict[str, tuple[int, int]] = {}
    taken: set[tuple[int, int]] = set()
    for arg in graph.args:
        size = arg.size
        if size is not None:
            index = (
                0 if size.tensor == "input" else graph.inputs.index(size.tensor) if size.tensor in graph.inputs else -1
            )
            rank = len(inputs[index].dims) if 0 <= index < len(inputs) else 0
            if index >= 0 and -rank <= size.dim < rank:
                sizes[arg.name] = (index, size.dim % rank)
                taken.add(sizes[arg.name])
    for index, tensor in enumerate(inputs):
        prefix = "in" if index == 0 else graph.inputs[index]
        rank = len(tensor.dims)
        candidates = [("channels", 1)] if rank > 2 else []
        candidates += [("features", rank - 1)] if rank > 1 else []
        for noun, dim in candidates:
            static = isinstance(tensor.dims[dim].size, int) and tensor.dtype.startswith("float")
            if static and (index, dim) not in taken:
                sizes[f"{prefix}_{noun}"] = (index, dim)
    return sizes


def name_sizes(
    graph: Graph, inputs: tuple[TensorType, ...], implicit: Mapping[str, tuple[int, int]]
) -> tuple[TensorType, ...]:
    """Return the inputs of a block with the names of their sizes inside it."""
    names = {place: name for name, place in implicit.items()}
    return tuple(
        replace(
            tensor,
            dims=tuple(
                Dim(dim.size, Name(names[index, d]) if (index, d) in names else SizeOf(graph.inputs[index], d))
                for d, dim in enumerate(tensor.dims)
            ),
            high=Dim(tensor.high.size) if tensor.high else None,
        )
        for index, tensor in enumerate(inputs)
    )
