"""Takes out of a description what nothing in it uses, which nngen refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from .expressions import is_expression
from .interpreter import BESIDE


def tidied(description: dict[str, Any]) -> dict[str, Any]:
    """Return a description without unused blocks, arguments and names of tensors."""
    found = deepcopy(description)
    while _drop_one(found):
        pass
    return found


def items_of(description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield all items that are mappings, inner ones too."""
    for of_class in classes(description):
        yield from _items(of_class["layers"])


def classes(description: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the blocks and the models."""
    models = list((description.get("models") or {}).values()) or [description]
    return [*(description.get("blocks") or {}).values(), *models]


def _items(items: list[Any]) -> Iterator[dict[str, Any]]:
    for item in items:
        if not isinstance(item, dict):
            continue
        yield item
        for inner in lists_in(item):
            yield from _items(inner)


def lists_in(item: dict[str, Any]) -> list[list[Any]]:
    """Return the lists of items that an item holds."""
    for key in ("layers", "residual"):
        if key in item:
            return [item[key]]
    return list(item["branches"].values()) if "branches" in item else []


def kind_of(item: Any) -> str:
    """Return the kind of an item."""
    return item if isinstance(item, str) else next(key for key in item if key not in BESIDE)


def _drop_one(description: dict[str, Any]) -> bool:
    blocks = description.get("blocks") or {}
    called = {key for item in items_of(description) for key in item} | _bare(description)
    for name in [name for name in blocks if name not in called]:
        del blocks[name]
        if not blocks:
            del description["blocks"]
        return True
    for name, block in blocks.items():
        for argument in _unused(block):
            main = next((each for each, default in block["args"].items() if not is_expression(default)), None)
            del block["args"][argument]
            if not block["args"]:
                del block["args"]
            _forget(description, name, argument, argument == main)
            return True
    models = list((description.get("models") or {}).values())
    if any(_drop_argument(of, of) for of in models):
        return True
    return _drop_argument(description, description)


def _bare(description: dict[str, Any]) -> set[str]:
    lists = [of["layers"] for of in classes(description)]
    lists += [inner for item in items_of(description) for inner in lists_in(item)]
    return {item for items in lists for item in items if isinstance(item, str)}


def _drop_argument(owner: dict[str, Any], where: dict[str, Any]) -> bool:
    for argument in _unused(where):
        _write_out(where, argument, (owner.get("args") or {}).get(argument))
        del owner["args"][argument]
        if not owner["args"]:
            del owner["args"]
        return True
    return False


def _unused(of: dict[str, Any]) -> list[str]:
    args = of.get("args") or {}
    rest = {key: value for key, value in of.items() if key not in ("args", "blocks", "input", "inputs")}
    text = repr(rest) + repr(list(args.values()))
    return [name for name in args if not re.search(rf"\${name}\b", text)]


def _write_out(of: dict[str, Any], argument: str, value: Any) -> None:
    """Put the value of an argument in its place in the shapes of the inputs."""
    for key in ("input", "inputs"):
        if key in of:
            of[key] = _replaced(of[key], f"${argument}", value)


def _replaced(node: Any, old: str, new: Any) -> Any:
    if isinstance(node, dict):
        return {key: _replaced(value, old, new) for key, value in node.items()}
    if isinstance(node, list):
        return [_replaced(part, old, new) for part in node]
    return new if node == old else node


def _forget(description: dict[str, Any], block: str, argument: str, main: bool) -> None:
    """Take an argument out of the calls of a block."""
    for item in items_of(description):
        value = item.get(block)
        if isinstance(value, dict):
            value.pop(argument, None)
            item[block] = value or None
        elif block in item and main:
            item[block] = None
