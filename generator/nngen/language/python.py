"""Plain values as code, laid out as black lays them out."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

WIDTH = 88  # black's


def literal(value: object) -> str:
    """A plain value as black writes it: double quotes where that needs no more escapes.

    Raises:
        TypeError: for anything that is not a plain value, so that no text is ever taken for code.
    """
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        items = ", ".join(literal(item) for item in value)
        if isinstance(value, list):
            return f"[{items}]"
        return f"({items},)" if len(value) == 1 else f"({items})"
    raise TypeError(f"{type(value).__name__} is not a plain value")


def argument(name: str, value: object, *, indent: int = 8, tensor: bool = False) -> str:
    """``name=value`` for a line of its own, broken over several as black does where it is too long."""
    opening, closing = ("torch.tensor(", ")") if tensor else ("", "")
    line = f"{name}={opening}{literal(value)}{closing}"
    if len(line) + indent + 1 <= WIDTH or not isinstance(value, (list, tuple)):
        return line
    bracket = "[]" if isinstance(value, list) else "()"
    if tensor and len(literal(value)) + indent + 4 <= WIDTH:
        return _block(f"{name}={opening}", [literal(value)], closing, indent, comma="")
    if tensor:
        inner = _block(bracket[0], [literal(item) for item in value], bracket[1], indent + 4)
        return _block(f"{name}={opening}", [inner], closing, indent, comma="")
    return _block(f"{name}={bracket[0]}", [literal(item) for item in value], bracket[1], indent)


def call_arguments(
    arguments: Mapping[str, object], *, tensors: Collection[str] = (), indent: int = 4
) -> tuple[str, ...]:
    """Arguments by keyword, one a line; those in ``tensors`` are given as tensors."""
    lines = []
    for name, value in arguments.items():
        tensor = name in tensors and value is not None
        lines.append(argument(name, _floats(value) if tensor else value, indent=indent, tensor=tensor))
    return tuple(lines)


def assignment(left: str, right: str, comment: str = "", *, indent: int = 4) -> tuple[str, ...]:
    """``left = right  # comment``, with the comment above and the value in brackets where the line is too long."""
    line = f"{left} = {right}"
    if len(line) + indent + 2 + len(f"# {comment}") <= WIDTH:
        return (f"{line}  # {comment}",)
    if len(line) + indent <= WIDTH:
        return (f"# {comment}", line)
    return (f"# {comment}", f"{left} = (", f"    {right}", ")")


def _floats(value: object) -> object:
    """The same numbers as floats: of whole numbers torch would make a tensor that no loss takes."""
    if isinstance(value, (list, tuple)):
        return [_floats(item) for item in value]
    return float(value) if isinstance(value, int) else value


def _block(opening: str, lines: list[str], closing: str, indent: int, comma: str = ",") -> str:
    margin = " " * indent
    return "\n".join([opening, *(f"{margin}    {line}{comma}" for line in lines), margin + closing])


def _quoted(text: str) -> str:
    single = repr(text)
    if single.startswith('"'):
        return single
    escaped = single[1:-1].replace("\\'", "'").replace('"', '\\"')
    return single if text.count('"') > text.count("'") else f'"{escaped}"'
