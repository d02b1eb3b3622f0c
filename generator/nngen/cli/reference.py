"""The documentation of names beyond the catalogue: families, shapes in words, examples.

It is read from ``schemas/reference.yaml``, which only ``nngen layers`` and the generator of the JSON Schema use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..language import load
from ..language.catalogue.entries import Entry
from ..language.catalogue.registry import catalogue
from ..network.layers.recurrent import GATES
from ..paths import SCHEMAS
from .yaml_writer import flow, item_lines

KINDS = ("layers", "losses", "optimizers", "schedulers")
_KEYS = {"loss": "losses", "optimizer": "optimizers", "scheduler": "schedulers"}
_SPATIAL = {1: ("L", "L_out"), 2: ("H, W", "H_out, W_out"), 3: ("D, H, W", "D_out, H_out, W_out")}


@dataclass(frozen=True, slots=True)
class NameGroup:
    """The names of a family."""

    kind: str  # "layers", "structures", "operations", "losses", "optimizers" or "schedulers"
    title: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of a description: an input with layers, or one key such as ``optimizer``."""

    values: Mapping[str, Any]

    def text(self) -> str:
        """Return the fragment as YAML, ready to be pasted."""
        lines = []
        for key, value in self.values.items():
            if key == "layers":
                lines += ["layers:", *(f"  {line}" for item in value for line in item_lines(item))]
            else:
                lines.append(f"{key}: {flow(value)}")
        return "\n".join(lines)


def groups() -> tuple[NameGroup, ...]:
    """Return all names of the language, grouped by family."""
    name_groups = []
    for kind in KINDS:
        entries: Mapping[str, Entry] = getattr(catalogue(), kind)
        families = {name: notes["title"] for name, notes in _data()[kind].items()}
        for family, title in families.items():
            names = tuple(name for name in entries if entries[name].family == family)
            name_groups.append(NameGroup(kind, title, names))
    name_groups.append(NameGroup("structures", "Beside layers and operations", tuple(_data()["structures"])))
    name_groups += [
        NameGroup("operations", operations["title"], tuple(operations["operations"]))
        for operations in _data()["operations"].values()
    ]
    return tuple(name_groups)


def entry_of(name: str) -> Entry | None:
    """Return the class of that name, of any kind, or None."""
    return next((entry for kind in KINDS if (entry := getattr(catalogue(), kind).get(name))), None)


def shape(entry: Entry) -> str:
    """Return in words how a layer changes the shape of its input."""
    return _in_words(entry, "shape")


def counts(entry: Entry) -> str:
    """Return in words how a layer's parameters and FLOPs are counted."""
    return _in_words(entry, "counts")


def example(entry: Entry) -> Fragment:
    """Return an example of a class; the example of a layer includes an input."""
    notes = _notes(entry)
    values = notes.get("arguments", {})
    arguments = {parameter.name: values[parameter.name] for parameter in entry.parameters if parameter.name in values}
    if entry.kind == "layer":
        layers = notes.get("layers") or [_item(entry, arguments)]
        return _network(notes, layers, entry.dims or 0)
    return Fragment({entry.kind: {entry.name: arguments} if arguments else entry.name})


def operation_example(name: str) -> Fragment:
    """Return an example of an operation, with its input."""
    family = _operation_family(name)
    notes = {**family, **family["operations"][name]}
    return _network(notes, notes.get("layers") or [name], 0)


def operation_doc(name: str) -> str:
    """Return the description of an operation, a sentence."""
    return str(_operation_family(name)["operations"][name]["doc"])


def operation_argument_doc(name: str) -> str:
    """Return the description of an argument of operations."""
    return str(_data()["operation_arguments"][name])


def _operation_family(name: str) -> dict[str, Any]:
    families: dict[str, dict[str, Any]] = _data()["operations"]
    return next(family for family in families.values() if name in family["operations"])


def _network(notes: Mapping[str, Any], layers: list[Any], dims: int) -> Fragment:
    if "inputs" in notes:
        return Fragment({"inputs": notes["inputs"], "layers": layers})
    shapes = notes["input"]
    by_dims = isinstance(shapes, dict) and "shape" not in shapes
    return Fragment({"input": shapes[f"{dims}d" if dims else "any"] if by_dims else shapes, "layers": layers})


def _item(entry: Entry, arguments: Mapping[str, Any]) -> Any:
    if not arguments:
        return entry.name
    alone = list(arguments) == [entry.main]
    return {entry.name: next(iter(arguments.values())) if alone else dict(arguments)}


def _in_words(entry: Entry, key: str) -> str:
    size, out = _SPATIAL.get(entry.dims or 0, ("*", "*"))
    kind = entry.name.removesuffix("Cell")
    gates = f"{GATES[kind]} * " if GATES.get(kind, 1) > 1 else ""
    words = {"size": size, "out": out, "gates": gates, "states": " and c_n" if kind == "LSTM" else ""}
    return str(_notes(entry).get(key, "")).format(**words)


def _notes(entry: Entry) -> dict[str, Any]:
    kind = _KEYS.get(entry.kind, "layers")
    family = _data()[kind][entry.family]
    return {**family, **family.get("classes", {}).get(entry.name, {})}


@cache
def _data() -> dict[str, Any]:
    text = (SCHEMAS / "reference.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = load.plain(load.parse(text))
    return data


def help_of(section: str, name: str) -> str:
    """Return the help for a word of the language.

    Args:
        section: the section of the words: ``keys``, ``beside``, ``structures``, ``parts`` or ``training``.
        name: the word.
    """
    notes = _data()[section][name]
    return str(notes["doc"] if isinstance(notes, dict) else notes)


def structure_example(name: str) -> Fragment:
    """Return an example of a structure, with its input."""
    notes = _data()["structures"][name]
    return _network(notes, notes["layers"], 0)
