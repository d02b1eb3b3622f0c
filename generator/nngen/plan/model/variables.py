"""The variables of ``forward``: none is overwritten while what it holds is needed."""

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
from .statements import Assign, Declare, For, If, Return, Statement, Target, Targets, assigned, head

FLOW = ("x", "y", "z", "u", "v", "w")
FOREVER = 1 << 60
MAX_COMMENTED = 76  # with the indentation and the two blanks before the comment it fits into a line


@dataclass
class Liveness:
    """Moments of ``forward``, counted in the order in which its statements run.

    Attributes:
        types: of the nodes.
        last: when each result is used for the last time.
        end: when each node is done; those inside a list are done before the list is.
    """

    types: Mapping[int, Typed]
    last: dict[Ref, int] = field(default_factory=dict)
    end: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, body: Body, types: Mapping[int, Typed]) -> Liveness:
        """Return the moments of a class."""
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
            # what flows into lists, and what they come to, is needed until that is joined
            for ref in (*taken(node, self.types.get(node.id)), *results):
                self.last[ref] = max(now, self.last.get(ref, 0))
            self.end[node.id] = now
        return now


def inner_bodies(node: Node) -> tuple[Body, ...]:
    """Return the lists inside of a node."""
    match node.action:
        case Nested(body):
            return (body,)
        case Fork(branches):
            return tuple(body for _, body, _ in branches)
    return ()


def taken(node: Node, typed: Typed | None) -> Iterator[Ref]:
    """Return everything that a statement of ``forward`` reads: operands, and tensors whose sizes are asked for."""
    for operand in (*node.inputs, *node.keywords.values()):
        yield from operand if isinstance(operand, tuple) else (operand,)
    if typed is not None and isinstance(node.action, Operate):
        sizes = {size.tensor for argument in typed.arguments.values() for size in argument.sizes}
        yield from (ref for name, ref in node.tensors.items() if name in sizes)


@dataclass
class Variables:
    """The names of results in ``forward``.

    Attributes:
        live: the moments of the class.
        reserved: names that the author gave to tensors, which no other tensor gets.
        values: the name of each result, or the expression for it.
        until: for each name, when what it holds is needed for the last time.
    """

    live: Liveness
    reserved: frozenset[str]
    values: dict[Ref, Value] = field(default_factory=dict)
    until: dict[str, int] = field(default_factory=dict)

    def hold(self, ref: Ref, name: str) -> None:
        """Give a result its name; what had the name before is not needed any more."""
        self.values[ref] = Value.name(name)
        self.until[name] = self.live.last.get(ref, 0)

    def also(self, ref: Ref, value: Value) -> None:
        """Note that a result is the same tensor as another one."""
        self.values[ref] = value
        self.until[value] = max(self.until.get(value, 0), self.live.last.get(ref, 0))

    def is_free(self, name: str, now: int) -> bool:
        """Return whether nobody needs what the name holds after this moment."""
        return self.until.get(name, 0) <= now

    def free(self, preferred: str, now: int, keep: Collection[str] = ()) -> str:
        """Return a name that holds nothing needed later, and is none of `keep`; the preferred one if possible."""
        others = () if preferred in self.reserved else (name for name in FLOW if name not in self.reserved)
        names = chain((preferred,), others, (f"{preferred}{number}" for number in count(2)))
        return next(name for name in names if self.is_free(name, now) and name not in keep)

    def operand(self, taken: Taken) -> Value:
        """Return the value of an argument of a call."""
        if isinstance(taken, tuple):
            return Value(tuple_of(self.values[ref] for ref in taken))
        return self.values[taken]


def names_given(body: Body) -> frozenset[str]:
    """Return the names that the author gave to tensors; `x` is the flow."""
    names = {name for node in walk(body) for name in node.names if name}
    for node in walk(body):
        if isinstance(node.action, Fork) and node.action.merge is None:
            names |= {name for name, _, _ in node.action.branches}
    return frozenset(names - {"x"})


def numbered(parts: Iterable[object], start: int = 0) -> list[object]:
    """Return the names of torch's parts as nested lists of their numbers."""
    numbers: list[object] = []
    for part in parts:
        if isinstance(part, str):
            numbers.append(start)
            start += 1
        else:
            inner = numbered(part, start)  # type: ignore[arg-type]
            numbers.append(inner)
            start += len(inner)
    return numbers


def filled(structure: list[object], names: Sequence[str]) -> Targets:
    """Return targets in the structure of what is assigned; what has no name is ``_``."""
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
    """Return how often each result is read, what a list comes to included."""
    counts: Counter[Ref] = Counter(body.results)
    for node in walk(body):
        counts.update(taken(node, types.get(node.id)))
        for inner in inner_bodies(node):
            counts.update(inner.results)
    return counts


def known_tensors(statements: Iterable[Statement], inputs: Collection[str]) -> set[str]:
    """Return the variables that a type checker knows to be tensors: those whose first statement says so."""
    known, seen = set(inputs), set(inputs)
    for statement in statements:
        match statement:
            case Assign((str(target),), value) if target not in seen and value.is_tensor(known):
                known.add(target)
        seen.update(assigned(statement))
    return known


def annotated(statements: list[Statement], name: str) -> list[Statement]:
    """Return the statements, where a variable that is returned is known to be a tensor from the first one on."""
    for index, statement in enumerate(statements):
        before, behind = statements[:index], statements[index + 1 :]
        if isinstance(statement, Assign) and statement.targets == (name,):
            return [*before, replace(statement, annotation="Tensor"), *behind]
        if name in assigned(statement):
            return [*before, Declare(name, "Tensor"), statement, *behind]
    return statements


def commented(statements: Iterable[Statement], shapes: Mapping[int, str]) -> tuple[Statement, ...]:
    """Return the statements with the shape of what each makes, where it changes.

    Args:
        statements: of ``forward``.
        shapes: by the numbers of the nodes.
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
