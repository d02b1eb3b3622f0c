"""What a merged file has to be before it is taken: whole, in place, and as sound as the versions it was made of."""

from __future__ import annotations

import ast
import json
import re
import symtable
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from .effects import BUILTINS, bound_by, parsed
from .units import Origin, Unit, Unmergeable

_CLAUSE = re.compile(r"(?:elif|else|except|finally|case)\b")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SCOPES = (*_FUNCTIONS, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Versions(NamedTuple):
    """Something of each version of a file, or made of it."""

    base: str
    ours: str
    theirs: str
    merged: str


# of any file


def check_text(path: str, versions: Versions, by_git: str, label: str) -> None:
    """Refuse a merged text that lost or doubled lines, differs from git's outside of conflicts, or does not parse.

    Raises:
        Unmergeable: when it is to be refused.
    """
    _check_lines(versions)
    _check_words(versions)
    _check_as_git(versions.merged, by_git, label)
    _check_parses(path, versions.merged)


def _check_lines(versions: Versions) -> None:
    """Every line that a side added is there, and every one that a side removed is gone."""
    was, mine, made, now = (Counter(filter(None, map(str.strip, text.split("\n")))) for text in versions)
    for line in was.keys() | mine.keys() | made.keys() | now.keys():
        both = mine[line] + made[line] - was[line]
        changes = (mine[line] - was[line], made[line] - was[line])
        once = both - min(changes, key=abs) if changes[0] * changes[1] > 0 else both  # both sides made the same edit
        if not min(both, once) <= now[line] <= max(both, once):
            raise Unmergeable(f"a line would be lost or doubled: {line}")


def _check_words(versions: Versions) -> None:
    """No side uses a word anew that the other one removed from the whole file."""
    was, mine, made = (Counter(re.findall(r"[^\W\d]\w*", text)) for text in versions[:3])
    for one, other in ((mine, made), (made, mine)):
        for word in was:
            if not one[word] and other[word] > was[word]:
                raise Unmergeable(f"one side removed {word}, the other uses it anew")


def _check_as_git(merged: str, by_git: str, label: str) -> None:
    """What git merged stands there as git merged it, in its order."""
    parts: list[list[str]] = [[]]
    inside = False
    for line in by_git.split("\n"):
        if re.match(rf"<{{7,}} {label}", line):
            inside = True
        elif inside and re.match(r">{7,} ", line):
            inside = False
            parts.append([])
        elif not inside:
            parts[-1].append(line)
    lines = merged.split("\n")
    place = 0
    for number, part in enumerate(parts):
        last = len(lines) - len(part)
        candidates = range(last, last + 1) if number == len(parts) - 1 else range(place, last + 1)
        match = next((start for start in candidates if lines[start : start + len(part)] == part), -1)
        if match < place or (number == 0 and match):
            raise Unmergeable("it differs from git's where git has no conflict")
        place = match + len(part)


def _check_parses(path: str, merged: str) -> None:
    readers: dict[str, Callable[[str], object]] = {".toml": tomllib.loads, ".json": json.loads, ".ipynb": json.loads}
    for ending, read in readers.items():
        if path.endswith(ending):
            try:
                read(merged)
            except ValueError as error:
                raise Unmergeable(f"it cannot be read any more: {error}") from error


# of Python


def check_places(base: Sequence[Unit], ours: Sequence[Unit], theirs: Sequence[Unit], merged: Sequence[Unit]) -> None:
    """Refuse a result where a statement stands in another block than on the side that it comes from.

    Raises:
        Unmergeable: when one does.
    """
    was, mine, made, now = map(_blocks, (base, ours, theirs, merged))
    forms = [{unit.origin: unit.code for unit in units} for units in (base, ours, theirs)]
    for origin, block in now.items():
        before, one, other = (version.get(origin) for version in (was, mine, made))
        wanted = one if other in (None, before) else other
        if block != wanted or one not in (None, before, wanted):
            raise Unmergeable("a statement would stand in another block")
        for side, form in ((one, forms[2]), (other, forms[1])):  # never the body of another function
            changed = origin in form and form[origin] != forms[0].get(origin)
            if before and side and changed and not _is_within(before, side):
                raise Unmergeable("one side changed a statement that the other moved to another block")


def _blocks(units: Sequence[Unit]) -> dict[Origin, tuple[Origin, ...]]:
    """Return the heads around each statement; for a clause such as else also what it belongs to."""
    heads: list[tuple[int, Origin]] = []
    siblings: dict[int, Origin] = {}
    blocks = {}
    for unit in units:
        depth = len(unit.indent)
        if unit.is_comment:
            blocks[unit.origin] = tuple(origin for deep, origin in heads if deep < depth)
            continue
        while heads and heads[-1][0] >= depth:
            heads.pop()
        siblings = {deep: origin for deep, origin in siblings.items() if deep <= depth}
        belongs = (siblings[depth],) if _CLAUSE.match(unit.code) and depth in siblings else ()
        blocks[unit.origin] = (*(origin for _, origin in heads), *belongs)
        heads.append((depth, unit.origin))
        siblings[depth] = unit.origin
    return blocks


def _is_within(inner: Sequence[Origin], outer: Sequence[Origin]) -> bool:
    following = iter(outer)
    return all(head in following for head in inner)


def check_python(path: str, versions: Versions) -> None:
    """Refuse a result that does not compile, or where names, definitions or attributes no longer fit together.

    Raises:
        Unmergeable: when it is to be refused.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(versions.merged, path, "exec", dont_inherit=True)
            names = [_names(text) for text in versions[1:]]
        trees = [parsed(text) for text in versions]
    except (SyntaxError, ValueError, RecursionError) as error:
        raise Unmergeable(f"a version does not parse: {error}") from error
    _check_names(*names)
    _check_order(*(_read_early(tree) for tree in trees[1:]))
    _check_once(*map(_definitions, trees[1:]))
    _check_attributes(*map(_attributes, trees))


Names = dict[tuple[str, str], str]  # what a name is in a function or class: "local", "outer", "global" or "unbound"


def _names(text: str) -> Names:
    top = symtable.symtable(text, "merged", "exec")
    bound = {
        symbol.get_name()
        for symbol in top.get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    }
    names: Names = {}

    def collect(table: symtable.SymbolTable, path: str) -> None:
        for symbol in table.get_symbols():
            name = symbol.get_name()
            if table is top or symbol.is_global():
                kind = "global" if name in bound | BUILTINS else "unbound"
            else:
                kind = "outer" if symbol.is_free() else "local"
            if symbol.is_referenced():
                names[path, name] = kind
        for child in table.get_children():
            collect(child, f"{path}/{child.get_name()}")

    collect(top, "")
    return names


def _check_names(ours: Names, theirs: Names, merged: Names) -> None:
    """Each name means in each function what it means there on a side."""
    for place, kind in merged.items():
        there = {side[place] for side in (ours, theirs) if place in side}
        if kind not in (there or {"local", "outer", "global"}):
            raise Unmergeable(f"{place[1]} would be {kind}")


def _read_early(tree: ast.Module) -> set[str]:
    """Return the locals that a function, or the module, reads above the line that binds them first."""
    early = set()
    for scope in (tree, *(node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS[:2]))):
        name = getattr(scope, "name", "")
        arguments = {node.arg for node in _own(scope) if isinstance(node, ast.arg)}
        first: dict[str, int] = {}
        nodes = sorted(_own(scope), key=lambda node: getattr(node, "lineno", 0))
        for node in nodes:
            binds = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else bound_by(node)
            for each in binds:
                first.setdefault(each, getattr(node, "lineno", 0))
        reads = (node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
        early |= {
            f"{name}:{node.id}" for node in reads if node.id not in arguments and node.lineno < first.get(node.id, 0)
        }
    return early


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """Go through a scope, but not into the scopes inside it."""
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, (*_SCOPES, ast.ClassDef)):
            yield from _own(child)


def _check_order(ours: set[str], theirs: set[str], merged: set[str]) -> None:
    if early := merged - ours - theirs:
        raise Unmergeable(f"{min(early)} would be read before it is bound")


def _definitions(tree: ast.Module) -> Counter[str]:
    """Count how often each block defines a function, a class, an import or an attribute."""
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        where = getattr(node, "name", type(node).__name__)
        body = getattr(node, "body", [])
        for statement in body if isinstance(body, list) else []:
            found.update(f"{where}/{name}" for name in bound_by(statement))
            targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
            for target in targets if isinstance(statement, (ast.Assign, ast.AnnAssign)) else ():
                if isinstance(target, ast.Attribute) or isinstance(node, (ast.ClassDef, ast.Module)):
                    found[f"{where}/{ast.unparse(target)}"] += 1  # type: ignore[arg-type]
    return found


def _check_once(ours: Counter[str], theirs: Counter[str], merged: Counter[str]) -> None:
    for name, count in merged.items():
        if count > max(1, ours[name], theirs[name]):
            raise Unmergeable(f"{name.partition('/')[2]} would be defined twice")


class _Attributes(NamedTuple):
    set: frozenset[str]
    read: frozenset[str]


def _attributes(tree: ast.Module) -> _Attributes:
    """Return the attributes of self that are set, or are defined in a class, and those that are read."""
    sets: set[str] = set()
    reads: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            (reads if isinstance(node.ctx, ast.Load) else sets).add(node.attr)
        if isinstance(node, ast.ClassDef):
            for part in (part for statement in node.body for part in ast.walk(statement)):
                sets |= bound_by(part) if part in node.body else set()
                sets |= {part.id} if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store) else set()
    return _Attributes(frozenset(sets), frozenset(reads))


def _check_attributes(base: _Attributes, ours: _Attributes, theirs: _Attributes, merged: _Attributes) -> None:
    """Each attribute of self that is read is set, if a version of the file sets it."""
    somewhere = base.set | ours.set | theirs.set
    known = {name for side in (ours, theirs) for name in side.read - side.set}  # unset on a side already
    if missing := (merged.read & somewhere) - merged.set - known:
        raise Unmergeable(f"self.{min(missing)} would be read and never set")
