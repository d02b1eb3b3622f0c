"""The stages in their order. A stub: it checks the name alone, so that delivery can be built and tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import load
from .errors import DescriptionError, Problem


@dataclass(frozen=True)
class Description:
    values: dict[str, Any]


@dataclass(frozen=True)
class Project:
    name: str


def read(text: str | bytes) -> Description:
    root = load.parse(load.decode(text) if isinstance(text, bytes) else text)
    return _checked(load.plain(root))


def read_file(path: Path) -> tuple[bytes, Description]:
    content = load.read_bytes(path)
    return content, read(content)


def answers(description: Description) -> dict[str, Any]:
    return description.values


def plan(description: Description) -> Project:
    return Project(description.values["name"])


def plan_answers(mapping: Mapping[str, Any]) -> Project:
    return plan(_checked(load.plain(load.from_plain(dict(mapping)))))


def check_table(description: Description) -> str:
    return f"{description.values['name']}: no table yet"


def _checked(values: dict[str, Any]) -> Description:
    if not str(values.get("name", "")).isidentifier():
        raise DescriptionError([Problem("'name' must be a Python identifier")])
    if "layerz" in values:
        raise DescriptionError([Problem("unknown key 'layerz'", None, "did you mean 'layers'?")])
    return Description(values)
