"""Drawn triples of a base and two edited versions, with all results that are right: both edits, made on the tree."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .tree_edits import HARD, HARD_LINES, PLAIN, Edit, Lost, Make
from .trees import Tree, tree_of


class Triple(NamedTuple):
    """A base, two edited versions, and what may come of them; nothing when a person has to say."""

    name: str
    path: str
    base: str
    ours: str
    theirs: str
    right: frozenset[str]


def without_empty_lines(text: str) -> str:
    """A text as results are compared."""
    return "".join(f"{line}\n" for line in text.split("\n") if line.strip())


def drawn(files: dict[str, str], seed: str, adversarial: bool) -> Iterator[Triple]:
    """Triples without end; adversarial ones move, wrap, copy or rename statements on one side at least."""
    source = random.Random(seed)
    trees = [(path, tree) for path, text in sorted(files.items()) if (tree := tree_of(path, text))]
    trees = [(path, tree) for path, tree in trees if sum(1 for _ in tree.nodes()) > 12]
    while True:
        path, tree = source.choice(trees)
        python = path.endswith(".py")
        near = source.randrange(sum(1 for _ in tree.nodes()))
        sides = []
        for side in range(2):
            hard = adversarial and (side == 0 or source.random() < 0.3)
            kinds = [source.choice(HARD if python else HARD_LINES) if hard else source.choice(PLAIN)]
            kinds += [source.choice(PLAIN)] if not hard and source.random() < 0.3 else []
            sides.append([made for kind in kinds if (made := kind(tree, near, source, python))])
        if source.random() < 0.5:
            sides.reverse()
        if all(sides) and (triple := _triple(path, tree, *sides)):
            yield triple


def _triple(path: str, tree: Tree, mine: list[Edit], made: list[Edit]) -> Triple | None:
    base = tree.text()
    try:
        ours, theirs = (_made(tree, [(edit, edit.ways[0]) for edit in edits]) for edits in (mine, made))
    except Lost:
        return None
    if ours is None or theirs is None or base in (ours, theirs) or ours == theirs:
        return None
    if path.endswith(".py"):
        try:
            for text in (ours, theirs):
                compile(text, path, "exec", dont_inherit=True)
        except SyntaxError:
            return None
    name = " | ".join(", ".join(edit.name for edit in edits) for edits in (mine, made))
    return Triple(name, path, base, ours, theirs, _right(tree, mine, made))


def _right(tree: Tree, mine: list[Edit], made: list[Edit]) -> frozenset[str]:
    """All that the edits of both sides may make together; nothing where it depends on what they were meant for."""
    if {edit.binds for edit in mine} & {edit.binds for edit in made} - {""}:
        return frozenset()
    try:
        for one, other in ((mine, made), (made, mine)):
            moving = [(edit, edit.ways[0]) for edit in other if edit.moves]
            for edit in one if moving else ():
                if len({_made(tree, [*moving, (edit, way)]) for way in edit.ways} - {None}) > 1:
                    return frozenset()
        results = [
            _made(tree, list(zip(order, ways)))
            for order in ([*mine, *made], [*made, *mine])
            for ways in itertools.product(*(edit.ways for edit in order))
        ]
    except Lost:
        return frozenset()
    return frozenset(without_empty_lines(text) for text in results if text is not None)


def _made(tree: Tree, edits: Sequence[tuple[Edit, Make]]) -> str | None:
    copied = tree.copied()
    try:
        for _, make in sorted(edits, key=lambda pair: pair[0].last):
            make(copied)
    except KeyError:
        return None
    return copied.text()
