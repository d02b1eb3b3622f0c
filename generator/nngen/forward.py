"""The lines of ``forward``: one operation a line, with a comment where the shape changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from . import expressions
from .code import Line
from .constructor import Constructor, is_sequential
from .description import BlockCall, Import, Layer, Operate, Own
from .expressions import Expr, Literal, SizeOf
from .graph import Argument, Body, Called, Fork, Graph, Nested, Node, Received, Ref, Taken, TensorType, walk
from .operations import OPERATIONS, OperationUse
from .ops import family_of, parts
from .types import Typed

FLOW = ("x", "y", "z", "u", "v", "w")
MAX_INLINE = 64
MAX_COMMENTED = 76  # with the indentation and the two blanks before the comment it fits into a line


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
    several: Mapping[str, int]  # how many tensors each block returns
    stored: dict[str, None] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)
    texts: dict[Ref, str] = field(default_factory=dict)
    shape: str = ""

    def write(self) -> tuple[tuple[str, ...], tuple[Line, ...]]:
        """The names of the inputs, and the lines."""
        inputs = self._input_names()
        for index, name in enumerate(inputs):
            self.texts[Ref(index)] = name
        self.shape = str(self.types[0].outputs[0]) if self.types else ""
        self._body(self.graph.body, FLOW[0], inputs[0])
        results = [self.texts[ref] for ref in self.graph.body.results]
        self.lines.append(Line(f"return {', '.join(results)}"))
        return inputs, tuple(self.lines)

    def _input_names(self) -> tuple[str, ...]:
        names = list(self.graph.inputs)
        if names[0] == "input" and not self._asked_again(Ref(0)):
            names[0] = "x"
        return tuple(names)

    def _asked_again(self, ref: Ref) -> bool:
        """Whether an input is needed behind the first item that takes it."""
        takers = [node for node in walk(self.graph.body) if ref in _taken(node)]
        sized = any(ref in node.tensors.values() for node in walk(self.graph.body))
        return len(takers) > 1 or sized

    def _body(self, body: Body, variable: str, text: str) -> str:
        """Writes a list whose flow is kept in a variable; returns the text of its result."""
        received = body.nodes[0]
        self.texts.setdefault(Ref(received.id), text)
        for node in body.nodes:
            if not isinstance(node.action, Received):
                self._node(node, variable)
        return self.texts[body.results[0]] if body.results else text

    def _node(self, node: Node, variable: str) -> None:
        typed = self.types.get(node.id)
        match node.action:
            case Own():
                self.texts[Ref(node.id)] = f"self.{node.attribute}"
                return
            case Nested(body, residual, False):
                self._nested(node, body, residual, variable)
                return
            case Nested(_, True, True):
                operand = self._operand(node.inputs[0])
                self._assign(node, variable, f"{operand} + self.{node.attribute}({operand})", typed)
                return
            case Fork():
                self._fork(node, node.action, variable)
                return
        if typed is None or (typed.condition is not None and not typed.condition.names and not typed.active):
            self.texts[Ref(node.id)] = self._operand(node.inputs[0])
            return
        if typed.loop is not None and not is_sequential(node):
            self._loop(node, typed)
            return
        flag = self._flag(node, typed)
        self._assign(node, variable, self.call(node, typed), typed, flag)

    def _flag(self, node: Node, typed: Typed) -> str | None:
        """The attribute that ``forward`` asks for an item's condition; modules have an Identity instead."""
        if typed.condition is None or not typed.condition.names or not isinstance(node.action, (Operate, Called)):
            return None
        return self._keep_condition(node, typed, node.kind)

    def _keep_condition(self, node: Node, typed: Typed, what: str) -> str:
        assert typed.condition is not None
        name = next(
            each for each in (f"use_{what}", *(f"use_{what}{i}" for i in range(2, 99))) if each not in self.flags
        )
        self.flags[name] = self.constructor.source(typed.condition)
        return f"self.{name}"

    def _assign(self, node: Node, variable: str, text: str, typed: Typed | None, flag: str | None = None) -> None:
        """Writes ``variable = text`` for the results of a node."""
        outputs = typed.outputs if typed else ()
        targets = self._targets(node, variable, outputs)
        comment = self._comment(outputs[0]) if outputs and not node.parts else ""
        statement = f"{targets} = {text}"
        line = Line(statement, comment if len(statement) + len(comment) <= MAX_COMMENTED else "")
        self.lines.append(line if flag is None else Line(f"if {flag}:", body=(line,)))

    def _targets(self, node: Node, variable: str, outputs: tuple[TensorType, ...]) -> str:
        if not node.parts:
            name = node.names[0] if node.names and node.names[0] else variable
            self.texts[Ref(node.id)] = name
            structure = self._structure(node, outputs)
            return name if structure is None else _filled(structure, [name])
        names = [name or "_" for name in node.names]
        for part, name in enumerate(names):
            self.texts[Ref(node.id, part)] = name
        structure = self._structure(node, outputs)
        return ", ".join(names) if structure is None else _filled(structure, names)

    def _structure(self, node: Node, outputs: tuple[TensorType, ...]) -> list[object] | None:
        """What a call gives, when it gives more than one tensor: nested lists of part numbers."""
        match node.action:
            case Layer(entry):
                found = parts(entry, self.types[node.id].arguments)
                return _numbered(found) if found else None
            case Operate(operation) if OPERATIONS[operation].several or len(outputs) > 1:
                return list(range(len(outputs))) if node.parts else None
            case BlockCall(block) if self.several[block] > 1:
                return list(range(self.several[block]))
        return None

    def _comment(self, output: TensorType) -> str:
        text = str(output)
        if text == self.shape or any(_unknown(dim) for dim in output.dims):
            return ""
        self.shape = text
        return text

    def call(self, node: Node, typed: Typed) -> str:
        """The expression that calls a node."""
        match node.action:
            case Operate(operation):
                return self._operation(node, operation, typed, [self._operand(each) for each in node.inputs])
            case Called(target):
                original = next(each for each in walk(self.graph.body) if each.id == target)
                return self._module_call(original, node)
        return self._module_call(node, node)

    def _module_call(self, module: Node, node: Node) -> str:
        operands = [self._operand(each) for each in node.inputs]
        keywords = [f"{name}={self._operand(each)}" for name, each in node.keywords.items()]
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

    def _operand(self, taken: Taken) -> str:
        if isinstance(taken, tuple):
            return f"({', '.join(self.texts[ref] for ref in taken)}{',' if len(taken) == 1 else ''})"
        return self.texts[taken]

    def _operation(self, node: Node, name: str, typed: Typed, operands: Sequence[str]) -> str:
        operation = OPERATIONS[name]
        use = OperationUse(operation, typed.inputs, typed.arguments)
        arguments = {
            key: self._operand(node.keywords[key]) if key in node.keywords else self._source(node, argument)
            for key, argument in typed.arguments.items()
        }
        self.imports |= operation.imports(use)
        text = operation.code(operands, arguments, use)
        several = operation.several or len(typed.outputs) > 1
        return f"{text}[0]" if several and not node.parts else text

    def _source(self, node: Node, argument: Argument) -> str:
        if isinstance(argument.source, tuple):
            parts = [self._source(node, part) for part in argument.source]
            return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        return self._expression(node, argument.source, argument.value)

    def _expression(self, node: Node, expr: Expr, value: object) -> str:
        if isinstance(expr, Literal):
            return repr(value)
        for name in sorted(expressions.names(expr)):
            self.stored[name] = None
        rename = {name: f"self.{name}" for name in expressions.names(expr)}
        rename |= {size.tensor: self._sized(node, size) for size in expressions.sizes(expr)}
        return expressions.to_python(expr, rename)

    def _sized(self, node: Node, size: SizeOf) -> str:
        ref = node.tensors.get(size.tensor)
        return self.texts[ref] if ref else size.tensor

    def _nested(self, node: Node, body: Body, residual: bool, variable: str) -> None:
        typed = self.types.get(node.id)
        operand = self._operand(node.inputs[0])
        condition = typed.condition if typed else None
        if typed is None or (condition is not None and not condition.names and not typed.active):
            self.texts[Ref(node.id)] = operand
            return
        outer = self.lines
        flag = (
            self._keep_condition(node, typed, "residual" if residual else "layers")
            if condition and condition.names
            else None
        )
        if flag:
            self.lines = []
        inline = self._inline(body, operand)
        if residual:
            inner = inline or self._body(body, _next(variable), operand)
            self._assign(node, variable, f"{operand} + {inner}", typed)
        else:
            result = self._body(body, variable, operand)
            name = node.names[0] if node.names and node.names[0] else variable
            self.texts[Ref(node.id)] = name
            if result != name:
                self.lines.append(Line(f"{name} = {result}"))
        if flag:
            inner_lines, self.lines = self.lines, outer
            self.lines.append(Line(f"if {flag}:", body=tuple(inner_lines)))

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
            text = f"self.{node.attribute}({text})"
        return text if len(text) <= MAX_INLINE else None

    def _fork(self, node: Node, fork: Fork, variable: str) -> None:
        operand = self._operand(node.inputs[0])
        typed = self.types.get(node.id)
        if typed is None:
            return
        results: list[str] = []
        for name, body, plain in fork.branches:
            nodes = body.nodes[1:]
            if plain:
                result = f"self.{name}({operand})" if nodes else operand
            else:
                result = self._inline(body, operand) or self._body(body, name, operand)
            results.append(result)
        if fork.merge is None:
            for part, ((name, _, _), result) in enumerate(zip(fork.branches, results, strict=True)):
                if result != name:
                    self.lines.append(Line(f"{name} = {result}"))
                self.texts[Ref(node.id, part)] = name
            return
        inner = [self.types[body.results[0].node].outputs[body.results[0].part] for _, body, _ in fork.branches]
        merged = Typed(typed.outputs, typed.arguments, inputs=tuple(inner))
        self._assign(node, variable, self._operation(node, fork.merge.operation, merged, results), typed)

    def _loop(self, node: Node, typed: Typed) -> None:
        """``for block in self.blocks: x = block(x, mask)``."""
        one = node.attribute.rstrip("s") if node.attribute.endswith("s") else f"{node.attribute}_item"
        operands = [self._operand(each) for each in node.inputs]
        names = [name or "_" for name in node.names] if node.parts else [node.names[0] if node.names else operands[0]]
        for part, index in node.carried:
            if names[part] != operands[index]:
                self.lines.append(Line(f"{names[part]} = {operands[index]}"))
                operands[index] = names[part] or ""
        keywords = [f"{name}={self._operand(each)}" for name, each in node.keywords.items()]
        call = f"{one}({', '.join([*operands, *keywords])})"
        body = Line(f"{', '.join(str(name) for name in names)} = {call}")
        self.lines.append(Line(f"for {one} in self.{node.attribute}:", body=(body,)))
        for part, name in enumerate(names):
            self.texts[Ref(node.id, part)] = str(name)


def _taken(node: Node) -> list[Ref]:
    flat: list[Ref] = []
    for taken in (*node.inputs, *node.keywords.values()):
        flat += taken if isinstance(taken, tuple) else (taken,)
    return flat


def _next(variable: str) -> str:
    return FLOW[FLOW.index(variable) + 1] if variable in FLOW[:-1] else "y"


def _unknown(dim: object) -> bool:
    source = getattr(dim, "source", None)
    return source is not None and bool(expressions.sizes(source))


def _numbered(parts: Iterable[object], start: int = 0) -> list[object]:
    numbered: list[object] = []
    for part in parts:
        if isinstance(part, str):
            numbered.append(start)
            start += 1
        else:
            inner = _numbered(part, start)  # type: ignore[arg-type]
            numbered.append(inner)
            start += len(inner)
    return numbered


def _filled(structure: list[object], names: list[str]) -> str:
    """Targets of an assignment in the structure of what is assigned; what has no name is ``_``."""
    texts = []
    for each in structure:
        if isinstance(each, list):
            inner = _filled(each, names)
            texts.append("_" if set(inner) <= set("_, ") else f"({inner})")
        else:
            assert isinstance(each, int)
            texts.append(names[each] if each < len(names) else "_")
    return ", ".join(texts)
