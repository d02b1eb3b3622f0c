"""The attributes of a class: the names of its modules, and the lists that become one ``nn.Sequential``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

from ..description.description import BlockCall, Import, Layer, Own
from ..language import identifiers as names
from ..network.graph import Body, Fork, Nested, Node, Received, alternatives, walk
from ..network.layers import family_of
from .kept_names import Candidate, Names, is_weighty, keep, text_of, text_of_list

# a residual of at most so many modules is no module of its own: x = x + self.mlp(self.norm(x))
MAX_WRITTEN_OUT = 2


def name_attributes(body: Body, taken: Collection[str], before: Names) -> Body:
    """Return the body with an attribute for each module that needs one.

    Args:
        body: the body of a class.
        taken: the names of arguments and inputs, which share a namespace with attributes.
        before: the names in an earlier version of the class, which items that still exist keep.
    """
    body = _written_out(body)
    body = _with_own_branches(body, set(taken) | _author_names(body), before)
    nodes = {node.id: node for node in walk(body)}
    pairs = alternatives(body)
    second = {first: nodes[other] for other, first in pairs.items()}
    leading = [node for node in _attributed(body) if node.id not in pairs]
    stems = [stem_of(node, second.get(node.id), taken) for node in leading]
    candidates = [
        Candidate(stem, text_of(node), node.attribute, is_weighty(node)) for node, stem in zip(leading, stems)
    ]
    kept = keep(before, candidates) if before else [""] * len(leading)
    taken = set(taken) | _author_names(body)
    attributes: dict[int, str] = {}
    for node, name in zip(leading, kept):
        if node.attribute or (name and name not in taken):
            attributes[node.id] = node.attribute or name
    waiting = [(node, stem) for node, stem in zip(leading, stems) if node.id not in attributes]
    chosen = names.number_names([stem for _, stem in waiting], taken | {"x", "y", "z"}, before)
    attributes |= {node.id: name for (node, _), name in zip(waiting, chosen)}
    for other, first in pairs.items():
        attributes[other] = attributes.get(first) or nodes[first].attribute
    return _renamed(body, attributes)


def _author_names(body: Body) -> set[str]:
    """Return the names that the author gave to modules, tensors and branches."""
    used = {node.attribute for node in walk(body) if node.attribute}
    used |= {name for node in walk(body) for name in node.names if name}
    return used | {name for node in walk(body) if isinstance(node.action, Fork) for name, _, _ in node.action.branches}


def _with_own_branches(body: Body, taken: set[str], before: Names) -> Body:
    """Return the body with numbers for branches of the same name: ``main``, ``main2``."""
    forks = [(node.id, node.action) for node in walk(body) if isinstance(node.action, Fork)]
    bodies = [(name, inner) for _, fork in forks for name, inner, _ in fork.branches]
    kept = keep(before, [Candidate(name, text_of_list(inner)) for name, inner in bodies]) if before else []
    seen = set(kept) & {name for name, count in Counter(kept).items() if count == 1}
    unique = []
    for (name, _), old in zip(bodies, kept or [""] * len(bodies)):
        numbers = (f"{name}{number}" for number in range(2, 1000))
        if old in seen and (old == name or old not in taken):
            unique.append(old)
        else:
            unique.append(
                name if name not in seen else next(number for number in numbers if number not in taken | seen)
            )
            seen.add(unique[-1])
    next_names = iter(unique)
    renamed = {}
    for key, fork in forks:
        branches = [(next(next_names), inner, plain) for _, inner, plain in fork.branches]
        own_branches = tuple((name, _named_like(name, inner), plain) for name, inner, plain in branches)
        renamed[key] = replace(fork, branches=own_branches)
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
    """Return a branch; if it has a single module without a name, that module gets the branch's name."""
    modules = [node for node in body.nodes if not isinstance(node.action, Received)]
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
    """Return the nodes that have an attribute, unlike those inside an ``nn.Sequential``."""
    nodes: list[Node] = []
    for node in body.nodes:
        match node.action:
            case Layer() | BlockCall() | Import() | Own():
                nodes.append(node)
            case Nested(inner, _, plain):
                nodes += [node] if plain else _attributed(inner)
            case Fork(branches):
                for _, inner, plain in branches:
                    nodes += [] if plain else _attributed(inner)
    return nodes


def stem_of(node: Node, other: Node | None = None, taken: Collection[str] = ()) -> str:
    """Return the stem of an automatic name, such as ``conv`` of ``conv1``.

    Args:
        node: the module.
        other: the module that replaces it if its condition is false.
        taken: the names of arguments and inputs.
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
