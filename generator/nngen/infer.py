"""Fourth stage: a graph to a graph with shapes, where what does not fit is found."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

from . import expressions
from .arguments import check_together, check_value
from .description import Written
from .expressions import Expr, ExpressionError, Literal, Name, Operation, SizeOf
from .graph import (
    BATCH,
    Argument,
    Dim,
    Graph,
    InputNode,
    ModuleNode,
    TensorType,
    Typed,
    TypedGraph,
    UnreadNode,
    shape_text,
)
from .ops import ShapeError, Use, family_of
from .problems import Problems
from .sizes import Symbolic
from .written import about

MAX_SIZE = 2**31 - 1
SIZES_OF_INPUT = {"in_channels": SizeOf("input", 1), "in_features": SizeOf("input", -1)}


def infer(graph: Graph, problems: Problems) -> TypedGraph:
    """Gives every node its shapes.

    Returns:
        The graph with its shapes, which end before the first node that has none. Problems are noted; behind a
        node with a mistake arguments are checked, and shapes are not, since they are not known.
    """
    scope = _Scope(graph, problems)
    types: list[Typed | None] = []
    for node in graph.nodes:
        if isinstance(node, InputNode):
            types.append(scope.input(node))
        elif isinstance(node, UnreadNode):
            types.append(None)
        else:
            before = [types[ref.node] for ref in node.inputs]
            flows = [typed.outputs[ref.part] for typed, ref in zip(before, node.inputs) if typed]
            arguments = scope.arguments(node)  # checked even where the shapes are lost
            known = arguments is not None and len(flows) == len(before)
            types.append(scope.module(node, arguments or {}, tuple(flows)) if known else None)
    return TypedGraph(graph, scope.values, tuple(takewhile(bool, types)))  # type: ignore[arg-type]


class _Scope:
    """The names of one class with their values, and how expressions over them are computed."""

    def __init__(self, graph: Graph, problems: Problems) -> None:
        self._problems = problems
        self._tensors: dict[str, TensorType] = {}
        self._computed = [arg for arg in graph.args if arg.computed]
        self.values: dict[str, Any] = {}
        for arg in graph.args:
            if isinstance(arg.value.value, Literal):
                self.values[arg.name] = arg.value.value.value
        self._compute_args()

    def _compute_args(self) -> None:
        for arg in self._computed:
            if arg.name not in self.values and self._ready(arg.value):
                argument = self._evaluate(arg.value)
                if argument is not None:
                    self.values[arg.name] = argument.value

    def _ready(self, value: Written) -> bool:
        """Whether everything is known that a computed argument needs; the input may not be yet."""
        if isinstance(value.value, tuple):
            return all(self._ready(part) for part in value.value)
        needed = expressions.names(value.value)
        sizes = expressions.sizes(value.value) | {SIZES_OF_INPUT[name] for name in needed if name in SIZES_OF_INPUT}
        known = set(self.values) | set(SIZES_OF_INPUT)
        return needed <= known and all(size.tensor in self._tensors for size in sizes)

    def input(self, node: InputNode) -> Typed | None:
        dims = [self._input_dim(size) for size in node.shape]
        if any(dim is None for dim in dims):
            return None
        typed = TensorType((Dim(BATCH), *(dim for dim in dims if dim)), node.dtype)
        self._tensors[node.name] = typed
        self._compute_args()
        return Typed((typed,))

    def _input_dim(self, written: Written) -> Dim | None:
        argument = self._evaluate(written)
        if argument is None:
            return None
        if (
            not isinstance(argument.value, int)
            or isinstance(argument.value, bool)
            or not 1 <= argument.value <= MAX_SIZE
        ):
            self._problems.add(f"input: a size is a whole number from 1 on, not {argument.value!r}", written.position)
            return None
        return Dim(argument.value, None if isinstance(argument.source, (Literal, tuple)) else argument.source)

    def module(self, node: ModuleNode, arguments: dict[str, Argument], inputs: tuple[TensorType, ...]) -> Typed | None:
        family = family_of(node.entry)
        if family is None:
            return None
        try:
            outcome = family.infer(Use(node.entry, arguments, inputs))
        except ShapeError as error:
            shape = shape_text(inputs[0].sample_shape)
            self._problems.add(
                f"{_called(node, arguments)} does not fit: its input is {shape} here, {error}", node.position
            )
            return None
        inferred = {name: Argument(dim.size, dim.expression()) for name, dim in outcome.inferred.items()}
        complete = {**inferred, **arguments, **outcome.completed}
        return Typed(outcome.outputs, complete, outcome.parameters, outcome.buffers, outcome.flops)

    def arguments(self, node: ModuleNode) -> dict[str, Argument] | None:
        """The arguments with their values; None, with a problem noted, when one is wrong."""
        found: dict[str, Argument] = {}
        for name, written in node.arguments.items():
            parameter = node.entry.parameter(name)
            argument = self._evaluate(written)
            if argument is None or parameter is None:
                continue
            wrong = check_value(parameter, _listed(argument.value)) or _too_large(argument.value)
            if wrong:
                self._problems.add(about(node.entry, name, wrong), written.position)
            else:
                found[name] = argument
        if len(found) < len(node.arguments):
            return None
        together = check_together(node.entry, {name: _listed(argument.value) for name, argument in found.items()})
        for name, phrase in together:
            position = found[name].position if name in found else node.position
            self._problems.add(about(node.entry, name, phrase), position)
        return None if together else found

    def _evaluate(self, written: Written) -> Argument | None:
        """The value of what was written; None, with a problem noted, when it has none."""
        if isinstance(written.value, tuple):
            parts = [self._evaluate(part) for part in written.value]
            if not all(parts):
                return None
            elements = tuple(part for part in parts if part)
            return Argument(tuple(part.value for part in elements), elements, written.position)
        names = expressions.names(written.value)
        if not names <= set(self.values) | set(SIZES_OF_INPUT):
            return None  # a name without a value: its mistake is noted where it is
        try:
            expr = self._expand(written.value)
            value = expressions.evaluate(expr, self.values, self._size_of)
            return Argument(value, self._in_source(expr), written.position)
        except ExpressionError as error:
            self._problems.add(f"{expressions.to_text(written.value)}: {error}", written.position, error.hint)
            return None

    def _expand(self, expr: Expr) -> Expr:
        """``$in_features`` as the size of the input that it stands for."""
        match expr:
            case Name(name) if name in SIZES_OF_INPUT and name not in self.values:
                return SIZES_OF_INPUT[name]
            case Operation(operator, operands):
                return Operation(operator, tuple(self._expand(operand) for operand in operands))
            case expressions.Call(function, arguments):
                return expressions.Call(function, tuple(self._expand(argument) for argument in arguments))
        return expr

    def _in_source(self, expr: Expr) -> Expr:
        """The expression with sizes that are known written as a person would."""
        match expr:
            case SizeOf():
                return self._dim(expr).expression()
            case Operation(operator, operands):
                return Operation(operator, tuple(self._in_source(operand) for operand in operands))
            case expressions.Call(function, arguments):
                return expressions.Call(function, tuple(self._in_source(argument) for argument in arguments))
        return expr

    def _dim(self, size: SizeOf) -> Dim:
        tensor = self._tensors.get(size.tensor)
        if tensor is None:
            raise ExpressionError(f"there is no tensor ${size.tensor} here")
        rank = len(tensor.dims)
        if not -rank <= size.dim < rank:
            raise ExpressionError(f"${size.tensor} has {rank} dimensions with the batch, so it has no size({size.dim})")
        return tensor.dims[size.dim]

    def _size_of(self, size: SizeOf) -> int:
        value = self._dim(size).size
        if isinstance(value, Symbolic):
            raise ExpressionError(f"${size.tensor}.size({size.dim}) is known only when the network runs")
        return value


def _listed(value: Any) -> Any:
    return [_listed(part) for part in value] if isinstance(value, tuple) else value


def _too_large(value: Any) -> str | None:
    parts = value if isinstance(value, tuple) else (value,)
    if any(isinstance(part, int) and abs(part) > MAX_SIZE for part in parts):
        return f"must be at most {MAX_SIZE}"
    return None


def _called(node: ModuleNode, arguments: dict[str, Argument]) -> str:
    """The layer as its error names it: ``MaxPool2d(2)``."""
    family = family_of(node.entry)
    leading = family.positional(node.entry, arguments) if family else 0
    positional = {parameter.name for parameter in node.entry.parameters[:leading]}
    shown = [
        str(argument.value) if name in positional else f"{name}={argument.value!r}"
        for name, argument in arguments.items()
    ]
    return f"{node.entry.name}({', '.join(shown)})" if shown else node.entry.name
