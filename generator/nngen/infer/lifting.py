"""Lists that need a class of their own become blocks: repeated residuals and branches, and operations with a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ..description.description import (
    SIZES_OF_INPUT,
    Arg,
    Block,
    BlockCall,
    Branches,
    Description,
    Item,
    ItemGroup,
    Operate,
    Own,
    Reuse,
    Sources,
    TensorName,
    Written,
    all_items,
    is_plain,
    written_in,
)
from ..language import expressions
from ..language.catalogue.registry import catalogue
from ..language.expressions import Name
from ..language.identifiers import class_name, class_problem
from ..language.problems import Problems


def lift(description: Description, problems: Problems) -> Description:
    """Return the description with a block for each list of items that needs a class of its own.

    Args:
        description: the validated description.
        problems: receives the lists that depend on what only the class around them has.
    """
    lifting = _Lifting(description, problems)
    for block in description.blocks.values():
        lifting.blocks[block.name] = replace(block, items=lifting.items(block.items, {arg.name for arg in block.args}))
    models = tuple(
        replace(model, items=lifting.items(model.items, {arg.name for arg in model.args}))
        for model in description.models
    )
    return replace(description, models=models, blocks=lifting.blocks)


@dataclass
class _Lifting:
    description: Description
    problems: Problems
    blocks: dict[str, Block] = field(default_factory=dict)

    def items(self, items: tuple[Item, ...], args: set[str]) -> tuple[Item, ...]:
        """Return the items of a class, those that need a class as calls of a new block."""
        used = {item.action.target for item in all_items(items) if isinstance(item.action, Reuse)}
        return tuple(self._item(item, args, used) for item in items)

    def _item(self, item: Item, args: set[str], used: set[str]) -> Item:
        match item.action:
            case ItemGroup(items):
                inner = tuple(self._item(part, args, used) for part in items)
                item, original = replace(item, action=replace(item.action, items=inner)), item
            case Branches(branches):
                lists = tuple((name, tuple(self._item(part, args, used) for part in items)) for name, items in branches)
                item, original = replace(item, action=replace(item.action, branches=lists)), item
            case _:
                return item
        return self._block(item, args, used) if _needs_class(original, self.description) else item

    def _block(self, item: Item, args: set[str], used: set[str]) -> Item:
        """Return the call of a new block that holds the item's list."""
        inner = replace(item, name=None, results=None, sources=None, repeat=None, condition=None)
        body = item.action.items if isinstance(item.action, ItemGroup) and not item.action.residual else (inner,)
        free = _Free.of((inner,), used)
        outside = free.problem(args)
        if outside:
            self.problems.add(f"{item.kind} with {outside} inside cannot be a class", item.position, _AS_BLOCK)
            return replace(item, action=None, repeat=None)
        name = self._name(item)
        given = tuple(Arg(arg, None, item.position) for arg in free.values)
        self.blocks[name] = Block(name, given, ("x", *free.tensors), body, None, item.position)
        passed = {arg: Written(Name(arg), value.position) for arg, value in free.values.items()}
        first = item.sources.positional if item.sources else (TensorName("x", item.position),)
        others = tuple(TensorName(tensor, item.position) for tensor in free.tensors)
        sources = Sources((*first, *others)) if item.sources or others else None
        return replace(item, action=BlockCall(name, passed), kind=name, sources=sources)

    def _name(self, item: Item) -> str:
        stem = item.name or ("residual_block" if isinstance(item.action, ItemGroup) else "branch_block")
        if item.repeat and stem.endswith("s") and not stem.endswith("ss"):
            stem = stem[:-1]
        taken = {*self.blocks, *self.description.blocks, *catalogue().layers, self.description.class_name}
        taken |= {model.name for model in self.description.models}
        names = (class_name(stem), f"{class_name(stem)}Block", *(f"{class_name(stem)}{n}" for n in range(2, 10_000)))
        return next(name for name in names if name not in taken and class_problem(name) is None)


_AS_BLOCK = "make it a block, with what it needs as arguments and inputs"


def _needs_class(item: Item, description: Description) -> bool:
    match item.action:
        case ItemGroup(items, residual):
            plain = all(is_plain(part, description) for part in items)
            return bool((residual and item.repeat) or (item.name and not plain))
        case Branches(_, merge):
            return merge is not None and bool(item.repeat or item.name)
    return False


@dataclass
class _Free:
    """What a list of items takes from around it.

    Attributes:
        values: the names in its expressions, each with one of the expressions.
        tensors: the names of the tensors.
        modules: the names of modules that it calls, or that are called from outside of it.
    """

    values: dict[str, Written] = field(default_factory=dict)
    tensors: dict[str, None] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, items: tuple[Item, ...], used: set[str]) -> _Free:
        """Return what items take.

        Args:
            items: the items.
            used: the names of the modules that any item of the class calls again.
        """
        free = cls()
        free._items(items, set(), set())
        inside = all_items(items)
        given = {item.name for item in inside if item.name}
        called = [item.action.target for item in inside if isinstance(item.action, Reuse)]
        outside = used - set(called)
        free.modules = {name for name in called if name not in given} | (given & outside)
        return free

    def problem(self, args: set[str]) -> str | None:
        """Return what a class of its own could not have, or None."""
        if "input" in self.tensors:
            return "the first input"
        sizes = sorted({*SIZES_OF_INPUT, "i"} & self.values.keys() - args)
        if sizes:
            return f"${sizes[0]}"
        return f"the module {min(self.modules)!r}" if self.modules else None

    def _items(self, items: tuple[Item, ...], given: set[str], variables: set[str]) -> None:
        given = set(given)
        for item in items:
            bound = variables | ({"i", *(name for name, _ in item.repeat.columns)} if item.repeat else set())
            self._take(_tensors(item), given)
            for value in _expressions(item):
                self._take((size.tensor for size in expressions.sizes(value.value)), given)  # type: ignore[arg-type]
                for name in sorted(expressions.names(value.value) - bound):  # type: ignore[arg-type]
                    self.values.setdefault(name, value)
            match item.action:
                case ItemGroup(inner):
                    self._items(inner, given, bound)
                case Branches(branches):
                    for _, inner in branches:
                        self._items(inner, given, bound)
            given |= set(_results(item))

    def _take(self, names: Iterable[str], given: set[str]) -> None:
        self.tensors |= dict.fromkeys(name for name in names if name != "x" and name not in given)


def _tensors(item: Item) -> Iterator[str]:
    """Yield the names of the tensors that an item takes."""
    operands = [*item.sources.positional, *item.sources.keywords.values()] if item.sources else []
    for operand in operands:
        yield from (tensor.name for tensor in (operand if isinstance(operand, tuple) else (operand,)))
    for action in (item.action, item.action.merge if isinstance(item.action, Branches) else None):
        if isinstance(action, Operate):
            yield from (tensor.name for tensor in action.tensors.values())


def _expressions(item: Item) -> list[Written]:
    merge = item.action.merge if isinstance(item.action, Branches) else None
    return written_in(item) + (written_in(replace(item, action=merge, repeat=None, condition=None)) if merge else [])


def _results(item: Item) -> Iterator[str]:
    """Yield the names of the tensors that an item gives."""
    if item.results:
        yield from (name for name in item.results.names if name)
    if isinstance(item.action, Branches) and item.action.merge is None:
        yield from (name for name, _ in item.action.branches)
    if isinstance(item.action, Own) and item.name:
        yield item.name
