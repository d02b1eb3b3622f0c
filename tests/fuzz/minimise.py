"""Makes a description that fails small, while it fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from .mutations import places, text_of, tree_of

_TRIES = 400


def minimise(text: str, fails: Callable[[str], bool]) -> str:
    """Return a description as small as could be found that still fails.

    Args:
        text: the description.
        fails: tells whether a description fails in the same way.
    """
    tried = _Tries(fails)
    tree = tree_of(text)
    if tree is not None and tried(text_of(tree)):
        return text_of(_smaller_tree(tree, tried))
    return _fewer_lines(text, tried)


class _Tries:
    """Tries descriptions until there were enough."""

    def __init__(self, fails: Callable[[str], bool]) -> None:
        self._fails = fails
        self._left = _TRIES

    def __call__(self, text: str) -> bool:
        self._left -= 1
        return self._left > 0 and self._fails(text)


def _smaller_tree(tree: Any, fails: Callable[[str], bool]) -> Any:
    found = True
    while found:
        found = False
        index = 0
        while index < len(places(tree)):
            for smaller in _without(tree, index):
                if fails(text_of(smaller)):
                    tree, found = smaller, True
                    break
            else:
                index += 1
    return tree


def _without(tree: Any, index: int) -> Iterator[Any]:
    """Yield the tree without the value at a place, and with each of its parts in its stead."""
    smaller = deepcopy(tree)
    owner, key = places(smaller)[index]
    value = owner.pop(key)
    yield smaller
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    for part in parts[:4]:
        smaller = deepcopy(tree)
        owner, key = places(smaller)[index]
        owner[key] = part
        yield smaller


def _fewer_lines(text: str, fails: Callable[[str], bool]) -> str:
    lines = text.splitlines()
    step = max(1, len(lines) // 2)
    while step:
        start = 0
        while start < len(lines):
            fewer = [*lines[:start], *lines[start + step :]]
            if fails("\n".join(fewer) + "\n"):
                lines = fewer
            else:
                start += step
        step //= 2
    return "\n".join(lines) + "\n"
