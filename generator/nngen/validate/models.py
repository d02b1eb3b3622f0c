"""The key ``models``: several networks of one description."""

from __future__ import annotations

from collections.abc import Iterable

from ..description.description import Arg, Input, Item, Model, Written, all_items, written_in
from ..language import expressions, load
from ..language.identifiers import attribute_problem, class_problem, snake
from ..language.load import Node, Scalar, describe
from ..language.problems import Problems
from .declarations import read_args, read_inputs, read_outputs
from .items import Reader
from .optimizers import read_optimizer

MODEL_KEYS = ("input", "inputs", "args", "layers", "outputs", "optimizer")


def read_models(node: Node, shared: tuple[Arg, ...], reader: Reader) -> tuple[Model, ...]:
    """Read the networks in their order; return none if one of them cannot be read.

    Args:
        node: the value of the key ``models``.
        shared: the arguments of the description.
        reader: reads the items, and receives the mistakes.
    """
    problems = reader.problems
    if not isinstance(node, load.Mapping) or not node.entries:
        problems.add(f"models: expected names with networks, found {describe(node)}", node, _EXAMPLE)
        return ()
    if len(node.entries) == 1:
        problems.add("models: expected two networks or more, found one", node, "write its keys at the top")
    models: list[Model | None] = []
    attributes: dict[str, str] = {}
    for key, value in node.entries:
        problem = class_problem(key.value, "a model")
        attribute = snake(str(key.value))
        if problem is None and attribute_problem(attribute):
            problem = f"{key.value!r} would be the attribute {attribute!r}, which is taken"
        if problem is None and attribute in attributes:
            problem = f"{key.value!r} and {attributes[attribute]!r} would both be the attribute {attribute!r}"
        attributes[attribute] = str(key.value)
        if problem:
            problems.add(f"models: {problem}", key)
        if isinstance(value, load.Mapping):
            models.append(_model(key, value, shared, reader))
        else:
            problems.add(f"{key.value}: expected a network with 'input' and 'layers', found {describe(value)}", value)
            models.append(None)
    return tuple(model for model in models if model) if all(models) else ()


_EXAMPLE = "such as Encoder: {input: [...], layers: [...]} and Decoder: {...}"


def _model(key: Scalar, node: load.Mapping, shared: tuple[Arg, ...], reader: Reader) -> Model | None:
    problems = reader.problems
    nodes = _keys(node, problems)
    own = read_args(nodes.get("args"), problems, above=shared)
    inputs = read_inputs(nodes.get("input"), nodes.get("inputs"), problems)
    items = reader.items(nodes["layers"], "layers") if "layers" in nodes else ()
    outputs = read_outputs(nodes.get("outputs"), problems)
    optimizer = read_optimizer(nodes["optimizer"], problems) if "optimizer" in nodes else None
    for name, is_present in (("layers", "layers" in nodes), ("input", "input" in nodes or "inputs" in nodes)):
        if not is_present:
            problems.add(f"the model {key.value!r} needs {name!r}", key)
    if not inputs or not items:
        return None
    used = _used(shared, inputs, items, own)
    return Model(str(key.value), (*used, *own), inputs, items, outputs, optimizer, key.position)


def _keys(node: load.Mapping, problems: Problems) -> dict[str, Node]:
    """Return the values of a model's keys; a misspelt key is read as the most similar one."""
    values: dict[str, Node] = {}
    for key, value in node.entries:
        name = str(key.value)
        if name not in MODEL_KEYS:
            missing = [other for other in MODEL_KEYS if node.get(other) is None]
            listed = f"there are {', '.join(MODEL_KEYS)}"
            nearest = problems.unknown(f"a model has no {key.value!r}", key, name, missing, listed)
            if nearest is None:
                continue
            name = nearest
        values.setdefault(name, value)
    return values


def _used(
    shared: tuple[Arg, ...], inputs: Iterable[Input], items: tuple[Item, ...], own: Iterable[Arg]
) -> tuple[Arg, ...]:
    """Return the arguments of the description that a model uses, directly or through other arguments."""
    values = [value for item in all_items(items) for value in written_in(item)]
    for tensor in inputs:
        values += [*tensor.shape, *([tensor.high] if tensor.high else [])]
    values += [arg.value for arg in own if arg.value]
    names = _names(values)
    used: list[Arg] = []
    for arg in reversed(shared):
        if arg.name in names:
            used.append(arg)
            names |= _names([arg.value] if arg.value else [])
    return tuple(reversed(used))


def _names(values: Iterable[Written]) -> set[str]:
    names: set[str] = set()
    for value in values:
        names |= _names(value.value) if isinstance(value.value, tuple) else expressions.names(value.value)
    return names
