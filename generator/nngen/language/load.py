"""First stage: YAML text (or plain values) becomes a tree of values with positions.

YAML is read from libyaml's events rather than with a loader: nothing is constructed but text, numbers,
lists and mappings, depth and size are bounded while reading, and every value keeps its line and column.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union

import yaml

from .errors import DescriptionError, Position, Problem

MAX_BYTES = 1 << 20
MAX_DEPTH = 60
MAX_NODES = 100_000

Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, number, truth value or null."""

    value: Plain
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping; its keys are text, each with its own position."""

    entries: tuple[tuple[Scalar, Node], ...]
    position: Position | None = None

    def get(self, key: str) -> Node | None:
        """Return the value of a key; None when there is none."""
        return next((value for name, value in self.entries if name.value == key), None)


Node = Union[Scalar, Sequence, Mapping]


def plain(node: Node) -> Any:
    """Return the value of a node without positions."""
    match node:
        case Scalar(value):
            return value
        case Sequence(items):
            return [plain(item) for item in items]
        case Mapping(entries):
            return {key.value: plain(value) for key, value in entries}


def read_bytes(path: Path) -> bytes:
    """Return the content of a description's file.

    Raises:
        DescriptionError: for a directory, a missing file, or one larger than a description can be.
        OSError: when the file exists but cannot be read.
    """
    if path.is_dir():
        raise DescriptionError([Problem("this is a directory; a description is a YAML file")])
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise DescriptionError([Problem("there is no such file")]) from None
    if len(content) > MAX_BYTES:
        size = max(path.stat().st_size, len(content)) / (1 << 20)
        raise DescriptionError(
            [Problem(f"the file has {size:.1f} MiB; a description has at most {MAX_BYTES >> 20} MiB")]
        )
    return content


def decode(content: bytes) -> str:
    """Return the text of a description.

    Raises:
        DescriptionError: when it is not UTF-8 text.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DescriptionError(
            [Problem(f"not a text file in UTF-8: byte 0x{content[error.start]:02x} at offset {error.start}")]
        ) from None
    if "\0" in text:
        raise DescriptionError([Problem(f"not a text file: it has a zero byte at offset {text.index(chr(0))}")])
    return text


def parse(text: str) -> Mapping:
    """Parse a YAML document whose root is a mapping.

    Raises:
        DescriptionError: for broken YAML, duplicate keys, values that YAML 1.1 and 1.2 read differently,
            and documents that are too deep or too large.
    """
    try:
        composer = _Composer(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
        root = composer.document()
    except yaml.MarkedYAMLError as error:
        if error.problem and "nesting depth" in error.problem:  # newer parsers count before the composer does
            raise DescriptionError([Problem(f"nested more than {MAX_DEPTH} levels deep")]) from None
        raise DescriptionError([_missing_colon(error, text) or _broken(error, text)]) from None
    except yaml.YAMLError as error:
        raise DescriptionError([Problem(f"not valid YAML: {str(error).splitlines()[0]}")]) from None
    if composer.problems:
        raise DescriptionError(composer.problems)
    if root is None or (isinstance(root, Scalar) and root.value is None):
        raise DescriptionError([Problem("the file is empty; a description begins with 'name: ...'")])
    if not isinstance(root, Mapping):
        raise DescriptionError(
            [Problem(f"expected keys such as 'name:' and 'layers:', found {describe(root)}", root.position)]
        )
    return root


def from_plain(value: object, depth: int = 0) -> Node:
    """Return a tree without positions from plain values, such as copier's answers, which were read as YAML 1.1.

    Raises:
        DescriptionError: for a value that no description can have, or too deep a nesting.
    """
    if depth > MAX_DEPTH:
        raise DescriptionError([Problem(f"nested more than {MAX_DEPTH} levels deep")])
    match value:
        case str():
            return Scalar(_quoted(value))
        case None | bool() | int() | float():
            return Scalar(value)
        case list() | tuple():
            return Sequence(tuple(from_plain(item, depth + 1) for item in value))
        case dict():
            return Mapping(tuple((_plain_key(key), from_plain(item, depth + 1)) for key, item in value.items()))
    raise DescriptionError([Problem(f"expected text, a number, a list or a mapping, found {value!r}")])


def describe(node: Node) -> str:
    """Return a value in words, for messages: ``a list``, ``true``, or the quoted text."""
    match node:
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"
        case Scalar(None):
            return "nothing"
        case Scalar(bool() as value):
            return "true" if value else "false"
        case Scalar(value):
            text = repr(value)
            return text if len(text) <= 60 else text[:57] + "..."


# YAML 1.2's core schema
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_OLD_RESOLVER = yaml.resolver.Resolver()


def _number(text: str) -> int | float | None:
    if _INT.fullmatch(text):
        digits = text.lstrip("+-")
        if len(digits) > 18:  # no size has more, and int() of a million digits would take minutes
            return math.inf
        return int(text, 0 if digits[:2] in ("0o", "0x") else 10)
    if _FLOAT.fullmatch(text):
        return float(text.replace(".inf", "inf").replace(".nan", "nan"))
    return None


def _quoted(text: str) -> str | float:
    """Return the text, or the number that YAML 1.1 reads as text (3e-4), as copier does with its answers."""
    return float(text) if _FLOAT.fullmatch(text) and _old_tag(text) == "str" else text


def _old_tag(text: str) -> str:
    tag: str = _OLD_RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return tag.rpartition(":")[2]


def _resolve(text: str) -> Plain:
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    number = _number(text)
    return text if number is None else number


def _ambiguity(text: str, value: Plain) -> str | None:
    """Return the type of a plain scalar in YAML 1.1 (as in copier and many editors) if it differs, or None."""
    tag = _old_tag(text)
    kind = {bool: "bool", int: "int", float: "float", type(None): "null"}.get(type(value), "str")
    if kind == "float" and tag == "str":
        return None  # 3e-4: from_plain reads it as the number it is
    if value == math.inf or (tag == kind and not re.fullmatch("[-+]?0[0-9]+", text)):
        return None
    return {"bool": "a truth value", "timestamp": "a date", "str": "text", "null": "nothing"}.get(tag, "a number")


def _plain_key(key: object) -> Scalar:
    if isinstance(key, str):
        return Scalar(key)
    raise DescriptionError([Problem(f"a key must be text, found {key!r}")])


_WORD_ITEM = re.compile(r"(?P<before>[ ]*(?:-[ ]+)+)(?P<word>[A-Za-z_][A-Za-z0-9_]*)[ ]*(?:#.*)?")
_KEY = re.compile(r"(?P<before>[ ]*)[A-Za-z_][A-Za-z0-9_]*[ ]*:(?:[ ]|$)")


def _missing_colon(error: yaml.MarkedYAMLError, text: str) -> Problem | None:
    """Return the problem of an item without a colon whose keys follow in the next line, if this is the mistake."""
    mark, lines = error.problem_mark, text.splitlines()
    if mark is None or mark.line >= len(lines):
        return None
    above = next((n for n in range(mark.line - 1, -1, -1) if re.fullmatch(r"[ ]*(#.*)?", lines[n]) is None), None)
    key, item = _KEY.match(lines[mark.line]), _WORD_ITEM.fullmatch(lines[above]) if above is not None else None
    if above is None or key is None or item is None or len(key["before"]) < len(item["before"]):
        return None
    word, column = item["word"], len(item["before"]) + 1
    place = Position(above + 1, column, column + len(word))
    return Problem(f"{word!r} needs a colon, since keys follow it", place, f"write '{word}:'")


def _broken(error: yaml.MarkedYAMLError, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    position = Position(mark.line + 1, mark.column + 1, mark.column + 2) if mark else None
    return Problem(f"not valid YAML: {error.problem}", position, _yaml_hint(error, text))


def _yaml_hint(error: yaml.MarkedYAMLError, text: str) -> str:
    mark, lines = error.problem_mark, text.splitlines()
    if mark and mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t":
        return "indent with spaces"
    if error.problem and "mapping values are not allowed" in error.problem:
        return "a text with ': ' in it needs quotes"
    return ""


@dataclass(frozen=True, slots=True)
class _Built:
    node: Node
    size: int
    height: int


class _Composer:
    """Builds the tree from libyaml's events, and collects problems that do not prevent further reading."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, _Built] = {}
        self._nodes = 0
        self.problems: list[Problem] = []

    def document(self) -> Node | None:
        """Return the tree of the only document; None if there is none."""
        root = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    position = _position(event)
                    raise DescriptionError([Problem("a second document begins here; a file has one", position)])
                root = self._build(next(self._events), 0).node
        return root

    def _build(self, event: Any, depth: int) -> _Built:
        position = _position(event)
        if depth > MAX_DEPTH:
            raise DescriptionError([Problem(f"nested more than {MAX_DEPTH} levels deep", position)])
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, position, depth)
        if event.tag not in (None, "!"):
            self.problems.append(Problem(f"tags such as {event.tag!r} are not part of the language", position))
        self._count(1, position)
        if isinstance(event, yaml.ScalarEvent):
            built = _Built(self._scalar(event, position), 1, 0)
        elif isinstance(event, yaml.SequenceStartEvent):
            built = self._sequence(position, depth)
        else:
            built = self._mapping(position, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = built
        return built

    def _alias(self, event: Any, position: Position, depth: int) -> _Built:
        built = self._anchors.get(event.anchor)
        if built is None:
            raise DescriptionError([Problem(f"'*{event.anchor}' has no anchor '&{event.anchor}' before it", position)])
        if depth + built.height > MAX_DEPTH:
            raise DescriptionError([Problem(f"nested more than {MAX_DEPTH} levels deep", position)])
        self._count(built.size, position)
        return built

    def _count(self, nodes: int, position: Position) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise DescriptionError([Problem(f"more than {MAX_NODES} values, aliases counted in full", position)])

    def _scalar(self, event: Any, position: Position) -> Scalar:
        if not event.implicit[0]:  # quoted
            return Scalar(_quoted(event.value), position)
        value = _resolve(event.value)
        other = _ambiguity(event.value, value)
        if other is not None:
            here = "text" if isinstance(value, str) else "a number"
            hint = (
                "write true or false, or put quotes around it" if other == "a truth value" else "put quotes around it"
            )
            if not isinstance(value, str):
                hint = f"write {value}"
            message = f"{event.value!r} is {here} in YAML 1.2 and {_other(other, here)} in YAML 1.1"
            self.problems.append(Problem(message, position, hint))
        return Scalar(value, position)

    def _sequence(self, position: Position, depth: int) -> _Built:
        items: list[_Built] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._build(event, depth + 1))
        return _built(Sequence(tuple(item.node for item in items), position), items)

    def _mapping(self, position: Position, depth: int) -> _Built:
        entries: dict[str, tuple[Scalar, Node]] = {}
        merged: dict[str, tuple[Scalar, Node]] = {}
        parts: list[_Built] = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            is_merge = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
            key = Scalar("<<", _position(event)) if is_merge else self._build(event, depth + 1).node
            value = self._build(next(self._events), depth + 1)
            parts.append(value)
            if is_merge:
                merged.update(self._merge_entries(value.node))
                self._count(len(merged), position)
            elif not isinstance(key, Scalar) or not isinstance(key.value, str):
                self.problems.append(Problem(f"a key must be text, found {describe(key)}", key.position))
            elif key.value in entries:
                first = entries[key.value][0].position
                where = f"; it is given in line {first.line} already" if first else ""
                self.problems.append(Problem(f"duplicate key {key.value!r}{where}", key.position))
            else:
                entries[key.value] = (key, value.node)
        return _built(Mapping(tuple((merged | entries).values()), position), parts)

    def _merge_entries(self, node: Node) -> Iterator[tuple[str, tuple[Scalar, Node]]]:
        sources = node.items if isinstance(node, Sequence) else (node,)
        for source in reversed(sources):  # the first of several wins, as in PyYAML
            if not isinstance(source, Mapping):
                self.problems.append(Problem(f"'<<' takes a mapping, found {describe(source)}", source.position))
                continue
            for entry in source.entries:
                yield str(entry[0].value), entry


def _other(other: str, here: str) -> str:
    return "another number" if other == here else other


def _built(node: Node, parts: list[_Built]) -> _Built:
    return _Built(node, 1 + sum(part.size for part in parts), 1 + max((part.height for part in parts), default=0))


def _position(event: Any) -> Position:
    start, end = event.start_mark, event.end_mark
    one_line = end.line == start.line and end.column > start.column
    return Position(start.line + 1, start.column + 1, end.column + 1 if one_line else start.column + 2)
