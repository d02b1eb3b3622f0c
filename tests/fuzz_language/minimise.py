"""Makes a description that fails as short as it can be while it fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from .tidy import classes, items_of, kind_of, lists_in, tidied

MOST = 400  # descriptions that are tried

Change = Callable[[dict[str, Any]], None]


def minimised(description: dict[str, Any], fails: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return a shorter description that still fails.

    Args:
        description: one that fails.
        fails: whether a description fails in the same way.
    """
    tried = 0
    best = description
    changed = True
    while changed and tried < MOST:
        changed = False
        place = 0
        while tried < MOST:
            smaller = _nth(best, place)
            if smaller is None:
                break
            place += 1
            tried += 1
            if _size(smaller) < _size(best) and fails(smaller):
                best, changed = smaller, True
                place = max(0, place - 1)
    return best


def skeleton(description: dict[str, Any]) -> str:
    """Return the structure of a description without its names and numbers: failures of one structure have one cause."""
    blocks = description.get("blocks") or {}

    def of_item(item: Any) -> str:
        if isinstance(item, str):
            return "layer"
        kind = kind_of(item)
        what = "block" if kind in blocks else "layer" if kind[0].isupper() else kind
        what = what if what in ("layers", "residual", "branches", "use", "block", "layer") else "operation"
        value = sorted(item[kind]) if isinstance(item[kind], dict) and what == "operation" else ""
        beside = sorted(key for key in item if key != kind)
        loop = "columns" if isinstance(item.get("repeat"), dict) else ""
        return f"{what}{value}{beside}{loop}{[list(map(of_item, inner)) for inner in lists_in(item)]}"

    return str([list(map(of_item, of["layers"])) for of in classes(description)])


def _nth(description: dict[str, Any], place: int) -> dict[str, Any] | None:
    """Return a description with one of its possible changes made."""
    copy = deepcopy(description)
    for index, change in enumerate(_changes(copy)):
        if index == place:
            change()
            return tidied(_without_unused_names(copy))
    return None


def _size(description: Any) -> tuple[int, int]:
    text = repr(description)
    return text.count("{") + text.count("'"), len(text)


def _changes(description: dict[str, Any]) -> Iterator[Callable[[], None]]:
    """Yield what could be changed, most of all first."""
    lists = [of["layers"] for of in classes(description)]
    lists += [inner for item in items_of(description) for inner in lists_in(item)]
    for items in lists:
        if len(items) > 2:
            yield lambda items=items: items.__delitem__(slice(len(items) // 2, None))
            yield lambda items=items: items.__delitem__(slice(0, len(items) // 2))
    for of in classes(description):
        for item in items_of({"layers": of["layers"]}):
            if names := _given(item):
                yield lambda of=of, item=item, names=names: _drop_with_users(of["layers"], item, names)
        for name in list(of.get("inputs") or {})[1:]:
            yield lambda of=of, name=name: _drop_with_users(of["layers"], None, {name})
    for items in lists:
        for index, item in enumerate(items):
            yield lambda items=items, index=index: items.pop(index)
            if isinstance(item, dict):
                yield from _unwrapped(description, items, index)
    for item in items_of(description):
        yield from _simpler(item)
    yield from _smaller_blocks(description)
    for owner in (description, *(description.get("models") or {}).values()):
        yield from _literals(owner)


def _given(item: dict[str, Any]) -> set[str]:
    """Return the names of the tensors that an item gives."""
    names = item.get("as") or []
    given = {names} if isinstance(names, str) else set(names)
    if kind_of(item) in ("parameter", "buffer"):
        given.add(item["name"])
    if "branches" in item and "merge" not in item:
        given |= set(item["branches"])
    return given - {"x", "_"}


def _drop_with_users(items: list[Any], item: Any, names: set[str]) -> None:
    """Drop an item, and all that mention one of the tensors that it gives."""
    for each in list(items):
        inner = lists_in(each) if isinstance(each, dict) else []
        mentions = isinstance(each, dict) and _mentions([each.get("from"), [] if inner else each[kind_of(each)]], names)
        if each is item or mentions:
            items[:] = [other for other in items if other is not each]
        else:
            for part in inner:
                _drop_with_users(part, item, names)


def _mentions(value: Any, names: set[str]) -> bool:
    if isinstance(value, dict):
        return _mentions(list(value.values()), names)
    if isinstance(value, list):
        return any(_mentions(part, names) for part in value)
    return isinstance(value, str) and (value in names or any(f"${name}.size" in value for name in names))


def _unwrapped(description: dict[str, Any], items: list[Any], index: int) -> Iterator[Callable[[], None]]:
    item = items[index]
    for inner in lists_in(item):
        yield lambda inner=inner: items.__setitem__(slice(index, index + 1), inner)
    block = (description.get("blocks") or {}).get(kind_of(item))
    if block and not block.get("args") and len(block.get("inputs", "1")) == 1 and "outputs" not in block:
        yield lambda: items.__setitem__(slice(index, index + 1), deepcopy(block["layers"]))


def _simpler(item: dict[str, Any]) -> Iterator[Callable[[], None]]:
    for key in ("if", "repeat", "from", "name", "as", "merge"):
        if key in item:
            yield lambda key=key: item.pop(key)
    kind, repeat = kind_of(item), item.get("repeat")
    if isinstance(repeat, dict):
        for name in repeat:
            if len(repeat) > 1:
                yield lambda name=name: repeat.pop(name)
            if isinstance(repeat[name], list) and len(repeat[name]) > 1:
                yield lambda name=name: repeat.__setitem__(name, repeat[name][:-1])
                yield lambda name=name: repeat.__setitem__(name, repeat[name][1:])
    elif repeat is not None and repeat != 2:
        yield lambda: item.__setitem__("repeat", 2)
    if "if" in item and item["if"] not in (True, False):
        yield lambda: item.__setitem__("if", True)
    yield from _simpler_value(item, kind)


def _simpler_value(item: dict[str, Any], kind: str) -> Iterator[Callable[[], None]]:
    value = item[kind]
    if kind == "branches":
        for name in list(value) if len(value) > 1 else []:
            yield lambda name=name: value.pop(name)
    elif isinstance(value, dict) and kind not in ("parameter", "buffer"):
        for name in list(value):
            yield lambda name=name: value.pop(name)
            yield lambda name=name: value.__setitem__(name, 3)
        if kind == "Conv2d" and value != {"out_channels": value.get("out_channels"), "kernel_size": 1}:
            plain = {"out_channels": value.get("out_channels"), "kernel_size": 1}
            yield lambda: item.__setitem__(kind, plain)
        if kind == "Linear":
            yield lambda: item.__setitem__(kind, value.get("out_features"))
    elif isinstance(value, str):
        yield lambda: item.__setitem__(kind, 3)
    if kind[0].isupper() and kind not in ("Linear", "Conv2d", "ReLU"):
        yield lambda: _rename(item, kind, "ReLU")


def _rename(item: dict[str, Any], kind: str, new: str) -> None:
    del item[kind]
    item[new] = None


def _smaller_blocks(description: dict[str, Any]) -> Iterator[Callable[[], None]]:
    for block in (description.get("blocks") or {}).values():
        if len(block.get("outputs") or []) > 1:
            yield lambda block=block: block.pop("outputs")
            yield lambda block=block: block.__setitem__("outputs", block["outputs"][:1])
        if len(block.get("inputs") or []) > 1:
            yield lambda block=block: block.__setitem__("inputs", block["inputs"][:1])
        elif "inputs" in block:
            yield lambda block=block: block.pop("inputs")


def _literals(owner: dict[str, Any]) -> Iterator[Callable[[], None]]:
    if "outputs" in owner:
        yield lambda: owner.pop("outputs")
    if "inputs" in owner:
        inputs = owner["inputs"]
        for name in list(inputs):
            if len(inputs) > 1:
                yield lambda name=name: inputs.pop(name)
            yield lambda name=name: (owner.__setitem__("input", inputs[name]), owner.pop("inputs"))  # type: ignore[return-value]
    for name, value in (owner.get("args") or {}).items():
        if isinstance(value, str):
            yield lambda name=name: owner["args"].__setitem__(name, 3)
        yield lambda name=name, value=value: _write_in(owner, name, value)


def _write_in(owner: dict[str, Any], name: str, value: Any) -> None:
    """Put the value of an argument where the argument stands alone."""

    def written(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: written(part) for key, part in node.items()}
        if isinstance(node, list):
            return [written(part) for part in node]
        return value if node == f"${name}" else node

    for key in ("layers", "models", "input", "inputs"):
        if key in owner:
            owner[key] = written(owner[key])


def _without_unused_names(description: dict[str, Any]) -> dict[str, Any]:
    for of in classes(description):
        text = repr({key: value for key, value in of.items() if key != "blocks"})
        for item in items_of({"layers": of["layers"]}):
            name = item.get("as")
            if isinstance(name, str) and text.count(f"'{name}'") + text.count(f"${name}.") < 2:
                del item["as"]
    return description
