"""The values of a model's arguments for which its code is proved, beside those of the description."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..description.description import Arg, BlockCall, Description, Item, Model, Written, all_items
from ..infer.scope import Scope
from ..language import expressions
from ..language.expressions import Literal, Name
from ..language.problems import Problems
from ..network.symbolic.conditions import near

ROUNDS = 2  # of a repetition whose number is an argument, where other arguments are tried


@dataclass(frozen=True, slots=True)
class Trial:
    """Values of one argument: some that may change the outcome of a condition, and others that a user may choose."""

    name: str
    near: tuple[Any, ...]
    others: tuple[Any, ...]


def fewer_rounds(model: Model, known: Collection[str]) -> dict[str, Any]:
    """Return values for fewer rounds of repetitions whose number is an argument: one round more proves the same."""
    counts = {item.repeat.count.value for item in all_items(model.items) if item.repeat and item.repeat.count}
    return {
        arg.name: ROUNDS
        for arg in model.args
        if Name(arg.name) in counts and arg.name in known and _is_above(arg, ROUNDS)
    }


def _is_above(arg: Arg, number: int) -> bool:
    match arg.value:
        case Written(Literal(value)):
            return isinstance(value, int) and value > number
    return False


def trials(model: Model, known: Collection[str], description: Description) -> Iterator[Trial]:
    """Yield the values to try for each argument of a model that its constructor has.

    Args:
        model: the model.
        known: the parameters of its constructor.
        description: the description of the model.
    """
    scope = Scope(Problems())
    bounds = set(_bounds(description))
    decisive = _decisive(model.items, model.args, _decisive_arguments(description)) if bounds else frozenset()
    for arg in model.args:
        if arg.name in known and arg.value is not None and not arg.computed:
            argument = scope.evaluate(arg.value, {})
            if argument is not None:
                beside = near(argument.value, bounds) if arg.name in decisive else ()
                yield Trial(arg.name, beside, tuple(_others(argument.value)))


def _others(value: Any) -> Iterator[Any]:
    """Yield other values: an odd and an even number, a longer and a shorter list."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from dict.fromkeys(other for other in (value + 2, 2 * value, value + 1, value - 1) if other >= 0)
    elif isinstance(value, float):
        yield value / 2
    elif isinstance(value, tuple):
        if value and all(type(element) in (int, float) for element in value):
            yield tuple(2 * element for element in value)
        yield (*value, *(value[-1:] or (2,)))
        if len(value) > 1:
            yield value[:-1]


def _bounds(description: Description) -> Iterator[Any]:
    """Yield the literals in the conditions of items."""
    for items in (*(model.items for model in description.models), *(b.items for b in description.blocks.values())):
        for item in all_items(items):
            if item.condition is not None and not isinstance(item.condition.value, tuple):
                yield from expressions.literals(item.condition.value)


def _decisive_arguments(description: Description) -> Mapping[str, frozenset[str]]:
    """Return the arguments of each block that a condition depends on, in the block or in those that it uses."""
    decisive: dict[str, frozenset[str]] = {}
    before: object = None
    while before != decisive:
        before = dict(decisive)
        decisive = {name: _decisive(block.items, block.args, before) for name, block in description.blocks.items()}
    return decisive


def _decisive(items: tuple[Item, ...], args: Iterable[Arg], blocks: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the names in a list of items that a condition depends on."""
    names: set[str] = set()
    for item in reversed(all_items(items)):
        names |= _names(item.condition)
        match item.action:
            case BlockCall(block, arguments):
                passed = (value for name, value in arguments.items() if name in blocks.get(block, ()))
                names |= {name for value in passed for name in _names(value)}
    for item in all_items(items):
        for column, value in item.repeat.columns if item.repeat else ():
            names |= _names(value) if column in names else frozenset()
    for arg in reversed(tuple(args)):
        names |= _names(arg.value) if arg.computed and arg.name in names else frozenset()
    return frozenset(names)


def _names(value: Written | None) -> frozenset[str]:
    if value is None:
        return frozenset()
    if isinstance(value.value, tuple):
        return frozenset[str]().union(*map(_names, value.value))
    return expressions.names(value.value)
