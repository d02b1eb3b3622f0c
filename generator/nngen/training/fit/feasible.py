"""Checks that training can begin: settings that torch would only refuse while it trains."""

from __future__ import annotations

import math

from ...description.calls import Call
from ...description.description import Description, Layer
from ...language.problems import Problems
from ...network.typed import TypedNetwork
from ..schedules import calls


def check_training(description: Description, problems: Problems) -> None:
    """Note settings with which a run would end in an error, or compute nothing."""
    for loss in (term.call for term in description.losses):
        if loss.arguments.get("reduction") == "none":
            problems.add(f"{loss.name}: training needs one number, so reduction cannot be none", loss.position)
        _check_finite(loss, problems)
    schedule = description.scheduler
    for optimizer in description.optimizers:
        _check_finite(optimizer, problems)
        for options in optimizer.groups:
            _check_finite(Call(optimizer.name, options.options, options.position), problems)
    for call in (*(optimizer.rest for optimizer in description.optimizers), schedule and schedule.before):
        if call is not None:
            _check_finite(call, problems)
    for part in calls(schedule) if schedule else ():
        _check_finite(part, problems)
    _check_parts(description, problems)


def _check_finite(call: Call, problems: Problems) -> None:
    for name, value in call.arguments.items():
        if isinstance(value, float) and not math.isfinite(value) and name != "threshold":
            problems.add(f"{call.name}: {name} must be finite, not {value}", call.position)


def _check_parts(description: Description, problems: Problems) -> None:
    """Note a part of a data set of known size that is empty."""
    data = description.data
    samples = data.size
    for part in ("validation", "test"):
        share = getattr(data, part, None)
        if share is not None and samples is not None and round(samples * share) < 1:
            problems.add(
                f"{data.source}: a {part} share of {share} of {samples} samples is none", description.data_position
            )


def check_network(description: Description, typed: TypedNetwork, problems: Problems) -> None:
    """Note a network that cannot learn."""
    graphs = (*typed.network.models, *typed.network.blocks.values())
    layers = [node.action.entry.name for graph in graphs for node in graph.walk() if isinstance(node.action, Layer)]
    imports = any(node.kind == "import" for graph in graphs for node in graph.walk())
    if typed.parameters == 0 and not imports:
        problems.add("the network has no parameters to train", description.models[0].items[0].position)
    if description.training.batch_size == 1 and "BatchNorm1d" in layers:
        problems.add("BatchNorm1d cannot train on batches of one sample", None, "take a larger batch_size")
    for model in typed.models:
        for output in model.outputs:
            if not output.dtype.startswith("float"):
                message = f"the network gives {output.dtype}, and a loss needs floating point numbers"
                problems.add(message, model.last.position)
