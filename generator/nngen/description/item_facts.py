"""What can be said of an item without its surroundings."""

from __future__ import annotations

from collections.abc import Iterable

from ..language.catalogue.entries import has_one_part
from ..language.errors import Position
from ..language.expressions import names
from ..language.problems import Problems
from .description import (
    Action,
    BlockCall,
    Branches,
    Description,
    Group,
    Import,
    Item,
    Layer,
    Operate,
    Own,
    Use,
    Written,
)

MAX_NESTING = 40  # blocks in blocks


def order_of_blocks(description: Description, problems: Problems) -> tuple[list[str], set[str]]:
    """The blocks, each behind those that it uses, and those that cannot be built since they have no end."""
    order: list[str] = []
    endless: set[str] = set()
    above: list[str] = []

    def visit(name: str, position: Position | None) -> None:
        if name in above:
            chain = " in ".join([name, *reversed(above[above.index(name) :])])
            problems.add(f"the block {name!r} contains itself: {chain}", position)
            endless.update(above[above.index(name) :])
        elif len(above) > MAX_NESTING:
            problems.add(f"blocks are nested deeper than {MAX_NESTING}", position)
            endless.update(above)
        elif name not in order:
            above.append(name)
            for item in all_items(description.blocks[name].items):
                if isinstance(item.action, BlockCall) and item.action.block in description.blocks:
                    visit(item.action.block, item.position)
            above.pop()
            order.append(name)

    for name, block in description.blocks.items():
        visit(name, block.position)
    return order, endless


def all_items(items: tuple[Item, ...]) -> list[Item]:
    found = []
    for item in items:
        found.append(item)
        if isinstance(item.action, Group):
            found += all_items(item.action.items)
        elif isinstance(item.action, Branches):
            for _, inner in item.action.branches:
                found += all_items(inner)
    return found


def is_plain(item: Item, description: Description) -> bool:
    """Whether an item is a module that takes the flow and gives it on, so that it may stand in ``nn.Sequential``."""
    if item.name or item.results or item.sources or item.condition:
        return False
    match item.action:
        case Layer(entry, arguments):
            return entry.inputs == 1 and has_one_part(entry, arguments)
        case BlockCall(name):
            block = description.blocks.get(name)
            return block is not None and len(block.inputs) == 1 and (block.outputs is None or len(block.outputs) == 1)
        case Import():
            return True
        case Group(items, residual):
            return not residual and all(is_plain(each, description) for each in items)
    return False


def written_in(item: Item) -> list[Written]:
    """All expressions of an item, those of inner items left out."""
    values: list[Written] = [each for each in (item.condition,) if each]
    if item.repeat:
        values += [each for each in (item.repeat.count, *(column for _, column in item.repeat.columns)) if each]
    match item.action:
        case Layer():
            values += item.action.written()
        case BlockCall(_, arguments) | Operate(_, arguments):
            values += arguments.values()
        case Own(_, shape, init):
            values += [*shape, *(init.arguments.values() if init else ())]
        case Import(_, _, arguments, output):
            values += [*arguments.values(), *output]
    flat: list[Written] = []
    while values:
        value = values.pop()
        if isinstance(value.value, tuple):
            values += value.value
        else:
            flat.append(value)
    return flat


def there_are(known: Iterable[str], what: str) -> str:
    listed = sorted(known)
    return f"there are {', '.join(listed)}" if listed else f"there are no {what} yet"


def check_companions(item: Item, description: Description, problems: Problems) -> None:
    """Notes keys beside an item that have no meaning for it."""
    what = item.kind
    for key, value in (("name", item.name), ("repeat", item.repeat), ("as", item.results), ("from", item.sources)):
        problem = _companion_problem(item.action, key, description) if value is not None else None
        if problem:
            problems.add(f"{what} {problem[0]}", item.position, problem[1])
    if item.repeat is not None and isinstance(item.action, Own):
        problems.add(f"{what} takes no 'repeat'", item.position, "give it one more dimension")
    if item.condition is None:
        return
    if isinstance(item.action, Own):
        problems.add(f"{what} takes no 'if'", item.position)
    if (item.results and item.results.parts) or (isinstance(item.action, Branches) and item.action.merge is None):
        problems.add(f"{what} with 'if' has to give one tensor: without it its first input goes on", item.position)
    variables = {"i", *(name for name, _ in item.repeat.columns)} if item.repeat else set()
    if not isinstance(item.condition.value, tuple) and names(item.condition.value) & variables:
        problems.add(f"{what}: the condition changes from round to round", item.position, "put it into a block")


def _companion_problem(action: Action | None, key: str, description: Description) -> tuple[str, str] | None:
    block = "make it a block, and repeat that"
    match action:
        case Own() if key in ("repeat", "as", "from"):
            return f"takes no {key!r}", ""
        case Operate() if key == "name":
            return "is no module, so it has no 'name'", "'as' names its result"
        case Use() if key == "name":
            return "takes no 'name'", "the module has one already"
        case Operate() | Use() if key == "repeat":
            return "is no module, so it cannot be repeated", block
        case Branches() if key == "name":
            return "takes no 'name'", "each branch has its own"
        case Branches() if key == "repeat":
            return "cannot be repeated as they stand", block
        case Group(_, True) if key == "repeat":
            return "cannot be repeated as it stands", block
        case Group(items, _) if key == "repeat" and not all(is_plain(each, description) for each in items):
            return "with operations, names or conditions inside cannot be repeated as they stand", block
        case Group(items, _) if key == "name" and not all(is_plain(each, description) for each in items):
            return "with operations, names or conditions inside take no 'name'", "make it a block"
    return None
