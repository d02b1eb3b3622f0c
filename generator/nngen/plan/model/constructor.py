"""The statements of ``__init__``: modules with their arguments, loops and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...description.description import BlockCall, Import, Layer, Own
from ...language import expressions
from ...language.catalogue.entries import Entry, has_one_part
from ...language.expressions import Expr
from ...network.graph import Body, Fork, Graph, Nested, Node, Received, alternatives, walk
from ...network.operations.value import Value
from ...network.tensors import Argument
from ...network.typed import Typed
from ..statements import Declare, Do, Statement, assign, head, under
from . import torch_calls as printed
from .plans import SEQUENTIAL
from .running_sizes import RunningSizes
from .sequences import Made, Sequences
from .signature import value_of_default
from .values import value_of

MAX_TERNARY = 80  # fits into black's line length with the indentation


@dataclass
class Constructor:
    """Writes the ``__init__`` of a class.

    Attributes:
        graph: the graph of the class.
        types: the types of its nodes, each from a use that has it.
        parameters: the constructor arguments of each block, in their order.
        several: the number of tensors that each block returns.
        used: the names of the arguments that the statements written so far use.
        has_sequential: whether a statement creates an ``nn.Sequential``.
    """

    graph: Graph
    types: Mapping[int, Typed]
    parameters: Mapping[str, tuple[str, ...]]
    several: Mapping[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    has_sequential: bool = False

    def __post_init__(self) -> None:
        self.nodes = {node.id: node for node in walk(self.graph.body)}
        self.pairs = alternatives(self.graph.body)
        self.sizes = RunningSizes(self.graph, self.types, self.parameters)
        self.sequences = Sequences(self, self.graph, self.types, self.sizes)

    def write(self) -> list[Statement]:
        """Return the statements, in the order of the items."""
        if self.graph.sequential:
            elements, before = self.sequences.elements(self.graph.body.nodes[1:])
            comma = "," if len(elements) > 1 else ""  # black gives each element a line
            return [*before, Do(f"super().__init__({', '.join(elements)}{comma})")]
        return self._body(self.graph.body)

    def _body(self, body: Body) -> list[Statement]:
        return [
            statement for node in body.nodes if not isinstance(node.action, Received) for statement in self._node(node)
        ]

    def _node(self, node: Node) -> list[Statement]:
        if node.id in self.types and never_built(self.types[node.id]):
            return []
        match node.action:
            case Own():
                return self._own(node)
            case Fork(branches):
                inner = [statement for name, body, plain in branches for statement in self._branch(name, body, plain)]
                return self._conditional(node, inner)
            case Nested(body, _, False):
                return self._conditional(node, self._body(body))
            case Layer() | BlockCall() | Import() | Nested():
                return self._module(node)
        return []

    def _branch(self, name: str, body: Body, plain: bool) -> list[Statement]:
        if not plain:
            return self._body(body)
        nodes = body.nodes[1:]
        if not nodes:
            return []
        one = len(nodes) == 1 and is_one_module(nodes[0])
        made = Made(self.call(nodes[0])) if one else self.sequences.sequential(nodes)
        return [*made.before, assign(f"self.{name}", made.code)]

    def _conditional(self, node: Node, inner: list[Statement]) -> list[Statement]:
        """Return statements under the condition of an item, or unchanged if there is none."""
        condition = self.condition(node)
        if condition is None or not inner:
            return inner
        return [under(condition, tuple(inner))]

    def condition(self, node: Node) -> Value | None:
        """Return the code of an item's condition; None if there is none, or its outcome never changes."""
        typed = self.types.get(node.id)
        if typed is None or typed.condition is None or not typed.condition.names:
            return None
        return Value.of(self.source(typed.condition))

    def may_be_identity(self, node: Node) -> bool:
        """Return whether ``nn.Identity`` can replace a module that is not built, so that ``forward`` can call it."""
        match node.action:
            case Layer() | Import():
                return is_sequential(node)
            case BlockCall(block):
                return is_sequential(node) and self.several.get(block, 1) == 1
            case Nested(_, residual, plain):
                return plain and not residual
        return False

    def expression(self, expr: Expr) -> Value:
        """Return the code of an expression over constructor arguments, and record the names that it uses."""
        self.used |= expressions.names(expr) - set(self.sizes.names)
        return value_of(expr, {name: Value.name(size) for name, size in self.sizes.names.items()})

    def _module(self, node: Node) -> list[Statement]:
        typed = self.types.get(node.id)
        if typed is None or never_built(typed) or self.first_of(node) is not None:
            return []
        target, made = f"self.{node.attribute}", self._made(node, typed)
        condition = self.condition(node)
        statements = (*made.before, assign(target, made.code))
        if condition is None:
            return [*made.starts, *statements]
        if typed.loop is not None and not is_sequential(node):  # `forward` goes through an empty list
            return [*made.starts, assign(target, "nn.ModuleList()"), under(condition, statements)]
        if not self.may_be_identity(node):
            return [*made.starts, under(condition, statements)]
        if isinstance(node.action, Nested) or typed.loop is not None:
            self.has_sequential = True
            return [*made.starts, assign(target, f"{SEQUENTIAL}()"), under(condition, statements)]
        other = self.second_of(node)
        replacement = self.call(other) if other is not None else "nn.Identity()"
        ternary = assign(target, f"{made.code} if {condition} else {replacement}")
        if other is not None or len(head(ternary)) <= MAX_TERNARY:
            return [ternary]
        return [assign(target, replacement, annotation="nn.Module"), under(condition, statements)]

    def first_of(self, node: Node) -> Node | None:
        """Return the module that a node replaces when that module's condition is false; None for other nodes."""
        first = self.nodes.get(self.pairs.get(node.id, -1))
        both = first is not None and self.may_be_identity(first) and self.may_be_identity(node)
        known = first is not None and all(key in self.types and self._varies(key) for key in (first.id, node.id))
        return first if both and known else None

    def second_of(self, node: Node) -> Node | None:
        """Return the module that replaces a node when its condition is false; None if there is none."""
        others = [self.nodes[other] for other, first in self.pairs.items() if first == node.id]
        return next((other for other in others if self.first_of(other) is not None), None)

    def _varies(self, number: int) -> bool:
        typed = self.types[number]
        return typed.known and typed.condition is not None and bool(typed.condition.names)

    def _made(self, node: Node, typed: Typed) -> Made:
        """Return the code that creates the module of a node."""
        if typed.loop is None:
            match node.action:
                case Nested(body):
                    return self.sequences.sequential(body.nodes[1:])
            return Made(self.call(node))
        modules = self.sequences.rounds(node, typed.loop, node.attribute)
        if not is_sequential(node):
            return replace(modules, code=f"nn.ModuleList({modules.code})")
        self.has_sequential = True
        return replace(modules, code=f"{SEQUENTIAL}(*{modules.code})")

    def call(self, node: Node) -> str:
        """Return the code that creates the module of a node, without its repetition."""
        typed = self.types[node.id]
        match node.action:
            case Layer(entry):
                return self.layer_call(entry, typed.arguments)
            case BlockCall(block):
                return self._block_call(block, typed)
            case Import(_, attribute):
                arguments = [f"{name}={self.source(argument)}" for name, argument in typed.arguments.items()]
                return f"{attribute}({', '.join(arguments)})"
        raise AssertionError(node.kind)

    def layer_call(self, entry: Entry, arguments: Mapping[str, Argument]) -> str:
        """Return the constructor call of a layer of torch."""
        return printed.constructor(entry, arguments, self.expression)

    def _block_call(self, block: str, typed: Typed) -> str:
        assert typed.inner is not None
        defaults = {arg.name: arg.value for arg in typed.inner.graph.args if arg.value is not None and not arg.computed}
        arguments: list[str] = []
        positional = True
        for name in self.parameters[block]:
            argument = typed.arguments.get(name)
            if argument is None:
                positional = False
            elif name in defaults:
                positional = False
                if argument.names or argument.value != value_of_default(defaults[name]):
                    arguments.append(f"{name}={self.source(argument)}")
            else:
                arguments.append(self.source(argument) if positional else f"{name}={self.source(argument)}")
        return f"{block}({', '.join(arguments)})"

    def _own(self, node: Node) -> list[Statement]:
        assert isinstance(node.action, Own)
        typed = self.types.get(node.id)
        if typed is None:
            return []
        shape = typed.arguments["shape"]
        sizes = (
            ", ".join(self.source(part) for part in shape.source)
            if isinstance(shape.source, tuple)
            else self.source(shape)
        )
        init = node.action.init
        maker = "zeros" if init is None else init.function if init.function in ("zeros", "ones") else "empty"
        tensor = f"torch.{maker}({sizes or '()'})"
        target = f"self.{node.attribute}"
        parameter = assign(target, f"nn.Parameter({tensor})")
        buffer = (Declare(target, "Tensor"), Do(f'self.register_buffer("{node.attribute}", {tensor})'))
        statements: list[Statement] = [*(buffer if node.action.kind == "buffer" else (parameter,))]
        if maker == "empty":
            assert init is not None
            statements.append(Do(self.initialise(target, init.function, typed.init)))
        return statements

    def initialise(self, target: str, function: str, arguments: Mapping[str, Argument]) -> str:
        """Return a call of ``torch.nn.init``: ``nn.init.normal_(self.position, std=0.02)``."""
        keywords = [f"{name}={self.source(argument)}" for name, argument in arguments.items()]
        return f"nn.init.{function}_({', '.join([target, *keywords])})"

    def source(self, argument: Argument) -> str:
        """Return the Python source of an argument."""
        return printed.source(argument, self.expression)


def never_built(typed: Typed) -> bool:
    """Return whether the condition of an item is false in all uses of its class, and cannot change."""
    return typed.condition is not None and not typed.active and not (typed.known and typed.condition.names)


def is_one_module(node: Node) -> bool:
    """Return whether a node is a single constructor call."""
    return node.repeat is None and not isinstance(node.action, Nested)


def is_sequential(node: Node) -> bool:
    """Return whether a node takes and returns one tensor, so that its rounds can be an ``nn.Sequential``."""
    if node.keywords or node.flags or len(node.inputs) != 1 or isinstance(node.inputs[0], tuple) or node.parts:
        return False
    match node.action:
        case Layer(entry):
            return entry.inputs == 1 and has_one_part(entry, node.action.arguments)
    return True
