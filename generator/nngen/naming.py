"""The attributes of a class: what each module is called, and which lists become one ``nn.Sequential``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from . import names
from .description import Block, BlockCall, Import, Layer, Own
from .graph import Body, Fork, Nested, Node, Received, alternatives, walk
from .ops import family_of

# a residual of so many modules is written out: x = x + self.mlp(self.norm(x))
MAX_WRITTEN_OUT = 2


def name_attributes(body: Body, taken: Collection[str], blocks: Mapping[str, Block]) -> Body:
    """Gives each module that needs one its attribute.

    Args:
        body: of a class.
        taken: names of arguments and inputs, which share one namespace with attributes.
        blocks: of the description.
    """
    body = _with_own_branches(_written_out(body), set(taken) | _given(body))
    waiting = [node for node in _attributed(body) if not node.attribute]
    pairs = alternatives(body)
    leading = [node for node in waiting if node.id not in pairs]
    second = {first: other for other, first in pairs.items()}
    nodes = {node.id: node for node in walk(body)}
    stems = [_stem(node, nodes.get(second.get(node.id, -1)), taken) for node in leading]
    chosen = names.number_names(stems, set(taken) | _given(body) | {"x", "y", "z"})
    attributes = {node.id: name for node, name in zip(leading, chosen, strict=True)}
    for other, first in pairs.items():
        attributes[other] = attributes.get(first) or nodes[first].attribute
    return _renamed(body, attributes)


def _given(body: Body) -> set[str]:
    """The names that the author gave, to modules, tensors and branches."""
    given = {node.attribute for node in walk(body) if node.attribute}
    given |= {name for node in walk(body) for name in node.names if name}
    return given | {name for node in walk(body) if isinstance(node.action, Fork) for name, _, _ in node.action.branches}


def _with_own_branches(body: Body, taken: set[str]) -> Body:
    """Branches whose name another branch of the class has get a number: ``main``, ``main2``."""
    seen: set[str] = set()
    renamed: dict[int, Fork] = {}
    for node in walk(body):
        if isinstance(node.action, Fork):
            branches = []
            for name, inner, plain in node.action.branches:
                numbers = (f"{name}{number}" for number in range(2, 1000))
                own = name if name not in seen else next(each for each in numbers if each not in taken | seen)
                seen.add(own)
                branches.append((own, _named_like(own, inner), plain))
            renamed[node.id] = replace(node.action, branches=tuple(branches))
    return _replaced(body, renamed) if renamed else body


def _replaced(body: Body, forks: Mapping[int, Fork]) -> Body:
    nodes = []
    for node in body.nodes:
        match forks.get(node.id, node.action):
            case Nested(inner) as action:
                nodes.append(replace(node, action=replace(action, body=_replaced(inner, forks))))
            case Fork(branches) as action:
                within = tuple((name, _replaced(inner, forks), plain) for name, inner, plain in branches)
                nodes.append(replace(node, action=replace(action, branches=within)))
            case _:
                nodes.append(node)
    return replace(body, nodes=tuple(nodes))


def _written_out(body: Body) -> Body:
    return replace(body, nodes=tuple(_written_out_node(node) for node in body.nodes))


def _written_out_node(node: Node) -> Node:
    match node.action:
        case Nested(inner, residual, plain):
            few = residual and len(inner.nodes) - 1 <= MAX_WRITTEN_OUT and not node.attribute and node.repeat is None
            return replace(node, action=Nested(_written_out(inner), residual, plain and not few))
        case Fork(branches, merge, position):
            written = tuple((name, _written_out(inner), plain) for name, inner, plain in branches)
            return replace(node, action=Fork(written, merge, position))
    return node


def _named_like(branch: str, body: Body) -> Body:
    """A branch of one module gives it its name."""
    modules = [each for each in body.nodes if not isinstance(each.action, Received)]
    if (
        len(modules) != 1
        or modules[0].attribute
        or not isinstance(modules[0].action, (Layer, BlockCall, Import, Nested))
    ):
        return body
    if isinstance(modules[0].action, Nested) and (modules[0].action.residual or not modules[0].action.plain):
        return body
    return replace(body, nodes=(*body.nodes[:-1], replace(modules[0], attribute=branch)))


def _attributed(body: Body) -> list[Node]:
    """The nodes that are kept under an attribute; those inside an ``nn.Sequential`` are not."""
    found: list[Node] = []
    for node in body.nodes:
        match node.action:
            case Layer() | BlockCall() | Import() | Own():
                found.append(node)
            case Nested(inner, _, plain):
                found += [node] if plain else _attributed(inner)
            case Fork(branches):
                for _, inner, plain in branches:
                    found += [] if plain else _attributed(inner)
    return found


def _stem(node: Node, other: Node | None = None, taken: Collection[str] = ()) -> str:
    """What an automatic name begins with.

    Args:
        node: the module.
        other: the one that takes its place when its condition is false.
        taken: names of arguments and inputs.
    """
    match node.action:
        case Layer(entry):
            family = family_of(entry)
            stem = family.stem(entry) if family else "layer"
            if other is not None and entry.family == "activation":
                stem = "act"
            elif stem == "dropout" and stem in taken:
                stem = "drop"
        case BlockCall(block):
            stem = names.snake(block)
        case Import(_, attribute):
            stem = names.snake(attribute)
        case Nested(_, residual):
            return "residual" if residual else "layers"
        case _:
            stem = "tensor"
    return f"{stem}s" if node.repeat else stem


def _renamed(body: Body, attributes: Mapping[int, str]) -> Body:
    return replace(body, nodes=tuple(_renamed_node(node, attributes) for node in body.nodes))


def _renamed_node(node: Node, attributes: Mapping[int, str]) -> Node:
    node = replace(node, attribute=attributes.get(node.id, node.attribute))
    match node.action:
        case Nested(inner, residual, plain):
            return replace(node, action=Nested(_renamed(inner, attributes), residual, plain))
        case Fork(branches, merge, position):
            renamed = tuple((name, _renamed(inner, attributes), plain) for name, inner, plain in branches)
            return replace(node, action=Fork(renamed, merge, position))
    return node
