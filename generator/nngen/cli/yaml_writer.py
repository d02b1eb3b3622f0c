"""Plain values as idiomatic YAML."""

from __future__ import annotations

from typing import Any

import yaml

LONGEST = 90  # the longest line of a mapping


def flow(value: Any) -> str:
    """Return a value on one line: ``{out_channels: 16, kernel_size: 3}``."""
    if value is None:
        return ""
    text: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000)
    return text.strip().removesuffix("...").strip().replace(": null", ": ")


def item_lines(item: Any) -> list[str]:
    """Return the lines of an item in a list of layers: its kind, followed by the keys beside it."""
    if not isinstance(item, dict):
        return [f"- {item}"]
    lines = [line for key, value in item.items() for line in _entry_lines(key, value)]
    return [f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]


def _entry_lines(key: str, value: Any) -> list[str]:
    line = f"{key}: {flow(value)}".rstrip()
    if len(line) <= LONGEST or not isinstance(value, dict):
        return [line]
    return [f"{key}:", *(f"    {name}: {flow(item)}" for name, item in value.items())]
