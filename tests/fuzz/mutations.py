"""Draws mutated descriptions, as text and as trees, from all descriptions that the repository holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

import yaml

from conftest import ROOT
from nngen.language import load
from nngen.language.errors import DescriptionError

from .inventions import VALUES, invented_call, invented_item

_RIGHT = ("generator/nngen/examples/*.yaml", "golden/*/architecture.yaml", "tests/design/*.yaml")
_WRONG = ("tests/errors/*.yaml",)
_LARGEST = 40_000  # characters; some of the wrong descriptions are enormous on purpose

_WORDS = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_NUMBERS = re.compile(r"(?<![\w.])-?\d+(\.\d+)?(e-?\d+)?(?![\w.])")


@cache
def originals() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The texts that are mutated: those of right descriptions, and those of wrong ones."""
    right, wrong = (
        tuple(path.read_bytes().decode(errors="replace") for glob in globs for path in sorted(ROOT.glob(glob)))
        for globs in (_RIGHT, _WRONG)
    )
    return right, tuple(text for text in wrong if len(text) < _LARGEST)


def draw(seed: str) -> str:
    """Return the mutated description of a seed."""
    random = Random(seed)
    text = min(_another(random), _another(random), key=len)  # small ones more often: they take less time
    for _ in range(random.choice((1, 1, 1, 1, 1, 2, 2, 3))):
        mutated = _mutated_tree(text, random) if random.random() < 0.85 else None
        text = mutated if mutated is not None else _mutated_text(text, random)
    return text


def _another(random: Random) -> str:
    return random.choice(originals()[random.random() < 0.2])


# text


def _mutated_text(text: str, random: Random) -> str:
    lines = text.splitlines() or [""]
    return "\n".join(random.choice(_OF_TEXT)(lines, random)) + "\n"


def _delete(lines: list[str], random: Random) -> list[str]:
    start = random.randrange(len(lines))
    return lines[:start] + lines[start + random.choice((1, 1, 1, 2, 4)) :]


def _double(lines: list[str], random: Random) -> list[str]:
    start = random.randrange(len(lines))
    end = start + random.choice((1, 1, 2, 3))
    return lines[:end] + lines[start:end] + lines[end:]


def _swap(lines: list[str], random: Random) -> list[str]:
    first, second = random.randrange(len(lines)), random.randrange(len(lines))
    swapped = list(lines)
    swapped[first], swapped[second] = lines[second], lines[first]
    return swapped


def _borrow(lines: list[str], random: Random) -> list[str]:
    """Insert a line of another description, at the indentation of its new neighbour."""
    place = random.randrange(len(lines))
    indentation = len(lines[place]) - len(lines[place].lstrip())
    return [
        *lines[:place],
        " " * indentation + random.choice(_another(random).splitlines() or [""]).lstrip(),
        *lines[place:],
    ]


def _indent(lines: list[str], random: Random) -> list[str]:
    place, by = random.randrange(len(lines)), random.choice((-4, -2, 2, 4))
    line = lines[place]
    moved = " " * by + line if by > 0 else line[min(-by, len(line) - len(line.lstrip())) :]
    return [*lines[:place], moved, *lines[place + 1 :]]


def _renumber(lines: list[str], random: Random) -> list[str]:
    """Write another value in place of a number."""
    found = [(index, match) for index, line in enumerate(lines) for match in _NUMBERS.finditer(line)]
    return _written(lines, found, _flow(random.choice(VALUES)), random)


def _rename(lines: list[str], random: Random) -> list[str]:
    """Write another name of the same or of another description in place of a name."""
    found = [(index, match) for index, line in enumerate(lines) for match in _WORDS.finditer(line)]
    names = _WORDS.findall("\n".join(lines) if random.random() < 0.6 else _another(random))
    return _written(lines, found, random.choice(names or ["x"]), random)


def _exchange(lines: list[str], random: Random) -> list[str]:
    """Exchange two names everywhere."""
    names = sorted(set(_WORDS.findall("\n".join(lines)))) or ["x"]
    first, second = random.choice(names), random.choice(names)
    pairs = {first: second, second: first}
    return [_WORDS.sub(lambda match: pairs.get(match[0], match[0]), line) for line in lines]


def _decorate(lines: list[str], random: Random) -> list[str]:
    """Put a tag, an anchor, an alias, a merge key or a character of YAML's or of expressions somewhere."""
    what = random.choice(
        ("!!int ", "!!str ", "!a ", "&a ", "*a", "<<: *a", "- ", ": ", "{", "]", "'", "$", "|\n", "~", "# ")
    )
    found = [
        (index, match) for index, line in enumerate(lines) for match in re.finditer(r"(?<=[:\-\[{,] )(?=\S)|$", line)
    ]
    return _written(lines, found, what, random)


def _written(lines: list[str], found: list[tuple[int, re.Match[str]]], value: str, random: Random) -> list[str]:
    """Return the lines with one of the places that were found overwritten."""
    if not found:
        return lines
    index, match = random.choice(found)
    return [*lines[:index], lines[index][: match.start()] + value + lines[index][match.end() :], *lines[index + 1 :]]


_OF_TEXT: tuple[Callable[[list[str], Random], list[str]], ...]
_OF_TEXT = (
    _delete,
    _delete,
    _double,
    _swap,
    _borrow,
    _indent,
    _renumber,
    _renumber,
    _rename,
    _rename,
    _exchange,
    _decorate,
)


# trees


Place = tuple[Any, Any]  # a list or a mapping, and an index or a key of it


def tree_of(text: str) -> dict[str, Any] | None:
    """Return a description as plain values; None if it is no YAML of the language."""
    try:
        tree: dict[str, Any] = load.plain(load.parse(text))
    except DescriptionError:
        return None
    return tree


def text_of(tree: Any) -> str:
    """Return plain values as YAML that nngen reads."""
    return yaml.dump(tree, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=None)


class _Plain(yaml.SafeDumper):
    """Writes no anchors, and numbers that YAML 1.1 and 1.2 read alike."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _flow(value: Any) -> str:
    return (
        yaml.dump(value, Dumper=_Plain, default_flow_style=True, width=10_000).removesuffix("\n").removesuffix("\n...")
    )


def places(tree: Any) -> list[Place]:
    """Return all places of a tree, from the outside in."""
    found: list[Place] = []
    for key in list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ():
        found.append((tree, key))
        found += places(tree[key])
    return found


def _mutated_tree(text: str, random: Random) -> str | None:
    tree = tree_of(text)
    found = places(tree) if tree else []
    if not found:
        return None
    deeper = [place for place in found if place[0] is not tree]
    random.choice(_OF_TREES)(random.choice(deeper or found if random.random() < 0.85 else found), found, random)
    return text_of(tree)


def _drop(place: Place, found: list[Place], random: Random) -> None:
    del place[0][place[1]]


def _revalue(place: Place, found: list[Place], random: Random) -> None:
    scalars = [(owner, key) for owner, key in found if not isinstance(owner[key], (dict, list))]
    owner, key = random.choice(scalars) if scalars else place
    owner[key] = random.choice(VALUES)


def _nudge(place: Place, found: list[Place], random: Random) -> None:
    """Change a number or a truth value a little."""
    owner, key = random.choice([each for each in found if isinstance(each[0][each[1]], (int, float))] or [place])
    match owner[key]:
        case bool() as value:
            owner[key] = not value
        case int() | float() as value:
            owner[key] = random.choice((value + 1, value - 1, 2 * value, value * 3, type(value)(value / 2), -value))


def _transplant(place: Place, found: list[Place], random: Random) -> None:
    """Put another part of the same or of another description here."""
    others = found if random.random() < 0.5 else places(tree_of(_another(random)) or {}) or found
    owner, key = random.choice(others)
    place[0][place[1]] = _copied(owner[key])


def _repeat(place: Place, found: list[Place], random: Random) -> None:
    owner, key = place
    if isinstance(owner, list):
        owner.insert(random.randrange(len(owner) + 1), _copied(owner[key]))
    else:
        owner[key] = [_copied(owner[key])]


def _insert(place: Place, found: list[Place], random: Random) -> None:
    """Insert an item or an entry of another place, also of another description."""
    owner, _ = place
    others = found if random.random() < 0.5 else places(tree_of(_another(random)) or {}) or found
    alike = [(other, key) for other, key in others if type(other) is type(owner)] or [place]
    source, key = random.choice(alike)
    if isinstance(owner, list):
        owner.insert(random.randrange(len(owner) + 1), _copied(source[key]))
    else:
        owner[key] = _copied(source[key])


def _interchange(place: Place, found: list[Place], random: Random) -> None:
    alike = [(owner, key) for owner, key in found if type(owner[key]) is type(place[0][place[1]])]
    owner, key = random.choice(alike)
    first, second = _copied(place[0][place[1]]), _copied(owner[key])
    owner[key], place[0][place[1]] = first, second


def _rekey(place: Place, found: list[Place], random: Random) -> None:
    """Give an entry the key of another entry, also of another description."""
    mappings = [(owner, key) for owner, key in found if isinstance(owner, dict)]
    others = mappings if random.random() < 0.5 else places(tree_of(_another(random)) or {})
    keys = [key for owner, key in others if isinstance(owner, dict)]
    if mappings and keys:
        owner, old = random.choice(mappings)
        new = random.choice(keys)
        entries = [(new if key == old else key, value) for key, value in owner.items() if key != new or key == old]
        owner.clear()
        owner.update(entries)


def _revalue_alike(place: Place, found: list[Place], random: Random) -> None:
    """Give an entry the value that an entry of the same key has elsewhere."""
    owner, key = place
    others = found if random.random() < 0.4 else places(tree_of(_another(random)) or {})
    alike = [other[key] for other, name in others if isinstance(other, dict) and name == key]
    owner[key] = _copied(random.choice(alike)) if alike else random.choice(VALUES)


def _insert_layer(place: Place, found: list[Place], random: Random) -> None:
    """Insert a layer or an operation among others."""
    others = found if random.random() < 0.3 else places(tree_of(_another(random)) or {})
    lists, sources = (
        [o[k] for o, k in each if k == "layers" and isinstance(o[k], list) and o[k]] for each in (found, others)
    )
    if lists and sources:
        into = random.choice(lists)
        into.insert(random.randrange(len(into) + 1), _copied(random.choice(random.choice(sources))))


def _insert_invented(place: Place, found: list[Place], random: Random) -> None:
    """Insert a layer or an operation with arguments of our own."""
    lists = [owner[key] for owner, key in found if key in ("layers", "residual") and isinstance(owner[key], list)]
    if lists:
        into = random.choice(lists)
        into.insert(random.randrange(len(into) + 1), invented_item(random, found))


def _invent_call(place: Place, found: list[Place], random: Random) -> None:
    """Write another loss, optimizer or scheduler, with arguments of our own."""
    tree = found[0][0]
    key = random.choice(("loss", "optimizer", "scheduler"))
    tree[key] = invented_call(key, random)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(part) for key, part in value.items()}
    return [_copied(part) for part in value] if isinstance(value, list) else value


_OF_TREES: tuple[Callable[[Place, list[Place], Random], None], ...]
_OF_TREES = (_drop, _drop, _revalue, _revalue, _revalue, _transplant, _repeat, _insert, _interchange, _rekey)
_OF_TREES += (_insert_invented, _insert_invented, _insert_invented, _insert_invented, _invent_call)
_OF_TREES += (_nudge, _nudge, _nudge, _revalue_alike, _revalue_alike, _insert_layer, _insert_layer, _insert_layer)
