"""The keys of a model's ``state_dict``, and what becomes of them when the network changes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from .graph import shape_text
from .parameters import MAX_WEIGHTS, Shape, Weight, weights
from .together import attribute_of
from .types import TypedNetwork

SHOWN = 12  # of each kind

Keys = dict[str, Weight]


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of the keys of a checkpoint."""

    stay: tuple[str, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    reshaped: tuple[tuple[str, Shape, Shape], ...]  # with the shapes of before and of now


def state_dict_keys(typed: TypedNetwork) -> Keys:
    """The keys by their names, ``encoder.*`` for a layer that nngen does not know the inside of."""
    several = len(typed.models) > 1
    parts = [(f"{attribute_of(each.graph)}." if several else "", weights(each, True)) for each in typed.models]
    named = ((f"{prefix}{weight.name}", weight) for prefix, part in parts for weight in part)
    return dict(islice(named, MAX_WEIGHTS))


def compare(before: Keys, after: Keys) -> Changes:
    """What stays of the keys of before; a layer that is one key is another when its arguments are."""
    both = [name for name in before if name in after and _known(before[name], after[name])]
    shapes = [(name, before[name].shape, after[name].shape) for name in both]
    reshaped = tuple((name, one, other) for name, one, other in shapes if one is not None and other not in (one, None))
    changed = {name for name, _, _ in reshaped}
    return Changes(
        stay=tuple(name for name in both if name not in changed),
        new=tuple(name for name in after if name not in both),
        gone=tuple(name for name in before if name not in both),
        reshaped=reshaped,
    )


def _known(before: Weight, after: Weight) -> bool:
    return not before.name.endswith(".*") or before.layer == after.layer


def report(changes: Changes) -> str:
    """The changes as text; "" when there are none."""
    if not (changes.new or changes.gone or changes.reshaped):
        return ""
    shapes = tuple(f"{name} {shape_text(one)} -> {shape_text(other)}" for name, one, other in changes.reshaped)
    kinds = {"new": changes.new, "gone": changes.gone, "other shape": shapes}
    counts = [f"{len(names)} {'of another shape' if kind == 'other shape' else kind}" for kind, names in kinds.items()]
    lines = [f"Weights in a checkpoint of before: {len(changes.stay)} stay, {', '.join(counts)}."]
    for kind, names in kinds.items():
        listed = [*names[:SHOWN], *([f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else [])]
        lines += [f"    {kind if index == 0 else '':12}{name}" for index, name in enumerate(listed)]
    return "\n".join(lines)
