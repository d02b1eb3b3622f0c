"""The statements of ``forward``: each is one module or chain of operations, with a comment where the shape changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...description.description import BlockCall, Import, Layer, Operate, Own
from ...language import expressions
from ...language.expressions import Literal, SizeOf
from ...language.python import literal, tuple_of
from ...network.graph import Body, Called, Fork, Graph, Nested, Node, Received, Ref, walk
from ...network.layers import family_of, numbered, parts
from ...network.operations import OPERATIONS, OperationUse
from ...network.operations.text import binary, call, indexed
from ...network.operations.value import Form, Value
from ...network.tensors import Argument, TensorType
from ...network.typed import Typed
from ..statements import Assign, For, Return, Statement, Targets, assign, joined, under
from .constructor import Constructor, is_sequential, never_built
from .values import value_of
from .variables import (
    FLOW,
    Liveness,
    Variables,
    annotated,
    author_names,
    filled,
    known_tensors,
    taken,
    uses_of,
)

MAX_INLINE = 64
MAX_CHAIN = 64  # fits into a line with its target and most comments


@dataclass
class Forward:
    """Writes the ``forward`` of a class.

    Attributes:
        stored: arguments that ``forward`` needs, which ``__init__`` stores as attributes.
        flags: conditions that ``forward`` needs, by the attribute that holds each.
        statements: the statements written so far.
    """

    graph: Graph
    types: Mapping[int, Typed]
    constructor: Constructor
    stored: dict[str, None] = field(default_factory=dict)
    flags: dict[str, Value] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)

    def __post_init__(self) -> None:
        live = Liveness.of(self.graph.body, self.types)
        self.variables = Variables(live, author_names(self.graph.body))
        self.nodes = {node.id: node for node in walk(self.graph.body)}
        self.uses = uses_of(self.graph.body, self.types)

    def write(self) -> tuple[tuple[str, ...], tuple[Statement, ...]]:
        """Return the names of the inputs, and the statements."""
        inputs = self._input_names()
        for index, name in enumerate(inputs):
            self.variables.hold(Ref(index), name)
        self._body(self.graph.body, FLOW[0], Value.name(inputs[0] if inputs else FLOW[0]))
        self._return(inputs)
        return inputs, joined(self.statements)

    def _return(self, inputs: Sequence[str]) -> None:
        """Write the return statement; a block returns its last value directly if that is known to be a tensor."""
        results = tuple(self.variables.values[ref] for ref in self.graph.body.results)
        if len(results) == 1 and self.statements and results[0].form is Form.NAME:
            (name,) = results
            match self.statements[-1]:
                case Assign(targets, value, node=node):
                    typed = targets == (name,) and value.is_tensor(known_tensors(self.statements, inputs))
                case _:
                    typed = False
            if typed and not self.graph.shapes:
                self.statements[-1] = Return((value,), node)
                return
            if not typed and name not in inputs:
                self.statements = annotated(self.statements, name)
        self.statements.append(Return(results))

    def _input_names(self) -> tuple[str, ...]:
        names = list(self.graph.inputs)
        takers = [node for node in walk(self.graph.body) if Ref(0) in taken(node, self.types.get(node.id))]
        if names[:1] == ["input"] and len(takers) < 2:
            names[0] = "x"
        return tuple(names)

    def _body(self, body: Body, variable: str, value: Value) -> Value:
        """Write a list of nodes, whose flow is in a variable, and return its result."""
        received = body.nodes[0]
        if isinstance(received.action, Received) and Ref(received.id) not in self.variables.values:
            self.variables.also(Ref(received.id), value)
        for node in body.nodes:
            if not isinstance(node.action, Received):
                self._node(node, variable)
        return self.variables.values[body.results[0]] if body.results else value

    def _node(self, node: Node, variable: str) -> None:
        typed = self.types.get(node.id)
        if isinstance(node.action, Own):
            self.variables.values[Ref(node.id)] = Value.own(node.attribute)
            return
        if typed is None or never_built(typed):
            self.variables.also(Ref(node.id), self.variables.operand(node.inputs[0]))
            return
        if self.constructor.first_of(node) is not None:  # the call of the other module calls it
            self.variables.also(Ref(node.id), self.variables.operand(node.inputs[0]))
            return
        match node.action:
            case Nested(body, residual, False):
                self._nested(node, typed, body, residual, variable)
            case Nested(_, True, True):
                operand = self.variables.operand(node.inputs[0])
                value = binary(operand, "+", call(Value.own(node.attribute), operand))
                self._assign(node, variable, value, typed, self._flag(node, typed))
            case Fork():
                self._fork(node, typed, node.action, variable)
            case _ if typed.loop is not None and (isinstance(node.action, Called) or not is_sequential(node)):
                self._loop(node, typed, variable)
            case _:
                flag = self._flag(node, typed)
                chain = None if flag else self._chained(node, typed)
                self._assign(node, variable, chain or self.call(node, typed), typed, flag)

    def _chained(self, node: Node, typed: Typed) -> Value | None:
        """Return an operation chained to that of the last statement, if nothing else needs the latter's result."""
        match self.statements:
            case [*_, Assign(_, first, node=int(number))]:
                before = self.nodes.get(number)
            case _:
                return None
        if before is None or not isinstance(before.action, Operate) or not isinstance(node.action, Operate):
            return None
        ref = Ref(before.id)
        if before.names or self.uses[ref] != 1 or node.inputs[:1] != (ref,):
            return None
        name, self.variables.values[ref] = self.variables.values[ref], first
        value = self.call(node, typed)
        if len(value) <= MAX_CHAIN and value.goes_on_behind(first):
            self.statements.pop()
            return value
        self.variables.values[ref] = name
        return None

    def _flag(self, node: Node, typed: Typed) -> Value | None:
        """Return the attribute with an item's condition; None if it has none or may be an ``nn.Identity``."""
        condition = None if self.constructor.may_be_identity(node) else self.constructor.condition(node)
        if condition is None:
            return None
        stem = node.attribute or node.kind
        same = next((name for name, flag in self.flags.items() if flag == condition), None)
        names = (f"use_{stem}", *(f"use_{stem}{number}" for number in range(2, 99)))
        name = same or next(name for name in names if name not in self.flags)
        self.flags[name] = condition
        return Value.own(name)

    def _assign(self, node: Node, variable: str, value: Value, typed: Typed, flag: Value | None = None) -> None:
        """Write ``variable = value`` for the results of a node."""
        operands = [self.variables.operand(taken) for taken in node.inputs]
        if flag is not None:  # without the item, the variable holds its first input
            variable = self._under_flag(node, variable, operands)
        targets = self._targets(node, variable, typed.outputs) if flag is None else self._filled(node, [variable])
        last = self.constructor.second_of(node) or node
        statement = Assign(targets, value, node=None if node.parts else last.id)
        self.statements.append(statement if flag is None else under(flag, (statement,)))

    def _under_flag(self, node: Node, variable: str, operands: Sequence[Value]) -> str:
        """Return the variable of an item that may be left out, after assigning the item's first input to it."""
        now, name = self.variables.live.end[node.id], node.names[0] if node.names else None
        first = operands[0]
        if name is None and first in FLOW and self.variables.is_free(first, now):
            self.variables.hold(Ref(node.id), first)
            return first
        target = self.variables.free(name or variable, now, keep=operands)
        self.statements.append(assign(target, first))
        self.variables.hold(Ref(node.id), target)
        return target

    def _targets(self, node: Node, variable: str, outputs: tuple[TensorType, ...]) -> Targets:
        now = self.variables.live.end[node.id]
        if not node.parts:
            preferred = "packed" if outputs and outputs[0].packed else variable
            name = self.variables.free(node.names[0] if node.names and node.names[0] else preferred, now)
            self.variables.hold(Ref(node.id), name)
            return self._filled(node, [name])
        names: list[str] = []
        for part, result in enumerate(node.names):
            names.append(
                "_" if result is None else self.variables.free(variable if result == "x" else result, now, keep=names)
            )
            if result is not None:
                self.variables.hold(Ref(node.id, part), names[-1])
        return self._filled(node, names)

    def _filled(self, node: Node, names: list[str]) -> Targets:
        structure = self._structure(node, self.types[node.id].outputs)
        return tuple(names) if structure is None else filled(structure, names)

    def _structure(self, node: Node, outputs: tuple[TensorType, ...]) -> list[object] | None:
        """Return the parts of a call's result as nested lists of their numbers; None if it is a single tensor."""
        module = self._module_of(node)
        match module.action:
            case Layer(entry):
                names = parts(entry, self.types[module.id].arguments)
                return numbered(names) if names else None
            case Operate(operation) if OPERATIONS[operation].several or len(outputs) > 1:
                return list(range(len(outputs))) if node.parts else None
            case BlockCall(block) if self.constructor.several[block] > 1:
                return list(range(self.constructor.several[block]))
        return None

    def _module_of(self, node: Node) -> Node:
        """Return the node whose module a node calls."""
        if not isinstance(node.action, Called):
            return node
        return self.constructor.nodes[node.action.target]

    def call(self, node: Node, typed: Typed) -> Value:
        """Return the expression that calls a node."""
        operands = [self.variables.operand(taken) for taken in node.inputs]
        if isinstance(node.action, Operate):
            return self._operation(node, node.action.operation, typed, operands)
        return self._call_of(node, Value.own(self._module_of(node).attribute), operands)

    def _call_of(self, node: Node, called: Value, operands: list[Value]) -> Value:
        module = self._module_of(node)
        keywords = [f"{name}={self.variables.operand(taken)}" for name, taken in node.keywords.items()]
        keywords += [f"{name}={flag}" for name, flag in node.flags.items()]
        passed = [*operands, *keywords]
        family = family_of(module.action.entry) if isinstance(module.action, Layer) else None
        if isinstance(module.action, Layer) and family:
            passed = [family.call(module.action.entry, passed, self._used_parts(module, node))]
        return call(called, *passed)

    def _used_parts(self, module: Node, node: Node) -> list[str]:
        """Return torch's names of the parts of a module's result that are used."""
        assert isinstance(module.action, Layer)
        flat: list[str] = []
        for part in parts(module.action.entry, self.types[module.id].arguments):
            flat += [part] if isinstance(part, str) else part
        if not node.parts:
            return flat[:1]
        return [part for part, name in zip(flat, node.names, strict=False) if name]

    def _operation(self, node: Node, name: str, typed: Typed, operands: Sequence[Value]) -> Value:
        operation = OPERATIONS[name]
        use = OperationUse(operation, typed.inputs, typed.arguments)
        arguments = {
            key: self.variables.operand(node.keywords[key]) if key in node.keywords else self._source(node, argument)
            for key, argument in typed.arguments.items()
        }
        value = operation.code(operands, arguments, use)
        several = operation.several or len(typed.outputs) > 1
        return indexed(value, "0") if several and not node.parts else value

    def _source(self, node: Node, argument: Argument) -> Value:
        if isinstance(argument.source, tuple):
            return Value(tuple_of(self._source(node, part) for part in argument.source))
        if isinstance(argument.source, Literal):
            return Value(literal(argument.value))
        for name in sorted(expressions.names(argument.source)):
            self.stored[name] = None
        values = {name: Value.own(name) for name in expressions.names(argument.source)}
        values |= {size.tensor: self._sized(node, size) for size in expressions.sizes(argument.source)}
        return value_of(argument.source, values)

    def _sized(self, node: Node, size: SizeOf) -> Value:
        ref = node.tensors.get(size.tensor)
        return self.variables.values[ref] if ref else Value.name(size.tensor)

    def _nested(self, node: Node, typed: Typed, body: Body, residual: bool, variable: str) -> None:
        operand = self.variables.operand(node.inputs[0])
        flag = self._flag(node, typed)
        outer, target = self.statements, ""
        if flag:
            target = self._under_flag(node, variable, [operand])
            self.variables.needed_besides(target, Ref(node.id), self.variables.live.end[node.id] if residual else 0)
            self.statements = []
        inline = self._inline(body, operand)
        result = inline or self._body(body, variable, operand)
        value = binary(operand, "+", result) if residual else result
        if flag:
            self._end_flag(node, flag, target, value, outer)
        elif residual or inline:
            self._assign(node, variable, value, typed)
        else:
            self._result(node, result)

    def _end_flag(self, node: Node, flag: Value, target: str, value: Value, outer: list[Statement]) -> None:
        """Append the statements written under a condition to those before it."""
        if value != target:
            self.statements.append(assign(target, value))
        self.variables.hold(Ref(node.id), target)
        outer.append(under(flag, self.statements))
        self.statements = outer

    def _result(self, node: Node, result: Value) -> None:
        """Give the result of a nested list the name from its author, if it has one."""
        name = node.names[0] if node.names else None
        if name is None or name == result:
            self.variables.also(Ref(node.id), result)
            return
        target = self.variables.free(name, self.variables.live.end[node.id])
        self.statements.append(assign(target, result))
        self.variables.hold(Ref(node.id), target)

    def _inline(self, body: Body, operand: Value) -> Value | None:
        """Return a short list of modules as one expression, ``self.mlp(self.norm(x))``; None for other lists."""
        value, before = operand, Ref(body.nodes[0].id)
        for node in body.nodes[1:]:
            typed = self.types.get(node.id)
            if node.inputs != (before,):
                return None
            before = Ref(node.id)
            simple = isinstance(node.action, (Layer, BlockCall, Import)) or (
                isinstance(node.action, Nested) and node.action.plain and not node.action.residual
            )
            if typed is None or not simple or node.names or node.keywords or (node.tensors and typed.loop):
                return None
            if self._structure(node, typed.outputs) or not is_sequential(node):
                return None
            value = value if never_built(typed) else call(Value.own(node.attribute), value)
        return value if len(value) <= MAX_INLINE and value != operand and body.results == (before,) else None

    def _fork(self, node: Node, typed: Typed, fork: Fork, variable: str) -> None:
        operand = self.variables.operand(node.inputs[0])
        now, flag = self.variables.live.end[node.id], self._flag(node, typed)
        outer, target = self.statements, ""
        if flag:
            target = self._under_flag(node, variable, [operand])
            self.variables.until[target] = now
            self.statements = []
        results: list[Value] = []
        for part, (name, body, plain) in enumerate(fork.branches):
            if plain:
                result = call(Value.own(name), operand) if body.nodes[1:] else operand
            else:
                result = self._inline(body, operand) or self._body(body, name, operand)
            results.append(result)
            if fork.merge is None:
                self._branch_result(Ref(node.id, part), name, result, body.results[0].node, now)
        if fork.merge is None:
            return
        inner = [self.types[body.results[0].node].outputs[body.results[0].part] for _, body, _ in fork.branches]
        merged = Typed(typed.outputs, typed.arguments, inputs=tuple(inner))
        value = self._operation(node, fork.merge.operation, merged, results)
        if flag:
            self._end_flag(node, flag, target, value, outer)
        else:
            self._assign(node, variable, value, typed)

    def _branch_result(self, ref: Ref, name: str, result: Value, node: int, now: int) -> None:
        target = result if result == name else self.variables.free(name, now)
        if target != result:
            self.statements.append(Assign((target,), result, node=node))
        self.variables.hold(ref, target)

    def _loop(self, node: Node, typed: Typed, variable: str) -> None:
        """Write ``for block in self.blocks: x = block(x, mask)``, or rounds over one module."""
        now = self.variables.live.end[node.id]
        operands = [self.variables.operand(taken) for taken in node.inputs]
        results = list(node.names) if node.parts else [node.names[0] if node.names else None]
        targets: list[str] = ["_"] * len(results)
        carried = node.carried or ((0, 0),)
        for part, index in carried:
            others = {*operands[:index], *operands[index + 1 :], *targets}
            name = results[part]
            target: str = operands[index]
            if (name or "x") != target or not self.variables.is_free(target, now) or target in others:
                target = self.variables.free(variable if name in (None, "x") else name, now, keep=others)
            if target != operands[index]:
                self.statements.append(assign(target, operands[index]))
            operands[index], targets[part] = Value.name(target), target
        for part, name in enumerate(results):
            if targets[part] == "_" and name is not None:
                targets[part] = self.variables.free(name, now, keep={*operands, *targets})
            if targets[part] != "_":
                self.variables.hold(Ref(node.id, part), targets[part])
        item, modules = self._loop_variable(node), Value.own(node.attribute)
        called = Value.name(item)
        if isinstance(node.action, Called) and typed.loop and typed.loop.count:
            modules = call("range", self._source(node, typed.loop.count))
            item, called = "_", Value.own(self._module_of(node).attribute)
        body = Assign(self._filled(node, targets), self._call_of(node, called, operands))
        self.statements.append(For((item,), modules, (body,)))

    def _loop_variable(self, node: Node) -> str:
        plural = node.attribute.endswith("s") and not node.attribute.endswith("ss")
        names = [node.attribute[:-1]] if plural else []
        used = {*self.variables.values.values(), *self.variables.reserved}
        return next(name for name in (*names, "layer", "block", "module", "each") if name not in used)
