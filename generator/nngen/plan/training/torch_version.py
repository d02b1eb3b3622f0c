"""The oldest torch that has everything that a description uses."""

from __future__ import annotations

from collections.abc import Collection

from ...description.calls import Call
from ...description.description import Description, Layer
from ...language.catalogue.entries import Entry
from ...language.catalogue.registry import catalogue
from ...network.typed import TypedNetwork

OLDEST = "2.4"  # that emitted code is written for
EXPORTS_SIZES = "2.6"  # Dim.AUTO


def oldest_torch(description: Description, typed: TypedNetwork) -> str:
    """A version such as ``2.4``, by what the catalogue knows of classes and arguments that came later."""
    known = catalogue()
    found = [OLDEST]
    if any(not isinstance(size, int) for tensor in typed.models[0].inputs for size in tensor.sizes[1:]):
        found.append(EXPORTS_SIZES)
    for graph in (*typed.network.models, *typed.network.blocks.values()):
        for node in graph.walk():
            if isinstance(node.action, Layer):
                found += _since(node.action.entry, node.action.arguments)
    for term in description.losses:
        if term.call.name in known.losses:  # others are emitted code
            found += _of_call(term.call, known.losses[term.call.name])
    optimizers, scheduler = [description.optimizer_of(model) for model in description.models], description.scheduler
    for call in (*optimizers, *(each.rest for each in optimizers)):
        found += _of_call(call, known.optimizers[call.name]) if call else []
    for call in (scheduler, scheduler.before if scheduler else None):
        found += _of_call(call, known.schedulers[call.name]) if call and call.name in known.schedulers else []
    return max(found, key=lambda version: tuple(map(int, version.split("."))))


def _of_call(call: Call, entry: Entry) -> list[str]:
    return _since(entry, call.arguments)


def _since(entry: Entry, arguments: Collection[str]) -> list[str]:
    given = [parameter.since for parameter in entry.parameters if parameter.name in arguments]
    return [version for version in (entry.since, *given) if version]
