"""The lists of modules in ``__init__``: ``nn.Sequential``, and loops that fill a list, in the order of the items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ...description.description import Layer
from ...language import expressions
from ...language.expressions import Expr, Literal, Name, Operation
from ...language.python import tuple_of
from ...network.graph import Graph, Nested, Node
from ...network.operations.value import Value
from ...network.tensors import Argument
from ...network.typed import Loop, Running, Typed
from ..statements import Assign, Do, For, Statement, Targets, assign, targets_text
from .plans import SEQUENTIAL
from .running_sizes import RunningSizes

MAX_APPENDED = 76  # fits into black's line length with the indentation of a loop


@dataclass(frozen=True, slots=True)
class Made:
    """The code that creates a module or a list of modules.

    Attributes:
        code: an expression.
        before: the statements that it needs.
        starts: assignments of the first running sizes, which precede the ``if`` around the other statements.
    """

    code: str
    before: tuple[Statement, ...] = ()
    starts: tuple[Statement, ...] = ()


class Writer(Protocol):
    """What writes the calls in lists."""

    used: set[str]
    has_sequential: bool

    def call(self, node: Node) -> str:
        """Return the code that creates the module of a node, without its repetition."""

    def source(self, argument: Argument) -> str:
        """Return the code of an argument."""

    def expression(self, expr: Expr) -> Value:
        """Return the code of an expression."""


@dataclass
class _List:
    """A list of modules that is filled.

    Attributes:
        name: the variable that holds it.
        created: whether the variable has been assigned.
        statements: the statements so far.
        pending: the elements that no statement adds yet.
    """

    name: str
    created: bool = False
    statements: list[Statement] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)

    def flush(self, short: str = "") -> None:
        """Add the pending elements to the variable, a single long one by way of another variable if it has a name."""
        if not self.created:
            self.statements.append(assign(self.name, f"[{', '.join(self.pending)}]", annotation="list[nn.Module]"))
        elif len(self.pending) == 1:
            self.statements += self._added(self.pending[0], short)
        elif self.pending:
            self.statements.append(assign(self.name, f"[{', '.join(self.pending)}]", operator="+="))
        self.created, self.pending = True, []

    def _added(self, element: str, short: str) -> list[Statement]:
        if element.startswith("*"):
            return [assign(self.name, element[1:], operator="+=")]
        call = f"{self.name}.append({element})"
        if len(call) <= MAX_APPENDED or not short:
            return [Do(call)]
        return [assign(short, element), Do(f"{self.name}.append({short})")]

    def extend(self, statements: Iterable[Statement]) -> None:
        """Add statements that follow the elements so far."""
        if new := tuple(statements):
            if self.pending:
                self.flush()
            self.statements += new

    @property
    def elements(self) -> list[str]:
        """The elements that ``nn.Sequential`` gets: the list, and those that it does not have."""
        return [*([f"*{self.name}"] if self.created else []), *self.pending]


@dataclass
class Sequences:
    """Writes lists of modules; what is created earlier stands earlier, so that a name has the value it needs.

    Attributes:
        writer: writes the calls.
        graph: the graph of the class.
        types: the types of its nodes.
        sizes: the names of the running sizes.
        lists: the names of the lists that are being filled.
        constants: the running sizes whose value is a number at this point, by the name in the constructor.
    """

    writer: Writer
    graph: Graph
    types: Mapping[int, Typed]
    sizes: RunningSizes
    lists: set[str] = field(default_factory=set)
    constants: dict[str, Literal] = field(default_factory=dict)

    def rounds(self, node: Node, loop: Loop, name: str) -> Made:
        """Return the list with the modules of all rounds: a comprehension, or a list filled by a loop."""
        modules = _List(name)
        self.lists.add(name)
        starts = self._repeat(modules, node, loop, apart=True)
        self._close(name)
        if modules.statements:
            return Made(name, tuple(modules.statements), tuple(starts))
        return Made(modules.pending[0][1:])

    def sequential(self, nodes: Iterable[Node]) -> Made:
        """Return an ``nn.Sequential`` of modules."""
        self.writer.has_sequential = True
        elements, before = self.elements(nodes)
        comma = "" if not elements or [element[0] for element in elements] == ["*"] else ","
        return Made(f"{SEQUENTIAL}({', '.join(elements)}{comma})", before)

    def elements(self, nodes: Iterable[Node]) -> tuple[list[str], tuple[Statement, ...]]:
        """Return the elements of an ``nn.Sequential``, and the statements before it."""
        listed = tuple(nodes)
        modules = _List(self._list_name(listed))
        self.lists |= {modules.name} if any(node.repeat is not None for node in listed) else set()
        self._fill(modules, listed)
        self._close(modules.name)
        return modules.elements, tuple(modules.statements)

    def _close(self, name: str) -> None:
        """Free the name of a list; a condition may stand around what is outside of all lists."""
        self.lists.discard(name)
        if not self.lists:
            self.constants = {}

    def _fill(self, modules: _List, nodes: Iterable[Node]) -> None:
        for node in nodes:
            typed = self.types.get(node.id)
            if typed is not None and typed.loop is not None:
                self._repeat(modules, node, typed.loop)
                continue
            made = self._element(node)
            modules.extend(made.before)
            modules.pending.append(made.code)

    def _element(self, node: Node) -> Made:
        if isinstance(node.action, Nested):
            return self.sequential(node.action.body.nodes[1:])
        return Made(self.writer.call(node))

    def _repeat(self, modules: _List, node: Node, loop: Loop, apart: bool = False) -> list[Statement]:
        """Add the modules of all rounds; return the assignments that precede the loop if they are kept apart."""
        known, needed = set(self.writer.used), self.sizes.needed(node, loop)
        starts = self._starts(node, loop, needed)
        numbers = self._numbers(node, loop)
        self.constants = {}
        known |= self.writer.used
        targets, iterable = self._head(loop, numbers)
        outer = self.sizes.names.get("i")
        if loop.index:
            self.sizes.names["i"] = str(targets[0])
        inner = _List(modules.name, created=True)
        nodes = node.action.body.nodes[1:] if isinstance(node.action, Nested) else None
        if nodes is None:
            inner.pending.append(self.writer.call(node))
        else:
            self._fill(inner, nodes)
        head = targets_text(targets)
        if not needed and not inner.statements and len(inner.pending) == 1 and not inner.pending[0].startswith("*"):
            modules.pending.append(f"*[{inner.pending[0]} for {head} in {iterable}]")
        else:
            inner.flush(self._item_name(modules.name, loop))
            body = (*inner.statements, *self._updates(needed))
            modules.extend(() if apart else starts)
            if modules.pending or not modules.created:
                modules.flush()
            modules.statements.append(For(targets, iterable, body))
            self._leave(loop, needed)
        if loop.index and outer is None:
            del self.sizes.names["i"]
        elif outer is not None:
            self.sizes.names["i"] = outer
        self.writer.used = known | (self.writer.used - {"i", *(column for column, _ in loop.columns)})
        return starts

    def _starts(self, node: Node, loop: Loop, needed: Running) -> list[Statement]:
        starts: list[Statement] = []
        for running, start, _ in needed:
            chosen = self.sizes.choose(node, running, loop)
            starts += self._assignment(chosen, start)  # reads the start before the name changes its meaning
            self.sizes.names[running] = chosen
        return starts

    def _numbers(self, node: Node, loop: Loop) -> list[tuple[str, Argument]]:
        """Return the columns of sizes that only numbers can give, with their names in the constructor."""
        columns = [(name, column) for name, column in loop.numbers if self.sizes.is_needed(name, node)]
        for name, _ in columns:
            self.sizes.names[name] = self.sizes.choose(node, name, loop)
        return [(self.sizes.names[name], column) for name, column in columns]

    def _leave(self, loop: Loop, needed: Running) -> None:
        """Note the running sizes that are numbers after a loop that goes round at least once."""
        sure = loop.rounds > 0 and not (loop.count.names if loop.count else any(c.names for _, c in loop.columns))
        self.constants = {
            self.sizes.names[name]: update for name, _, update in needed if sure and isinstance(update, Literal)
        }

    def _item_name(self, name: str, loop: Loop) -> str:
        """Return a variable for one module of a list; empty if its name is taken."""
        item_name = name[:-1] if name.endswith("s") else "layer"
        taken = {*(arg.name for arg in self.graph.args), *self.sizes.names.values(), "i"}
        return "" if item_name in taken | {column for column, _ in loop.columns} else item_name

    def _updates(self, running: Running) -> list[Statement]:
        """Return the statements that change the running sizes for the next round."""
        names = self.sizes.names
        changes = [(names[name], update) for name, _, update in running if update != Name(name)]
        reads = [{names.get(name, name) for name in expressions.names(update)} for _, update in changes]
        if any(target in later for index, (target, _) in enumerate(changes) for later in reads[index + 1 :]):
            targets = tuple(target for target, _ in changes)
            return [Assign(targets, Value(", ".join(self.writer.expression(update) for _, update in changes)))]
        return [statement for target, update in changes for statement in self._assignment(target, update)]

    def _assignment(self, target: str, expr: Expr) -> list[Statement]:
        """Return ``target = expr`` or ``target += ...``; nothing if the target has this value already."""
        names = self.sizes.names
        match expr:
            case Literal() if self.constants.get(target) == expr:
                return []
            case Name(name) if names.get(name, name) == target:
                self.writer.expression(expr)
                return []
            case Operation("+" | "-" | "*" | "//" as operator, (Name(name), more)) if names.get(name, name) == target:
                self.writer.expression(expr)
                self.constants.pop(target, None)
                return [assign(target, self.writer.expression(more), operator=f"{operator}=")]
        code = self.writer.expression(expr)
        self.constants.pop(target, None)
        if isinstance(expr, Literal):
            self.constants[target] = expr
        return [assign(target, code)]

    def _head(self, loop: Loop, numbers: list[tuple[str, Argument]]) -> tuple[Targets, str]:
        """Return the targets and the iterable of a loop."""
        outer = self.sizes.names.get("i")
        index = chr(ord(outer) + 1) if outer else "i"  # a loop inside another one has an index of its own
        if loop.count is not None and not numbers:
            return (index if loop.index else "_",), f"range({self.writer.source(loop.count)})"
        names = tuple(name for name, _ in (*numbers, *loop.columns))
        columns = [column for _, column in (*numbers, *loop.columns)]
        if len(columns) == 1:
            values = self.writer.source(columns[0])
        elif all(isinstance(column.source, tuple) for column in columns):
            rows = zip(*(column.source for column in columns), strict=True)
            values = f"[{', '.join(tuple_of(map(self.writer.source, row)) for row in rows)}]"
        else:
            values = f"zip({', '.join(self.writer.source(column) for column in columns)}, strict=True)"
        if not loop.index:
            return names, values
        return (index, names[0] if len(names) == 1 else names), f"enumerate({values})"

    def _list_name(self, nodes: Iterable[Node]) -> str:
        """Return a name for the list of an ``nn.Sequential``."""
        repeated = next((node for node in nodes if node.repeat is not None), None)
        stem = "layers" if repeated is None or isinstance(repeated.action, (Nested, Layer)) else "blocks"
        taken = {arg.name for arg in self.graph.args} | self.lists
        return next(name for name in (stem, *(f"{stem}{number}" for number in range(2, 99))) if name not in taken)
