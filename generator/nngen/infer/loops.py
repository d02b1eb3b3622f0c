"""The inference of repeated items, whose sizes may change from round to round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from typing import Any

from ..description.description import MAX_ROUNDS
from ..language.expressions import Name
from ..network.graph import Node, inside
from ..network.tensors import Argument, Dim, TensorType
from ..network.typed import Loop, Typed
from .known_sources import parts_problem, unbuilt
from .round_sizes import (
    Flow,
    Place,
    Rounds,
    changing,
    closed_sizes,
    following,
    leaving,
    running_names,
    untouched,
    written_sizes,
)
from .rules import FrameRules

MAX_ALL_ROUNDS = 100_000
MAX_DIFFERENT_ROUNDS = 5_000  # inferred one by one, because sizes or values change


def infer_rounds(frame: FrameRules, node: Node, inputs: tuple[TensorType, ...] | None) -> Typed | None:
    """Infer all rounds of a repeated node; return None, with a problem recorded, if one does not fit."""
    rounds = _rounds(frame, node)
    if rounds is None or inputs == ():  # without inputs the rounds are all the same, which is reported where it is read
        return None
    if inputs is None:
        with _variables(frame, rounds.values[0] if rounds.values else {"i": 0}), frame.problems.silenced():
            frame.call(node, inputs)
        return None
    return _some_rounds(frame, node, rounds, inputs) if rounds.values else _no_round(frame, node, rounds, inputs)


def _some_rounds(frame: FrameRules, node: Node, rounds: Rounds, inputs: tuple[TensorType, ...]) -> Typed | None:
    flows = _all(frame, node, rounds, inputs, {})
    if flows is None:
        return None
    names = running_names(node, inputs, changing(node, flows, rounds))
    if names:
        flows = _all(frame, node, rounds, inputs, names)
    return None if flows is None else _joined(frame, node, rounds, flows, names, inputs)


def _no_round(frame: FrameRules, node: Node, rounds: Rounds, inputs: tuple[TensorType, ...]) -> Typed:
    """Return the types of a repetition that goes round no time here, written for the rounds that it may have."""
    with frame.problems.silenced():
        two = replace(rounds, values=({"i": 0}, {"i": 1}))
        typed = _some_rounds(frame, node, two, inputs) if rounds.count else None
        if typed is None and rounds.count:
            with _variables(frame, {"i": 0}):
                typed = frame.call(replace(node, repeat=None), inputs)
    for part in inside(node):
        if part.id in frame.types:
            frame.types[part.id] = unbuilt(frame.types[part.id])
    kept = tuple(inputs[index] for _, index in node.carried) or inputs[:1]
    if typed is None or typed.loop is None:
        loop = Loop(0, rounds.count, rounds.columns)
        return replace(unbuilt(typed) if typed else Typed(kept), outputs=kept, active=True, loop=loop)
    outputs = tuple(untouched(*pair, typed.loop, frame.scope.values) for pair in zip(kept, typed.outputs))
    loop = replace(typed.loop, rounds=0, types_of_rounds=())
    return replace(unbuilt(typed), outputs=outputs, active=True, loop=loop)


def _rounds(frame: FrameRules, node: Node) -> Rounds | None:
    assert node.repeat is not None
    if node.repeat.count is not None:
        count = frame.value(node.repeat.count, node)
        if count is None:
            return None
        if not isinstance(count.value, int) or isinstance(count.value, bool) or not 0 <= count.value <= MAX_ROUNDS:
            message = f"repeat: expected a whole number up to {MAX_ROUNDS}, not {count.value!r}"
            frame.problems.add(message, node.repeat.position)
            return None
        return Rounds(count, (), tuple({"i": i} for i in range(count.value)))
    columns: list[tuple[str, Argument]] = []
    for name, written in node.repeat.columns:
        column = frame.value(written, node)
        if column is None:
            return None
        if not isinstance(column.value, tuple):
            frame.problems.add(f"repeat: {name!r} needs a list of values, not {column.value!r}", written.position)
            return None
        columns.append((name, column))
    lengths = {len(column.value) for _, column in columns}
    if len(lengths) != 1:
        listed = " and ".join(str(length) for length in sorted(lengths))
        frame.problems.add(f"repeat: columns need the same number of values, found {listed}", node.repeat.position)
        return None
    values = tuple({"i": i, **{name: column.value[i] for name, column in columns}} for i in range(lengths.pop()))
    return Rounds(None, tuple(columns), values)


@contextmanager
def _variables(frame: FrameRules, values: Mapping[str, Any]) -> Iterator[None]:
    before = dict(frame.scope.values)
    frame.scope.values.update(values)
    try:
        yield
    finally:
        frame.scope.values.clear()
        frame.scope.values.update(before)


def _all(
    frame: FrameRules, node: Node, rounds: Rounds, inputs: tuple[TensorType, ...], names: Mapping[Place, str]
) -> list[Flow] | None:
    """Infer all rounds, with these names for the sizes that change; return None if one does not fit."""
    flows: list[Flow] = []
    single = replace(node, repeat=None)
    current = inputs
    for number, values in enumerate(rounds.values):
        before = frame.inference.rounds
        frame.inference.rounds += 1
        frame.inference.different_rounds += 1
        if _too_many(frame, node):
            return None
        named, running = _with_names(current, names)
        with _variables(frame, {**values, **running}):
            typed = frame.call(single, named)
        if typed is None:
            return None
        wrong = parts_problem(node, typed)
        if wrong:  # there is nothing to carry on
            frame.problems.add(wrong, node.position)
            return None
        inner = {part.id: frame.types[part.id] for part in inside(node) if part.id in frame.types}
        flows.append(Flow(named, typed, inner))
        after = following(node, named, typed)
        if after == current and not rounds.columns and not _uses_index(flows[-1:]):  # so are all further rounds
            further = len(rounds.values) - number - 1
            frame.inference.rounds += further * (frame.inference.rounds - before)
            return None if _too_many(frame, node) else flows + flows[-1:] * further
        current = after
    return flows


def _too_many(frame: FrameRules, node: Node) -> bool:
    """Report a description whose loops go round too often."""
    if frame.inference.rounds > MAX_ALL_ROUNDS:
        message = f"the loops of this description go round more than {MAX_ALL_ROUNDS:,} times"
        frame.problems.add(message, node.position, "make the inner list a block, which is read once")
        return True
    if frame.inference.different_rounds > MAX_DIFFERENT_ROUNDS:
        message = f"the loops of this description have more than {MAX_DIFFERENT_ROUNDS:,} rounds that differ"
        frame.problems.add(message, node.position, "make the inner list a block, or go round less often")
        return True
    return False


def _with_names(
    inputs: tuple[TensorType, ...], names: Mapping[Place, str]
) -> tuple[tuple[TensorType, ...], dict[str, Any]]:
    values: dict[str, Any] = {}
    tensors = list(inputs)
    for (index, dim), name in names.items():
        dims = list(tensors[index].dims)
        values[name] = dims[dim].size
        dims[dim] = Dim(dims[dim].size, Name(name))
        tensors[index] = replace(tensors[index], dims=tuple(dims))
    return tuple(tensors), values


def _joined(
    frame: FrameRules,
    node: Node,
    rounds: Rounds,
    flows: list[Flow],
    names: Mapping[Place, str],
    inputs: tuple[TensorType, ...],
) -> Typed | None:
    first = flows[0]
    distinct = [(rounds_alike[0], len(rounds_alike)) for rounds_alike in _alike(flows)]
    for flow, _ in distinct[1:]:
        if _signature(flow) != _signature(first):
            message = f"{node.kind} changes from round to round in a way that no loop over its arguments can write"
            frame.problems.add(message, node.position, "write the rounds one by one, or as columns of 'repeat'")
            return None
    frame.types.update(first.inner)
    running, numbers = written_sizes(node, inputs, rounds, flows, names, frame.scope.values)
    closed = closed_sizes(rounds, running)
    outputs = leaving(node, rounds, flows, names, running, closed)
    parameters = sum(times * sum(part.parameters for part in flow.all_types) for flow, times in distinct)
    buffers = sum(times * sum(part.buffers for part in flow.all_types) for flow, times in distinct)
    flops = sum((times * sum((part.flops for part in flow.all_types), start=0) for flow, times in distinct), start=0)
    index = _uses_index(flows)
    differ = bool(rounds.columns or running or numbers or index)
    types_of_rounds = tuple({node.id: flow.typed, **flow.inner} for flow in flows) if differ else ()
    counted = first.inner.values()  # the first round of inner nodes is counted where they stand
    return replace(
        first.typed,
        outputs=outputs,
        parameters=parameters - sum(part.parameters for part in counted),
        buffers=buffers - sum(part.buffers for part in counted),
        flops=flops - sum((part.flops for part in counted), start=0),
        loop=Loop(len(flows), rounds.count, rounds.columns, running, numbers, index, closed, types_of_rounds),
    )


def _alike(flows: list[Flow]) -> list[list[Flow]]:
    """Return the rounds in their order, those that were inferred once as one list."""
    return [list(alike) for _, alike in groupby(flows, key=id)]


def _signature(flow: Flow) -> object:
    """Return the sources of the arguments in a round, which determine the emitted code."""
    arguments = [flow.typed.arguments, *(part.arguments for part in flow.inner.values())]
    return [{name: _source(argument) for name, argument in node_arguments.items()} for node_arguments in arguments]


def _source(argument: Argument) -> object:
    return tuple(_source(part) for part in argument.source) if isinstance(argument.source, tuple) else argument.source


def _uses_index(flows: list[Flow]) -> bool:
    return any("i" in typed.names for typed in (flows[0].typed, *flows[0].inner.values()))
