"""The schema of a whole description."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable
from typing import Any

from ...description.description import SIZES_OF_INPUT
from ...description.settings import Settings, Training
from ...description.sources import DATA_SOURCES, DataSettings
from ...language.catalogue.entries import Entry
from ...language.catalogue.registry import catalogue
from ...training.losses import LOSSES
from ...training.tasks import TASKS, Task
from ...validate.declarations import DTYPES
from ...validate.losses import BESIDE_LOSS
from ...validate.top_level import KEYS, OF_ONE_MODEL, REQUIRED
from .. import reference
from . import items
from .calls import bare, calls, calls_with
from .training import optimizer, scheduler
from .values import CLASS, DEFINITIONS, IDENTIFIER, NULL, Schema, any_of, attributes, choice, mapping, names, ref

_PATH = r"^[A-Za-z_]\w*(\.\w+)*$"


def text() -> str:
    """Return the schema as JSON, one definition per line."""
    schema = build()
    definitions = schema.pop("definitions")
    head = json.dumps(schema, separators=(",", ":"))
    lines = [
        f"{json.dumps(name)}:{json.dumps(definition, separators=(',', ':'))}"
        for name, definition in definitions.items()
    ]
    return head[:-1] + ',\n"definitions":{\n' + ",\n".join(lines) + "\n}}\n"


def build() -> Schema:
    """Return the schema as plain values."""
    properties = {key: _described("keys", key, schema) for key, schema in _keys().items() if KEYS[key]}
    several = {"required": ["models"]}
    needed = [key for key in REQUIRED if key in OF_ONE_MODEL and key != "input"]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        **mapping(properties, [key for key in REQUIRED if key not in OF_ONE_MODEL]),
        "allOf": [
            {
                "if": several,
                "then": {"not": {"anyOf": [{"required": [key]} for key in OF_ONE_MODEL]}},
                "else": {"required": needed, "oneOf": [{"required": ["input"]}, {"required": ["inputs"]}]},
            },
            _items_of(
                {
                    "required": ["blocks"],
                    "properties": {"blocks": {"description": reference.help_of("keys", "blocks"), "not": NULL}},
                }
            ),
            *[_of_task(task) for task in TASKS],
        ],
        "definitions": {**DEFINITIONS, **_definitions(), **items.definitions()},
    }


def _keys() -> dict[str, Schema]:
    return {
        "name": ref("project"),
        "class": {"type": "string", "pattern": CLASS},
        "task": choice({name: _task_help(task) for name, task in TASKS.items()}),
        "args": any_of([attributes(ref("value"), "i", *SIZES_OF_INPUT), NULL]),
        "input": ref("input"),
        "inputs": attributes(ref("input"), "x", minProperties=1),
        "blocks": any_of([names(CLASS, ref("block")), NULL]),
        "layers": {"type": "array", "minItems": 1},
        "models": names(CLASS, {}, minProperties=2),
        "outputs": ref("outputs"),
        "tie": {"type": "object", "propertyNames": {"pattern": _PATH}, "additionalProperties": _PATH_VALUE},
        "init": _init(),
        "loss": any_of([_losses(catalogue().losses.values()), choice(_own_losses())]),
        "optimizer": any_of([ref("optimizer"), NULL]),
        "scheduler": any_of([scheduler(), NULL]),
        "metrics": {},
        "data": _data(),
        "training": any_of([_settings(Training), NULL]),
    }


_PATH_VALUE: Schema = {"type": "string", "pattern": _PATH}


def _definitions() -> dict[str, Schema]:
    size = any_of([items.SIZE, {"type": "string", "pattern": IDENTIFIER, "not": {"const": "N"}}])
    shape: Schema = {"type": "array", "items": size}
    parts = {"shape": shape, "dtype": {"enum": list(DTYPES)}, "high": items.SIZE}
    described = {name: _described("parts", name, schema) for name, schema in parts.items()}
    return {
        "input": any_of([{**shape, "minItems": 1}, mapping(described, ["shape"])]),
        "outputs": any_of([ref("variable"), {"type": "array", "items": ref("variable")}]),
        "block": _block(),
        "model": _model("items"),
        "model with blocks": _model("items with blocks"),
        "optimizer": optimizer(),
        "scheduler": calls(catalogue().schedulers.values()),
    }


def _block() -> Schema:
    inputs = any_of([ref("variable"), {"type": "array", "items": ref("variable")}])
    layers = {"allOf": [ref("items with blocks")], "minItems": 1}
    schemas = {
        "args": any_of([attributes(ref("value"), "i", *SIZES_OF_INPUT), NULL]),
        "inputs": inputs,
        "layers": layers,
    }
    return mapping(
        {key: _described("keys", key, schema) for key, schema in {**schemas, "outputs": inputs}.items()}, ["layers"]
    )


def _model(items_name: str) -> Schema:
    keys = _keys()
    schemas = {key: keys[key] for key in ("args", "input", "inputs", "outputs", "optimizer")}
    schemas["layers"] = {"allOf": [ref(items_name)], "minItems": 1}
    needed = {"oneOf": [{"required": ["input"]}, {"required": ["inputs"]}]}
    return mapping({key: _described("keys", key, value) for key, value in schemas.items()}, ["layers"], **needed)


def _items_of(blocks: Schema) -> Schema:
    """Return the rule that items may have names unknown to torch only if there are blocks."""
    return {"if": blocks, "then": _networks(" with blocks"), "else": _networks("")}


def _networks(blocks: str) -> Schema:
    models = {"patternProperties": {CLASS: ref(f"model{blocks}")}}
    return {"properties": {"layers": ref(f"items{blocks}"), "models": models}}


def _of_task(task: str) -> Schema:
    facts = TASKS[task]
    losses = [catalogue().losses[name] for name in facts.torch_losses]
    loss = any_of([choice(dict(facts.losses)), NULL]) if facts.losses else _losses(losses)
    properties = {"loss": loss, "metrics": _metrics(facts)}
    then: Schema = {"properties": properties}
    if not facts.default_loss:
        then["required"] = ["loss"]
    return {"if": {"properties": {"task": {"const": task}}, "required": ["task"]}, "then": then}


def _own_losses() -> dict[str, str]:
    """Return the losses of tasks that are emitted code, with their help; a class of torch has help of its own."""
    return {name: words for task in TASKS.values() for name, words in task.losses.items() if name not in LOSSES}


def _task_help(task: Task) -> str:
    return f"Trained with {task.default_loss} by default." if task.default_loss else "Trained with the losses given."


def _losses(entries: Iterable[Entry]) -> Schema:
    """Return the schema of a loss or of a list of losses that are summed, with the keys beside them."""
    sides: dict[str, Schema] = {
        "from": any_of([ref("variable"), {"type": "array", "items": ref("variable")}]),
        "scale": {"type": "number"},
    }
    beside = {name: _described("training", name, sides[name]) for name in BESIDE_LOSS}
    single = calls_with(entries, beside)
    return any_of([single, {"type": "array", "minItems": 1, "items": single}, NULL])


def _metrics(task: Task) -> Schema:
    """Return the schema of the metrics of a task."""
    if not task.metrics:
        return {"enum": [None, []]}
    names_of_task = choice({metric.name: metric.words for metric in task.metrics})
    return any_of([names_of_task, {"type": "array", "items": names_of_task, "uniqueItems": True}, NULL])


def _init() -> Schema:
    parameters = names(IDENTIFIER, ref("initial"))
    classes = {name: {"description": entry.doc, **parameters} for name, entry in catalogue().layers.items()}
    ends = {r"^[a-z_]\w*(\.\w+)*$": ref("initial")}
    return {"type": "object", "properties": classes, "patternProperties": ends, "additionalProperties": False}


def _data() -> Schema:
    alone = {name: _summary(source) for name, source in DATA_SOURCES.items() if not _required(source)}
    properties = {name: _source(source) for name, source in DATA_SOURCES.items()}
    return any_of([choice(alone), mapping(properties, minProperties=1, maxProperties=1)])


def _source(source: type[DataSettings]) -> Schema:
    whole = _settings(source)
    options = [whole]
    main = source.main_argument
    if main and set(_required(source)) <= {main}:
        options.insert(0, bare(whole["properties"][main]))
    return any_of([*options, *([] if _required(source) else [NULL])], description=_summary(source))


def _settings(model: type[Settings]) -> Schema:
    schema = _untitled(model.model_json_schema())
    schema.pop("description", None)
    return {"properties": {}, **schema}


def _required(model: type[Settings]) -> list[str]:
    return [name for name, field in model.model_fields.items() if field.is_required()]


def _summary(source: type[DataSettings]) -> str:
    return (inspect.getdoc(source) or "").partition("\n")[0]


def _untitled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _untitled(inner) for key, inner in value.items() if key != "title" or not isinstance(inner, str)}
    return [_untitled(inner) for inner in value] if isinstance(value, list) else value


def _described(section: str, name: str, schema: Schema) -> Schema:
    doc = {"description": reference.help_of(section, name)}
    return {**doc, "allOf": [schema]} if "$ref" in schema else {**doc, **schema}
