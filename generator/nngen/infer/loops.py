"""The inference of repeated items, whose sizes may change from round to round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from ..description.description import MAX_ROUNDS
from ..language import expressions
from ..language.expressions import LAST, Expr, ExpressionError, FunctionCall, Literal, Name, Operation
from ..network.graph import Node, inside
from ..network.tensors import Argument, Dim, TensorType
from ..network.typed import RUNNING, Loop, Running, Typed
from .known_sources import parts_problem, unbuilt
from .rules import FrameRules
from .scope import substitute

MAX_ALL_ROUNDS = 100_000
MAX_DIFFERENT_ROUNDS = 5_000  # inferred one by one, because sizes or values change


@dataclass(frozen=True, slots=True)
class _Rounds:
    count: Argument | None
    columns: tuple[tuple[str, Argument], ...]
    values: tuple[Mapping[str, Any], ...]  # the values of the loop variables in each round

    @property
    def literal(self) -> bool:
        """Whether the columns contain no names of arguments."""
        return not any(column.names for _, column in self.columns)


def infer_rounds(frame: FrameRules, node: Node, inputs: tuple[TensorType, ...] | None) -> Typed | None:
    """Infer all rounds of a repeated node; return None, with a problem recorded, if one does not fit."""
    rounds = _rounds(frame, node)
    if rounds is None or inputs == ():  # without inputs the rounds are all the same, which is reported where it is read
        return None
    if inputs is None or not rounds.values:
        with _variables(frame, rounds.values[0] if rounds.values else {"i": 0}), frame.problems.silenced():
            typed = frame.call(node, inputs) if rounds.values or rounds.count else None
        if inputs is None:
            return None
        loop = Loop(0, rounds.count, rounds.columns)
        for part in inside(node):
            if part.id in frame.types:
                frame.types[part.id] = unbuilt(frame.types[part.id])
        empty = unbuilt(typed) if typed else Typed(inputs[:1])
        return replace(empty, outputs=inputs[: max(1, len(node.carried))], active=True, loop=loop)
    flows = _all(frame, node, rounds, inputs, {})
    if flows is None:
        return None
    names = _running_names(node, inputs, _changing(node, flows, rounds))
    if names:
        flows = _all(frame, node, rounds, inputs, names)
    return None if flows is None else _joined(frame, node, rounds, flows, names, inputs)


@dataclass(frozen=True, slots=True)
class _Flow:
    """The inputs and types of one round; `inner` has the types of nested nodes."""

    inputs: tuple[TensorType, ...]
    typed: Typed
    inner: Mapping[int, Typed]

    @property
    def all_types(self) -> list[Typed]:
        """The types of the node and of those inside it."""
        return [self.typed, *self.inner.values()]


Place = tuple[int, int]  # an input and one of its dimensions


def _rounds(frame: FrameRules, node: Node) -> _Rounds | None:
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
def _variables(frame: FrameRules, values: Mapping[str, Any]) -> Iterator[None]:
    before = dict(frame.scope.values)
    frame.scope.values.update(values)
    try:
        yield
    finally:
        frame.scope.values.clear()
        frame.scope.values.update(before)


def _all(
    frame: FrameRules, node: Node, rounds: _Rounds, inputs: tuple[TensorType, ...], names: Mapping[Place, str]
) -> list[_Flow] | None:
    """Infer all rounds, with these names for the sizes that change; return None if one does not fit."""
    flows: list[_Flow] = []
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
        flows.append(_Flow(named, typed, inner))
        following = _following(node, named, typed)
        if following == current and not rounds.columns and not _uses_index(flows[-1:]):  # so are all further rounds
            further = len(rounds.values) - number - 1
            frame.inference.rounds += further * (frame.inference.rounds - before)
            return None if _too_many(frame, node) else flows + flows[-1:] * further
        current = following
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


def _following(node: Node, inputs: tuple[TensorType, ...], typed: Typed) -> tuple[TensorType, ...]:
    following = list(inputs)
    for part, index in node.carried or ((0, 0),):
        following[index] = typed.outputs[part]
    return tuple(following)


def _changing(node: Node, flows: list[_Flow], rounds: _Rounds) -> list[Place]:
    """Return the channel and feature dimensions of the inputs whose size or source changes between rounds."""
    changing: list[Place] = []
    after = _following(node, flows[-1].inputs, flows[-1].typed)
    for index, tensor in enumerate(flows[0].inputs):
        rank = len(tensor.dims)
        rows = [
            tensor for tensor in (*(flow.inputs[index] for flow in flows), after[index]) if len(tensor.dims) == rank
        ]
        for dim in sorted({1, rank - 1} & set(range(1, rank))):
            dims = [row.dims[dim] for row in rows]
            sizes = {dim_of_round.size for dim_of_round in dims}
            sources = {
                dim_of_round.expression() if dim_of_round.depends else Literal(0) for dim_of_round in dims
            }  # 8 * 8 is 64
            if all(isinstance(size, int) for size in sizes) and (len(sizes) > 1 or len(sources) > 1):
                changing.append((index, dim))
    single_round = len(flows) == 1 and rounds.literal and not (rounds.count and rounds.count.names)
    return [] if single_round else changing


def _running_names(node: Node, inputs: tuple[TensorType, ...], changing: list[Place]) -> dict[Place, str]:
    """Return a unique name for each size that changes."""
    names: dict[Place, str] = {}
    for index, dim in changing:
        stem = "in_channels" if dim == 1 and len(inputs[index].dims) > 2 else "in_features"
        names[index, dim] = f"{stem}{RUNNING}{node.id}.{index}.{dim}"
    return names


def _joined(
    frame: FrameRules,
    node: Node,
    rounds: _Rounds,
    flows: list[_Flow],
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
    written = [
        (name, inputs[index].dims[dim].expression(), _update(node, first, index, dim), place)
        for place, name in names.items()
        for index, dim in (place,)
    ]
    sizes = {place: _sizes(node, flows, *place) for place in names}
    fixed = rounds.literal and not (rounds.count and rounds.count.names)
    wrong = {place for *_, update, place in written if fixed and not _gives(frame, update, rounds, names, sizes, place)}
    running = tuple((name, start, update) for name, start, update, place in written if place not in wrong)
    numbers = tuple((names[place], _numbers(sizes[place][:-1])) for place in names if place in wrong)
    closed = _closed(rounds, running)
    outputs = _leaving(node, flows[-1].typed.outputs, rounds, names, _needed(first, running), closed)
    parameters = sum(times * sum(part.parameters for part in flow.all_types) for flow, times in distinct)
    buffers = sum(times * sum(part.buffers for part in flow.all_types) for flow, times in distinct)
    flops = sum((times * sum((part.flops for part in flow.all_types), start=0) for flow, times in distinct), start=0)
    index = _uses_index(flows)
    differ = bool(rounds.columns or running or index)
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


def _sizes(node: Node, flows: list[_Flow], index: int, dim: int) -> tuple[Any, ...]:
    """Return the size of an input in each round, and after the last one."""
    after = _following(node, flows[-1].inputs, flows[-1].typed)
    return (*(flow.inputs[index].dims[dim].size for flow in flows), after[index].dims[dim].size)


def _gives(
    frame: FrameRules,
    update: Expr,
    rounds: _Rounds,
    names: Mapping[Place, str],
    sizes: Mapping[Place, tuple[Any, ...]],
    place: Place,
) -> bool:
    """Return whether the expression of the first round gives the size of the next round in all rounds."""
    for number, values in enumerate(rounds.values):
        running = {name: sizes[other][number] for other, name in names.items()}
        known = {**frame.scope.values, **values, **running}
        if not expressions.names(update) <= known.keys():
            return True  # the size that a loop inside leaves
        try:
            if expressions.evaluate(update, known) != sizes[place][number + 1]:
                return False
        except ExpressionError:
            return False
    return True


def _numbers(sizes: tuple[Any, ...]) -> Argument:
    return Argument(sizes, tuple(Argument(size, Literal(size)) for size in sizes))


def _alike(flows: list[_Flow]) -> list[list[_Flow]]:
    """Return the rounds in their order, those that were inferred once as one list."""
    return [list(alike) for _, alike in groupby(flows, key=id)]


def _update(node: Node, flow: _Flow, index: int, dim: int) -> Expr:
    part = next((part for part, taken in node.carried if taken == index), 0)
    return flow.typed.outputs[part].dims[dim].expression()


def _needed(flow: _Flow, running: Running) -> Running:
    """Return the running sizes that the code of the loop needs."""
    needed = flow.typed.names.union(*(part.names for part in flow.inner.values()))
    inner = [size for part in flow.inner.values() if part.loop for size in part.loop.running]
    reads = [(name, expressions.names(update)) for name, _, update in running]
    reads += [(name, expressions.names(start) | expressions.names(update)) for name, start, update in inner]
    while more := {name for size, names in reads if size in needed for name in names} - needed:
        needed |= more
    return tuple(size for size in running if size[0] in needed)


def _leaving(
    node: Node,
    outputs: tuple[TensorType, ...],
    rounds: _Rounds,
    names: Mapping[Place, str],
    running: Running,
    closed: Iterable[tuple[str, Expr]],
) -> tuple[TensorType, ...]:
    """Return the types after the loop, whose sources have no loop variables but the final running sizes.

    A size that nothing in the loop needs is written as an expression where there is one.
    """
    expressions_after = dict(closed)
    starts = {name: start for name, start, _ in running}
    inputs = dict(node.carried or ((0, 0),))
    loop_names = {"i", *(name for name, _ in rounds.columns), *names.values()}
    literal = rounds.literal and not _argument_names(running, rounds)
    types = []
    for part, tensor in enumerate(outputs):
        dims = []
        for index, dim in enumerate(tensor.dims):
            name = names.get((inputs[part], index)) if part in inputs else None
            if name in starts and not literal:
                dims.append(Dim(dim.size, Name(str(name))))
            elif name in expressions_after and not literal:
                dims.append(Dim(dim.size, expressions_after[name]))
            else:
                written = dim.source is not None and expressions.names(dim.source) & loop_names
                dims.append(Dim(dim.size) if written or name is not None else dim)
        types.append(replace(tensor, dims=tuple(dims)))
    return tuple(types)


def or_untouched(tensor: TensorType, typed: Typed, inputs: TensorType) -> TensorType:
    """Return the type after a loop with a condition; if the loop is skipped, running sizes have their first values."""
    starts: dict[Expr, Expr] = {Name(name): start for name, start, _ in typed.loop.running} if typed.loop else {}
    pairs = list(zip(tensor.dims, typed.outputs[0].dims))
    if len(tensor.dims) != len(inputs.dims) or len(pairs) < len(inputs.dims):
        return tensor
    dims = (
        Dim(dim.size, dim_of_round.source) if starts.get(dim_of_round.expression()) == dim_before.expression() else dim
        for (dim, dim_of_round), dim_before in zip(pairs, inputs.dims)
    )
    return replace(tensor, dims=tuple(dims))


def _closed(rounds: _Rounds, running: Running) -> tuple[tuple[str, Expr], ...]:
    """Return the running sizes after the loop as expressions that are also valid outside the block."""
    inside = {"i", *(name for name, _ in rounds.columns), *(name for name, _, _ in running)}
    closed: list[tuple[str, Expr]] = []
    for name, start, update in running:
        match update:
            case Operation("+", (Name(first), more)) if first == name and not expressions.names(more) & inside:
                if rounds.count is not None and not isinstance(rounds.count.source, tuple):
                    closed.append((name, Operation("+", (start, Operation("*", (rounds.count.source, more))))))
            case _ if not expressions.names(update) & inside:
                closed.append((name, update))
            case _ if (last := _of_last_round(update, rounds)) and not expressions.names(last) & inside:
                closed.append((name, last))
    return tuple(closed)


def _of_last_round(update: Expr, rounds: _Rounds) -> Expr | None:
    """Return an expression over columns with the last elements of their lists; None if a list has no name."""
    kept: dict[Expr, Expr] = {Name(name): Name(name) for name in expressions.names(update)}
    for name, column in rounds.columns:
        if isinstance(column.source, Name):
            kept[Name(name)] = FunctionCall(LAST, (column.source,))
    return None if expressions.sizes(update) else substitute(update, kept)


def _argument_names(running: Running, rounds: _Rounds) -> set[str]:
    """Return the arguments that the running sizes depend on."""
    used: set[str] = set()
    for _, start, update in running:
        used |= expressions.names(start) | expressions.names(update)
    used -= {name for name, _, _ in running} | {name for name, _ in rounds.columns} | {"i"}
    return used | (set(rounds.count.names) if rounds.count else set())


def _signature(flow: _Flow) -> object:
    """Return the sources of the arguments in a round, which determine the emitted code."""
    arguments = [flow.typed.arguments, *(part.arguments for part in flow.inner.values())]
    return [{name: _source(argument) for name, argument in node_arguments.items()} for node_arguments in arguments]


def _source(argument: Argument) -> object:
    return tuple(_source(part) for part in argument.source) if isinstance(argument.source, tuple) else argument.source


def _uses_index(flows: list[_Flow]) -> bool:
    return any("i" in typed.names for typed in (flows[0].typed, *flows[0].inner.values()))
