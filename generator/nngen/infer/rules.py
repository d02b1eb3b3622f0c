"""Protocols of the inference, for the rules of structures and loops, which cannot import it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..description.description import Written
from ..language.errors import Position, Problem
from ..language.problems import Problems
from ..network.graph import Body, Graph, Network, Node
from ..network.tensors import Argument, TensorType
from ..network.typed import ClassUse, Typed
from .scope import Scope

Place = tuple[str, int]  # a class and one of its nodes


class Classes(Protocol):
    """The inference of a whole network, which infers each use of a block once."""

    network: Network
    rounds: int  # the number of rounds of all loops so far
    different_rounds: int  # those of them that were inferred, since they differ from the round before
    uses: dict[str, list[ClassUse]]
    fitting: set[Place]  # the nodes with a condition that fit in some use
    unfit: dict[Place, list[Problem]]  # those that did not fit where their condition was false, and why

    def block(
        self,
        graph: Graph,
        values: Mapping[str, Any],
        inputs: tuple[TensorType, ...],
        problems: Problems,
        position: Position | None,
    ) -> ClassUse | None:
        """Return the use of a block with these arguments and inputs; None if it has a mistake."""


class FrameRules(Protocol):
    """The inference of one use of a class."""

    inference: Classes
    graph: Graph
    problems: Problems
    scope: Scope
    types: dict[int, Typed]
    computed: dict[str, Argument]

    def body(self, body: Body, received: tuple[TensorType, ...]) -> TensorType | None:
        """Infer a list of nodes, and return the type of its first result."""

    def all_rounds(self, node: Node, inputs: tuple[TensorType, ...] | None) -> Typed | None:
        """Infer a node with its condition and its repetition; return None if it has a mistake."""

    def without_condition(self, node: Node, inputs: tuple[TensorType, ...] | None) -> Typed | None:
        """Infer a node with its repetition, as if its condition were true; return None if it has a mistake."""

    def call(self, node: Node, inputs: tuple[TensorType, ...] | None) -> Typed | None:
        """Infer one call of a node; return None, with a problem recorded, if it does not fit."""

    def operation(self, node: Node, inputs: tuple[TensorType, ...] | None) -> Typed | None:
        """Infer a tensor operation; return None, with a problem recorded, if it does not fit."""

    def value(self, written: Written, node: Node, runtime: bool = False) -> Argument | None:
        """Return the value of an expression of a node; None, with a problem recorded, if it has none."""
