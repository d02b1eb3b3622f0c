"""The inference of one use of a class, node by node in the order of execution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..description.description import BlockCall, Import, Input, Layer, Operate, Own, Written
from ..language import expressions
from ..language.catalogue.entries import Entry
from ..language.catalogue.values import about, check_together, check_value
from ..language.expressions import Expr, ExpressionError, Literal, Name, SizeOf
from ..language.problems import Problems
from ..network.graph import Body, Called, Fork, Graph, Nested, Node, Received, Ref, Taken
from ..network.layers import ShapeError, Use, family_of
from ..network.operations import OPERATIONS, OperationUse
from ..network.symbolic.sizes import Symbolic
from ..network.tensors import BATCH, Argument, Dim, Module, TensorType
from ..network.typed import ClassUse, Typed
from . import conditions, loops, structures
from .known_sources import (
    called,
    does_not_fit,
    inferred_outputs,
    listed,
    numbers,
    operand_problem,
    outward_type,
    parts_problem,
    too_large,
)
from .rules import Classes
from .scope import Scope, as_dim, size_problem, substitute

MAX_USES = 5_000


@dataclass
class Frame:
    """The inference of one use of a class."""

    inference: Classes
    graph: Graph
    problems: Problems
    scope: Scope = field(init=False)
    tensors: dict[Ref, TensorType] = field(default_factory=dict)
    types: dict[int, Typed] = field(default_factory=dict)
    computed: dict[str, Argument] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scope = Scope(self.problems)

    def take_args(self, passed: Mapping[str, Any]) -> None:
        """Set the values of the arguments: passed values, defaults and computed ones."""
        tensors = {
            name: self.tensors[Ref(index)] for index, name in enumerate(self.graph.inputs) if Ref(index) in self.tensors
        }
        if tensors:
            tensors["input"] = self.tensors[Ref(0)]
        for arg in self.graph.args:
            if arg.name in passed:
                self.scope.values[arg.name] = passed[arg.name]
            elif arg.value is not None and arg.name not in self.scope.values:
                argument = self.scope.evaluate(arg.value, tensors)
                if argument is not None:
                    self.scope.values[arg.name] = argument.value
                    if arg.computed and not arg.size:
                        self.computed[arg.name] = argument

    def input_type(self, declared: Input) -> TensorType | None:
        """Return the type of an input of the model, or None, with a problem recorded, if a size is invalid.

        A text in its shape is a dimension that varies.
        """
        dims: list[Dim] = [Dim(BATCH)]
        for size in declared.shape:
            match size.value:
                case Literal(str() as name):
                    dims.append(Dim(Symbolic.name(name)))
                    continue
            argument = self.scope.evaluate(size, {})
            if argument is None:
                self.problems.add(
                    f"{declared.name}: this size has no value here",
                    size.position,
                    "it can use the arguments of the model",
                )
            problem = size_problem(argument.value) if argument else None
            if problem:
                self.problems.add(f"{declared.name}: {problem}", size.position)
            if argument is None or problem:
                return None
            dims.append(as_dim(argument))
        high = self.scope.evaluate(declared.high, {}) if declared.high else None
        if declared.high and (high is None or size_problem(high.value)):
            actual = f", not {high.value!r}" if high else ""
            message = f"{declared.name}: high is a whole number from 1 on{actual}"
            self.problems.add(message, declared.high.position, "one more than the largest value")
            return None
        return TensorType(tuple(dims), declared.dtype, as_dim(high) if high else None)

    def run(self, inputs: tuple[TensorType, ...], implicit: Mapping[str, tuple[int, int]]) -> ClassUse | None:
        """Infer the class with these inputs; return None if an output has no type.

        Args:
            inputs: the types of the inputs.
            implicit: sizes of the inputs of a block that may become constructor arguments, as (input, dimension);
                empty for a model.
        """
        self.tensors = dict(zip((Ref(index) for index in range(len(inputs))), inputs, strict=True))
        if not implicit:
            self.take_args(self.scope.values)  # now also those that use a size of the input
        for index, tensor in enumerate(inputs):
            self.types[index] = Typed((tensor,))
        self.body(self.graph.body, ())
        outputs = [self.tensors.get(ref) for ref in self.graph.body.results]
        output_types = tuple(output for output in outputs if output)
        if len(output_types) < len(outputs) or not output_types:
            return None
        values, types = dict(self.scope.values), dict(self.types)
        return ClassUse(self.graph, values, inputs, types, output_types, implicit, self._asked(), dict(self.computed))

    def _asked(self) -> frozenset[str]:
        """Return the names that the code of the class needs, including those in computed arguments."""
        starts = [start for typed in self.types.values() if typed.loop for _, start, _ in typed.loop.running]
        asked = frozenset[str]().union(*(typed.names for typed in self.types.values()), *map(expressions.names, starts))
        for name, argument in reversed(list(self.computed.items())):
            asked |= argument.names if name in asked else frozenset()
        return asked

    def body(self, body: Body, received: tuple[TensorType, ...]) -> TensorType | None:
        """Infer a list of nodes, and return the type of its first result."""
        for node in body.nodes:
            if isinstance(node.action, Received):
                if node.action.name is None and received:
                    self.tensors[Ref(node.id)] = received[0]
                    self.types[node.id] = Typed(received)
                continue
            typed = self.all_rounds(node, self._inputs(node))
            if typed is not None:
                self._check_parts(node, typed)
                self.keep(node, typed)
        return self.tensors.get(body.results[0]) if body.results else None

    def _check_parts(self, node: Node, typed: Typed) -> None:
        wrong = parts_problem(node, typed)
        if wrong:
            self.problems.add(wrong, node.position)

    def keep(self, node: Node, typed: Typed) -> None:
        """Store the types of a node and of its results."""
        self.types[node.id] = typed
        for part, tensor in enumerate(typed.outputs):
            self.tensors[Ref(node.id, part)] = tensor

    def _inputs(self, node: Node) -> tuple[TensorType, ...] | None:
        refs: list[Taken] = [*node.inputs, *node.keywords.values()]
        flat = [ref for taken in refs for ref in (taken if isinstance(taken, tuple) else (taken,))]
        tensors = [self.tensors.get(ref) for ref in flat]
        types = tuple(tensor for tensor in tensors if tensor)
        return types if len(types) == len(tensors) else None

    def all_rounds(self, node: Node, inputs: tuple[TensorType, ...] | None) -> Typed | None:
        """Infer a node with its condition and its repetition; return None if it has a mistake."""
        if node.condition is None:
            return self.without_condition(node, inputs)
        return conditions.infer_condition(self, node, node.condition, inputs)

    def without_condition(self, node: Node, inputs: tuple[TensorType, ...] | None) -> Typed | None:
        """Infer a node with its repetition, as if its condition were true; return None if it has a mistake."""
        if node.repeat is None or isinstance(node.action, Own):  # a repeated Own has been reported
            return self.call(node, inputs)
        return loops.infer_rounds(self, node, inputs)

    def value(self, written: Written, node: Node, runtime: bool = False) -> Argument | None:
        """Return the value of an expression of a node; None, with a problem recorded, if it has none."""
        tensors = {name: self.tensors[ref] for name, ref in node.tensors.items() if ref in self.tensors}
        return self.scope.evaluate(written, tensors, runtime)

    def call(self, node: Node, inputs: tuple[TensorType, ...] | None) -> Typed | None:
        """Infer one call of a node; return None, with a problem recorded, if it does not fit."""
        match node.action:
            case Layer(entry):
                bound = self._arguments(node, node.action)
                return None if bound is None or inputs is None else self._layer(node, entry, bound, inputs)
            case BlockCall(block, arguments):
                values = {name: self.value(written, node) for name, written in arguments.items()}
                bound = {name: argument for name, argument in values.items() if argument}
                return None if inputs is None or len(bound) < len(values) else self._block(node, block, bound, inputs)
            case Operate():
                return self.operation(node, inputs)
            case Own():
                return structures.own(self, node)
            case Import(_, _, arguments, output):
                return structures.imported(self, node, arguments, output, inputs)
            case Called(target):
                return structures.again(self, node, target, inputs)
            case Nested(body, residual):
                return structures.nested(self, node, body, residual, inputs)
            case Fork():
                return structures.fork(self, node, inputs)
        return None

    def _arguments(self, node: Node, layer: Layer) -> dict[str, Argument] | None:
        entry, evaluated = layer.entry, dict[str, Argument]()
        for name, inner in layer.layers.items():
            if (arguments := self._arguments(node, inner)) is not None:
                evaluated[name] = Module(inner.entry, arguments).as_argument(node.position)
        for name, written in layer.arguments.items():
            parameter = entry.parameter(name)
            argument = self.value(written, node)
            if argument is None or parameter is None:
                continue
            wrong = check_value(parameter, listed(argument.value)) or too_large(argument.value)
            if wrong:
                self.problems.add(about(entry, name, wrong), written.position)
            else:
                evaluated[name] = argument
        if len(evaluated) < len(layer.arguments) + len(layer.layers):
            return None
        together = check_together(entry, {name: listed(argument.value) for name, argument in evaluated.items()})
        for name, phrase in together:
            position = evaluated[name].position if name in evaluated else node.position
            self.problems.add(about(entry, name, phrase), position)
        return None if together else evaluated

    def _layer(
        self, node: Node, entry: Entry, arguments: dict[str, Argument], inputs: tuple[TensorType, ...]
    ) -> Typed | None:
        family = family_of(entry)
        if family is None:
            return None
        high = inputs[0].high if inputs else None
        if entry.parameter("num_embeddings") and "num_embeddings" not in arguments and high:
            arguments = {"num_embeddings": Argument(high.size, high.expression()), **arguments}
        try:
            positional = inputs[: len(inputs) - len(node.keywords)]
            keywords = dict(zip(node.keywords, inputs[len(positional) :], strict=True))
            use = Use(entry, arguments, positional, keywords, node.flags)
            outcome = family.infer(use)
        except ShapeError as error:
            self.problems.add(does_not_fit(called(entry, arguments), inputs, error), node.position)
            return None
        inferred = {name: Argument(dim.size, dim.expression()) for name, dim in outcome.inferred.items()}
        return Typed(
            inferred_outputs(family, use, outcome),
            {**inferred, **arguments, **outcome.completed},
            outcome.parameters,
            outcome.buffers,
            outcome.flops,
            inputs=inputs,
        )

    def _block(
        self, node: Node, block: str, arguments: Mapping[str, Argument], inputs: tuple[TensorType, ...]
    ) -> Typed | None:
        graph = self.inference.network.blocks[block]
        if len(inputs) != len(graph.inputs):
            count = "1 tensor" if len(graph.inputs) == 1 else f"{len(graph.inputs)} tensors"
            takes = f"{count} ({', '.join(graph.inputs)})" if graph.inputs else "no tensors"
            hint = "give them with 'from'" if graph.inputs else "write 'from: []'"
            self.problems.add(f"{block} takes {takes}, and gets {len(inputs)}", node.position, hint)
            return None
        if sum(len(uses) for uses in self.inference.uses.values()) > MAX_USES:
            self.problems.add(f"the blocks are used in more than {MAX_USES} different ways", node.position)
            return None
        values = {name: argument.value for name, argument in arguments.items()}
        with self.problems.inside(f"in {block}, which is used here", node.position):
            use = self.inference.block(graph, values, inputs, self.problems, node.position)
        if use is None:
            return None
        mapping = self._outward(use, arguments, inputs)
        outputs = tuple(self._checked(outward_type(output, mapping)) for output in use.outputs)
        sizes = {
            name: Argument(inputs[tensor].dims[dim].size, inputs[tensor].dims[dim].expression())
            for name, (tensor, dim) in use.implicit.items()
        }
        return Typed(outputs, {**sizes, **arguments}, use.parameters, use.buffers, use.flops, inner=use, inputs=inputs)

    def _checked(self, tensor: TensorType) -> TensorType:
        """Return the type without sources whose values differ from the sizes, so that no wrong source is printed."""
        return replace(tensor, dims=tuple(dim if self._is_correct(dim) else Dim(dim.size) for dim in tensor.dims))

    def _is_correct(self, dim: Dim) -> bool:
        if dim.source is None or expressions.sizes(dim.source) or isinstance(dim.size, Symbolic):
            return True
        if not expressions.names(dim.source) <= set(self.scope.values):
            return True  # a size that changes in a loop
        try:
            return bool(expressions.evaluate(dim.source, self.scope.values) == dim.size)
        except ExpressionError:
            return False

    def _outward(
        self, use: ClassUse, arguments: Mapping[str, Argument], inputs: tuple[TensorType, ...]
    ) -> dict[Expr, Expr]:
        """Return the expressions outside a block that the names and sizes inside it denote."""
        mapping: dict[Expr, Expr] = {}
        for name, (tensor, dim) in use.implicit.items():
            mapping[Name(name)] = inputs[tensor].dims[dim].expression()
        for index, name in enumerate(use.graph.inputs):
            for dim, size in enumerate(inputs[index].dims):
                mapping[SizeOf(name, dim)] = size.expression()
        for arg in use.graph.args:
            if arg.name in arguments and not isinstance(arguments[arg.name].source, tuple):
                mapping[Name(arg.name)] = arguments[arg.name].source  # type: ignore[assignment]
            elif arg.value is not None and not arg.computed and not isinstance(arg.value.value, tuple):
                mapping[Name(arg.name)] = arg.value.value
            elif (
                arg.computed and Name(arg.name) not in mapping and arg.value and not isinstance(arg.value.value, tuple)
            ):
                replaced = substitute(arg.value.value, mapping)
                if replaced is not None:
                    mapping[Name(arg.name)] = replaced
        for typed in use.types.values():
            for name, closed in typed.loop.closed if typed.loop else ():
                replaced = substitute(closed, mapping)
                if replaced is not None:
                    mapping[Name(name)] = replaced
        return mapping

    def operation(self, node: Node, inputs: tuple[TensorType, ...] | None) -> Typed | None:
        """Infer a tensor operation; return None, with a problem recorded, if it does not fit."""
        assert isinstance(node.action, Operate)
        operation = OPERATIONS[node.action.operation]
        arguments: dict[str, Argument] = {}
        for name, written in node.action.arguments.items():
            argument = self.value(written, node, runtime=True)
            if argument is None:
                return None
            parameter = next((candidate for candidate in operation.parameters if candidate.name == name), None)
            value = listed(numbers(argument.value))
            wrong = check_value(parameter, value) if parameter else operand_problem(value)
            if wrong:
                self.problems.add(
                    f"{operation.name}: {name}{':' if wrong.startswith('expected') else ''} {wrong}", written.position
                )
                return None
            arguments[name] = argument
        if inputs is None:
            return None
        positional = inputs[: len(inputs) - len(node.keywords)] if node.keywords else inputs
        for name, tensor in zip(node.keywords, inputs[len(positional) :], strict=True):
            arguments[name] = Argument(tensor, Name(name))
        use = OperationUse(operation, positional, arguments)
        try:
            outputs = operation.infer(use)
        except ShapeError as error:
            self.problems.add(does_not_fit(operation.name, inputs, error), node.position)
            return None
        return Typed(outputs, arguments, flops=operation.flops(use), inputs=positional)
