"""Checks that the network, its losses and its data fit together."""

from __future__ import annotations

from math import prod

from ...description.description import Description, Model
from ...description.settings import Training
from ...description.sources import sources_where
from ...description.target_kinds import NONE
from ...description.tensor import Tensor
from ...language.problems import Problems
from ...network.graph import Node
from ...network.model_facts import ModelFacts, generator_of
from ...network.tensors import shape_text
from ..loss_terms import Term, resolve_terms
from ..sample_fields import Field, input_fields
from ..tasks import TASKS, Fit, Task
from .feasible import check_training
from .losses import check_averages, check_term, check_weights

_DTYPES = ("float32", "int64")


def check_settings(description: Description, problems: Problems) -> None:
    """Note settings that do not fit each other; the network may be unknown."""
    check_training(description, problems)
    task = TASKS.get(description.task)
    if task and not task.targets & description.data.targets:
        fitting = sorted(name for name, other in TASKS.items() if other.targets & description.data.targets)
        message = f"{description.data.source} is data for {', '.join(fitting)}, not for {task.name}"
        problems.add(message, description.data_position)
    if task:
        _check_own_settings(description, task, problems)
    for model in description.models:
        if model.optimizer and not (task and task.adversarial):
            message = f"{description.task} trains its models together, so {model.name} can have no optimizer of its own"
            problems.add(message, model.optimizer.position, "write it at the top")


def _check_own_settings(description: Description, task: Task, problems: Problems) -> None:
    """Note settings of the training that are for other tasks."""
    options = dict(Training.options())
    for key in description.training_keys:
        option = options.get(str(key.value))
        if option and option.only_for not in ("", task.name):
            problems.add(f"training: {key.value} is for {option.only_for}, not for {task.name}", key)
        elif option and option.one_loop and task.adversarial:
            problems.add(f"training: {key.value} is not for {task.name}, which trains by turns", key)


def check_inputs(description: Description, inputs: tuple[Tensor, ...], problems: Problems) -> bool:
    """Note where samples are no inputs of the first network, and return whether there was nothing to note."""
    task = TASKS.get(description.task)
    if task and task.adversarial:  # which of two networks takes samples is known when both have shapes
        return True
    return _check_inputs(description, description.models[0], inputs, problems)


def _check_inputs(description: Description, model: Model, inputs: tuple[Tensor, ...], problems: Problems) -> bool:
    data, written = description.data, model.inputs
    if len(inputs) < len(written):  # a mistake in them is noted already
        return False
    for tensor, given in zip(inputs, written, strict=True):
        if tensor.dtype not in _DTYPES:
            message = f"{given.name}: inputs of {tensor.dtype} cannot be trained with"
            problems.add(message, given.position, f"there are {' and '.join(_DTYPES)}")
            return False
    if len(inputs) > 1 and not data.several_inputs:
        message = f"a sample of {data.source} is one tensor, and the network takes {len(inputs)}"
        fitting = sources_where(lambda source: source.several_inputs)
        problems.add(f"{message}; {fitting} can have several", written[-1].position)
        return False
    if problem := data.inputs_problem(inputs):
        problems.add(problem, written[-1].position)
        return False
    for tensor, given in zip(inputs, written, strict=True):
        if problem := data.input_problem(tensor):
            problems.add(problem, given.position)
            return False
    return not inputs or _check_shape(description, model, inputs[0], problems)


def _check_shape(description: Description, model: Model, tensor: Tensor, problems: Problems) -> bool:
    sample, shape = description.data.sample_shape, tensor.shape
    if sample is None or sample == shape:
        return True
    flat = len(shape) == 1 and shape[0] == prod(sample)
    without_channel = sample[0] == 1 and sample[1:] == shape
    with_channel = shape[:1] == (1,) and shape[1:] == sample
    if flat or without_channel or with_channel:
        return True
    options = [list(sample)] + ([[prod(sample)]] if len(sample) > 1 else [])
    problems.add(
        f"a sample of {description.data.source} is {shape_text(sample)}, the input {shape_text(shape)}",
        model.inputs[0].position,
        f"write {' or '.join(f'input: {option}' for option in options)}",
    )
    return False


def check_fit(
    description: Description, models: tuple[ModelFacts, ...], ends: tuple[Node, ...], problems: Problems
) -> None:
    """Note where the last layer does not fit the losses or the data."""
    task = TASKS.get(description.task)
    if not task or not description.losses:
        return
    taker = 1 - generator_of([model.ends for model in models]) if task.adversarial and len(models) == 2 else 0
    if not _check_inputs(description, description.models[taker], models[taker].inputs, problems):
        return
    network = models[-1]
    if len(network.outputs) > 1 and not task.several:
        names = description.models[-1].outputs
        position = names[1].position if names else None
        message = f"{task.name} trains one output, and the network has {len(network.outputs)}"
        problems.add(message, position, "take task: supervised, and say which output each loss takes")
        return
    if task.losses:
        task.check(Fit(description, models, (), (), ends[0], problems))
        return
    terms = resolve_terms(description.losses, task.torch_losses, network, problems)
    if len(terms) < len(description.losses):
        return
    targets = task.targets_of(terms, description, problems)
    _check_names(description, input_fields(models[0]), targets, terms, task, problems)
    check_averages(terms, description.training, description.scheduler, problems)
    for term in terms:
        kind = task.target(term.call.name, term.output) if term.output else NONE
        check_weights(term, kind, problems)
        check_term(term, kind, dict(zip((output.name for output in network.outputs), ends)), problems)
    if task.targets & description.data.targets:
        task.check(Fit(description, models, terms, targets, ends[0], problems))
        _check_metrics(description, targets, problems)


def _check_names(
    description: Description,
    inputs: tuple[Field, ...],
    targets: tuple[Field, ...],
    terms: tuple[Term, ...],
    task: Task,
    problems: Problems,
) -> None:
    """Note a name that a sample would have twice, and a number of targets that the task does not take."""
    positions = {operand.name: operand.position for term in terms for operand in term.operands if operand.is_target}
    for field in targets:
        if field.name in {tensor.name for tensor in inputs}:
            problems.add(f"{field.name} is an input, so a target needs another name", positions.get(field.name))
    if len(targets) > 1 and not task.several:
        names = ", ".join(field.name for field in targets)
        message = f"{task.name} has one target, and the losses take {names}"
        problems.add(message, positions.get(targets[1].name), "take task: supervised")
    if not targets and NONE not in task.targets:
        problems.add(f"the losses take no target, and {task.name} has one", terms[0].position, "take task: supervised")


def _check_metrics(description: Description, targets: tuple[Field, ...], problems: Problems) -> None:
    task = TASKS[description.task]
    offered = {metric.name: metric for metric in task.metrics}
    for name in description.metrics:
        metric = offered.get(name.name)
        if metric and targets and targets[0].kind not in metric.kinds:
            fitting = [other.name for other in task.metrics if targets[0].kind in other.kinds]
            message = f"{metric.name} is not for targets such as those of {targets[0].loss}"
            problems.add(message, name.position, f"there are {', '.join(fitting)}")
