"""The variables of ``forward``: none is overwritten while what it holds is needed."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, count

from ...description.description import Operate
from ...network.graph import Body, Fork, Nested, Node, Received, Ref, Taken, walk
from ...network.typed import Typed
from .lines import Line

FLOW = ("x", "y", "z", "u", "v", "w")
FOREVER = 1 << 60
UNTYPED = frozenset(("norm",))  # methods of tensors that torch gives no types
MAX_COMMENTED = 76  # with the indentation and the two blanks before the comment it fits into a line


@dataclass
class Liveness:
    """Moments of ``forward``, counted in the order in which its lines run.

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
        """The moments of a class."""
        found = cls(types)
        found._walk(body, 0)
        found.last |= dict.fromkeys(body.results, FOREVER)
        return found

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
    """The lists inside of a node."""
    match node.action:
        case Nested(body):
            return (body,)
        case Fork(branches):
            return tuple(body for _, body, _ in branches)
    return ()


def taken(node: Node, typed: Typed | None) -> Iterator[Ref]:
    """Everything that a line of ``forward`` reads: what is called, and the tensors whose sizes are asked for."""
    for each in (*node.inputs, *node.keywords.values()):
        yield from each if isinstance(each, tuple) else (each,)
    if typed is not None and isinstance(node.action, Operate):
        sizes = {size.tensor for argument in typed.arguments.values() for size in argument.sizes}
        yield from (ref for name, ref in node.tensors.items() if name in sizes)


@dataclass
class Variables:
    """What each result is called in ``forward``.

    Attributes:
        live: the moments of the class.
        reserved: names that the author gave to tensors, which no other tensor gets.
        texts: the name of each result, or the expression for it.
        until: for each name, when what it holds is needed for the last time.
    """

    live: Liveness
    reserved: frozenset[str]
    texts: dict[Ref, str] = field(default_factory=dict)
    until: dict[str, int] = field(default_factory=dict)

    def hold(self, ref: Ref, text: str) -> None:
        """A result gets its name; what had the name before is not needed any more."""
        self.texts[ref] = text
        self.until[text] = self.live.last.get(ref, 0)

    def also(self, ref: Ref, text: str) -> None:
        """A result is the same tensor as another one."""
        self.texts[ref] = text
        self.until[text] = max(self.until.get(text, 0), self.live.last.get(ref, 0))

    def is_free(self, name: str, now: int) -> bool:
        """Whether nobody needs what the name holds after this moment."""
        return self.until.get(name, 0) <= now

    def free(self, preferred: str, now: int, keep: Collection[str] = ()) -> str:
        """A name that holds nothing that is needed later, and is none of `keep`; the preferred one if possible."""
        others = () if preferred in self.reserved else (name for name in FLOW if name not in self.reserved)
        names = chain((preferred,), others, (f"{preferred}{number}" for number in count(2)))
        return next(name for name in names if self.is_free(name, now) and name not in keep)

    def operand(self, each: Taken) -> str:
        """What an argument of a call is called."""
        if isinstance(each, tuple):
            return f"({', '.join(self.texts[ref] for ref in each)}{',' if len(each) == 1 else ''})"
        return self.texts[each]


def names_given(body: Body) -> frozenset[str]:
    """The names that the author gave to tensors; `x` is the flow."""
    found = {name for node in walk(body) for name in node.names if name}
    for node in walk(body):
        if isinstance(node.action, Fork) and node.action.merge is None:
            found |= {name for name, _, _ in node.action.branches}
    return frozenset(found - {"x"})


def numbered(parts: Iterable[object], start: int = 0) -> list[object]:
    """The names of torch's parts as nested lists of their numbers."""
    found: list[object] = []
    for part in parts:
        if isinstance(part, str):
            found.append(start)
            start += 1
        else:
            inner = numbered(part, start)  # type: ignore[arg-type]
            found.append(inner)
            start += len(inner)
    return found


def filled(structure: list[object], names: list[str]) -> str:
    """Targets of an assignment in the structure of what is assigned; what has no name is ``_``."""
    texts = []
    for each in structure:
        if isinstance(each, list):
            inner = filled(each, names)
            texts.append("_" if set(inner) <= set("_, ") else f"({inner})")
        else:
            assert isinstance(each, int)
            texts.append(names[each] if each < len(names) else "_")
    return ", ".join(texts)


def uses_of(body: Body, types: Mapping[int, Typed]) -> Counter[Ref]:
    """How often each result is read, what a list comes to included."""
    found: Counter[Ref] = Counter(body.results)
    for node in walk(body):
        found.update(taken(node, types.get(node.id)))
        for inner in inner_bodies(node):
            found.update(inner.results)
    return found


def is_chain(first: str, text: str) -> bool:
    """Whether an expression goes on behind the one that it begins with: ``(x - y).abs()``, ``x.exp() + y``."""
    if text.startswith((f"{first}.", f"({first}).")):
        return True
    match ast.parse(first, mode="eval").body:
        case ast.Call(func=ast.Attribute(value=ast.Name())):  # an operator behind a longer chain is easily overlooked
            return text.startswith(f"{first} ")
    return False


def is_typed(value: str, declared: Collection[str]) -> bool:
    """Whether a type checker knows that an expression is a tensor; what a module returns is anything to it."""
    return _is_tensor(ast.parse(value, mode="eval").body, declared)


def _is_tensor(tree: ast.expr, declared: Collection[str]) -> bool:
    if isinstance(tree, ast.BinOp):  # with an operand of any type the result is anything
        return _is_tensor(tree.left, declared) and _is_tensor(tree.right, declared)
    if isinstance(tree, ast.Name):
        return tree.id in declared
    called = isinstance(tree, (ast.Call, ast.Subscript))
    while isinstance(tree, (ast.Call, ast.Subscript, ast.Attribute)):
        if isinstance(tree, ast.Attribute) and tree.attr in UNTYPED:
            return False
        tree = tree.func if isinstance(tree, ast.Call) else tree.value
    return called and isinstance(tree, ast.Name) and (tree.id in ("torch", "F") or tree.id in declared)


def known_tensors(lines: Iterable[Line], inputs: Collection[str]) -> set[str]:
    """The variables that a type checker knows to be tensors: those whose first line says so."""
    known, seen = set(inputs), set(inputs)
    for line in lines:
        target, _, value = line.code.partition(" = ")
        if value and target.isidentifier() and target not in seen and is_typed(value, known):
            known.add(target)
        seen |= set(re.findall(r"\w+", target))
    return known


def annotated(lines: list[Line], name: str) -> list[Line]:
    """The lines, where a variable that is returned is known to be a tensor from its first line on."""
    for index, line in enumerate(lines):
        target, _, value = line.code.partition(" = ")
        if target == name:
            return [*lines[:index], replace(line, code=f"{name}: Tensor = {value}"), *lines[index + 1 :]]
        if name in re.findall(r"\w+", target) or any(name in re.findall(r"\w+", str(each)) for each in line.body):
            return [*lines[:index], Line(f"{name}: Tensor"), *lines[index:]]
    return lines


def commented(lines: Iterable[Line], shapes: Mapping[int, str]) -> tuple[Line, ...]:
    """The lines with the shape of what each makes, where it changes; they have the numbers of their nodes before."""
    shape = shapes.get(0, "")
    found = []

    def comment(line: Line) -> Line:
        nonlocal shape
        text = shapes.get(int(line.comment), "") if line.comment else ""
        changed = text not in ("", shape)
        shape = text or shape
        fits = changed and len(line.code) + len(text) <= MAX_COMMENTED
        return Line(line.code, text if fits else "", tuple(comment(each) for each in line.body))

    for line in lines:
        found.append(comment(line))
    return tuple(found)
