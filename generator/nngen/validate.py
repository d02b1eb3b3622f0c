"""Second stage: the tree of values to a description: known keys, known layers, known arguments, known names."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from . import expressions, load
from .arguments import check_together, check_value
from .calls import Call
from .catalogue import catalogue
from .description import Arg, Description, Input, Layer, Written
from .entries import Entry
from .expressions import Literal
from .load import Node, Scalar, Sequence, describe
from .losses import losses_for
from .names import attribute_problem, identifier_from, project_name_problem
from .ops import family_of
from .problems import Problems
from .recipe import OPTIMIZERS, SCHEDULERS
from .settings import Synthetic, Training
from .settings_reader import read_data, read_training
from .suggest import suggest
from .tasks import TASKS, UNKNOWN, Task
from .written import about, bind, plain_arguments, written

# every key of the language, in its order, with whether this version reads it
KEYS = {
    "name": True,
    "task": True,
    "args": True,
    "input": True,
    "inputs": False,
    "blocks": False,
    "layers": True,
    "models": False,
    "outputs": False,
    "tie": False,
    "init": False,
    "loss": True,
    "optimizer": True,
    "scheduler": True,
    "metrics": False,
    "data": True,
    "training": True,
}
ITEM_KINDS = ("layers", "branches", "residual", "use", "parameter", "buffer", "import")
COMPANIONS = ("name", "as", "from", "repeat", "if")
REQUIRED = ("name", "task", "input", "layers", "data")
SIZES_OF_INPUT = {"in_channels": 1, "in_features": -1}


def validate(root: load.Mapping, problems: Problems) -> Description | None:
    """Checks everything that can be known without shapes.

    Returns:
        The description; None when too much of it is missing to go on. Problems are noted.
    """
    found = _top_level(root, problems)
    name = _name(found.get("name"), problems)
    task = _task(found.get("task"), problems) or UNKNOWN
    args = _args(found.get("args"), problems)
    inputs = _input(found.get("input"), problems)
    layers = _layers(found.get("layers"), problems)
    data_node = found.get("data")
    data = read_data(data_node, problems)
    training = read_training(found.get("training"), problems)
    optimizer = _call(found.get("optimizer"), "optimizer", catalogue().optimizers, problems)
    scheduler = _call(found.get("scheduler"), "scheduler", catalogue().schedulers, problems)
    _check_names(args, inputs, layers, problems)
    if not inputs or layers is None:
        return None
    return Description(
        name=name or "unnamed",
        task=task.name,
        args=args,
        inputs=inputs,
        layers=layers,
        loss=_loss(found.get("loss"), task, problems),
        optimizer=_known(optimizer, "optimizer", OPTIMIZERS, problems) or Call("Adam"),
        scheduler=_known(scheduler, "scheduler", SCHEDULERS, problems),
        data=data or Synthetic(),  # it fits everything: no second mistake is seen in the first
        data_position=data_node.position if data_node else None,
        training=training or Training(),
        root=root,
    )


def _top_level(root: load.Mapping, problems: Problems) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for key, node in root.entries:
        name = str(key.value)
        if name not in KEYS:
            nearest = suggest(name, [each for each in KEYS if root.get(each) is None])
            problems.add(f"unknown key {name!r}", key, f"did you mean {nearest!r}?" if nearest else "")
            if nearest:
                found.setdefault(nearest, node)
        elif not KEYS[name]:
            problems.add(f"{name!r} is part of the language, but this version of nngen cannot read it yet", key)
        else:
            found[name] = node
    for name in REQUIRED:
        if name not in found and root.get({"input": "inputs", "layers": "models"}.get(name, name)) is None:
            problems.add(f"the key {name!r} is missing", None, _WHAT[name])
    return found


_WHAT = {
    "name": "such as 'name: my_cnn'",
    "task": "such as 'task: classification'",
    "input": "the shape of one sample, such as 'input: [1, 8, 8]'",
    "layers": "the list of layers",
    "data": "where samples come from, such as 'data: digits'",
}


def _name(node: Node | None, problems: Problems) -> str | None:
    if node is None:
        return None
    value = load.plain(node)
    problem = project_name_problem(value)
    if problem is None:
        return str(value)
    nearest = identifier_from(value) if isinstance(value, str) else ""
    fitting = [each for each in (nearest, f"{nearest}_net") if nearest and project_name_problem(each) is None]
    hint = f"such as {fitting[0]!r}" if fitting else ""
    problems.add(f"name: {problem}", node, hint)
    return None


def _task(node: Node | None, problems: Problems) -> Task | None:
    if node is None:
        return None
    value = load.plain(node)
    if not isinstance(value, str) or value not in TASKS:
        nearest = suggest(value, TASKS) if isinstance(value, str) else None
        hint = f"did you mean {nearest!r}?" if nearest else f"the tasks are {', '.join(TASKS)}"
        problems.add(f"unknown task {describe(node)}", node, hint)
        return TASKS[nearest] if nearest else None
    return TASKS[value]


def _args(node: Node | None, problems: Problems) -> tuple[Arg, ...]:
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return ()
    if not isinstance(node, load.Mapping):
        problems.add(f"args: expected a mapping of names to values, found {describe(node)}", node)
        return ()
    found: list[Arg] = []
    for key, value_node in node.entries:
        problem = attribute_problem(key.value)
        if problem is None and key.value in SIZES_OF_INPUT:
            problem = f"{key.value!r} stands for a size of the input"
        if problem:
            problems.add(f"args: {problem}", key)
            continue
        value = written(value_node, problems)
        if value is None:
            continue
        if isinstance(value.value, tuple) or (isinstance(value.value, Literal) and value.value.value is None):
            problems.add(
                f"args: {key.value!r} needs a number, a text, true or false, not {describe(value_node)}", value_node
            )
            continue
        known = {arg.name for arg in found} | set(SIZES_OF_INPUT)
        _check_references(value, known, problems)
        found.append(Arg(str(key.value), value, not isinstance(value.value, Literal), key.position))
    return tuple(found)


def _input(node: Node | None, problems: Problems) -> tuple[Input, ...]:
    if node is None:
        return ()
    shape_node, dtype = node, "float32"
    if isinstance(node, load.Mapping):
        for key, _ in node.entries:
            if key.value not in ("shape", "dtype", "high"):
                nearest = suggest(str(key.value), ("shape", "dtype", "high"))
                problems.add(f"input has no {key.value!r}", key, f"did you mean {nearest!r}?" if nearest else "")
            elif key.value != "shape":
                problems.add(
                    f"input: {key.value!r} is part of the language, but this version of nngen cannot read it yet", key
                )
        shape = node.get("shape")
        if shape is None:
            problems.add("input needs a 'shape'", node)
            return ()
        shape_node = shape
    if not isinstance(shape_node, Sequence) or not shape_node.items:
        problems.add(f"input: expected a shape such as [1, 8, 8], found {describe(shape_node)}", shape_node)
        return ()
    sizes = tuple(_size(item, problems) for item in shape_node.items)
    return (Input("input", tuple(size for size in sizes if size), dtype, node.position),) if all(sizes) else ()


def _size(node: Node, problems: Problems) -> Written | None:
    value = load.plain(node)
    if isinstance(value, str) and not expressions.is_expression(value):
        problems.add(
            f"input: {value!r} would be a dimension that varies, which this version of nngen cannot read yet", node
        )
        return None
    if not isinstance(value, str) and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        problems.add(f"input: a size is a whole number from 1 on, not {describe(node)}", node)
        return None
    return written(node, problems)


def _layers(node: Node | None, problems: Problems) -> tuple[Layer | None, ...] | None:
    """The items; None stands for one that cannot be read."""
    if node is None:
        return None
    if not isinstance(node, Sequence) or not node.items:
        problems.add(f"layers: expected a list of layers, found {describe(node)}", node)
        return None
    return tuple(_item(item, problems) for item in node.items)


def _item(node: Node, problems: Problems) -> Layer | None:
    kind, value, beside = _kind(node, problems)
    if kind is None:
        return None
    entry = _entry(kind, problems)
    if entry is None:
        return None
    name = None
    if "name" in beside:
        problem = attribute_problem(load.plain(beside["name"]))
        if problem:
            problems.add(f"name: {problem}", beside["name"])
        else:
            name = str(load.plain(beside["name"]))
    bound = bind(entry, kind, value, problems)
    if bound is None:
        return None
    arguments = {key: written(argument, problems) for key, argument in bound.items()}
    if not all(arguments.values()):
        return None
    return Layer(entry, {key: argument for key, argument in arguments.items() if argument}, name, kind.position)


def _kind(node: Node, problems: Problems) -> tuple[Scalar | None, Node | None, Mapping[str, Node]]:
    """An item's kind, what stands behind it, and the keys beside it."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return node, None, {}
    if not isinstance(node, load.Mapping):
        problems.add(f"expected a layer such as 'ReLU' or 'Linear: 128', found {describe(node)}", node)
        return None, None, {}
    beside = {str(key.value): value for key, value in node.entries if key.value in COMPANIONS}
    kinds = [(key, value) for key, value in node.entries if key.value not in COMPANIONS]
    for key, _ in node.entries:
        if key.value in COMPANIONS and key.value != "name":
            problems.add(f"{key.value!r} is part of the language, but this version of nngen cannot read it yet", key)
    if len(kinds) != 1:
        listed = ", ".join(repr(key.value) for key, _ in kinds)
        found = f"found {listed}" if kinds else "found none"
        second = kinds[1][0] if kinds else node
        hint = "indent arguments deeper than the layer" if kinds else ""
        problems.add(f"an item has exactly one layer, {found}", second, hint)
        return None, None, {}
    return kinds[0][0], kinds[0][1], beside


def _entry(kind: Scalar, problems: Problems) -> Entry | None:
    name = str(kind.value)
    layers = catalogue().layers
    if name in layers:
        if family_of(layers[name]):
            return layers[name]
        problems.add(f"{name} is a layer of torch, but this version of nngen cannot infer its shape yet", kind)
        return None
    if name in ITEM_KINDS:
        problems.add(f"{name!r} is part of the language, but this version of nngen cannot read it yet", kind)
        return None
    nearest = suggest(name, layers)
    problems.add(f"unknown layer {name!r}", kind, f"did you mean {nearest!r}?" if nearest else "")
    return layers[nearest] if nearest and family_of(layers[nearest]) else None


def _loss(node: Node | None, task: Task, problems: Problems) -> Call:
    call = _call(node, "loss", catalogue().losses, problems)
    fitting = losses_for(task.name)
    if call is not None and task is not UNKNOWN and call.name not in fitting:
        if task.name in catalogue().losses[call.name].traits.get("tasks", ()):
            problems.add(_not_yet("loss", call.name), call.position, f"there are {', '.join(fitting)}")
        else:
            problems.add(f"{call.name} is no loss for {task.name}", call.position, f"there are {', '.join(fitting)}")
        call = None
    return call or Call(task.default_loss)


def _known(call: Call | None, key: str, names: Collection[str], problems: Problems) -> Call | None:
    if call is None or call.name in names:
        return call
    problems.add(_not_yet(key, call.name), call.position, f"there are {', '.join(names)}")
    return None


def _not_yet(key: str, name: str) -> str:
    return f"{name} is a known {key}, but this version of nngen cannot train with it yet"


def _call(node: Node | None, key: str, entries: Mapping[str, Entry], problems: Problems) -> Call | None:
    """A loss, an optimizer or a scheduler; None without one, or when it cannot be read."""
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return None
    kind: Scalar | None = None
    value: Node | None = None
    if isinstance(node, Scalar):
        kind = node
    elif isinstance(node, load.Mapping) and len(node.entries) == 1:
        kind, value = node.entries[0]
    if kind is None or not isinstance(kind.value, str):
        example = next(iter(entries))
        problems.add(f"{key}: expected one name, as in '{key}: {example}', found {describe(node)}", node)
        return None
    entry = entries.get(kind.value)
    if entry is None:
        nearest = suggest(kind.value, entries)
        problems.add(f"unknown {key} {kind.value!r}", kind, f"did you mean {nearest!r}?" if nearest else "")
        return None
    bound = bind(entry, kind, value, problems)
    if bound is None:
        return None
    arguments = plain_arguments(entry, bound, check_value, problems)
    for name, phrase in check_together(entry, arguments):
        problems.add(about(entry, name, phrase), bound.get(name, kind))
    return Call(entry.name, arguments, kind.position)


def _check_names(
    args: tuple[Arg, ...], inputs: tuple[Input, ...], layers: tuple[Layer | None, ...] | None, problems: Problems
) -> None:
    known = {arg.name for arg in args} | set(SIZES_OF_INPUT)
    taken = {arg.name: "an argument" for arg in args} | {"x": "the tensor that flows", "input": "the input"}
    for value in (size for each in inputs for size in each.shape):
        _check_references(value, known - set(SIZES_OF_INPUT), problems)
    for layer in filter(None, layers or ()):
        for argument in layer.arguments.values():
            _check_references(argument, known, problems)
        if layer.name in taken:
            problems.add(f"the name {layer.name!r} is given already, to {taken[layer.name]}", layer.position)
        elif layer.name:
            taken[layer.name] = "another layer"


def _check_references(value: Written, known: set[str], problems: Problems) -> None:
    if isinstance(value.value, tuple):
        for part in value.value:
            _check_references(part, known, problems)
        return
    for size in expressions.sizes(value.value):
        if size.tensor != "input":
            problems.add(f"there is no tensor {size.tensor!r} here", value.position, "'input' is the one there is")
    for name in sorted(expressions.names(value.value) - known):
        nearest = suggest(name, known)
        hint = f"did you mean ${nearest}?" if nearest else "give it under 'args'"
        problems.add(f"there is no ${name} here", value.position, hint)
