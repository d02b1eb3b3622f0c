"""Second stage: the tree of values becomes a description with valid keys, layers, arguments and names."""

from __future__ import annotations

from collections.abc import Mapping

from ..description.calls import Named
from ..description.description import Arg, Description, Model, all_items
from ..description.settings import Training
from ..description.sources import UnreadSource
from ..language import load
from ..language.identifiers import (
    class_name,
    identifier_from,
    identifier_problem,
    network_class_problem,
    project_name_problem,
)
from ..language.load import Node, Scalar, describe
from ..language.problems import Problems
from ..training.tasks import METRICS, TASKS, UNKNOWN, Task
from .companions import check_companions
from .declarations import read_args, read_blocks, read_inputs, read_outputs
from .initial import is_part, read_init
from .items import Reader
from .losses import read_losses
from .models import read_models
from .optimizers import read_optimizer, read_schedule
from .settings import read_data, read_training

# all keys of the language, in order; False for those that this version cannot read
KEYS = {
    "name": True,
    "class": True,
    "task": True,
    "args": True,
    "input": True,
    "inputs": True,
    "blocks": True,
    "layers": True,
    "models": True,
    "outputs": True,
    "tie": True,
    "init": True,
    "loss": True,
    "optimizer": True,
    "scheduler": True,
    "metrics": True,
    "data": True,
    "training": True,
}
REQUIRED = ("name", "task", "input", "layers", "data")
OF_ONE_MODEL = ("input", "inputs", "layers", "outputs")  # with `models`, each has its own


def validate(root: load.Mapping, problems: Problems) -> Description | None:
    """Read a description, and check everything that does not depend on shapes.

    Returns:
        The description, or None if no model can be read. Mistakes are recorded in `problems`.
    """
    nodes = _top_level(root, problems)
    name = _name(nodes.get("name"), problems)
    own_class = _own_class(nodes.get("class"), problems)
    task = _task(nodes.get("task"), problems) or UNKNOWN
    args = read_args(nodes.get("args"), problems)
    blocks = read_blocks(nodes.get("blocks"), problems)
    reader = Reader(blocks, problems)

    if "models" in nodes:
        models = read_models(nodes["models"], args, reader)
    else:
        models = _one_model(nodes, own_class or class_name(name or "unnamed"), args, reader)
    data_node = nodes.get("data")
    data = read_data(data_node, problems)
    training = read_training(nodes.get("training"), problems)
    optimizer = read_optimizer(nodes["optimizer"], problems) if nodes.get("optimizer") else None
    scheduler = read_schedule(nodes.get("scheduler"), problems)
    if not models:
        return None
    description = Description(
        name=name or "unnamed",
        task=task.name,
        args=args,
        models=models,
        blocks={key: block for key, block in blocks.items() if block},
        tie=_tie(nodes.get("tie"), problems),
        init=read_init(nodes.get("init"), problems),
        losses=read_losses(nodes.get("loss"), task, problems),
        optimizer=optimizer or task.optimizer,
        scheduler=scheduler,
        metrics=_metrics(nodes.get("metrics"), task, problems),
        data=data or UnreadSource(),
        data_position=data_node.position if data_node else None,
        training=training or Training(),
        root=root,
        own_class=own_class,
    )
    of_classes = (
        *(model.items for model in description.models),
        *(block.items for block in description.blocks.values()),
    )
    for items in of_classes:
        for item in all_items(items):
            check_companions(item, description, problems)
    return description


def _one_model(nodes: Mapping[str, Node], name: str, args: tuple[Arg, ...], reader: Reader) -> tuple[Model, ...]:
    """Read the network of a description without ``models``; return an empty tuple if it cannot be read."""
    problems = reader.problems
    inputs = read_inputs(nodes.get("input"), nodes.get("inputs"), problems)
    items = reader.items(nodes["layers"], "layers") if "layers" in nodes else ()
    outputs = read_outputs(nodes.get("outputs"), problems)
    return (Model(name, args, inputs, items, outputs),) if inputs and items else ()


def _top_level(root: load.Mapping, problems: Problems) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for key, node in root.entries:
        name = str(key.value)
        if name not in KEYS:
            free = [other for other in KEYS if root.get(other) is None]
            nearest = problems.unknown(f"unknown key {name!r}", key, name, free)
            if nearest:
                nodes.setdefault(nearest, node)
        elif not KEYS[name]:
            problems.add(f"{name!r} is part of the language, but this version of nngen cannot read it yet", key)
        else:
            nodes[name] = node
    several = "models" in nodes
    for key, _ in root.entries if several else ():
        if key.value in OF_ONE_MODEL:
            problems.add(f"{key.value!r} is of one network, and there are 'models'", key, "write it inside each model")
    for name in REQUIRED:
        missing = name not in nodes and root.get("inputs" if name == "input" else name) is None
        if missing and not (several and name in OF_ONE_MODEL):
            problems.add(f"the key {name!r} is missing", None, _EXAMPLES[name])
    return nodes


_EXAMPLES = {
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
    valid = [name for name in (nearest, f"{nearest}_net") if nearest and project_name_problem(name) is None]
    hint = f"such as {valid[0]!r}" if valid else ""
    problems.add(f"name: {problem}", node, hint)
    return None


def _own_class(node: Node | None, problems: Problems) -> str | None:
    problem = network_class_problem(load.plain(node)) if node is not None else None
    if problem:
        problems.add(f"class: {problem}", node, "such as ResNeXt50")
    return None if node is None or problem else str(load.plain(node))


def _task(node: Node | None, problems: Problems) -> Task | None:
    if node is None:
        return None
    value = load.plain(node)
    if not isinstance(value, str) or value not in TASKS:
        listed = f"the tasks are {', '.join(TASKS)}"
        nearest = problems.unknown(f"unknown task {describe(node)}", node, value, TASKS, listed)
        return TASKS[nearest] if nearest else None
    return TASKS[value]


def _tie(node: Node | None, problems: Problems) -> tuple[tuple[Scalar, Scalar], ...]:
    if node is None:
        return ()
    if not isinstance(node, load.Mapping):
        problems.add(f"tie: expected pairs such as {{head.weight: embedding.weight}}, found {describe(node)}", node)
        return ()
    pairs = []
    for key, value in node.entries:
        wrong = [scalar for scalar in (key, value) if not _is_path(scalar)]
        for scalar in wrong:
            problems.add(
                f"tie: expected the name of a parameter, found {describe(scalar)}", scalar, "such as head.weight"
            )
        if not wrong and isinstance(value, Scalar):
            pairs.append((key, value))
    return tuple(pairs)


def _is_path(node: Node) -> bool:
    """Tell whether a value can be the name of a parameter: ``head.weight``, ``encoder.layers.0.linear1.weight``."""
    value = load.plain(node)
    if not isinstance(value, str):
        return False
    first, *others = value.split(".")
    return identifier_problem(first) is None and all(is_part(part) for part in others)


def _metrics(node: Node | None, task: Task, problems: Problems) -> tuple[Named, ...]:
    """Read the metrics; none means the task's defaults."""
    if node is None or load.plain(node) is None:
        return ()
    available = [metric.name for metric in task.metrics]
    metrics: list[Named] = []
    for item in node.items if isinstance(node, load.Sequence) else (node,):
        value = load.plain(item)
        if not isinstance(value, str) or value not in METRICS:
            listed = f"there are {', '.join(available or METRICS)}"
            problems.unknown(f"unknown metric {describe(item)}", item, value, METRICS, listed)
        elif value not in available and task is not UNKNOWN:
            hint = f"there are {', '.join(available)}" if available else ""
            problems.add(f"{value} is no metric for {task.name}", item, hint)
        elif value in {metric.name for metric in metrics}:
            problems.add(f"the metric {value} is there twice", item)
        else:
            metrics.append(Named(value, item.position))
    return tuple(metrics)
