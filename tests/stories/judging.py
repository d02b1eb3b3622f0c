"""What became of a story: lines that are lost, conflicts, and whether edit and change touch different statements."""

from __future__ import annotations

import ast
from collections import Counter
from difflib import SequenceMatcher
from functools import cache

from rendering import Files


def lost_lines(base: Files, ours: Files, theirs: Files, merged: Files) -> list[str]:
    """The lines that a person wrote and that stand nowhere in the merged project.

    Lines are counted over the whole project, since files move; a line that is generated as well counts beside it.
    """
    counts = [Counter(line for text in files.values() for line in text.splitlines()) for files in (base, ours, theirs)]
    there = Counter(line for text in merged.values() for line in text.splitlines())
    lost = []
    for line, count in (counts[1] - counts[0]).items():
        needed = min(counts[1][line], counts[2][line] + count)
        if line.strip() and there[line] < needed:
            lost.append(line)
    return lost


def independent(base: Files, ours: Files, theirs: Files) -> bool:
    """Whether no statement, outside of Python no line, was touched by the person and by the change."""
    for path in base.keys() & ours.keys() & theirs.keys():
        if ours[path] != base[path] and theirs[path] != base[path]:
            units = _units(path, base[path])
            if _touched(base[path], ours[path], units) & _touched(base[path], theirs[path], units):
                return False
    return not any(path in base and ours[path] != base[path] and path not in theirs for path in ours)


def _touched(before: str, after: str, units: tuple[int, ...]) -> set[int]:
    one, other = before.splitlines(), after.splitlines()
    touched: set[int] = set()
    for kind, start, stop, _, _ in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "insert":
            if 0 < start < len(one) and units[start - 1] == units[start]:
                touched.add(units[start])  # inside a statement
        elif kind != "equal":
            touched |= {units[index] for index in range(start, stop) if one[index].strip()}
    return touched


@cache
def _units(path: str, text: str) -> tuple[int, ...]:
    """The number of the statement that each line belongs to; comments and lines of other files are their own."""
    units = list(range(len(text.splitlines())))
    if not path.endswith(".py"):
        return tuple(units)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt):
            stop = node.end_lineno or node.lineno
            inner = getattr(node, "body", None)
            if inner:
                stop = max(node.lineno, inner[0].lineno - 1)
                stop = min(stop, next((d for d in range(node.lineno, stop + 1) if _ends(text, d)), stop))
            for line in range(node.lineno, stop + 1):
                units[line - 1] = node.lineno - 1
    return tuple(units)


def _ends(text: str, line: int) -> bool:
    """Whether the head of a compound statement ends on a line."""
    return text.splitlines()[line - 1].split("#")[0].rstrip().endswith(":")
