"""The attributes of a class: what each module is called, and which lists become one ``nn.Sequential``."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from . import names
from .description import Block, BlockCall, Import, Layer, Own
from .graph import Body, Fork, Nested, Node, Received, walk
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
    body = _written_out(body)
    given = {node.attribute for node in walk(body) if node.attribute}
    given |= {name for node in walk(body) for name in node.names if name}
    given |= {name for node in walk(body) if isinstance(node.action, Fork) for name, _, _ in node.action.branches}
    waiting = [node for node in _attributed(body) if not node.attribute]
    chosen = names.number_names([_stem(node) for node in waiting], set(taken) | given | {"x", "y", "z"})
    return _renamed(body, {node.id: name for node, name in zip(waiting, chosen, strict=True)})


def _written_out(body: Body) -> Body:
    return replace(body, nodes=tuple(_written_out_node(node) for node in body.nodes))


def _written_out_node(node: Node) -> Node:
    match node.action:
        case Nested(inner, residual, plain):
            few = residual and len(inner.nodes) - 1 <= MAX_WRITTEN_OUT and not node.attribute and node.repeat is None
            return replace(node, action=Nested(_written_out(inner), residual, plain and not few))
        case Fork(branches, merge, position):
            written = tuple((name, _named_like(name, _written_out(inner)), plain) for name, inner, plain in branches)
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


def _stem(node: Node) -> str:
    match node.action:
        case Layer(entry):
            family = family_of(entry)
            stem = family.stem(entry) if family else "layer"
        case BlockCall(block):
            stem = snake(block)
        case Import(_, attribute):
            stem = snake(attribute)
        case Nested(_, residual):
            return "residual" if residual else "layers"
        case _:
            stem = "tensor"
    return f"{stem}s" if node.repeat else stem


def snake(name: str) -> str:
    """``EncoderBlock`` as attributes are written: ``encoder_block``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


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
