"""The statements of ``__init__``: modules with their arguments, loops and conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...description.description import BlockCall, Import, Layer, Own
from ...language import expressions
from ...language.catalogue.entries import Entry, has_one_part
from ...language.expressions import Expr, Name, Operation
from ...language.python import tuple_of
from ...network.graph import Body, Fork, Graph, Nested, Node, Received, alternatives, walk
from ...network.operations.value import Value
from ...network.tensors import Argument
from ...network.typed import Loop, Running, Typed
from ..statements import Assign, Declare, Do, For, Statement, Targets, assign, head, targets_text, under
from . import torch_calls as printed
from .plans import SEQUENTIAL
from .running_sizes import RunningSizes
from .signature import value_of_default
from .values import value_of

MAX_TERNARY = 80  # fits into black's line length with the indentation
MAX_APPENDED = 76  # the same in a loop


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
        before: loops that fill lists for the statement that is being written.
        lists: the names of these lists.
        starts: assignments of the first running sizes, which precede the ``if`` around a loop.
    """

    graph: Graph
    types: Mapping[int, Typed]
    parameters: Mapping[str, tuple[str, ...]]
    several: Mapping[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    has_sequential: bool = False
    before: list[Statement] = field(default_factory=list)
    lists: set[str] = field(default_factory=set)
    starts: list[Statement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.nodes = {node.id: node for node in walk(self.graph.body)}
        self.pairs = alternatives(self.graph.body)
        self.sizes = RunningSizes(self.graph, self.types, self.parameters)

    def write(self) -> list[Statement]:
        """Return the statements, in the order of the items."""
        if self.graph.sequential:
            elements = [self._element(node) for node in self.graph.body.nodes[1:]]
            comma = "," if len(elements) > 1 else ""  # black gives each element a line
            return [*self._before(), Do(f"super().__init__({', '.join(elements)}{comma})")]
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
        call = self.call(nodes[0]) if len(nodes) == 1 and is_one_module(nodes[0]) else self._sequential(nodes)
        return [*self._before(), assign(f"self.{name}", call)]

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
        statements = self._own_module(node)
        starts, self.starts = self.starts, []
        return [*starts, *statements]

    def _own_module(self, node: Node) -> list[Statement]:
        typed = self.types.get(node.id)
        if typed is None or never_built(typed) or self.first_of(node) is not None:
            return []
        target, value = f"self.{node.attribute}", self._value(node, typed)
        before, condition = self._before(), self.condition(node)
        assignment = assign(target, value)
        if condition is None:
            return [*before, assignment]
        if not self.may_be_identity(node):
            return [under(condition, (*before, assignment))]
        if isinstance(node.action, Nested) or typed.loop is not None:
            self.has_sequential = True
            return [assign(target, f"{SEQUENTIAL}()"), under(condition, (*before, assignment))]
        other = self.second_of(node)
        replacement = self.call(other) if other is not None else "nn.Identity()"
        ternary = assign(target, f"{value} if {condition} else {replacement}")
        if other is not None or len(head(ternary)) <= MAX_TERNARY:
            return [ternary]
        return [assign(target, replacement, annotation="nn.Module"), under(condition, (assignment,))]

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

    def _value(self, node: Node, typed: Typed) -> str:
        """Return the code that creates the module of a node."""
        if typed.loop is not None:
            rounds = self._rounds(node, typed.loop, node.attribute)
            if not is_sequential(node):
                return f"nn.ModuleList({rounds})"
            self.has_sequential = True
            return f"{SEQUENTIAL}(*{rounds})"
        return self._sequential(node.action.body.nodes[1:]) if isinstance(node.action, Nested) else self.call(node)

    def _before(self) -> list[Statement]:
        statements, self.before, self.lists = self.before, [], set()
        return statements

    def _rounds(self, node: Node, loop: Loop, name: str) -> str:
        """Return the code of a list with the modules of all rounds: a comprehension, or a list filled by a loop."""
        known, needed = set(self.used), self.sizes.needed(node, loop)
        starts: list[Statement] = []
        for running, start, _ in needed:
            chosen = self.sizes.choose(node, running, loop)
            starts += self._assignment(chosen, start)  # reads the start before the name changes its meaning
            self.sizes.names[running] = chosen
        known |= self.used
        outside, self.before = self.before, []
        elements, (targets, iterable) = self._elements(node), self._loop_head(loop)
        updates = self._updates(needed)
        inside, self.before = self.before, outside
        loop_variables = {"i", *(column for column, _ in loop.columns)}
        self.used = known | (self.used - loop_variables)
        if not needed and len(elements) == 1:
            return f"[{elements[0]} for {targets_text(targets)} in {iterable}]"
        body = (*inside, *self._added(name, elements, loop), *updates)
        if self.condition(node) is not None:
            self.starts, starts = starts, []
        self.before += [*starts, assign(name, "[]", annotation="list[nn.Module]"), For(targets, iterable, body)]
        return name

    def _added(self, name: str, elements: list[str], loop: Loop) -> list[Statement]:
        """Return the statements that add the modules of one round to a list."""
        if len(elements) > 1:
            return [assign(name, f"[{', '.join(elements)}]", operator="+=")]
        call = f"{name}.append({elements[0]})"
        item_name = name[:-1] if name.endswith("s") else "layer"
        taken = {*(arg.name for arg in self.graph.args), *self.sizes.names.values(), "i"}
        if len(call) <= MAX_APPENDED or item_name in taken | {column for column, _ in loop.columns}:
            return [Do(call)]
        return [assign(item_name, elements[0]), Do(f"{name}.append({item_name})")]

    def _updates(self, running: Running) -> list[Statement]:
        """Return the statements that change the running sizes for the next round."""
        changes = [(name, update) for name, _, update in running if update != Name(name)]
        names_of_updates = [expressions.names(update) for _, update in changes]
        if any(name in names for index, (name, _) in enumerate(changes) for names in names_of_updates[index + 1 :]):
            targets = tuple(self.sizes.names[name] for name, _ in changes)
            return [Assign(targets, Value(", ".join(self.expression(update) for _, update in changes)))]
        return [statement for name, update in changes for statement in self._assignment(self.sizes.names[name], update)]

    def _assignment(self, target: str, expr: Expr) -> list[Statement]:
        """Return ``target = expr`` or ``target += ...``; nothing if the target has this value already."""
        match expr:
            case Name(name) if self.sizes.names.get(name, name) == target:
                self.expression(expr)
                return []
            case Operation("+" | "-" | "*" | "//" as operator, (Name(name), more)) if (
                self.sizes.names.get(name, name) == target
            ):
                self.expression(expr)
                return [assign(target, self.expression(more), operator=f"{operator}=")]
        return [assign(target, self.expression(expr))]

    def _loop_head(self, loop: Loop) -> tuple[Targets, str]:
        """Return the targets and the iterable of a loop."""
        if loop.count is not None:
            return ("i" if loop.index else "_",), f"range({self.source(loop.count)})"
        names = tuple(name for name, _ in loop.columns)
        columns = [column for _, column in loop.columns]
        if len(columns) == 1:
            values = self.source(columns[0])
        elif all(isinstance(column.source, tuple) for column in columns):
            rows = zip(*(column.source for column in columns), strict=True)
            values = f"[{', '.join(tuple_of(map(self.source, row)) for row in rows)}]"
        else:
            values = f"zip({', '.join(self.source(column) for column in columns)}, strict=True)"
        if not loop.index:
            return names, values
        return ("i", names[0] if len(names) == 1 else names), f"enumerate({values})"

    def _elements(self, node: Node) -> list[str]:
        if isinstance(node.action, Nested):
            return [self._element(inner) for inner in node.action.body.nodes[1:]]
        return [self.call(node)]

    def _sequential(self, nodes: Iterable[Node]) -> str:
        self.has_sequential = True
        elements = [self._element(node) for node in nodes]
        return f"{SEQUENTIAL}({', '.join(elements)},)" if elements else f"{SEQUENTIAL}()"

    def _element(self, node: Node) -> str:
        typed = self.types.get(node.id)
        if typed is not None and typed.loop is not None:
            return f"*{self._rounds(node, typed.loop, self._list_name(node))}"
        if isinstance(node.action, Nested):
            return self._sequential(node.action.body.nodes[1:])
        return self.call(node)

    def _list_name(self, node: Node) -> str:
        """Return a name for the list of a loop inside an ``nn.Sequential``."""
        stem = "layers" if isinstance(node.action, (Nested, Layer)) else "blocks"
        taken = {arg.name for arg in self.graph.args} | self.lists
        name = next(name for name in (stem, *(f"{stem}{number}" for number in range(2, 99))) if name not in taken)
        self.lists.add(name)
        return name

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
    if node.keywords or len(node.inputs) != 1 or isinstance(node.inputs[0], tuple) or node.parts:
        return False
    match node.action:
        case Layer(entry):
            return entry.inputs == 1 and has_one_part(entry, node.action.arguments)
    return True
