"""Checks that optimizer, scheduler, training and network go together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...description.calls import Call, Optimizer, Schedule
from ...description.description import Description
from ...description.settings import Training
from ...language.catalogue.registry import catalogue
from ...language.errors import Position
from ...language.problems import Problems
from ...network.parameters import Weight
from ...network.typed import TypedNetwork
from ..optimizers import _sparse_embeddings, default_lr, outer_matrices, rest_of, weights_for
from ..schedules import traits
from .schedules import check_schedule

_TAKE_SPARSE = ("Adagrad", "LBFGS", "SGD", "SparseAdam")


def check_optimization(description: Description, typed: TypedNetwork | None, problems: Problems) -> None:
    """Note what torch's optimizer would refuse, or would do without any effect."""
    optimizer, schedule, training = description.optimizer, description.scheduler, description.training
    for each in description.optimizers:
        for call in (each, each.rest):
            if call is not None:
                _check_optimizer(call, problems)
    _check_companions(optimizer, problems)
    if catalogue().optimizers[optimizer.name].traits.get("needs_closure"):
        _check_closure(optimizer, training, problems)
    if schedule is not None:
        check_schedule(schedule, training, problems)
        _check_together(optimizer, schedule, problems)
        _check_rates(optimizer, schedule, problems)
    if typed is not None:
        _check_network(optimizer, training, typed, problems)


def _check_optimizer(call: Call, problems: Problems) -> None:
    if call.arguments.get("lr") == 0:
        problems.add(f"{call.name}: with a learning rate of 0 nothing is learnt", call.position)
    if call.arguments.get("differentiable"):
        problems.add(f"{call.name}: differentiable is not for a loop that just steps", call.position)
    if call.arguments.get("capturable"):
        message = f"{call.name}: capturable is for CUDA graphs, which the training does not capture"
        problems.add(message, call.position, "leave it out")


def _check_companions(optimizer: Optimizer, problems: Problems) -> None:
    entry, rest = catalogue().optimizers[optimizer.name], rest_of(optimizer)
    if optimizer.rest is not None and rest is None:
        message = f"{optimizer.name} takes all parameters, so there is no rest"
        problems.add(message, optimizer.rest.position, "rest stands beside Muon or SparseAdam")
    elif optimizer.rest is not None and _takes_some(optimizer.rest.name):
        problems.add(f"{optimizer.rest.name} does not take all the rest", optimizer.rest.position, "such as AdamW")
    if rest is not None and optimizer.groups:
        message = f"{optimizer.name} and {rest.name} are the groups: each takes parameters of its kind"
        problems.add(message, optimizer.groups[0].position, "give each of them its arguments")
    if entry.traits.get("one_group") and (optimizer.groups or optimizer.no_decay):
        message = f"{optimizer.name} takes all parameters as one group"
        problems.add(message, optimizer.position, "leave out groups and no_decay, or take another optimizer")
    elif optimizer.no_decay:
        decaying = rest if rest is not None else optimizer
        parameter = catalogue().optimizers[decaying.name].parameter("weight_decay")
        if parameter is None:
            problems.add(f"no_decay: {decaying.name} has no weight decay", optimizer.position, "leave no_decay out")
        elif not decaying.arguments.get("weight_decay", parameter.default):
            hint = f"write {decaying.name}: {{weight_decay: 0.01}}"
            message = f"no_decay: nothing decays, since {decaying.name} has weight_decay 0"
            problems.add(message, optimizer.position, hint)


def _takes_some(name: str) -> bool:
    """Tell whether an optimizer takes parameters of one kind, or steps in another way than others."""
    traits = catalogue().optimizers[name].traits
    return any(traits.get(trait) for trait in ("needs_closure", "matrices_only", "sparse_gradients"))


def _check_closure(optimizer: Optimizer, training: Training, problems: Problems) -> None:
    """Note what cannot stand between a gradient and its step: LBFGS computes the loss as often as it likes."""
    for name in sorted(name for name, option in training.asked().items() if option.one_gradient):
        message = f"{optimizer.name} computes the loss several times for each step, which {name} does not go with"
        problems.add(message, optimizer.position, f"leave {name} out, or take another optimizer")


def _check_together(optimizer: Optimizer, schedule: Schedule, problems: Problems) -> None:
    """Note a scheduler that moves the momentum of an optimizer that has none, or that is for one optimizer."""
    if schedule.name == "SWALR" and rest_of(optimizer) is not None:
        message = f"SWALR is for one optimizer, and {optimizer.name} has a second one beside it"
        problems.add(message, schedule.position, "take another scheduler, or training: {ema: 0.999}")
    if not traits(schedule.name).get("cycles_momentum") or schedule.arguments.get("cycle_momentum") is False:
        return
    for call in (optimizer, rest_of(optimizer)):
        if call is not None and "momentum" not in catalogue().optimizers[call.name].traits:
            message = f"{schedule.name} cycles the momentum, and {call.name} has none"
            problems.add(message, schedule.position, "write cycle_momentum: false")


def _check_rates(optimizer: Optimizer, schedule: Schedule, problems: Problems) -> None:
    several = bool(optimizer.groups or optimizer.no_decay or rest_of(optimizer))
    for name in ("max_lr", "base_lr", "min_lr", "base_momentum", "max_momentum"):
        value = schedule.arguments.get(name)
        if not isinstance(value, list) or (len(value) == 1 and not several):
            continue
        if name == "max_lr" and several and schedule.name == "OneCycleLR":
            message, hint = f"{schedule.name}: max_lr follows from the lr of each group", "leave max_lr out"
        elif several:
            message, hint = f"{schedule.name}: {name} is one number for all groups", "write one number"
        else:
            message = f"{schedule.name}: {name} has {len(value)} values, and the optimizer has one group of parameters"
            hint = ""
        problems.add(message, schedule.position, hint)
    highest, lr = schedule.arguments.get("max_lr"), optimizer.arguments.get("lr")
    if isinstance(highest, (int, float)) and lr is not None and highest != lr:
        message = f"{schedule.name} sets the learning rate, up to {highest}: the lr of {optimizer.name} has no effect"
        problems.warn(message, schedule.position, f"leave lr or max_lr out: --lr is {highest}")
    if schedule.name == "OneCycleLR" and highest is None and not lr and not default_lr(optimizer.name):
        problems.add("OneCycleLR needs max_lr", schedule.position)


def _check_network(optimizer: Optimizer, training: Training, typed: TypedNetwork, problems: Problems) -> None:
    sparse = list(_sparse_embeddings(typed))
    _check_sparse(optimizer, sparse, training, problems)
    known = weights_for(optimizer, typed)
    complete = all(weight.shape is not None for weight in known)
    if optimizer.name == "Muon" and complete:
        outer = outer_matrices(known)
        if not any(weight.shape and len(weight.shape) == 2 and weight.name not in outer for weight in known):
            message = "Muon takes the 2-D weights of hidden layers, and this network has none"
            problems.add(message, optimizer.position, "take AdamW, or SGD with momentum")
    for position, patterns in _patterns(optimizer):
        for pattern in patterns:
            if complete and not any(_fits(pattern, weight.name) for weight in known):
                problems.add(f"no parameter has {pattern!r} in its name", position, _names(pattern, known))
    if complete and not problems.silent:
        _check_shadowed(optimizer, known, problems)


def _patterns(optimizer: Optimizer) -> Iterator[tuple[Position | None, tuple[str, ...]]]:
    yield optimizer.position, optimizer.no_decay
    for group in optimizer.groups:
        yield group.position, group.params


def _fits(pattern: str, name: str) -> bool:
    """Tell whether a pattern fits a name; of a loop only the first round is known, so any number fits there."""
    return pattern in name or (re.search(r"\d", pattern) is not None and _digits(pattern) in _digits(name))


def _digits(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def _names(pattern: str, known: Sequence[Weight]) -> str:
    """Return the names that can stand in place of one that no parameter has."""
    if pattern == "norm":
        norms = [weight.name.rsplit(".", 1)[0] for weight in known if "Norm" in weight.layer]
        heads = sorted({re.sub(r"\d+$", "", name.rsplit(".", 1)[-1]) for name in norms} - {""})
        if heads:
            return f"its norms are called {', '.join(heads)}"
    listed = list(dict.fromkeys(weight.name for weight in known))
    return f"there are {', '.join(listed[:6])}{', ...' if len(listed) > 6 else ''}"


def _check_shadowed(optimizer: Optimizer, known: Sequence[Weight], problems: Problems) -> None:
    """Note a group that has no effect, since all its parameters are in groups above it."""
    above: list[str] = []
    for group in optimizer.groups:
        fits = [weight.name for weight in known if any(part in weight.name for part in group.params)]
        if fits and all(any(part in name for part in above) for name in fits):
            problems.add("all parameters of this group are in a group above it", group.position, "put it first")
        above += group.params


def _check_sparse(optimizer: Optimizer, sparse: list[Position | None], training: Training, problems: Problems) -> None:
    if optimizer.name == "SparseAdam" and not sparse:
        hint = "write sparse: true in the Embedding"
        message = "SparseAdam is for sparse gradients, and no layer of this network has them"
        problems.add(message, optimizer.position, hint)
    if not sparse:
        return
    if optimizer.name not in _TAKE_SPARSE:
        message = f"{optimizer.name} cannot take the sparse gradients of this Embedding"
        problems.add(message, sparse[0], "take SparseAdam, or leave sparse: true out")
    if optimizer.name in ("SGD", "Adagrad"):
        for name in ("weight_decay", "fused"):
            if optimizer.arguments.get(name):
                message = f"{optimizer.name}: {name} does not go with the sparse gradients of the Embedding"
                problems.add(message, optimizer.position, f"leave {name} out, or sparse: true")
    if training.clip_grad_norm is not None:
        message = "clip_grad_norm cannot measure the sparse gradients of this Embedding"
        problems.add(message, sparse[0], "leave sparse: true or clip_grad_norm out")
