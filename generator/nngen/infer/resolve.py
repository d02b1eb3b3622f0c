"""Third stage: the description becomes graphs, whose nodes have inputs and names."""

from __future__ import annotations

from ..description.description import BlockCall, Description, all_items
from ..language.errors import Position
from ..language.problems import Problems
from ..network.graph import Network
from .class_graph import ClassBuilder
from .kept_names import Record, key_of
from .lifting import lift

MAX_NESTING = 40  # blocks in blocks


def resolve(description: Description, problems: Problems, names: Record | None = None) -> Network:
    """Return the network as graphs, with names for the modules that the author did not name.

    Args:
        description: the validated description.
        problems: receives the mistakes.
        names: the names of an earlier version, which items that still exist keep.
    """
    description = lift(description, problems)
    order, endless = order_of_blocks(description, problems)
    kept = names or {}
    count = len(description.models)
    blocks = {
        name: ClassBuilder.of_block(description.blocks[name], description, problems, endless, kept.get(name, {}))
        for name in order
    }
    models = tuple(
        ClassBuilder.of_model(model, description, problems, endless, kept.get(key_of(model.name, count), {}))
        for model in description.models
    )
    _check_class_names(description, problems)
    return Network(description.class_name, description.args, models, blocks, description.tie, description.init)


def _check_class_names(description: Description, problems: Problems) -> None:
    """Report models and blocks with the name of another class, and blocks that no item uses."""
    lists = (*(model.items for model in description.models), *(block.items for block in description.blocks.values()))
    actions = [item.action for items in lists for item in all_items(items)]
    used = {action.block for action in actions if isinstance(action, BlockCall)}
    for model in description.models if len(description.models) > 1 else ():
        if model.name == description.class_name:
            problems.add(f"the model {model.name!r} has the name of the whole", model.position, "give it another")
    for name, block in description.blocks.items():
        if name == description.class_name or any(name == model.name for model in description.models):
            problems.add(f"the block {name!r} has the name of the model's class", block.position, "give it another")
        if name not in used and None not in actions:  # an item that cannot be read may have been meant to use it
            problems.add(f"no item uses the block {name!r}", block.position, "leave it out")


def order_of_blocks(description: Description, problems: Problems) -> tuple[list[str], set[str]]:
    """Return the blocks, each after those that it uses, and the blocks that contain themselves or nest too deep."""
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
