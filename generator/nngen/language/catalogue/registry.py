"""Access to the catalogue of torch's layers, losses, optimizers and schedulers.

The data is ``schemas/catalogue.json``, made by ``python -m nngen.language.catalogue.refresh``.
Nothing here imports torch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from ...paths import SCHEMAS
from .entries import Entry, Parameter
from .values import check_together, check_value

__all__ = ["Catalogue", "Entry", "Parameter", "catalogue", "check_together", "check_value"]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All entries, by kind and name; names are in alphabetical order."""

    layers: Mapping[str, Entry]
    losses: Mapping[str, Entry]
    optimizers: Mapping[str, Entry]
    schedulers: Mapping[str, Entry]


class _Entries(Mapping[str, Entry]):
    """Entries that are built on first access, because a description uses few of the 171."""

    def __init__(self, kind: str, raw: Mapping[str, dict[str, Any]]) -> None:
        self._kind = kind
        self._raw = raw
        self._built: dict[str, Entry] = {}

    def __getitem__(self, name: str) -> Entry:
        if name not in self._built:
            self._built[name] = _entry(name, self._kind, self._raw[name])
        return self._built[name]

    def __contains__(self, name: object) -> bool:
        return name in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


def _entry(name: str, kind: str, raw: Mapping[str, Any]) -> Entry:
    values = dict(raw)
    parameters = values.pop("parameters", {})
    traits = MappingProxyType(values.pop("traits", {}))
    built = tuple(_parameter(key, value) for key, value in parameters.items())
    return Entry(name=name, kind=kind, parameters=built, traits=traits, **values)


def _parameter(name: str, raw: Mapping[str, Any]) -> Parameter:
    values = dict(raw)
    for key in ("types", "choices"):
        if key in values:
            values[key] = tuple(values[key])
    return Parameter(name=name, **values)


@cache
def catalogue() -> Catalogue:
    """Return the catalogue; its file is read only once."""
    raw = json.loads((SCHEMAS / "catalogue.json").read_bytes())
    return Catalogue(
        layers=_Entries("layer", raw["layers"]),
        losses=_Entries("loss", raw["losses"]),
        optimizers=_Entries("optimizer", raw["optimizers"]),
        schedulers=_Entries("scheduler", raw["schedulers"]),
    )
