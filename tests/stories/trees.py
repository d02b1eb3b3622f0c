"""Files as trees of statements that keep their identity through edits: by that it is known what two edits make."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

CLAUSES = ("elif ", "else:", "except", "finally:", "case ")


@dataclass
class Node:
    """A statement with those inside it; outside of Python a line."""

    id: int
    lines: list[str]
    indent: str  # of its first line, where it was read
    blank: int = 0  # empty lines above
    body: list[Node] = field(default_factory=list)

    @property
    def head(self) -> str:
        return self.lines[0].strip()

    @property
    def is_clause(self) -> bool:
        """Whether it belongs to the statement above."""
        return self.head.startswith(CLAUSES)


class Tree:
    """A file; its nodes are found by their number."""

    def __init__(self, root: Node) -> None:
        self.root = root

    def copied(self) -> Tree:
        return Tree(copy.deepcopy(self.root))

    def nodes(self) -> Iterator[tuple[Node, list[Node], int]]:
        """Each node in the file's order, with the list that holds it and its place there."""
        yield from _below(self.root)

    def where(self, id: int) -> tuple[Node, list[Node], int]:
        """The node of a number, or KeyError when an edit removed it."""
        for node, holder, place in self.nodes():
            if node.id == id:
                return node, holder, place
        raise KeyError(id)

    def text(self) -> str:
        return "".join(_printed(self.root.body, ""))


def _below(node: Node) -> Iterator[tuple[Node, list[Node], int]]:
    for place, child in enumerate(node.body):
        yield child, node.body, place
        yield from _below(child)


def _printed(body: list[Node], indent: str) -> Iterator[str]:
    for node in body:
        yield "\n" * node.blank
        for line in node.lines:
            bare = line[len(node.indent) :] if line.startswith(node.indent) else line
            yield f"{indent}{bare}\n" if bare.strip() else "\n"
        if node.body:
            step = node.body[0].indent[len(node.indent) :] or "    "
            yield from _printed(node.body, indent + step)


def tree_of(path: str, text: str) -> Tree | None:
    """The tree of a file, or None when its text cannot be written again from it."""
    lines = text.split("\n")[:-1]
    spans = _statements(text, lines) if path.endswith(".py") else {n: n for n, line in enumerate(lines) if line.strip()}
    root = Node(0, [], "")
    stack = [(-1, root)]
    after = 0
    for number, (first, last) in enumerate(sorted(spans.items()), 1):
        indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())] if path.endswith(".py") else ""
        node = Node(number, lines[first : last + 1], indent, first - after)
        after = last + 1
        while stack[-1][0] >= len(indent):
            stack.pop()
        stack[-1][1].body.append(node)
        if not node.head.startswith("#") and path.endswith(".py"):
            stack.append((len(indent), node))
    tree = Tree(root)
    return tree if tree.text().rstrip("\n") == text.rstrip("\n") else None


def _statements(text: str, lines: list[str]) -> dict[int, int]:
    """First and last lines of statements (of compound ones their heads), comments and clauses."""
    spans: dict[int, int] = {}
    covered: set[int] = set()
    for node in sorted((n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.stmt)), key=lambda n: n.lineno):
        first, last = _first(node) - 1, (node.end_lineno or node.lineno) - 1
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        if first in covered:
            continue  # behind a colon or a semicolon
        if body and (inner := _first(body[0]) - 1) > node.lineno - 1:
            last = inner - 1
            while not lines[last].strip() or lines[last].strip().startswith("#"):
                last -= 1
        spans[first] = last
        covered |= set(range(first, last + 1))
    return spans | {n: n for n, line in enumerate(lines) if line.strip() and n not in covered}


def _first(node: ast.AST) -> int:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    return min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])  # type: ignore[attr-defined]
