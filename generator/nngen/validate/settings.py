"""Reads ``data`` and ``training`` with pydantic, and reports its errors at their positions in the file."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError

from ..description.settings import Settings, Training
from ..description.sources import DATA_SOURCES, DataSettings
from ..language import load
from ..language.load import Node, Scalar, describe
from ..language.problems import Problems, Where
from ..language.suggest import suggest

# pydantic's phrases, in the words of the other messages
_PLAIN = {
    "Input should be": "expected",
    "a valid string": "a text",
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid boolean": "true or false",
    "greater than or equal to": "at least",
    "less than or equal to": "at most",
    "greater than": "more than",
    "String should have at least 1 character": "expected a text",
}

AnySettings = TypeVar("AnySettings", bound=Settings)


def read_training(node: Node | None, problems: Problems) -> Training | None:
    """Read the training settings; return None, with a problem recorded, if they are invalid."""
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return Training()
    if not isinstance(node, load.Mapping):
        problems.add(f"training: expected settings such as {{epochs: 10}}, found {describe(node)}", node)
        return None
    return _read(Training, "training", node, problems)


def read_data(node: Node | None, problems: Problems) -> DataSettings | None:
    """Read the data source with its settings; return None if it is not written or, with a problem recorded, invalid."""
    if node is None:
        return None
    kind, value = node, None
    if isinstance(node, load.Mapping) and len(node.entries) == 1:
        kind, value = node.entries[0]
    if not isinstance(kind, Scalar) or not isinstance(kind.value, str):
        problems.add(f"data: expected one source, as in 'data: digits', found {describe(node)}", node, _sources())
        return None
    source = DATA_SOURCES.get(kind.value)
    if source is None:
        problems.unknown(f"unknown data {kind.value!r}", kind, kind.value, DATA_SOURCES, _sources())
        return None
    if value is not None and not isinstance(value, load.Mapping) and load.plain(value) is not None:
        main = source.main_argument
        if main is None:
            problems.add(f"{kind.value} has no main argument, so {describe(value)} has no meaning here", value)
            return None
        value = load.Mapping(((Scalar(main, value.position), value),), value.position)
    return _read(
        source, kind.value, value if isinstance(value, load.Mapping) else load.Mapping((), node.position), problems
    )


def _sources() -> str:
    return f"the sources are {', '.join(DATA_SOURCES)}"


def _read(model: type[AnySettings], name: str, node: load.Mapping, problems: Problems) -> AnySettings | None:
    try:
        return model.model_validate(load.plain(node))
    except ValidationError as error:
        details = error.errors(include_url=False)
        misspelt = {
            suggest(str(detail["loc"][0]), model.model_fields)
            for detail in details
            if detail["type"] == "extra_forbidden"
        }
        for detail in details:
            if (
                detail["type"] != "missing" or detail["loc"][0] not in misspelt
            ):  # a misspelt setting is one mistake, not two
                _add(detail, model, name, node, problems)
        return None


def _add(detail: Any, model: type[Settings], name: str, node: load.Mapping, problems: Problems) -> None:
    location = detail["loc"]
    key = str(location[0]) if location else ""
    entry = next((entry for entry in node.entries if entry[0].value == key), None)
    where: Where = node
    if detail["type"] == "extra_forbidden" and entry:
        listed = f"there are {', '.join(model.model_fields) or 'none'}"
        problems.unknown(f"{name} has no setting {key!r}", entry[0], key, model.model_fields, listed)
    elif detail["type"] == "missing":
        problems.add(f"{name} needs {key!r}", node, f"write {name}: {{{key}: ...}}")
    else:
        where = entry[1] if entry else where
        message = detail["msg"].removeprefix("Value error, ")
        for formal, plain in _PLAIN.items():
            message = message.replace(formal, plain)
        actual = f", not {describe(entry[1])}" if entry else ""
        problems.add(f"{name}: {f'{key}: ' if key else ''}{message}{actual}", where)
