"""Plain values as code; black lays out what is too long for a line."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping

WIDTH = 88  # of black's lines: it breaks code, and leaves comments as they are


def literal(value: object) -> str:
    """Return a plain value as people and black write it: ``1e-6``, double quotes where that needs no more escapes.

    Raises:
        TypeError: for anything that is not a plain value, so that no text is ever taken for code.
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
    """Return the code of a tuple for the code of its items."""
    texts = list(items)
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def argument(name: str, value: object, *, tensor: bool = False) -> str:
    """Return ``name=value`` as code, the value as a tensor where that is asked for."""
    if not tensor or value is None:
        return f"{name}={literal(value)}"
    return f"{name}=torch.tensor({literal(_floats(value))})"


def call_arguments(arguments: Mapping[str, object], *, tensors: Collection[str] = ()) -> tuple[str, ...]:
    """Return arguments by keyword as code; those in ``tensors`` are given as tensors."""
    return tuple(argument(name, value, tensor=name in tensors) for name, value in arguments.items())


def commented(statement: str, comment: str, *, indent: int = 4) -> tuple[str, ...]:
    """Return a statement with its comment behind it, or above it where the line would be too long."""
    line = f"{statement}  # {comment}"
    return (line,) if len(line) + indent <= WIDTH else (f"# {comment}", statement)


def _floats(value: object) -> object:
    """The same numbers as floats: of whole numbers torch would make a tensor that no loss takes."""
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
