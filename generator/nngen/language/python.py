"""Source code of plain values; black breaks lines that are too long."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping

WIDTH = 88  # black's line length: black breaks code but not comments


def literal(value: object) -> str:
    """Return the source of a plain value in black's style: ``1e-6``, and double quotes unless they need more escapes.

    Raises:
        TypeError: for anything but a plain value, so that no text can become code.
    """
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float):
        return _float(value)
    if value is None or isinstance(value, (bool, int)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        items = map(literal, value)
        return tuple_of(items) if isinstance(value, tuple) else f"[{', '.join(items)}]"
    raise TypeError(f"{type(value).__name__} is not a plain value")


def tuple_of(items: Iterable[str]) -> str:
    """Return the source of a tuple, given the source of its items."""
    texts = list(items)
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def argument(name: str, value: object, *, tensor: bool = False) -> str:
    """Return the source of ``name=value``; with `tensor`, a value other than None becomes a tensor."""
    if not tensor or value is None:
        return f"{name}={literal(value)}"
    return f"{name}=torch.tensor({literal(_floats(value))})"


def call_arguments(arguments: Mapping[str, object], *, tensors: Collection[str] = ()) -> tuple[str, ...]:
    """Return the source of keyword arguments; the values of those in `tensors` become tensors."""
    return tuple(argument(name, value, tensor=name in tensors) for name, value in arguments.items())


def commented(statement: str, comment: str, *, indent: int = 4) -> tuple[str, ...]:
    """Return a statement followed by its comment, or preceded by it if the line would be too long."""
    line = f"{statement}  # {comment}"
    return (line,) if len(line) + indent <= WIDTH else (f"# {comment}", statement)


def _floats(value: object) -> object:
    """Return the numbers as floats, since torch makes integer tensors of ints, which no loss takes."""
    if isinstance(value, (list, tuple)):
        return [_floats(item) for item in value]
    return float(value) if isinstance(value, int) else value


def _float(value: float) -> str:
    text = repr(value)
    if not math.isfinite(value):
        return f'float("{text}")'
    if abs(value) >= 1e6 and "e" not in text:
        mantissa, exponent = f"{value:e}".split("e")
        shorter = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
        return shorter if float(shorter) == value and len(shorter) < len(text) else text
    return re.sub(r"e([+-]?)0*(\d)", lambda match: f"e{match[1].replace('+', '')}{match[2]}", text)


def _quoted(text: str) -> str:
    single = repr(text)
    if single.startswith('"'):
        return single
    escaped = single[1:-1].replace("\\'", "'").replace('"', '\\"')
    return single if text.count('"') > text.count("'") else f'"{escaped}"'
