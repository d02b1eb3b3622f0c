"""The keys beside an item: its name, its results, its inputs, and its repetition."""

from __future__ import annotations

from ..description.description import (
    MAX_ROUNDS,
    Action,
    Branches,
    Description,
    Item,
    ItemGroup,
    Layer,
    Operand,
    Operate,
    Own,
    Repeat,
    Results,
    Reuse,
    Sources,
    TensorName,
    is_plain,
    takes_nothing,
)
from ..language import load
from ..language.expressions import names
from ..language.identifiers import attribute_problem, identifier_problem, variable_problem
from ..language.load import Node, Scalar, Sequence, describe
from ..language.problems import Problems
from .arguments import written


def is_wrong_name(key: Scalar, section: str, problems: Problems) -> bool:
    """Tell whether a key of a section is not a valid name, and record a problem if so."""
    problem = identifier_problem(key.value)
    if problem:
        problems.add(f"{section}: {problem}", key)
    return problem is not None


def read_identifier(node: Node | None, kind: Scalar, key: str, problems: Problems) -> str | None:
    """Return a name; None, with a problem recorded, if the node is not one."""
    value = load.plain(node) if node else None
    problem = identifier_problem(value)
    if problem:
        problems.add(f"{key}: {problem}", node or kind)
        return None
    return str(value)


def read_name(node: Node | None, problems: Problems) -> str | None:
    """Read ``name``: the attribute of the module; a name that is refused is kept, since other items may use it."""
    if node is None:
        return None
    name = load.plain(node)
    problem = attribute_problem(name)
    if problem:
        problems.add(f"name: {problem}", node)
    return name if isinstance(name, str) else None


def read_results(node: Node | None, problems: Problems) -> Results | None:
    """Read ``as``: the names of the results."""
    if node is None:
        return None
    parts = isinstance(node, Sequence)
    names: list[str | None] = []
    for item in node.items if isinstance(node, Sequence) else (node,):
        value = load.plain(item)
        problem = None if value == "_" and parts else variable_problem(value)
        if problem:
            problems.add(f"as: {problem}", item)
        names.append(value if isinstance(value, str) and value != "_" else None)  # others may use it though refused
    return Results(tuple(names), parts, node.position)


def read_sources(node: Node | None, problems: Problems) -> Sources | None:
    """Read ``from``: the tensors that an item takes."""
    match node:
        case None:
            return None
        case load.Mapping(entries):
            valid = {str(key.value): value for key, value in entries if not is_wrong_name(key, "from", problems)}
            flags = {name: value for name, node in valid.items() if isinstance(value := load.plain(node), bool)}
            keywords = {name: _operand(value, problems) for name, value in valid.items() if name not in flags}
            return Sources((), {name: operand for name, operand in keywords.items() if operand is not None}, flags)
        case Sequence(items):
            operands = [_operand(item, problems) for item in items]
            return Sources(tuple(operand for operand in operands if operand is not None))
    operand = _operand(node, problems)
    return None if operand is None else Sources((operand,))


def _operand(node: Node, problems: Problems) -> Operand | None:
    if isinstance(node, Sequence):
        parts = [_operand(item, problems) for item in node.items]
        return tuple(part for part in parts if isinstance(part, TensorName))
    name = load.plain(node)
    if not isinstance(name, str):
        problems.add(f"from: {identifier_problem(name)}", node)
        return None
    return TensorName(name, node.position)  # a name that nothing has is reported where it is looked up


def read_repeat(node: Node | None, problems: Problems) -> Repeat | None:
    """Read ``repeat``: a number of rounds, or columns with a value for each round."""
    if node is None:
        return None
    if not isinstance(node, load.Mapping):
        count = written(node, problems)
        value = load.plain(node)
        if isinstance(value, (bool, float)) or (isinstance(value, int) and not 0 <= value <= MAX_ROUNDS):
            problems.add(f"repeat: expected a whole number up to {MAX_ROUNDS}, found {describe(node)}", node)
            return None
        return Repeat(count, (), node.position) if count else None
    columns = []
    for key, value_node in node.entries:
        problem = attribute_problem(key.value) or ("'i' is the number of the round" if key.value == "i" else None)
        if problem:
            problems.add(f"repeat: {problem}", key)
        column = written(value_node, problems)
        if column is not None and isinstance(value_node, Scalar) and column.is_literal:
            problems.add(f"repeat: {key.value!r} needs a list of values, found {describe(value_node)}", value_node)
        elif column is not None:
            columns.append((str(key.value), column))
    lengths = {len(column.value) for _, column in columns if isinstance(column.value, tuple)}
    if len(lengths) > 1 or 0 in lengths:
        listed = " and ".join(str(length) for length in sorted(lengths))
        problems.add(f"repeat: columns need the same number of values, found {listed}", node)
        return None
    return Repeat(None, tuple(columns), node.position) if columns else None


def check_companions(item: Item, description: Description, problems: Problems) -> None:
    """Record a problem for each key beside an item that has no meaning for it."""
    kind = item.kind
    for key, value in (("name", item.name), ("repeat", item.repeat), ("as", item.results), ("from", item.sources)):
        problem = _companion_problem(item.action, key, description) if value is not None else None
        if problem:
            problems.add(f"{kind} {problem[0]}", item.position, problem[1])
    if item.sources is not None and item.sources.flags and not isinstance(item.action, Layer):
        problems.add(f"from: {kind} takes no true or false", item.position)
    if item.repeat is not None and isinstance(item.action, Own):
        problems.add(f"{kind} takes no 'repeat'", item.position, "give it one more dimension")
    nothing = item.sources == Sources(()) or takes_nothing(item, description)
    if item.repeat is not None and nothing:
        problems.add(f"{kind} takes nothing, so the rounds of its 'repeat' would all be the same", item.position)
    if item.repeat is not None and item.repeat.columns and isinstance(item.action, Reuse):
        problems.add(f"{kind} calls one module, so its 'repeat' is a number", item.repeat.position)
    if item.condition is None:
        return
    if isinstance(item.action, Own):
        problems.add(f"{kind} takes no 'if'", item.position)
    if (item.results and item.results.parts) or (isinstance(item.action, Branches) and item.action.merge is None):
        problems.add(f"{kind} with 'if' has to give one tensor: without it its first input goes on", item.position)
    if nothing:
        message = f"{kind} with 'if' takes nothing that could go on where its condition is false"
        problems.add(message, item.position, "leave 'if' out")
    variables = {"i", *(name for name, _ in item.repeat.columns)} if item.repeat else set()
    if not isinstance(item.condition.value, tuple) and names(item.condition.value) & variables:
        problems.add(f"{kind}: the condition changes from round to round", item.position, "put it into a block")


def _companion_problem(action: Action | None, key: str, description: Description) -> tuple[str, str] | None:
    block = "make it a block, and repeat that"
    match action:
        case Own() if key in ("repeat", "as", "from"):
            return f"takes no {key!r}", ""
        case Operate() if key == "name":
            return "is no module, so it has no 'name'", "'as' names its result"
        case Reuse() if key == "name":
            return "takes no 'name'", "the module has one already"
        case Operate() if key == "repeat":
            return "is no module, so it cannot be repeated", block
        case Branches(_, None) if key == "name":
            return "takes no 'name'", "each branch has its own"
        case Branches(_, None) if key == "repeat":
            return "without 'merge' cannot be repeated", "with it, what they give goes into the next round"
        case ItemGroup(items, False) if key == "repeat" and not all(is_plain(item, description) for item in items):
            return "with operations, names or conditions inside cannot be repeated as they stand", block
    return None
