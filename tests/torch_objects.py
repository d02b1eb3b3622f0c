"""Objects of torch that are made of what the catalogue knows of their classes."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import pytest

from nngen.language.catalogue.registry import Entry


def build(entry: Entry, values: dict[str, object]) -> object:
    """The object of torch itself."""
    torch = pytest.importorskip("torch", reason="the catalogue is compared with torch")
    from torch.optim import lr_scheduler, swa_utils  # noqa: F401

    weight = torch.nn.Parameter(torch.zeros(2, 2))
    arguments = {key: translate(torch, entry, value) for key, value in values.items()}
    cls = getattr(sys.modules[entry.module], entry.name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if entry.kind == "optimizer":
            return cls([weight], **arguments)
        if entry.kind == "scheduler":
            optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
            if "schedulers" in values:
                arguments["schedulers"] = [lr_scheduler.StepLR(optimizer, 3), lr_scheduler.StepLR(optimizer, 3)]
            return (
                cls(arguments.pop("schedulers"), optimizer)
                if entry.name == "ChainedScheduler"
                else cls(optimizer, **arguments)
            )
        return cls(**arguments)


def translate(torch: Any, entry: Entry, value: object) -> object:
    if value == "package.module:name":
        return lambda *_: 1.0
    if isinstance(value, str) and value.endswith("Layer"):
        return getattr(torch.nn, value)(8, 2)
    if value == [1.0] * 4:
        return torch.ones(4)
    return tuple(value) if isinstance(value, list) and entry.kind in ("layer", "loss", "optimizer") else value
