"""Repeated items: what goes round, and the sizes that change from round to round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from . import expressions
from .expressions import Expr, Literal, Name
from .graph import Argument, Dim, Node, TensorType, walk
from .graph import Nested as NestedAction
from .items import MAX_ROUNDS
from .types import Loop, Typed

if TYPE_CHECKING:
    from .frame import Frame

_RUNNING = ("in_channels", "channels", "in_features", "features", "size")


@dataclass(frozen=True, slots=True)
class _Rounds:
    count: Argument | None
    columns: tuple[tuple[str, Argument], ...]
    values: tuple[Mapping[str, Any], ...]  # of the loop variables, for each round

    @property
    def literal(self) -> bool:
        """Whether the values are numbers, not names of arguments."""
        return not any(column.names for _, column in self.columns)


def infer_rounds(frame: Frame, node: Node, inputs: tuple[TensorType, ...] | None) -> Typed | None:
    """Infers all rounds of a repeated node; None, with a problem noted, when one does not fit."""
    rounds = _rounds(frame, node)
    if rounds is None:
        return None
    if inputs is None or not rounds.values:
        with _variables(frame, rounds.values[0] if rounds.values else {"i": 0}):
            typed = frame.once(node, inputs)
        loop = Loop(0, rounds.count, rounds.columns)
        return (
            replace(typed, outputs=inputs[:1], parameters=0, buffers=0, flops=0, loop=loop)
            if typed and inputs
            else None
        )
    flows = _all(frame, node, rounds, inputs, {})
    if flows is None:
        return None
    changing = _changing(flows, rounds)
    names = _running_names(frame, rounds, changing, inputs)
    if changing:
        flows = _all(frame, node, rounds, inputs, names)
    return None if flows is None else _joined(frame, node, rounds, flows, names, inputs)


@dataclass(frozen=True, slots=True)
class _Flow:
    """One round: what flowed in, and what came of it."""

    inputs: tuple[TensorType, ...]
    typed: Typed
    inner: Mapping[int, Typed]


Place = tuple[int, int]  # an input and one of its dimensions


def _rounds(frame: Frame, node: Node) -> _Rounds | None:
    assert node.repeat is not None
    if node.repeat.count is not None:
        count = frame.value(node.repeat.count, node)
        if count is None:
            return None
        if not isinstance(count.value, int) or isinstance(count.value, bool) or not 0 <= count.value <= MAX_ROUNDS:
            message = f"repeat: expected a whole number up to {MAX_ROUNDS}, not {count.value!r}"
            frame.problems.add(message, node.repeat.position)
            return None
        return _Rounds(count, (), tuple({"i": i} for i in range(count.value)))
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
    return _Rounds(None, tuple(columns), values)


@contextmanager
def _variables(frame: Frame, values: Mapping[str, Any]) -> Iterator[None]:
    before = dict(frame.scope.values)
    frame.scope.values.update(values)
    try:
        yield
    finally:
        frame.scope.values.clear()
        frame.scope.values.update(before)


def _all(
    frame: Frame, node: Node, rounds: _Rounds, inputs: tuple[TensorType, ...], names: Mapping[Place, str]
) -> list[_Flow] | None:
    """All rounds, with running names for the sizes that change."""
    flows: list[_Flow] = []
    single = replace(node, repeat=None)
    current = inputs
    for values in rounds.values:
        current, running = _with_names(current, names)
        with _variables(frame, {**values, **running}):
            typed = frame.once(single, current)
        if typed is None:
            return None
        inner = {each.id: frame.types[each.id] for each in _inner(node) if each.id in frame.types}
        flows.append(_Flow(current, typed, inner))
        current = _following(node, current, typed)
    return flows


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


def _following(node: Node, inputs: tuple[TensorType, ...], typed: Typed) -> tuple[TensorType, ...]:
    following = list(inputs)
    for part, index in node.carried or ((0, 0),):
        following[index] = typed.outputs[part]
    return tuple(following)


def _inner(node: Node) -> list[Node]:
    return list(walk(node.action.body)) if isinstance(node.action, NestedAction) else []


def _changing(flows: list[_Flow], rounds: _Rounds) -> list[Place]:
    """The channels and features that are not the same in every round, or not behind the last."""
    found: list[Place] = []
    after = flows[-1].typed.outputs[0]
    for index, tensor in enumerate(flows[0].inputs):
        rank = len(tensor.dims)
        for dim in sorted({1, rank - 1} & set(range(1, rank))):
            sizes = {flow.inputs[index].dims[dim].size for flow in flows if len(flow.inputs[index].dims) == rank}
            leaves = index == 0 and len(after.dims) == rank and _loops(after.dims[dim], rounds)
            changes = len(sizes) > 1 or (leaves and not rounds.literal)
            if changes and all(isinstance(size, int) for size in sizes):
                found.append((index, dim))
    return found


def _loops(dim: Dim, rounds: _Rounds) -> bool:
    """Whether a size is written with a variable of the loop."""
    variables = {"i", *(name for name, _ in rounds.columns)}
    return dim.source is not None and bool(expressions.names(dim.source) & variables)


def _running_names(
    frame: Frame, rounds: _Rounds, changing: list[Place], inputs: tuple[TensorType, ...]
) -> dict[Place, str]:
    taken = {*frame.scope.values, *frame.graph.inputs, *(name for name, _ in rounds.columns), "i"}
    names: dict[Place, str] = {}
    for index, dim in changing:
        last = dim == len(inputs[index].dims) - 1
        preferred = ("in_features", "features") if last else ("in_channels", "channels")
        name = next(each for each in (*preferred, *_RUNNING, *(f"size{i}" for i in range(99))) if each not in taken)
        taken.add(name)
        names[index, dim] = name
    return names


def _joined(
    frame: Frame,
    node: Node,
    rounds: _Rounds,
    flows: list[_Flow],
    names: Mapping[Place, str],
    inputs: tuple[TensorType, ...],
) -> Typed | None:
    first = flows[0]
    for flow in flows[1:]:
        if _signature(flow) != _signature(first):
            message = f"{node.kind} changes from round to round in a way that no loop over its arguments can write"
            frame.problems.add(message, node.position, "write the rounds one by one, or as columns of 'repeat'")
            return None
    frame.types.update(first.inner)
    running = tuple(
        (name, inputs[index].dims[dim].expression(), _update(node, first, index, dim))
        for (index, dim), name in names.items()
    )
    last = flows[-1].typed
    outputs = (_leaving(last.outputs[0], rounds, names, running), *last.outputs[1:])
    parameters = sum(flow.typed.parameters + sum(each.parameters for each in flow.inner.values()) for flow in flows)
    buffers = sum(flow.typed.buffers + sum(each.buffers for each in flow.inner.values()) for flow in flows)
    flops = sum(
        (flow.typed.flops + sum((each.flops for each in flow.inner.values()), start=0) for flow in flows), start=0
    )
    counted = first.inner.values()  # the first round of inner nodes is counted where they stand
    return replace(
        first.typed,
        outputs=outputs,
        parameters=parameters - sum(each.parameters for each in counted),
        buffers=buffers - sum(each.buffers for each in counted),
        flops=flops - sum((each.flops for each in counted), start=0),
        loop=Loop(len(flows), rounds.count, rounds.columns, running, _uses_index(flows)),
    )


def _update(node: Node, flow: _Flow, index: int, dim: int) -> Expr:
    part = next((part for part, taken in node.carried if taken == index), 0)
    return flow.typed.outputs[part].dims[dim].expression()


def _leaving(
    tensor: TensorType, rounds: _Rounds, names: Mapping[Place, str], running: tuple[tuple[str, Expr, Expr], ...]
) -> TensorType:
    """The type behind the loop, whose variables are gone."""
    starts = {name: start for name, start, _ in running}
    dims = []
    for index, dim in enumerate(tensor.dims):
        name = names.get((0, index))
        if name is not None:
            literal = rounds.literal and isinstance(starts[name], Literal) and not _argument_names(running, rounds)
            dims.append(Dim(dim.size) if literal else Dim(dim.size, Name(name)))
        else:
            dims.append(Dim(dim.size) if _loops(dim, rounds) else dim)
    return replace(tensor, dims=tuple(dims))


def _argument_names(running: tuple[tuple[str, Expr, Expr], ...], rounds: _Rounds) -> set[str]:
    """Arguments that the running sizes depend on."""
    used: set[str] = set()
    for _, start, update in running:
        used |= expressions.names(start) | expressions.names(update)
    used -= {name for name, _, _ in running} | {name for name, _ in rounds.columns} | {"i"}
    return used | (set(rounds.count.names) if rounds.count else set())


def _signature(flow: _Flow) -> object:
    """What the emitted line depends on."""
    arguments = [flow.typed.arguments, *(each.arguments for each in flow.inner.values())]
    return [{name: _source(argument) for name, argument in each.items()} for each in arguments]


def _source(argument: Argument) -> object:
    return tuple(_source(part) for part in argument.source) if isinstance(argument.source, tuple) else argument.source


def _uses_index(flows: list[_Flow]) -> bool:
    arguments = [flows[0].typed.arguments, *(each.arguments for each in flows[0].inner.values())]
    return any("i" in argument.names for each in arguments for argument in each.values())
