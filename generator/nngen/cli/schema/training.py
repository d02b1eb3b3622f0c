"""The schemas of the optimizer and the scheduler, with the keys beside them."""

from __future__ import annotations

from ...language.catalogue.registry import catalogue
from .. import reference
from .calls import calls, calls_with
from .values import NULL, Schema, any_of, mapping

_PATTERN: Schema = {"type": "string", "pattern": r"^[A-Za-z0-9_.]+$"}
_PATTERNS = any_of([_PATTERN, {"type": "array", "minItems": 1, "items": _PATTERN}])


def optimizer() -> Schema:
    """Return the schema of an optimizer with its groups of parameters and a second optimizer."""
    entries = list(catalogue().optimizers.values())
    options = {parameter.name: {"description": parameter.doc} for entry in entries for parameter in entry.parameters}
    group = mapping({"params": {"description": _help("params"), **_PATTERNS}, **options}, ["params"], minProperties=2)
    beside: dict[str, Schema] = {
        "no_decay": _PATTERNS,
        "groups": {"type": "array", "minItems": 1, "items": group},
        "rest": any_of([calls(entries), NULL]),
    }
    return calls_with(entries, _described(beside))


def scheduler() -> Schema:
    """Return the schema of a scheduler with its warm-up and the unit of its steps."""
    entries = list(catalogue().schedulers.values())
    beside: dict[str, Schema] = {
        "warmup": {"type": "integer", "minimum": 1},
        "step": {"enum": ["batch", "epoch"]},
        "before": any_of([calls(entries), NULL]),
        "start": {"type": "integer", "minimum": 1},
    }
    return calls_with(entries, _described(beside), alone=["warmup"])


def _described(schemas: dict[str, Schema]) -> dict[str, Schema]:
    return {name: {"description": _help(name), **schema} for name, schema in schemas.items()}


def _help(name: str) -> str:
    return reference.help_of("training", name)
