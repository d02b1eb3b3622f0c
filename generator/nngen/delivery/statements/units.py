"""The units of a file, each of which merges as a whole: a statement, a paragraph, or a line."""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass, field
from pathlib import PurePosixPath

Origin = tuple[str, int]  # the version of the file that a unit is from first, and its number there
Span = tuple[int, int]  # first and last line

_NO_PROSE = re.compile(r"\s*(?:[#>]|[-*+] |\d+[.)] )")  # a heading, a quote, an item of Markdown
_FENCE = re.compile(r"\s*(?:```|~~~)")
_LAYOUT = (tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.ENDMARKER)


class Unmergeable(Exception):
    """Why the conflict has to stay."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A statement (of a compound one the head, with its decorators), a comment, a paragraph or a line."""

    above: str  # the empty lines above
    indent: str
    code: str  # to the letter, further lines included
    origin: Origin = field(default=("", 0), compare=False)  # a unit that a side changed keeps the base's

    @property
    def key(self) -> tuple[str, str]:
        """What two equal units share wherever they stand."""
        return self.indent, self.code

    @property
    def text(self) -> str:
        """The unit as it stands in the file."""
        return f"{self.above}{self.indent}{self.code}\n"

    @property
    def is_comment(self) -> bool:
        """Whether it is a comment alone."""
        return self.code.startswith("#")


def is_python(path: str) -> bool:
    """Return whether a file's units are statements."""
    return PurePosixPath(path).suffix in (".py", ".pyi")


def units_of(path: str, text: str, version: str) -> tuple[list[Unit], str]:
    """Return the units of a version of a file, and the empty lines at its end.

    Raises:
        Unmergeable: when the text cannot be divided.
    """
    *lines, rest = text.split("\n")
    if rest:
        raise Unmergeable("there is no line break at the end")
    if is_python(path):
        spans = _statements(text)
    elif path.endswith(".md"):
        spans = _paragraphs(lines)
    else:
        spans = [(row, row) for row, line in enumerate(lines) if line.strip()]
    units: list[Unit] = []
    after = 0
    for first, last in spans:
        if first < after:
            raise Unmergeable("two statements share a line")
        start = lines[first].lstrip(" \t")
        indent = lines[first][: len(lines[first]) - len(start)]
        above = "".join(f"{line}\n" for line in lines[after:first])
        units.append(Unit(above, indent, "\n".join([start, *lines[first + 1 : last + 1]]), (version, len(units))))
        after = last + 1
    end = "".join(f"{line}\n" for line in lines[after:])
    if any(part.strip() for part in (end, *(unit.above for unit in units))):
        raise Unmergeable("some lines are in no statement")
    return units, end


def _statements(text: str) -> list[Span]:
    spans: list[Span] = []
    first: int | None = None  # of the statement that is being read
    decorated: int | None = None  # the first decorator above it
    is_decorator = False
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            row = token.start[0] - 1
            if token.type in _LAYOUT:
                continue
            if first is None and token.type == tokenize.COMMENT:
                if decorated is None:
                    spans.append((row, row))
            elif first is None:
                first, is_decorator = row, token.string == "@"
            if token.type == tokenize.NEWLINE and first is not None:
                start = first if decorated is None else decorated
                if not is_decorator:
                    spans.append((start, row))
                decorated, first = (start if is_decorator else None), None
    except (tokenize.TokenError, SyntaxError) as error:
        raise Unmergeable("a version is no Python") from error
    return spans


def _paragraphs(lines: list[str]) -> list[Span]:
    spans: list[Span] = []
    fenced = False
    for row, line in enumerate(lines):
        fence = bool(_FENCE.match(line))
        if line.strip():
            continues = bool(spans) and spans[-1][1] == row - 1 and not (fenced or fence or _NO_PROSE.match(line))
            if continues and not re.match(r"\s*(?:[#|]|```|~~~)", lines[spans[-1][0]]):
                spans[-1] = (spans[-1][0], row)
            else:
                spans.append((row, row))
        fenced ^= fence
    return spans
