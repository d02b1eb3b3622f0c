"""The variables of ``forward``, none of which is overwritten while its value is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count

from ...description.description import Operate
from ...language.python import tuple_of
from ...network.graph import Body, Fork, Nested, Node, Received, Ref, Taken, walk
from ...network.operations.value import Value
from ...network.typed import Typed
from ..statements import Assign, Declare, For, If, Return, Statement, Target, Targets, assigned, head

FLOW = ("x", "y", "z", "u", "v", "w")
FOREVER = 1 << 60
MAX_COMMENTED = 76  # fits into a line with the indentation and the two blanks before the comment


@dataclass
class Liveness:
    """The lifetimes of results in ``forward``, in moments counted in the order of execution.

    Attributes:
        types: the types of the nodes.
        last: the moment of the last use of each result.
        end: the moment at which each node is done; nodes inside a list are done before the list.
    """

    types: Mapping[int, Typed]
    last: dict[Ref, int] = field(default_factory=dict)
    end: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, body: Body, types: Mapping[int, Typed]) -> Liveness:
        """Return the lifetimes in a class."""
        live = cls(types)
        live._walk(body, 0)
        live.last |= dict.fromkeys(body.results, FOREVER)
        return live

    def _walk(self, body: Body, now: int) -> int:
        for node in body.nodes:
            if isinstance(node.action, Received):
                continue
            now += 1
            results: list[Ref] = []
            for inner in inner_bodies(node):
                now = self._walk(inner, now) + 1
                results += inner.results
            # inputs and results of nested lists are needed until the results are joined
            for ref in (*taken(node, self.types.get(node.id)), *results):
                self.last[ref] = max(now, self.last.get(ref, 0))
            self.end[node.id] = now
        return now


def inner_bodies(node: Node) -> tuple[Body, ...]:
    """Return the lists inside a node."""
    match node.action:
        case Nested(body):
            return (body,)
        case Fork(branches):
            return tuple(body for _, body, _ in branches)
    return ()


def taken(node: Node, typed: Typed | None) -> Iterator[Ref]:
    """Yield the results that a statement of ``forward`` reads: operands, and tensors whose sizes it uses."""
    for operand in (*node.inputs, *node.keywords.values()):
        yield from operand if isinstance(operand, tuple) else (operand,)
    if typed is not None and isinstance(node.action, Operate):
        sizes = {size.tensor for argument in typed.arguments.values() for size in argument.sizes}
        yield from (ref for name, ref in node.tensors.items() if name in sizes)


@dataclass
class Variables:
    """The names of results in ``forward``.

    Attributes:
        live: the lifetimes of the results.
        reserved: names that the author gave to tensors, which no other tensor gets.
        values: the name of each result, or the expression for it.
        until: the moment of the last use of each name's current value.
    """

    live: Liveness
    reserved: frozenset[str]
    values: dict[Ref, Value] = field(default_factory=dict)
    until: dict[str, int] = field(default_factory=dict)

    def hold(self, ref: Ref, name: str) -> None:
        """Assign a name to a result; the earlier value of the name is no longer needed."""
        self.values[ref] = Value.name(name)
        self.until[name] = self.live.last.get(ref, 0)

    def also(self, ref: Ref, value: Value) -> None:
        """Record that a result is the same tensor as another one."""
        self.values[ref] = value
        self.until[value] = max(self.until.get(value, 0), self.live.last.get(ref, 0))

    def needed_besides(self, name: str, result: Ref, moment: int) -> None:
        """Note until when a name is needed, beside the result that it gets at the end of a list under a condition."""
        others = (self.live.last.get(ref, 0) for ref, value in self.values.items() if value == name and ref != result)
        self.until[name] = max(moment, *others, 0)

    def is_free(self, name: str, now: int) -> bool:
        """Return whether the value of a name is not needed after this moment."""
        return self.until.get(name, 0) <= now

    def free(self, preferred: str, now: int, keep: Collection[str] = ()) -> str:
        """Return a free name that is not in `keep`; the preferred one if possible."""
        others = () if preferred in self.reserved else (name for name in FLOW if name not in self.reserved)
        names = chain((preferred,), others, (f"{preferred}{number}" for number in count(2)))
        return next(name for name in names if self.is_free(name, now) and name not in keep)

    def operand(self, taken: Taken) -> Value:
        """Return the code of an argument of a call."""
        if isinstance(taken, tuple):
            return Value(tuple_of(self.values[ref] for ref in taken))
        return self.values[taken]


def author_names(body: Body) -> frozenset[str]:
    """Return the names that the author gave to tensors, except `x`, which is the flow."""
    names = {name for node in walk(body) for name in node.names if name}
    for node in walk(body):
        if isinstance(node.action, Fork) and node.action.merge is None:
            names |= {name for name, _, _ in node.action.branches}
    return frozenset(names - {"x"})


def filled(structure: list[object], names: Sequence[str]) -> Targets:
    """Return targets with the structure of the assigned value; parts without a name are ``_``."""
    targets: list[Target] = []
    for part in structure:
        if isinstance(part, list):
            inner = filled(part, names)
            targets.append("_" if set(inner) == {"_"} else inner)
        else:
            assert isinstance(part, int)
            targets.append(names[part] if part < len(names) else "_")
    return tuple(targets)


def uses_of(body: Body, types: Mapping[int, Typed]) -> Counter[Ref]:
    """Return how often each result is read, including the results of nested lists."""
    counts: Counter[Ref] = Counter(body.results)
    for node in walk(body):
        counts.update(taken(node, types.get(node.id)))
        for inner in inner_bodies(node):
            counts.update(inner.results)
    return counts


def known_tensors(statements: Iterable[Statement], inputs: Collection[str]) -> set[str]:
    """Return the variables that a type checker knows to be tensors from their first assignment."""
    known, seen = set(inputs), set(inputs)
    for statement in statements:
        match statement:
            case Assign((str(target),), value) if target not in seen and value.is_tensor(known):
                known.add(target)
        seen.update(assigned(statement))
    return known


def annotated(statements: list[Statement], name: str) -> list[Statement]:
    """Return the statements with a variable annotated as a tensor at its first assignment."""
    for index, statement in enumerate(statements):
        before, after = statements[:index], statements[index + 1 :]
        if isinstance(statement, Assign) and statement.targets == (name,):
            return [*before, replace(statement, annotation="Tensor"), *after]
        if name in assigned(statement):
            return [*before, Declare(name, "Tensor"), statement, *after]
    return statements


def commented(statements: Iterable[Statement], shapes: Mapping[int, str]) -> tuple[Statement, ...]:
    """Return the statements with comments on the shapes of their values, where the shape changes.

    Args:
        statements: the statements of ``forward``.
        shapes: the shapes to comment on, by the numbers of the nodes.
    """
    shape = shapes.get(0, "")

    def comment(statement: Statement) -> Statement:
        nonlocal shape
        if isinstance(statement, (If, For)):
            return replace(statement, body=tuple(map(comment, statement.body)))
        if not isinstance(statement, (Assign, Return)) or statement.node is None:
            return statement
        text = shapes.get(statement.node, "")
        changed = text not in ("", shape)
        shape = text or shape
        fits = changed and len(head(statement)) + len(text) <= MAX_COMMENTED
        return replace(statement, comment=text if fits else "")

    return tuple(map(comment, statements))
