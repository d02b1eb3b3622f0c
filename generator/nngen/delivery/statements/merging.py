"""The merge of one file: takes the edits of both sides, where none of them depends on another."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from . import checks
from .checks import Versions
from .edits import Edit, copied_by, edits_of, similarity
from .effects import BUILTINS, Known, commute, parsed
from .units import Unit, Unmergeable, is_python, units_of

_STRING = re.compile(r"[rR]?[\"']")
_ROW = re.compile(r"\|.*\||\"[^\"]*\",|[-*] .*", re.DOTALL)  # of a table, an array, a list: each stands for itself
_IGNORED = re.compile(r"[^#!\s].*")  # a line of .gitignore, which is no exception from those above it


def merge_text(path: str, base: str, ours: str, theirs: str, by_git: str, label: str) -> str:
    """Merge the versions of a file that git left in conflict.

    Args:
        path: of the file; its ending says what its units are.
        base: what both sides were made of.
        ours: one side.
        theirs: the other side.
        by_git: what git made of them, with markers.
        label: what begins a conflict there, after the marker.

    Raises:
        Unmergeable: when the conflict has to stay.
    """
    versions = Versions(base, ours, theirs, "")
    if "\r" in "".join(versions):
        if any(text.count("\r") != text.count("\n") or text.count("\r\n") != text.count("\n") for text in versions):
            raise Unmergeable("the ends of its lines differ")
        base, ours, theirs, by_git = (text.replace("\r\n", "\n") for text in (base, ours, theirs, by_git))
        return merge_text(path, base, ours, theirs, by_git, label).replace("\n", "\r\n")
    (was, end), (mine, my_end), (made, its_end) = (
        units_of(path, text, name) for text, name in ((base, "base"), (ours, "ours"), (theirs, "theirs"))
    )
    (my_edits, mine), (its_edits, made) = edits_of(was, mine), edits_of(was, made)
    units = _Merge(was, my_edits, its_edits, _rules_for(path, ours, theirs)).units()
    text = "".join(unit.text for unit in units) + (my_end if its_end == end else its_end)
    if is_python(path):
        checks.check_places(was, mine, made, units)
        checks.check_python(path, versions._replace(merged=text))
    checks.check_text(path, versions._replace(merged=text), by_git, label)
    return text


@dataclass(frozen=True, slots=True)
class _Rules:
    """What is asked of insertions, by the kind of file."""

    may_swap: Callable[[Sequence[Unit], Sequence[Unit]], bool]
    may_stand_beside: Callable[[Sequence[Unit], Sequence[Unit]], bool]  # what the other side removed or put there
    common: frozenset[str]  # words that say nothing of where a line belongs


def _rules_for(path: str, *sides: str) -> _Rules:
    if not is_python(path):
        row = _IGNORED if path.rpartition("/")[2] == ".gitignore" else _ROW

        def are_rows(one: Sequence[Unit], other: Sequence[Unit]) -> bool:
            return all(row.fullmatch(unit.code) for unit in (*one, *other))

        def are_different_rows(one: Sequence[Unit], other: Sequence[Unit]) -> bool:
            return are_rows(one, other) and not {unit.code for unit in one} & {unit.code for unit in other}

        return _Rules(are_different_rows, are_rows, frozenset())
    try:
        known = Known.of(*map(parsed, sides))
    except (SyntaxError, ValueError, RecursionError) as error:
        raise Unmergeable("a version is no Python") from error
    return _Rules(
        lambda one, other: commute(one, other, known),
        lambda one, other: commute(one, other, known, may_leave=True),
        known.shared | BUILTINS | {"self", "cls"} | set(keyword.kwlist),
    )


class _Merge:
    """The merge of two lists of edits of one base."""

    def __init__(self, base: Sequence[Unit], ours: Sequence[Edit], theirs: Sequence[Edit], rules: _Rules) -> None:
        self.base = base
        self.sides = (ours, theirs)
        self.rules = rules

    def units(self) -> list[Unit]:
        """Return the merged units.

        Raises:
            Unmergeable: when two edits do not go together.
        """
        for mine in self.sides[0]:
            for made in self.sides[1]:
                if not mine.same_as(made) and (reason := self._refusal(mine, made)):
                    raise Unmergeable(reason)
        for one, other in (self.sides, self.sides[::-1]):
            if any(self._is_among(copied_by(self.base, one), edit) for edit in other):
                raise Unmergeable("one side changed what the other copied")
        inserted = [{edit.start: edit for edit in edits if edit.inserts} for edits in self.sides]
        covering = [{place: edit for edit in edits for place in range(edit.start, edit.stop)} for edits in self.sides]
        merged: list[Unit] = []
        for place, unit in enumerate(self.base):
            merged += self._inserted(place, [side[place] for side in inserted if place in side])
            merged += self._in_place(place, unit, [side[place] for side in covering if place in side])
        end = len(self.base)
        return [*merged, *self._inserted(end, [side[end] for side in inserted if end in side])]

    def _in_place(self, place: int, unit: Unit, edits: Sequence[Edit]) -> Sequence[Unit]:
        """Return what becomes of one unit of the base."""
        if not edits:
            return [unit]
        edit = edits[0]
        if len(edits) == 2 and not edit.same_as(edits[1]):
            if all(edit.paired for edit in edits):
                return [_both_forms(unit, edits[0].new[0], edits[1].new[0])]
            edit = next(edit for edit in edits if not edit.paired)  # the other one changed empty lines alone
        return edit.new if edit.start == place else []

    # which edits go together

    def _refusal(self, mine: Edit, made: Edit) -> str:
        """Return why two edits cannot both be taken, "" when they can."""
        if mine.touches(made):
            if mine.moved or made.moved:
                return "one side moved what the other changed beside it"
            if word := self._coupled(mine, made) or self._coupled(made, mine):
                return f"the new lines of one side use {word}, which the other removed beside them"
            pairs = ((mine, made), (made, mine))
            if any(self._indents(one) and other.new and not other.paired for one, other in pairs):
                return "one side inserted beside what the other indented otherwise"
        if mine.inserts and made.inserts:
            slides = mine.start != made.start or mine.slides or made.slides
            return "two insertions could stand at one place" if slides and mine.touches(made) else ""
        if mine.inserts or made.inserts:
            return self._refused_beside(*((mine, made) if mine.inserts else (made, mine)))
        if mine.paired and made.paired:
            return ""  # one unit changed by both is merged by its parts
        slides = mine.slides or made.slides
        overlap = (
            mine.low < made.high and made.low < mine.high
            if slides
            else mine.start < made.stop and made.start < mine.stop
        )
        blank = any(edit.paired and edit.new[0].key == self.base[edit.start].key for edit in (mine, made))
        return "both sides changed one statement" if overlap and not blank else ""

    def _refused_beside(self, inserted: Edit, other: Edit) -> str:
        """Return why an insertion cannot stand with a change or a removal of the other side."""
        if other.start < inserted.start < other.stop:
            return "one side inserted into what the other replaced"
        if inserted.slides and other.start < inserted.high and inserted.low < other.stop:
            return "an insertion could be meant on either side of a change"
        removed = self.base[other.start : other.stop]
        if other.paired or not other.low <= inserted.start <= other.high:
            return ""
        described = inserted.new[-1].is_comment and inserted.start == other.start
        beside = self.rules.may_stand_beside
        if described or not (beside(inserted.new, removed) and beside(inserted.new, other.new)):
            return "one side inserted beside what the other removed"
        return ""

    def _is_among(self, copied: Collection[str], edit: Edit) -> bool:
        """Return whether an edit changes, or stands beside, what the other side copied."""
        return any(unit.code in copied for unit in self.base[max(edit.start - 1, 0) : edit.stop + 1])

    def _coupled(self, one: Edit, other: Edit) -> str:
        """Return a word that statements lost by one edit and that the other edit's new ones use, or ""."""
        lost = self._words(self.base[one.start : one.stop]) - self._words(one.new)
        gained = self._words(other.new) - self._words(self.base[other.start : other.stop])
        return min(lost & gained, default="")

    def _words(self, units: Sequence[Unit]) -> set[str]:
        code = [unit.code for unit in units if not unit.is_comment and not _STRING.match(unit.code)]
        return {word for text in code for word in re.findall(r"\w+", text)} - self.rules.common

    def _indents(self, edit: Edit) -> bool:
        return edit.paired and edit.new[0].indent != self.base[edit.start].indent

    # insertions

    def _inserted(self, place: int, edits: Sequence[Edit]) -> Sequence[Unit]:
        """Return what both sides insert at a place, in the order that it has to have."""
        if len(edits) < 2 or edits[0].new == edits[1].new:
            return edits[0].new if edits else ()
        before = self.base[place - 1] if place else None
        after = self.base[place] if place < len(self.base) else None
        first, second = self._ordered(edits[0].new, edits[1].new, before, after)
        return (*first, _spaced(first, second[0]), *second[1:])

    def _ordered(
        self, one: Sequence[Unit], other: Sequence[Unit], before: Unit | None, after: Unit | None
    ) -> tuple[Sequence[Unit], Sequence[Unit]]:
        depths = [len(units[0].indent) for units in (one, other)]
        if any(len(unit.indent) < depth for units, depth in zip((one, other), depths) for unit in units):
            raise Unmergeable("an insertion ends the block that the other stands in")
        if depths[0] != depths[1]:  # the end of a block, then what follows it
            return (one, other) if depths[0] > depths[1] else (other, one)
        if not self.rules.may_swap(one, other):
            raise Unmergeable("both sides insert at one place, and the order may matter")
        texts = [bool(_STRING.match(units[0].code)) for units in (one, other)]
        comments = [units[-1].is_comment for units in (one, other)]
        if all(texts) or all(comments):
            raise Unmergeable("both sides insert a text at one place")
        if any(texts) or any(
            comments
        ):  # a docstring is the first in its block, and a comment stands above its statement
            is_first = texts[0] or comments[1]
            return (one, other) if is_first else (other, one)
        kept = _likeness(one[0], before) + _likeness(other[-1], after)
        swapped = _likeness(other[0], before) + _likeness(one[-1], after)
        return (one, other) if kept >= swapped else (other, one)


def _both_forms(base: Unit, mine: Unit, made: Unit) -> Unit:
    """Return a unit of which one side changed the code and the other the indent or the empty lines."""
    merged = Unit(
        mine.above if made.above == base.above else made.above,
        mine.indent if made.indent == base.indent else made.indent,
        mine.code if made.code == base.code else made.code,
        base.origin,
    )
    if mine.code not in (base.code, merged.code) or mine.indent not in (base.indent, merged.indent):
        raise Unmergeable("both sides changed one statement")
    return merged


def _spaced(above: Sequence[Unit], unit: Unit) -> Unit:
    """Return the unit with the empty lines that a function or a class has around it."""
    defines = re.compile(r"(?:@|(?:async )?def |class )")
    parts = [*(each for each in above if each.indent == above[0].indent), unit]
    needed = 0
    if any(defines.match(each.code) for each in parts):
        needed = 1 if unit.indent else 2
    return replace(unit, above=unit.above if unit.above.count("\n") >= needed else "\n" * needed)


def _likeness(unit: Unit, neighbour: Unit | None) -> float:
    """Return how much a unit looks like what it would stand beside, as an import does among imports."""
    if neighbour is None or unit.indent != neighbour.indent:
        return 0.0
    return similarity(unit.code.partition("\n")[0], neighbour.code.partition("\n")[0])
