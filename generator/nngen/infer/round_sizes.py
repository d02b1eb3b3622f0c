"""The sizes that change from round to round of a repetition: how they are written in its loop, and behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..language import expressions
from ..language.expressions import LAST, Expr, ExpressionError, FunctionCall, Literal, Name, Operation
from ..network.graph import Node
from ..network.tensors import Argument, Dim, TensorType
from ..network.typed import RUNNING, Loop, Running, Typed
from .scope import substitute


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rounds of a repetition: their number or the columns, and the values of the loop variables."""

    count: Argument | None
    columns: tuple[tuple[str, Argument], ...]
    values: tuple[Mapping[str, Any], ...]  # the values of the loop variables in each round

    @property
    def literal(self) -> bool:
        """Whether the columns contain no names of arguments."""
        return not any(column.names for _, column in self.columns)


@dataclass(frozen=True, slots=True)
class Flow:
    """The inputs and types of one round; `inner` has the types of nested nodes."""

    inputs: tuple[TensorType, ...]
    typed: Typed
    inner: Mapping[int, Typed]

    @property
    def all_types(self) -> list[Typed]:
        """The types of the node and of those inside it."""
        return [self.typed, *self.inner.values()]


Place = tuple[int, int]  # an input and one of its dimensions


def following(node: Node, inputs: tuple[TensorType, ...], typed: Typed) -> tuple[TensorType, ...]:
    """Return the inputs of the next round, in which results of a round take the places of some inputs."""
    tensors = list(inputs)
    for part, index in node.carried or ((0, 0),):
        tensors[index] = typed.outputs[part]
    return tuple(tensors)


def changing(node: Node, flows: list[Flow], rounds: Rounds) -> list[Place]:
    """Return the channel and feature dimensions of the inputs whose size or source changes between rounds."""
    places: list[Place] = []
    after = following(node, flows[-1].inputs, flows[-1].typed)
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
                places.append((index, dim))
    single_round = len(flows) == 1 and rounds.literal and not (rounds.count and rounds.count.names)
    return [] if single_round else places


def running_names(node: Node, inputs: tuple[TensorType, ...], changing: list[Place]) -> dict[Place, str]:
    """Return a unique name for each size that changes."""
    names: dict[Place, str] = {}
    for index, dim in changing:
        stem = "in_channels" if dim == 1 and len(inputs[index].dims) > 2 else "in_features"
        names[index, dim] = f"{stem}{RUNNING}{node.id}.{index}.{dim}"
    return names


def written_sizes(
    node: Node,
    inputs: tuple[TensorType, ...],
    rounds: Rounds,
    flows: list[Flow],
    names: Mapping[Place, str],
    values: Mapping[str, Any],
) -> tuple[Running, tuple[tuple[str, Argument], ...]]:
    """Return the running sizes with their first values and updates, and those that are columns of numbers.

    The expression of the first round may be wrong in later ones. Then only numbers are right, which can be written if
    nothing else can change the rounds.
    """
    fixed = rounds.literal and not (rounds.count and rounds.count.names)
    sizes = {place: _sizes(node, flows, *place) for place in names}
    running: list[tuple[str, Expr, Expr]] = []
    numbers: list[tuple[str, Argument]] = []
    for place, name in names.items():
        index, dim = place
        update = _update(node, flows[0], index, dim)
        if fixed and not _gives(update, rounds, names, sizes, place, values):
            numbers.append((name, _numbers(sizes[place][:-1])))
        else:
            running.append((name, inputs[index].dims[dim].expression(), update))
    return tuple(running), tuple(numbers)


def _sizes(node: Node, flows: list[Flow], index: int, dim: int) -> tuple[Any, ...]:
    """Return the size of an input in each round, and after the last one."""
    after = following(node, flows[-1].inputs, flows[-1].typed)
    return (*(flow.inputs[index].dims[dim].size for flow in flows), after[index].dims[dim].size)


def _gives(
    update: Expr,
    rounds: Rounds,
    names: Mapping[Place, str],
    sizes: Mapping[Place, tuple[Any, ...]],
    place: Place,
    values: Mapping[str, Any],
) -> bool:
    """Return whether the expression of the first round gives the size of the next round in all rounds."""
    for number, variables in enumerate(rounds.values):
        running = {name: sizes[other][number] for other, name in names.items()}
        known = {**values, **variables, **running}
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


def _update(node: Node, flow: Flow, index: int, dim: int) -> Expr:
    part = next((part for part, taken in node.carried if taken == index), 0)
    return flow.typed.outputs[part].dims[dim].expression()


def _needed(flow: Flow, running: Running) -> Running:
    """Return the running sizes that the code of the loop needs."""
    needed = flow.typed.names.union(*(part.names for part in flow.inner.values()))
    inner = [size for part in flow.inner.values() if part.loop for size in part.loop.running]
    reads = [(name, expressions.names(update)) for name, _, update in running]
    reads += [(name, expressions.names(start) | expressions.names(update)) for name, start, update in inner]
    while more := {name for size, names in reads if size in needed for name in names} - needed:
        needed |= more
    return tuple(size for size in running if size[0] in needed)


def leaving(
    node: Node,
    rounds: Rounds,
    flows: list[Flow],
    names: Mapping[Place, str],
    running: Running,
    closed: Iterable[tuple[str, Expr]],
) -> tuple[TensorType, ...]:
    """Return the types after the loop, whose sources have no loop variables but the final running sizes.

    A size that nothing in the loop needs is written as an expression where there is one.
    """
    expressions_after = dict(closed)
    needed = {name for name, _, _ in _needed(flows[0], running)}
    inputs = dict(node.carried or ((0, 0),))
    loop_names = {"i", *(name for name, _ in rounds.columns), *names.values()}
    literal = rounds.literal and not _argument_names(_needed(flows[0], running), rounds)
    types = []
    for part, tensor in enumerate(flows[-1].typed.outputs):
        dims = []
        for index, dim in enumerate(tensor.dims):
            name = names.get((inputs[part], index)) if part in inputs else None
            if name in needed and not literal:
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


def untouched(before: TensorType, after: TensorType, loop: Loop, values: Mapping[str, Any]) -> TensorType:
    """Return the type of what a loop without a round passes on, with those sources of sizes that hold for rounds, too.

    Args:
        before: the type in front of the loop.
        after: the type that some rounds would give.
        loop: the loop.
        values: the values of the names in front of it.
    """
    if len(before.dims) != len(after.dims):
        return before
    sizes = {dim.expression(): dim.size for dim in before.dims}
    known = {**values, **{name: sizes[start] for name, start, _ in loop.running if start in sizes}}
    dims = (
        Dim(dim.size, written.source) if written.source and _value(written.source, known) == dim.size else dim
        for dim, written in zip(before.dims, after.dims)
    )
    return replace(before, dims=tuple(dims))


def _value(expr: Expr, values: Mapping[str, Any]) -> Any:
    """Return the value of an expression; None if it has none."""
    try:
        return expressions.evaluate(expr, values) if expressions.names(expr) <= values.keys() else None
    except ExpressionError:
        return None


def closed_sizes(rounds: Rounds, running: Running) -> tuple[tuple[str, Expr], ...]:
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


def _of_last_round(update: Expr, rounds: Rounds) -> Expr | None:
    """Return an expression over columns with the last elements of their lists; None if a list has no name."""
    kept: dict[Expr, Expr] = {Name(name): Name(name) for name in expressions.names(update)}
    for name, column in rounds.columns:
        if isinstance(column.source, Name):
            kept[Name(name)] = FunctionCall(LAST, (column.source,))
    return None if expressions.sizes(update) else substitute(update, kept)


def _argument_names(running: Running, rounds: Rounds) -> set[str]:
    """Return the arguments that the running sizes depend on."""
    used: set[str] = set()
    for _, start, update in running:
        used |= expressions.names(start) | expressions.names(update)
    used -= {name for name, _, _ in running} | {name for name, _ in rounds.columns} | {"i"}
    return used | (set(rounds.count.names) if rounds.count else set())
