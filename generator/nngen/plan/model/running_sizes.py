"""The names in a constructor for sizes that change from round to round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...description.description import BlockCall
from ...language import expressions
from ...network.graph import Graph, Node, walk
from ...network.typed import Loop, Running, Typed


@dataclass
class RunningSizes:
    """Chooses the names; a name may denote another size once the first one is no longer needed.

    Attributes:
        graph: the graph of the class.
        types: the types of its nodes.
        parameters: the constructor arguments of each block.
        names: the names of the sizes in the constructor, by their names in inference.
        moments: the position of each node in the order of construction.
        last: the moment of the last use of each name.
        holders: the size that each name currently denotes.
    """

    graph: Graph
    types: Mapping[int, Typed]
    parameters: Mapping[str, tuple[str, ...]]
    names: dict[str, str] = field(default_factory=dict)
    moments: dict[int, int] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, node in enumerate(walk(self.graph.body)):
            self.moments[node.id] = 2 * number
            typed = self.types.get(node.id)
            if typed is None:
                continue
            names = self._passed(node.action, typed) if isinstance(node.action, BlockCall) else typed.names
            self.last |= dict.fromkeys(names, 2 * number)
            for _, start, _ in typed.loop.running if typed.loop else ():
                for name in expressions.names(start):  # read before the loop
                    self.last[name] = max(self.last.get(name, -1), 2 * number - 1)

    def _passed(self, call: BlockCall, typed: Typed) -> frozenset[str]:
        """Return the names that the call of a block needs."""
        passed = {name: value for name, value in typed.arguments.items() if name in self.parameters.get(call.block, ())}
        return replace(typed, arguments=passed, inner=None).names

    def needed(self, node: Node, loop: Loop) -> Running:
        """Return the running sizes that the statements from this node on need."""
        now = self.moments[node.id]
        names = {name for name, _, _ in loop.running if self.last.get(name, -1) >= now}
        while more := {n for name, _, new in loop.running if name in names for n in expressions.names(new)} - names:
            names |= more
        return tuple(size for size in loop.running if size[0] in names)

    def choose(self, node: Node, running: str, loop: Loop) -> str:
        """Choose a name for a running size, such as ``in_channels``, whose current meaning is not needed later."""
        stem = running.partition("#")[0]
        short = stem.removeprefix("in_")
        now = self.moments[node.id]
        taken = {arg.name for arg in self.graph.args} | {name for name, _ in loop.columns}
        taken |= {self.names[name] for name, _, _ in loop.running if name in self.names and name != running}
        taken |= {self.names.get(name, name) for _, start, _ in loop.running[1:] for name in expressions.names(start)}
        for name in (stem, short, *(f"{short}{number}" for number in range(2, 99))):
            meanings = (name, self.holders.get(name, name))
            if name not in taken and all(self.last.get(holder, -1) < now for holder in meanings):
                self.holders[name] = running
                return name
        raise AssertionError(running)
