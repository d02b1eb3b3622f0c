"""The keys of a model's ``state_dict``, and what becomes of them when the network changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from ..network.graph import attribute_of
from ..network.layers.weights import Shape
from ..network.parameters import MAX_WEIGHTS, Weight, weights
from ..network.tensors import shape_text
from ..network.typed import TypedNetwork
from .moved_layers import moved_keys, renames

SHOWN = 12  # of each kind

Keys = dict[str, Weight]


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of the keys of a checkpoint."""

    stay: tuple[str, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    reshaped: tuple[tuple[str, Shape, Shape], ...]  # with the shapes of before and of now
    moved: Mapping[str, str]  # by their names of now


def state_dict_keys(typed: TypedNetwork) -> Keys:
    """Return the weights by their keys, ``encoder.*`` for a layer whose inside nngen does not know."""
    several = len(typed.models) > 1
    parts = [(f"{attribute_of(each.graph)}." if several else "", weights(each, True)) for each in typed.models]
    named = ((f"{prefix}{weight.name}", weight) for prefix, part in parts for weight in part)
    return dict(islice(named, MAX_WEIGHTS))


def compare(before: TypedNetwork, after: TypedNetwork) -> Changes:
    """Compare the keys of two networks; a layer that is one key is another layer when its arguments differ."""
    old, new = state_dict_keys(before), state_dict_keys(after)
    moved = moved_keys(before, after, old, new)
    away = set(moved.values())
    source = {name: name for name in new if name in old and name not in away} | moved
    source = {name: was for name, was in source.items() if _known(old[was], new[name])}
    shapes = [(name, old[was].shape, new[name].shape) for name, was in source.items()]
    reshaped = tuple((name, one, other) for name, one, other in shapes if one is not None and other not in (one, None))
    changed = {name for name, _, _ in reshaped}
    used = set(source.values())
    return Changes(
        stay=tuple(name for name, was in source.items() if name == was and name not in changed),
        new=tuple(name for name in new if name not in source),
        gone=tuple(name for name in old if name not in used),
        reshaped=reshaped,
        moved={name: was for name, was in source.items() if name != was and name not in changed},
    )


def _shifted(changes: Changes) -> list[str]:
    """Return the ``nn.Sequential`` whose layers changed: their keys may have shifted."""
    counted = [name.split(".") for name in (*changes.new, *changes.gone, *changes.moved)]
    places = {".".join(parts[:index]) for parts in counted for index, part in enumerate(parts) if part.isdecimal()}
    found = [each for each in places if any(name.startswith(f"{each}.") for name in changes.stay)]
    return sorted(each for each in found if not any(each.startswith(f"{other}.") for other in found))


def _known(before: Weight, after: Weight) -> bool:
    return not before.name.endswith(".*") or before.layer == after.layer


def report(changes: Changes, package: str) -> str:
    """Return the changes as text, with the command that takes them over; an empty text when there are none."""
    if not (changes.new or changes.gone or changes.reshaped or changes.moved):
        return ""
    kinds = {
        "moved": tuple(f"{was} -> {name}" for name, was in changes.moved.items()),
        "new": changes.new,
        "gone": changes.gone,
        "other shape": tuple(f"{name} {shape_text(one)} -> {shape_text(now)}" for name, one, now in changes.reshaped),
    }
    counts = [
        f"{len(names)} {'of another shape' if kind == 'other shape' else kind}"
        for kind, names in kinds.items()
        if names or kind != "moved"
    ]
    lines = [f"Weights in a checkpoint of before: {len(changes.stay)} stay, {', '.join(counts)}."]
    for kind, names in kinds.items():
        listed = [*names[:SHOWN], *([f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else [])]
        lines += [f"    {kind if index == 0 else '':12}{name}" for index, name in enumerate(listed)]
    given = renames(changes.moved) | {name: name for name in _shifted(changes)}
    if given:
        pairs = ",".join(f"{old}={new}" for old, new in given.items())
        command = f"python -m {package}.train --init-from OLD.pt --rename {pairs}"
        lines += ["To begin with those that moved or stay:", f"    {command}"]
    return "\n".join(lines)
