"""Text from a project or of a file's name, in a message of one line."""

from __future__ import annotations


def shown(text: object) -> str:
    """Return text as it is, or quoted where it has line breaks, tabs or what else steers a terminal."""
    plain = str(text)
    return plain if plain.isprintable() else repr(plain)
