"""What a side changed: its units aligned with those of the base."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from .units import Unit, Unmergeable

ALIKE = 0.7  # from this similarity on, one statement is a new form of another
LARGEST = 4_000  # units of a file, and
MOST_PAIRS = 4_000  # pairs of replaced units that are compared
SHORTEST_MOVE = 4  # letters: a line `],` is no sign of a move

_DEFINES = re.compile(r"(?:async )?(?:def|class) (\w+)|([\w.]+)(?:: [^=]+)? = ")


@dataclass(frozen=True, slots=True)
class Edit:
    """The base's units from start to stop become others."""

    start: int
    stop: int
    new: tuple[Unit, ...]
    paired: bool = False  # one unit became another form of itself
    low: int = 0  # the same text results when the edit is made anywhere from here
    high: int = 0  # to here
    moved: bool = False  # what it removes is inserted elsewhere, or the other way round

    @property
    def inserts(self) -> bool:
        """Whether it only inserts."""
        return self.start == self.stop

    @property
    def slides(self) -> bool:
        """Whether it could as well be meant a little above or below, among repeated units."""
        return self.low < self.start or self.stop < self.high

    def same_as(self, other: Edit) -> bool:
        """Return whether both sides made it."""
        return (self.start, self.stop, self.new) == (other.start, other.stop, other.new)

    def touches(self, other: Edit) -> bool:
        """Return whether nothing stands between two edits, wherever they are meant."""
        return self.low <= other.high and other.low <= self.high


def edits_of(base: Sequence[Unit], side: Sequence[Unit]) -> tuple[list[Edit], list[Unit]]:
    """Return the edits that make a side of the base, and its units with their origins.

    Raises:
        Unmergeable: when the file is too large.
    """
    if max(len(base), len(side)) > LARGEST:
        raise Unmergeable("the file is too large")
    matches = _aligned(base, side)
    origins = {there: base[here].origin for here, there in matches}
    side = [replace(unit, origin=origins.get(number, unit.origin)) for number, unit in enumerate(side)]
    edits = []
    here = there = 0
    for one, other in [*matches, (len(base), len(side))]:
        if here < one or there < other:
            edits.append(_with_room(base, side, Edit(here, one, tuple(side[there:other])), there))
        if one < len(base) and base[one] != side[other]:
            edits.append(Edit(one, one + 1, (side[other],), paired=True, low=one, high=one + 1))
        here, there = one + 1, other + 1
    return _with_moves(base, edits), side


def _aligned(base: Sequence[Unit], side: Sequence[Unit]) -> list[tuple[int, int]]:
    """Return which units are the same or forms of each other, in order."""
    matcher = SequenceMatcher(None, [unit.key for unit in base], [unit.key for unit in side], autojunk=False)
    matches: list[tuple[int, int]] = []
    for kind, start, stop, first, last in matcher.get_opcodes():
        if kind == "equal":
            matches += zip(range(start, stop), range(first, last))
        elif kind == "replace":
            pairs = _pairs(base[start:stop], side[first:last])
            matches += [(start + one, first + other) for one, other in pairs]
    return matches


def _pairs(left: Sequence[Unit], right: Sequence[Unit]) -> list[tuple[int, int]]:
    """Return the pairs of units, in order on both sides, that are most alike together."""
    if len(left) * len(right) > MOST_PAIRS:
        return []
    named = [_named_once(units) for units in (left, right)]
    scores = [
        [_likeness(one, other, bool(name) and name == its_name) for other, its_name in zip(right, named[1])]
        for one, name in zip(left, named[0])
    ]
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]  # of what follows
    for row in reversed(range(len(left))):
        for column in reversed(range(len(right))):
            taken = scores[row][column] and scores[row][column] + best[row + 1][column + 1]
            best[row][column] = max(taken, best[row + 1][column], best[row][column + 1])
    pairs = []
    row = column = 0
    while row < len(left) and column < len(right):
        score = scores[row][column]
        if score and best[row][column] == score + best[row + 1][column + 1]:
            pairs.append((row, column))
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            row += 1
        else:
            column += 1
    return pairs


def _named_once(units: Sequence[Unit]) -> list[str]:
    """Return for each unit what it defines, "" when that is nothing or others define the same."""
    found = [_DEFINES.match(unit.code) for unit in units]
    names = [f"{unit.indent}{match[1] or match[2]}" if match else "" for unit, match in zip(units, found)]
    counts = Counter(names)
    return [name if counts[name] == 1 else "" for name in names]


def _likeness(one: Unit, other: Unit, same_name: bool) -> float:
    """Return how alike two units are: from 2 for the same to 0 for too little."""
    if one.code == other.code:
        return 2.0 if one.indent == other.indent else 1.5
    if one.is_comment != other.is_comment:
        return 0.0
    if same_name:
        return 1.2
    ratio = similarity(one.code, other.code, ALIKE)
    return ratio if ratio >= ALIKE else 0.0


def similarity(one: str, other: str, needed: float = 0.0) -> float:
    """Return how alike two texts are, from 0 to 1; no more than a bound of it where that is less than needed."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    for bound in (matcher.real_quick_ratio, matcher.quick_ratio):
        if (ratio := bound()) < needed:
            return ratio
    return matcher.ratio()


def _with_room(base: Sequence[Unit], side: Sequence[Unit], edit: Edit, place: int) -> Edit:
    """Return an edit that knows how far an insertion or a deletion could slide; `place` is where the side has it."""
    if edit.inserts:
        units, start, stop = side, place, place + len(edit.new)
    elif not edit.new:
        units, start, stop = base, edit.start, edit.stop
    else:
        return replace(edit, low=edit.start, high=edit.stop)
    keys = [unit.key for unit in units]
    up = down = 0
    while start - up > 0 and keys[start - up - 1] == keys[stop - up - 1]:
        up += 1
    while stop + down < len(keys) and keys[start + down] == keys[stop + down]:
        down += 1
    return replace(edit, low=edit.start - up, high=edit.stop + down)


def copied_by(base: Sequence[Unit], edits: Sequence[Edit]) -> set[str]:
    """Return the code of the base that a side has more often than the base: which one is the original is not known."""
    counts = Counter(unit.code for edit in edits for unit in edit.new)
    counts -= Counter(unit.code for edit in edits for unit in base[edit.start : edit.stop])
    return {unit.code for unit in base if counts[unit.code] > 0 and len(unit.code) >= SHORTEST_MOVE}


def _with_moves(base: Sequence[Unit], edits: list[Edit]) -> list[Edit]:
    """Return edits that know whether lines of them were moved."""
    lines = [(_lines(base[edit.start : edit.stop]), _lines(edit.new)) for edit in edits]
    removed = {line for before, after in lines for line in before - after}
    inserted = {line for before, after in lines for line in after - before}
    moved = removed & inserted
    return [replace(edit, moved=bool((before ^ after) & moved)) for edit, (before, after) in zip(edits, lines)]


def _lines(units: Iterable[Unit]) -> set[str]:
    lines = {line.strip() for unit in units for line in unit.code.split("\n")}
    return {line for line in lines if len(line) >= SHORTEST_MOVE}
