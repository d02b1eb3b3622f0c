"""The lines of ``forward``: one module or chain of operations a line, with a comment where the shape changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...description.description import BlockCall, Import, Layer, Operate, Own
from ...language import expressions
from ...language.expressions import Expr, Literal, SizeOf
from ...network.graph import Body, Called, Fork, Graph, Nested, Node, Received, Ref, walk
from ...network.layers import family_of, parts
from ...network.operations import OPERATIONS, OperationUse
from ...network.tensors import Argument, TensorType
from ...network.typed import Typed
from .constructor import Constructor, is_sequential, never_built
from .lines import Line, under
from .variables import (
    FLOW,
    Liveness,
    Variables,
    annotated,
    filled,
    is_chain,
    is_typed,
    known_tensors,
    names_given,
    numbered,
    taken,
    uses_of,
)

MAX_INLINE = 64
MAX_CHAIN = 64  # with its target and the comment of most shapes it fits into a line


@dataclass
class Forward:
    """Writes the ``forward`` of a class.

    Attributes:
        stored: arguments that ``forward`` needs, which ``__init__`` keeps as attributes.
        flags: conditions that ``forward`` asks for, by the attribute that keeps each.
        imports: names that the lines need, of `operations.MODULES`.
    """

    graph: Graph
    types: Mapping[int, Typed]
    constructor: Constructor
    stored: dict[str, None] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        live = Liveness.of(self.graph.body, self.types)
        self.variables = Variables(live, names_given(self.graph.body))
        self.nodes = {node.id: node for node in walk(self.graph.body)}
        self.uses = uses_of(self.graph.body, self.types)

    def write(self) -> tuple[tuple[str, ...], tuple[Line, ...]]:
        """The names of the inputs, and the lines."""
        inputs = self._input_names()
        for index, name in enumerate(inputs):
            self.variables.hold(Ref(index), name)
        self._body(self.graph.body, FLOW[0], inputs[0])
        self._return(inputs)
        return inputs, tuple(self.lines)

    def _return(self, inputs: Sequence[str]) -> None:
        """The last line; that of a block returns what the line above it would give a name, where its type is known."""
        results = [self.variables.texts[ref] for ref in self.graph.body.results]
        if len(results) == 1 and self.lines and results[0].isidentifier():
            (name,) = results
            target, _, value = self.lines[-1].code.partition(" = ")
            typed = not self.lines[-1].body and target == name and is_typed(value, known_tensors(self.lines, inputs))
            if typed and not self.graph.shapes:
                self.lines[-1] = Line(f"return {value}", self.lines[-1].comment)
                return
            if not typed and name not in inputs:
                self.lines = annotated(self.lines, name)
        self.lines.append(Line(f"return {', '.join(results)}"))

    def _input_names(self) -> tuple[str, ...]:
        names = list(self.graph.inputs)
        takers = [node for node in walk(self.graph.body) if Ref(0) in taken(node, self.types.get(node.id))]
        if names[0] == "input" and len(takers) < 2:
            names[0] = "x"
        return tuple(names)

    def _body(self, body: Body, variable: str, text: str) -> str:
        """Writes a list whose flow is kept in a variable; returns the text of its result."""
        received = body.nodes[0]
        if Ref(received.id) not in self.variables.texts:
            self.variables.also(Ref(received.id), text)
        for node in body.nodes:
            if not isinstance(node.action, Received):
                self._node(node, variable)
        return self.variables.texts[body.results[0]] if body.results else text

    def _node(self, node: Node, variable: str) -> None:
        typed = self.types.get(node.id)
        if isinstance(node.action, Own):
            self.variables.texts[Ref(node.id)] = f"self.{node.attribute}"
            return
        if typed is None or never_built(typed):
            self.variables.also(Ref(node.id), self.variables.operand(node.inputs[0]))
            return
        if self.constructor.first_of(node) is not None:  # called under the name of the other one
            self.variables.also(Ref(node.id), self.variables.operand(node.inputs[0]))
            return
        match node.action:
            case Nested(body, residual, False):
                self._nested(node, typed, body, residual, variable)
            case Nested(_, True, True):
                operand = self.variables.operand(node.inputs[0])
                text = f"{operand} + self.{node.attribute}({operand})"
                self._assign(node, variable, text, typed, self._flag(node, typed))
            case Fork():
                self._fork(node, typed, node.action, variable)
            case _ if typed.loop is not None and not is_sequential(node):
                self._loop(node, typed, variable)
            case _:
                flag = self._flag(node, typed)
                chain = None if flag else self._chained(node, typed)
                self._assign(node, variable, chain or self.call(node, typed), typed, flag)

    def _chained(self, node: Node, typed: Typed) -> str | None:
        """An operation behind the one of the line above, whose result nothing else needs: ``(x - y).abs()``."""
        above = self.lines[-1] if self.lines else Line("")
        before = self.nodes.get(int(above.comment)) if above.comment else None
        if before is None or not isinstance(before.action, Operate) or not isinstance(node.action, Operate):
            return None
        ref = Ref(before.id)
        if before.names or self.uses[ref] != 1 or node.inputs[:1] != (ref,) or above.body:
            return None
        name = self.variables.texts[ref]
        self.variables.texts[ref] = first = above.code.removeprefix(f"{name} = ")
        text = self.call(node, typed)
        if len(text) <= MAX_CHAIN and is_chain(first, text):
            self.lines.pop()
            return text
        self.variables.texts[ref] = name
        return None

    def _flag(self, node: Node, typed: Typed) -> str | None:
        """The attribute that ``forward`` asks for an item's condition; most modules have an Identity instead."""
        if typed.condition is None or not typed.condition.names or self.constructor.may_be_identity(node):
            return None
        what = node.attribute or node.kind
        condition = self.constructor.source(typed.condition)
        same = next((name for name, each in self.flags.items() if each == condition), None)
        names = (f"use_{what}", *(f"use_{what}{number}" for number in range(2, 99)))
        name = same or next(each for each in names if each not in self.flags)
        self.flags[name] = condition
        return f"self.{name}"

    def _assign(self, node: Node, variable: str, text: str, typed: Typed, flag: str | None = None) -> None:
        """Writes ``variable = text`` for the results of a node."""
        operands = [self.variables.operand(each) for each in node.inputs]
        if flag is not None:  # without the item its first input goes on, under the same name
            variable = self._under_flag(node, variable, operands)
        targets = self._targets(node, variable, typed.outputs) if flag is None else self._filled(node, [variable])
        statement = f"{targets} = {text}"
        last = self.constructor.second_of(node) or node
        line = Line(statement, "" if node.parts else str(last.id))  # of what it makes; `commented` puts the shape there
        self.lines.append(line if flag is None else under(flag, (line,)))

    def _under_flag(self, node: Node, variable: str, operands: Sequence[str]) -> str:
        """The variable of an item that may be left out; it holds the item's first input before."""
        now, name = self.variables.live.end[node.id], node.names[0] if node.names else None
        first = operands[0]
        if name is None and first in FLOW and self.variables.is_free(first, now):
            self.variables.hold(Ref(node.id), first)
            return first
        target = self.variables.free(name or variable, now, keep=operands)
        self.lines.append(Line(f"{target} = {first}"))
        self.variables.hold(Ref(node.id), target)
        return target

    def _targets(self, node: Node, variable: str, outputs: tuple[TensorType, ...]) -> str:
        now = self.variables.live.end[node.id]
        if not node.parts:
            preferred = "packed" if outputs and outputs[0].packed else variable
            name = self.variables.free(node.names[0] if node.names and node.names[0] else preferred, now)
            self.variables.hold(Ref(node.id), name)
            return self._filled(node, [name])
        names: list[str] = []
        for part, given in enumerate(node.names):
            names.append(
                "_" if given is None else self.variables.free(variable if given == "x" else given, now, keep=names)
            )
            if given is not None:
                self.variables.hold(Ref(node.id, part), names[-1])
        return self._filled(node, names)

    def _filled(self, node: Node, names: list[str]) -> str:
        structure = self._structure(node, self.types[node.id].outputs)
        return ", ".join(names) if structure is None else filled(structure, names)

    def _structure(self, node: Node, outputs: tuple[TensorType, ...]) -> list[object] | None:
        """What a call gives, when it gives more than one tensor: nested lists of part numbers."""
        module = self._module_of(node)
        match module.action:
            case Layer(entry):
                found = parts(entry, self.types[module.id].arguments)
                return numbered(found) if found else None
            case Operate(operation) if OPERATIONS[operation].several or len(outputs) > 1:
                return list(range(len(outputs))) if node.parts else None
            case BlockCall(block) if self.constructor.several[block] > 1:
                return list(range(self.constructor.several[block]))
        return None

    def _module_of(self, node: Node) -> Node:
        """The node whose module a node calls."""
        if not isinstance(node.action, Called):
            return node
        return self.constructor.nodes[node.action.target]

    def call(self, node: Node, typed: Typed) -> str:
        """The expression that calls a node."""
        operands = [self.variables.operand(each) for each in node.inputs]
        if isinstance(node.action, Operate):
            return self._operation(node, node.action.operation, typed, operands)
        module = self._module_of(node)
        keywords = [f"{name}={self.variables.operand(each)}" for name, each in node.keywords.items()]
        passed = ", ".join([*operands, *keywords])
        family = family_of(module.action.entry) if isinstance(module.action, Layer) else None
        if isinstance(module.action, Layer) and family:
            passed = family.call(module.action.entry, [*operands, *keywords], self._used_parts(module, node))
        return f"self.{module.attribute}({passed})"

    def _used_parts(self, module: Node, node: Node) -> list[str]:
        """The parts of a module's result that are used, by torch's names."""
        assert isinstance(module.action, Layer)
        flat: list[str] = []
        for part in parts(module.action.entry, self.types[module.id].arguments):
            flat += [part] if isinstance(part, str) else part
        if not node.parts:
            return flat[:1]
        return [part for part, name in zip(flat, node.names, strict=False) if name]

    def _operation(self, node: Node, name: str, typed: Typed, operands: Sequence[str]) -> str:
        operation = OPERATIONS[name]
        use = OperationUse(operation, typed.inputs, typed.arguments)
        arguments = {
            key: self.variables.operand(node.keywords[key]) if key in node.keywords else self._source(node, argument)
            for key, argument in typed.arguments.items()
        }
        self.imports |= operation.imports(use)
        text = operation.code(operands, arguments, use)
        several = operation.several or len(typed.outputs) > 1
        return f"{text}[0]" if several and not node.parts else text

    def _source(self, node: Node, argument: Argument) -> str:
        if isinstance(argument.source, tuple):
            texts = [self._source(node, part) for part in argument.source]
            return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
        return self._expression(node, argument.source, argument.value)

    def _expression(self, node: Node, expr: Expr, value: object) -> str:
        if isinstance(expr, Literal):
            return expressions.literal(value)
        for name in sorted(expressions.names(expr)):
            self.stored[name] = None
        rename = {name: f"self.{name}" for name in expressions.names(expr)}
        rename |= {size.tensor: self._sized(node, size) for size in expressions.sizes(expr)}
        return expressions.to_python(expr, rename)

    def _sized(self, node: Node, size: SizeOf) -> str:
        ref = node.tensors.get(size.tensor)
        return self.variables.texts[ref] if ref else size.tensor

    def _nested(self, node: Node, typed: Typed, body: Body, residual: bool, variable: str) -> None:
        operand = self.variables.operand(node.inputs[0])
        flag = self._flag(node, typed)
        outer, target = self.lines, ""
        if flag:
            target = self._under_flag(node, variable, [operand])
            self.variables.until[target] = self.variables.live.end[node.id] if residual else 0
            self.lines = []
        inline = self._inline(body, operand)
        result = inline or self._body(body, variable, operand)
        text = f"{operand} + {result}" if residual else result
        if flag:
            if text != target:
                self.lines.append(Line(f"{target} = {text}"))
            self.variables.hold(Ref(node.id), target)
            outer.append(under(flag, tuple(self.lines)))
            self.lines = outer
        elif residual or inline:
            self._assign(node, variable, text, typed)
        else:
            self._result(node, result)

    def _result(self, node: Node, result: str) -> None:
        """Gives what a list came to the name that the author gave it."""
        name = node.names[0] if node.names else None
        if name is None or name == result:
            self.variables.also(Ref(node.id), result)
            return
        target = self.variables.free(name, self.variables.live.end[node.id])
        self.lines.append(Line(f"{target} = {result}"))
        self.variables.hold(Ref(node.id), target)

    def _inline(self, body: Body, operand: str) -> str | None:
        """A list of few modules as one expression, or None: ``self.mlp(self.norm(x))``."""
        text = operand
        for node in body.nodes[1:]:
            typed = self.types.get(node.id)
            simple = isinstance(node.action, (Layer, BlockCall, Import)) or (
                isinstance(node.action, Nested) and node.action.plain and not node.action.residual
            )
            if typed is None or not simple or node.names or node.keywords or (node.tensors and typed.loop):
                return None
            if len(node.inputs) != 1 or self._structure(node, typed.outputs) or not is_sequential(node):
                return None
            text = text if never_built(typed) else f"self.{node.attribute}({text})"
        return text if len(text) <= MAX_INLINE and text != operand else None

    def _fork(self, node: Node, typed: Typed, fork: Fork, variable: str) -> None:
        operand = self.variables.operand(node.inputs[0])
        now, flag = self.variables.live.end[node.id], self._flag(node, typed)
        outer, target = self.lines, ""
        if flag:
            target = self._under_flag(node, variable, [operand])
            self.variables.until[target] = now
            self.lines = []
        results: list[str] = []
        for part, (name, body, plain) in enumerate(fork.branches):
            if plain:
                result = f"self.{name}({operand})" if body.nodes[1:] else operand
            else:
                result = self._inline(body, operand) or self._body(body, name, operand)
            results.append(result)
            if fork.merge is None:
                self._branch_result(Ref(node.id, part), name, result, Line("", str(body.results[0].node)), now)
        if fork.merge is None:
            return
        inner = [self.types[body.results[0].node].outputs[body.results[0].part] for _, body, _ in fork.branches]
        merged = Typed(typed.outputs, typed.arguments, inputs=tuple(inner))
        text = self._operation(node, fork.merge.operation, merged, results)
        if flag:
            self.lines.append(Line(f"{target} = {text}"))
            self.variables.hold(Ref(node.id), target)
            outer.append(under(flag, tuple(self.lines)))
            self.lines = outer
        else:
            self._assign(node, variable, text, typed)

    def _branch_result(self, ref: Ref, name: str, result: str, line: Line, now: int) -> None:
        target = result if result == name else self.variables.free(name, now)
        if target != result:
            self.lines.append(replace(line, code=f"{target} = {result}"))
        self.variables.hold(ref, target)

    def _loop(self, node: Node, typed: Typed, variable: str) -> None:
        """``for block in self.blocks: x = block(x, mask)``."""
        now = self.variables.live.end[node.id]
        operands = [self.variables.operand(each) for each in node.inputs]
        given = list(node.names) if node.parts else [node.names[0] if node.names else None]
        targets = ["_"] * len(given)
        carried = node.carried or ((0, 0),)
        for part, index in carried:
            others = {*operands[:index], *operands[index + 1 :], *targets}
            name = given[part]
            target = operands[index]
            if (name or "x") != target or not self.variables.is_free(target, now) or target in others:
                target = self.variables.free(variable if name in (None, "x") else name, now, keep=others)
            if target != operands[index]:
                self.lines.append(Line(f"{target} = {operands[index]}"))
            operands[index] = targets[part] = target
        for part, name in enumerate(given):
            if targets[part] == "_" and name is not None:
                targets[part] = self.variables.free(name, now, keep={*operands, *targets})
            if targets[part] != "_":
                self.variables.hold(Ref(node.id, part), targets[part])
        keywords = [f"{name}={self.variables.operand(each)}" for name, each in node.keywords.items()]
        one = self._loop_variable(node)
        body = Line(f"{', '.join(targets)} = {one}({', '.join([*operands, *keywords])})")
        self.lines.append(Line(f"for {one} in self.{node.attribute}:", body=(body,)))

    def _loop_variable(self, node: Node) -> str:
        plural = node.attribute.endswith("s") and not node.attribute.endswith("ss")
        names = [node.attribute[:-1]] if plural else []
        used = {*self.variables.texts.values(), *self.variables.reserved}
        return next(name for name in (*names, "layer", "block", "module", "each") if name not in used)
