"""Edits of a file's tree: plain ones of one statement, and those that move, wrap, copy or rename, hard to align."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from .trees import Node, Tree

Make = Callable[[Tree], None]  # changes a tree; KeyError when what it changes is gone


class Lost(Exception):
    """One side changed what the other removed."""


class Edit(NamedTuple):
    """An edit of a tree, in the ways in which it could be meant."""

    name: str
    ways: list[Make]
    moves: bool = False  # statements change their place or their block, so that beside them is no clear place
    last: bool = False  # it also holds for what the other side adds
    binds: str = ""  # a name of the file, which it reads and binds


# plain edits, which use no name of the file


def _pick(tree: Tree, near: int, source: random.Random) -> tuple[Node, list[Node], int]:
    nodes = list(tree.nodes())
    return nodes[min(max(near + source.randint(-2, 2), 0), len(nodes) - 1)]


def _fresh(holder: list[Node], source: random.Random, python: bool) -> list[Node]:
    mark = source.randrange(1000, 10**6)
    indent = holder[0].indent
    if not python:
        like = source.choice(holder).lines[0]
        return [Node(-mark, [f"{re.match(r'[^A-Za-z0-9]*', like)[0]}note {mark}"], "")]  # type: ignore[index]
    texts = [
        [f"mark_{mark} = {mark}"],
        [f"print('note {mark}')"],
        [f"# note {mark}"],
        [f"mark_{mark} = {{", f"    'a': {mark},", "}"],
    ]
    if not indent:
        texts += [[f"import module_{mark}"], [f"def function_{mark}():", f"    return {mark}"]]
    lines = source.choice(texts)
    return [Node(-mark, [f"{indent}{line}" for line in lines], indent, 2 if lines[0].startswith("def") else 0)]


def insert(tree: Tree, near: int, source: random.Random, python: bool) -> Edit | None:
    node, holder, place = _pick(tree, near, source)
    if node.is_clause or (place + 1 < len(holder) and holder[place + 1].is_clause):
        return None
    new = _fresh(holder, source, python)
    ways = _ways_after(tree, node, holder, place, new)
    return Edit("insert", ways)


def insert_first(tree: Tree, near: int, source: random.Random, python: bool) -> Edit | None:
    node, holder, place = _pick(tree, near, source)
    if place or node.head.startswith(('"', "'", 'r"', "#", "from __future__")):
        return None
    return Edit("insert first", [_beside(node.id, _fresh(holder, source, python), 0)])


def _ways_after(tree: Tree, node: Node, holder: list[Node], place: int, new: list[Node]) -> list[Make]:
    """New statements after one, before the next, or at the end of the block."""
    if place + 1 < len(holder):
        return [_beside(node.id, new, 1), _beside(holder[place + 1].id, new, 0)]
    block = next((outer.id for outer, _, _ in tree.nodes() if outer.body is holder), None)

    def at_the_end(copied: Tree) -> None:
        body = copied.root.body if block is None else copied.where(block)[0].body
        body += _copies(new)

    return [_beside(node.id, new, 1), at_the_end]


def _copies(nodes: list[Node]) -> list[Node]:
    return Tree(Node(0, [], "", 0, nodes)).copied().root.body


def _beside(id: int, new: list[Node], offset: int) -> Make:
    def make(tree: Tree) -> None:
        _, holder, place = tree.where(id)
        holder[place + offset : place + offset] = _copies(new)

    return make


def change(tree: Tree, near: int, source: random.Random, python: bool) -> Edit | None:
    node, _, _ = _pick(tree, near, source)
    mark = source.randrange(1000, 10**6)
    lines = list(node.lines)
    numbered = [
        row for row, line in enumerate(lines) if re.search(r"\b\d+\b", line) and "'" not in line and '"' not in line
    ]
    if numbered and source.random() < 0.7:
        row = source.choice(numbered)
        lines[row] = re.sub(r"\b\d+\b", str(mark), lines[row], count=1)
    elif not python or node.head.startswith("#"):
        lines[-1] += f" {mark}"
    elif "#" not in lines[-1] and '"""' not in "".join(lines) and not lines[-1].endswith("\\"):
        lines[-1] += f"  # {mark}"
    else:
        return None
    id, indent = node.id, node.indent

    def make(tree: Tree) -> None:
        try:
            node, _, _ = tree.where(id)
        except KeyError:
            raise Lost from None
        deeper = node.indent[len(indent) :]
        node.lines = [f"{deeper}{line}" for line in lines]

    return Edit("change", [make])


def delete(tree: Tree, near: int, source: random.Random, python: bool) -> Edit | None:
    node, holder, place = _pick(tree, near, source)
    following = holder[place + 1] if place + 1 < len(holder) else None
    if len(holder) < 2 or node.body or node.is_clause or (following and following.is_clause and place == 0):
        return None
    return Edit("delete", [_deleted([node.id])])


def _deleted(ids: list[int]) -> Make:
    def make(tree: Tree) -> None:
        for id in ids:
            with suppress(KeyError):  # both sides removed it
                _, holder, place = tree.where(id)
                del holder[place]

    return make


PLAIN = [insert, insert, insert, insert_first, change, change, delete]


# edits that are hard to align


def _run(tree: Tree, near: int, source: random.Random) -> tuple[list[Node], list[Node], int] | None:
    """A few statements in a row, whole."""
    _, holder, place = _pick(tree, near, source)
    stop = min(place + source.randint(1, 4), len(holder))
    nodes = holder[place:stop]
    following = holder[stop] if stop < len(holder) else None
    if nodes[0].is_clause or (following and following.is_clause):
        return None
    if any('"""' in line for node in nodes for line in node.lines):
        return None
    return nodes, holder, place


def wrap(tree: Tree, near: int, source: random.Random, python: bool) -> Edit | None:
    run = _run(tree, near, source)
    if not run:
        return None
    ids, mark = [node.id for node in run[0]], source.randrange(1000, 10**6)
    indent = run[0][0].indent
    head = source.choice([f"with context({mark}):", f"if flag == {mark}:", f"for _ in range({mark}):", "try:"])

    def make(tree: Tree) -> None:
        _, holder, first = tree.where(ids[0])
        _, there, last = tree.where(ids[-1])
        if holder is not there or last < first:
            raise KeyError(ids[0])
        new = Node(-mark, [indent + head], indent, holder[first].blank, holder[first : last + 1])
        new.body[0].blank = 0
        # a deeper indent than the first statement's own, whatever it was read with
        new.body = [_deeper(node) for node in new.body]
        clause = Node(
            -mark - 1, [f"{indent}finally:"], indent, 0, [Node(-mark - 2, [f"{indent}    pass"], f"{indent}    ")]
        )
        holder[first : last + 1] = [new, clause] if head == "try:" else [new]

    return Edit("wrap", [make], moves=True)


def _deeper(node: Node) -> Node:
    node.lines = [f"    {line}" if line.strip() else line for line in node.lines]
    node.indent = f"    {node.indent}"
    node.body = [_deeper(child) for child in node.body]
    return node


def unwrap(tree: Tree, near: int, source: random.Random, python: bool) -> Edit | None:
    node, holder, place = _pick(tree, near, source)
    following = holder[place + 1] if place + 1 < len(holder) else None
    if not node.body or node.is_clause or (following and following.is_clause) or re.match("def|class|@", node.head):
        return None
    id = node.id

    def make(tree: Tree) -> None:
        node, holder, place = tree.where(id)
        holder[place : place + 1] = node.body

    return Edit("unwrap", [make], moves=True)


def duplicate(tree: Tree, near: int, source: random.Random, python: bool) -> Edit | None:
    run = _run(tree, near, source)
    if not run:
        return None
    ids, mark = [node.id for node in run[0]], source.randrange(1000, 10**6)
    copies = Tree(Node(0, [], "", 0, run[0])).copied()
    for node, _, _ in copies.nodes():
        node.id -= mark
    if source.random() < 0.5:
        line = copies.root.body[0].lines[0]
        copies.root.body[0].lines[0] = re.sub(r"\b\d+\b", str(mark), line, count=1)
    return Edit("copy", [_beside(ids[-1], copies.root.body, 1)])


def swap(tree: Tree, near: int, source: random.Random, python: bool) -> Edit | None:
    _, holder, place = _pick(tree, near, source)
    if place + 1 >= len(holder) or any(node.is_clause for node in holder[place : place + 3]):
        return None
    one, other = holder[place].id, holder[place + 1].id

    def make(tree: Tree) -> None:
        _, holder, first = tree.where(one)
        _, there, second = tree.where(other)
        if holder is not there or second != first + 1:
            raise KeyError(one)
        holder[first], holder[second] = holder[second], holder[first]

    return Edit("swap", [make], moves=True)


def move(tree: Tree, near: int, source: random.Random, python: bool) -> Edit | None:
    run = _run(tree, near, source)
    target, holder, place = _pick(tree, near + source.choice((-6, -3, 3, 6)), source)
    if not run or run[1] is not holder or target in run[0] or target.is_clause:
        return None
    if len(run[0]) == len(holder) or (place + 1 < len(holder) and holder[place + 1].is_clause):
        return None
    ids, goal = [node.id for node in run[0]], target.id

    def make(tree: Tree) -> None:
        _, holder, first = tree.where(ids[0])
        _, there, last = tree.where(ids[-1])
        if holder is not there or last < first or goal in [node.id for node in holder[first : last + 1]]:
            raise KeyError(goal)
        nodes = holder[first : last + 1]
        del holder[first : last + 1]
        _, holder, place = tree.where(goal)
        holder[place + 1 : place + 1] = nodes

    return Edit("move", [make], moves=True)


def remove_block(tree: Tree, near: int, source: random.Random, python: bool) -> Edit | None:
    run = _run(tree, near, source)
    if not run or len(run[0]) == len(run[1]):
        return None
    return Edit("remove", [_deleted([node.id for node in run[0]])], moves=True)


def rename(tree: Tree, near: int, source: random.Random, python: bool) -> Edit | None:
    node, _, _ = _pick(tree, near, source)
    names = [name for name in re.findall(r"\b[a-z_]\w{2,}\b", node.lines[0]) if name not in _KEPT]
    if not names or node.head.startswith(("import", "from", '"', "#")):
        return None
    old, new = source.choice(names), f"name_{source.randrange(1000, 10**6)}"

    def make(tree: Tree) -> None:
        for node, _, _ in tree.nodes():
            node.lines = [re.sub(rf"\b{old}\b", new, line) for line in node.lines]

    return Edit("rename", [make], last=True)


_KEPT = frozenset(
    "def class return for while with import from self not and None True False lambda print int str".split()
)


def split(tree: Tree, near: int, source: random.Random, python: bool) -> Edit | None:
    """Statements of a function become a function of their own above it."""
    run = _run(tree, near, source)
    outer = [node for node in tree.root.body if run and node.body is run[1] and node.head.startswith("def ")]
    if not run or not outer:
        return None
    ids, mark, goal = [node.id for node in run[0]], source.randrange(1000, 10**6), outer[0].id

    def make(tree: Tree) -> None:
        _, holder, first = tree.where(ids[0])
        _, there, last = tree.where(ids[-1])
        if holder is not there or last < first:
            raise KeyError(goal)
        nodes = holder[first : last + 1]
        holder[first : last + 1] = [Node(-mark, [f"    part_{mark}()"], "    ")]
        _, top, place = tree.where(goal)
        top.insert(place, Node(-mark - 1, [f"def part_{mark}():"], "", 2, nodes))

    return Edit("split", [make], moves=True)


def use_or_bind(tree: Tree, near: int, source: random.Random, python: bool) -> Edit | None:
    """A statement that reads and binds a name of the file: where it stands may matter."""
    node, holder, place = _pick(tree, near, source)
    names = re.findall(r"\b([a-z]\w*) = ", node.lines[0])
    if not names or node.is_clause or (place + 1 < len(holder) and holder[place + 1].is_clause):
        return None
    mark = source.randrange(1000, 10**6)
    text = source.choice([f"{names[0]} = {names[0]} + {mark}", f"{names[0]} = change({names[0]}, {mark})"])
    new = [Node(-mark, [node.indent + text], node.indent)]
    ways = _ways_after(tree, node, holder, place, new)
    return Edit("use", ways, binds=names[0])


HARD = [wrap, wrap, unwrap, duplicate, duplicate, swap, move, remove_block, rename, split, use_or_bind, use_or_bind]
HARD_LINES = [duplicate, swap, move, remove_block]
