"""The lines of ``__init__``: modules with their arguments, loops, conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import expressions
from .code import Line
from .description import BlockCall, Import, Layer, Own
from .entries import Entry
from .expressions import Expr, Literal, Name
from .graph import Argument, Body, Fork, Graph, Module, Nested, Node, Received
from .ops import family_of
from .types import Loop, Typed


@dataclass
class Constructor:
    """Writes the ``__init__`` of a class.

    Attributes:
        graph: the class.
        types: its nodes in a use that has them.
        parameters: the constructor arguments of each block, in their order.
        used: names of arguments that the lines use, as they are written.
    """

    graph: Graph
    types: Mapping[int, Typed]
    parameters: Mapping[str, tuple[str, ...]]
    used: set[str] = field(default_factory=set)
    needs_torch: bool = False

    def lines(self) -> list[Line]:
        """The lines, in the order of the items."""
        return self._body(self.graph.body)

    def _body(self, body: Body) -> list[Line]:
        return [line for node in body.nodes if not isinstance(node.action, Received) for line in self._node(node)]

    def _node(self, node: Node) -> list[Line]:
        match node.action:
            case Own():
                return self._own(node)
            case Fork(branches):
                inner = [line for name, body, plain in branches for line in self._branch(name, body, plain)]
                return self._conditional(node, inner)
            case Nested(body, _, False):
                return self._conditional(node, self._body(body))
            case Layer() | BlockCall() | Import() | Nested():
                return self._module(node)
        return []

    def _branch(self, name: str, body: Body, plain: bool) -> list[Line]:
        if not plain:
            return self._body(body)
        nodes = body.nodes[1:]
        if not nodes:
            return []
        call = self.call(nodes[0]) if len(nodes) == 1 and nodes[0].repeat is None else self._sequential(nodes)
        return [Line(f"self.{name} = {call}")]

    def _conditional(self, node: Node, inner: list[Line]) -> list[Line]:
        """Lines under the condition of an item that `forward` asks for too."""
        condition = self.condition(node)
        if condition is None or not inner:
            return inner
        return [Line(f"if {condition}:", body=tuple(inner))]

    def condition(self, node: Node) -> str | None:
        """The source of an item's condition; None without one, or when its outcome is always the same."""
        typed = self.types.get(node.id)
        if typed is None or typed.condition is None or not typed.condition.names:
            return None
        return self.source(typed.condition)

    def expression(self, expr: Expr) -> str:
        """An expression over constructor arguments."""
        self.used |= expressions.names(expr)
        return expressions.to_python(expr)

    def _module(self, node: Node) -> list[Line]:
        typed = self.types.get(node.id)
        if typed is None:
            return []
        target = f"self.{node.attribute}"
        if typed.loop is not None:
            return self._loop(node, typed, typed.loop)
        call = self._sequential(node.action.body.nodes[1:]) if isinstance(node.action, Nested) else self.call(node)
        condition = self.condition(node)
        if condition is None:
            return [Line(f"{target} = {call}")]
        if isinstance(node.action, Nested):
            return [Line(f"{target} = nn.Sequential()"), Line(f"if {condition}:", body=(Line(f"{target} = {call}"),))]
        return [
            Line(f"{target}: nn.Module = nn.Identity()"),
            Line(f"if {condition}:", body=(Line(f"{target} = {call}"),)),
        ]

    def _loop(self, node: Node, typed: Typed, loop: Loop) -> list[Line]:
        container = "nn.Sequential(*" if is_sequential(node) else "nn.ModuleList("
        head = self._loop_head(loop)
        elements = self._elements(node)
        target = f"self.{node.attribute}"
        if not loop.running and len(elements) == 1:
            return [Line(f"{target} = {container}[{elements[0]} for {head}])")]
        lines = []
        for name, start, _ in loop.running:
            if start != Name(name):
                lines.append(Line(f"{name} = {self.expression(start)}"))
        lines.append(Line(f"{node.attribute}: list[nn.Module] = []"))
        add = (
            f"{node.attribute} += [{', '.join(elements)},]"
            if len(elements) > 1
            else f"{node.attribute}.append({elements[0]})"
        )
        body = [
            Line(add),
            *(Line(f"{name} = {self.expression(update)}") for name, _, update in loop.running if update != Name(name)),
        ]
        self.used -= {name for name, _, _ in loop.running} | {name for name, _ in loop.columns} | {"i"}
        closing = f"{container}{node.attribute})"
        return [*lines, Line(f"for {head}:", body=tuple(body)), Line(f"{target} = {closing}")]

    def _loop_head(self, loop: Loop) -> str:
        if loop.count is not None:
            return f"{'i' if loop.index else '_'} in range({self.source(loop.count)})"
        names = [name for name, _ in loop.columns]
        columns = [column for _, column in loop.columns]
        if len(columns) == 1:
            values = self._column(columns[0])
        elif all(isinstance(column.source, tuple) for column in columns):
            rows = zip(*(column.source for column in columns), strict=True)
            values = f"[{', '.join('(' + ', '.join(self.source(each) for each in row) + ')' for row in rows)}]"
        else:
            values = f"zip({', '.join(self._column(column) for column in columns)}, strict=True)"
        return f"{', '.join(names)} in {values}"

    def _column(self, column: Argument) -> str:
        return self.source(column)

    def _elements(self, node: Node) -> list[str]:
        if isinstance(node.action, Nested):
            return [self._element(each) for each in node.action.body.nodes[1:]]
        return [self.call(node)]

    def _sequential(self, nodes: Iterable[Node]) -> str:
        elements = [self._element(node) for node in nodes]
        return f"nn.Sequential({', '.join(elements)},)" if elements else "nn.Sequential()"

    def _element(self, node: Node) -> str:
        typed = self.types.get(node.id)
        if typed is not None and typed.loop is not None:
            inner = self._sequential(node.action.body.nodes[1:]) if isinstance(node.action, Nested) else self.call(node)
            return f"*[{inner} for {self._loop_head(typed.loop)}]"
        if isinstance(node.action, Nested):
            return self._sequential(node.action.body.nodes[1:])
        return self.call(node)

    def call(self, node: Node) -> str:
        """The call that constructs a module."""
        typed = self.types[node.id]
        match node.action:
            case Layer(entry):
                return self.layer_call(entry, typed.arguments)
            case BlockCall(block):
                return self._block_call(block, typed)
            case Import(_, attribute):
                given = [f"{name}={self.source(argument)}" for name, argument in typed.arguments.items()]
                return f"{attribute}({', '.join(given)})"
        raise AssertionError(node.kind)

    def layer_call(self, entry: Entry, arguments: Mapping[str, Argument]) -> str:
        """The constructor of a layer of torch: ``nn.Conv2d(1, 32, kernel_size=3, padding=1)``."""
        family = family_of(entry)
        fixed = family.fixed(entry) if family else {}
        given = {**arguments, **fixed}
        written = {
            parameter.name: given[parameter.name]
            for parameter in entry.parameters
            if parameter.name in given
            and (parameter.required or parameter.name in fixed or _differs(given[parameter.name], parameter.default))
        }
        leading = family.positional(entry, written) if family else 0
        positional = {parameter.name for parameter in entry.parameters[:leading]}
        printed = [
            self.source(argument) if name in positional else f"{name}={self.source(argument)}"
            for name, argument in written.items()
        ]
        return f"nn.{entry.name}({', '.join(printed)})"

    def _block_call(self, block: str, typed: Typed) -> str:
        assert typed.inner is not None
        defaults = {arg.name: arg.value for arg in typed.inner.graph.args if arg.value is not None and not arg.computed}
        printed: list[str] = []
        positional = True
        for name in self.parameters[block]:
            argument = typed.arguments.get(name)
            if argument is None:
                positional = False
            elif name in defaults:
                positional = False
                if argument.names or argument.value != _literal(defaults[name]):
                    printed.append(f"{name}={self.source(argument)}")
            else:
                printed.append(self.source(argument) if positional else f"{name}={self.source(argument)}")
        return f"{block}({', '.join(printed)})"

    def _own(self, node: Node) -> list[Line]:
        assert isinstance(node.action, Own)
        typed = self.types.get(node.id)
        if typed is None:
            return []
        self.needs_torch = True
        shape = typed.arguments["shape"]
        sizes = (
            ", ".join(self.source(part) for part in shape.source)
            if isinstance(shape.source, tuple)
            else self.source(shape)
        )
        init = node.action.init
        maker = "zeros" if init is None else init.function if init.function in ("zeros", "ones") else "empty"
        tensor = f"torch.{maker}({sizes})"
        target = f"self.{node.attribute}"
        if node.action.kind == "buffer":
            lines = [Line(f'self.register_buffer("{node.attribute}", {tensor})'), Line(f"{target}: Tensor")]
            lines.reverse()
        else:
            lines = [Line(f"{target} = nn.Parameter({tensor})")]
        if maker == "empty":
            assert init is not None
            lines.append(Line(self.initialise(target, init.function, typed.init)))
        return lines

    def initialise(self, target: str, function: str, arguments: Mapping[str, Argument]) -> str:
        """A call of ``torch.nn.init``: ``nn.init.normal_(self.position, std=0.02)``."""
        printed = [f"{name}={self.source(argument)}" for name, argument in arguments.items()]
        return f"nn.init.{function}_({', '.join([target, *printed])})"

    def source(self, argument: Argument) -> str:
        """The Python source of an argument; a size of the input that has no name is a number."""
        if isinstance(argument.value, Module):
            return self.layer_call(argument.value.entry, argument.value.arguments)
        if isinstance(argument.source, tuple):
            parts = [self.source(part) for part in argument.source]
            return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        if isinstance(argument.source, Literal) or expressions.sizes(argument.source):
            return repr(argument.value)
        return self.expression(argument.source)


def is_sequential(node: Node) -> bool:
    """Whether the rounds of a repeated node only hand the flow on."""
    if node.keywords or len(node.inputs) != 1 or isinstance(node.inputs[0], tuple) or node.parts:
        return False
    match node.action:
        case Layer(entry):
            return entry.inputs == 1 and "parts" not in entry.traits
    return True


def _differs(argument: Argument, default: object) -> bool:
    if argument.names:
        return True  # a source with names says more than the value that it has today
    value = list(argument.value) if isinstance(argument.value, tuple) else argument.value
    return bool(value != default) or isinstance(value, bool) != isinstance(default, bool)


def _literal(written: Any) -> Any:
    value = written.value
    return value.value if isinstance(value, Literal) else value


__all__ = ["Constructor", "is_sequential"]
