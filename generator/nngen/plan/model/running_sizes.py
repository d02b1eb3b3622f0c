"""The names in a constructor for sizes that change from round to round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ...description.description import BlockCall
from ...language import expressions
from ...language.expressions import Name
from ...network.graph import Graph, Node, inside, walk
from ...network.typed import RUNNING, Loop, Running, Typed


@dataclass(frozen=True, slots=True)
class _Place:
    """The loop that a running size belongs to: its first and its last moment, and whether it changes the size."""

    start: int
    end: int
    changes: bool


@dataclass
class RunningSizes:
    """Chooses the names; sizes that are never needed at the same time may share a name.

    Statements stand in the order of the nodes, each with a moment; a loop ends, and updates its sizes, just after its
    last node.

    Attributes:
        graph: the graph of the class.
        types: the types of its nodes.
        parameters: the constructor arguments of each block.
        names: the names of the sizes in the constructor, by their names in inference.
        moments: the position of each node in the order of construction.
        uses: the moments at which each name is read.
        places: the loop of each running size.
        sharing: the sizes that each name denotes, at different times.
    """

    graph: Graph
    types: Mapping[int, Typed]
    parameters: Mapping[str, tuple[str, ...]]
    names: dict[str, str] = field(default_factory=dict)
    moments: dict[int, int] = field(default_factory=dict)
    uses: dict[str, set[int]] = field(default_factory=dict)
    places: dict[str, _Place] = field(default_factory=dict)
    sharing: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        nodes = list(walk(self.graph.body))
        self.moments = {node.id: 2 * number for number, node in enumerate(nodes)}
        for node in nodes:
            if node.id in self.types:
                self._use(self._names(node, self.types[node.id]), self.moments[node.id])
        loops = [(node, typed.loop) for node in nodes if (typed := self.types.get(node.id)) and typed.loop]
        for node, loop in loops:
            for name, _ in loop.numbers:
                self.places[name] = _Place(self.moments[node.id], self._end(node), True)
            for name, _, update in loop.running:
                self.places[name] = _Place(self.moments[node.id], self._end(node), update != Name(name))
        before = -1
        while before != (before := sum(map(len, self.uses.values()))):
            for node, loop in loops:
                self._use_in_loop(node, loop)

    def _use(self, names: Iterable[str], moment: int) -> None:
        for name in names:
            self.uses.setdefault(name, set()).add(moment)

    def _names(self, node: Node, typed: Typed) -> frozenset[str]:
        """Return the names that the call of a node needs; a block is not passed all its arguments."""
        if not isinstance(node.action, BlockCall):
            return typed.names
        known = self.parameters.get(node.action.block, ())
        passed = {name: value for name, value in typed.arguments.items() if name in known}
        return replace(typed, arguments=passed, inner=None).names

    def _use_in_loop(self, node: Node, loop: Loop) -> None:
        """Note what the loop itself reads: where its sizes start, how they change, and what the next round reads."""
        start, end = self.moments[node.id], self._end(node)
        for name, first, update in loop.running:
            if self._last(name) >= start:
                self._use(expressions.names(first), start - 1)  # read before the loop
                self._use(expressions.names(update), end)
        own = {name for name, place in self.places.items() if start <= place.start < end}
        again = {name for name, moments in self.uses.items() if name not in own and _within(moments, start, end)}
        self._use(again, end)

    def _end(self, node: Node) -> int:
        return max(self.moments[part.id] for part in (node, *inside(node))) + 1

    def _last(self, name: str) -> int:
        return max(self.uses.get(name, ()), default=-1)

    def needed(self, node: Node, loop: Loop) -> Running:
        """Return the running sizes that the statements from this node on need."""
        return tuple(size for size in loop.running if self.is_needed(size[0], node))

    def is_needed(self, name: str, node: Node) -> bool:
        """Return whether a statement from this node on needs a running size."""
        return self._last(name) >= self.moments[node.id]

    def choose(self, node: Node, running: str, loop: Loop) -> str:
        """Choose a name for a running size, such as ``in_channels``, which has no other meaning while it is needed."""
        stem = running.partition(RUNNING)[0]
        short = stem.removeprefix("in_")
        taken = {arg.name for arg in self.graph.args} | {name for name, _ in loop.columns}
        same = {name for name, *_ in (*loop.running, *loop.numbers)} - {running}
        taken |= {self.names[name] for name in same if name in self.names}
        taken |= {self.names.get(name, name) for _, start, _ in loop.running[1:] for name in expressions.names(start)}
        for name in (stem, short, *(f"{short}{number}" for number in range(2, 99))):
            meanings = {name} | self.sharing.get(name, set())
            if name not in taken and not any(self._overlap(running, meaning) for meaning in meanings - {running}):
                self.sharing.setdefault(name, set()).add(running)
                return name
        raise AssertionError(running)

    def _overlap(self, first: str, second: str) -> bool:
        """Return whether two sizes are needed at the same time."""
        return any(
            start < other_end and other_start < end
            for start, end in self._lives(first)
            for other_start, other_end in self._lives(second)
        )

    def _lives(self, name: str) -> list[tuple[int, int]]:
        """Return the periods in which the value of a name is needed, each from its assignment to its last use."""
        place = self.places.get(name)
        if place is None:
            return [(-2, self._last(name))]
        if not place.changes:
            return [(place.start - 1, max(self._last(name), place.end))]
        inside = max((moment for moment in self.uses.get(name, ()) if moment <= place.end), default=place.start)
        return [(place.start - 1, inside), (place.end, max(place.end, self._last(name)))]


def _within(moments: Iterable[int], start: int, end: int) -> bool:
    return any(start <= moment < end for moment in moments)
