"""Layers that are still there under another name: those in an ``nn.Sequential`` go by position, which others shift."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from ..description.description import BlockCall, Import, Layer, Own
from ..infer.attributes import stem_of
from ..infer.kept_names import Candidate, is_weighty, keep, key_of, text_of
from ..language.identifiers import numbered
from ..network.graph import Body, Fork, Graph, Nested, Node, walk
from ..network.parameters import Path, Weight
from ..network.typed import TypedNetwork

Same = Mapping[str, tuple[str, Mapping[int, int]]]  # by class its name of before, and its nodes with those of before


def moved_keys(
    before: TypedNetwork, after: TypedNetwork, old: Mapping[str, Weight], new: Mapping[str, Weight]
) -> dict[str, str]:
    """Return the state dict's new keys that hold what another key held before, each with that old key.

    Args:
        before: the network as it was.
        after: the network as it is.
        old: the keys of a state_dict of before.
        new: those of now.
    """
    same = _same_nodes(before, after)
    names = {(weight.path, weight.part): name for name, weight in old.items()}
    paths = {name: _before(weight.path, same) for name, weight in new.items()}
    found = {name: names.get((path, new[name].part)) for name, path in paths.items() if path is not None}
    return {name: other for name, other in found.items() if other is not None and other != name}


def renames(moved: Mapping[str, str]) -> dict[str, str]:
    """Return the layers of moved keys with their new names; what lies deeper comes first."""
    found: dict[str, str] = {}
    for new, old in moved.items():
        one, other = old.split("."), new.split(".")
        while len(one) > 1 and len(other) > 1 and one[-1] == other[-1]:
            one, other = one[:-1], other[:-1]
        found.setdefault(".".join(one), ".".join(other))
    return dict(sorted(found.items(), key=lambda pair: -pair[0].count(".")))


def _same_nodes(before: TypedNetwork, after: TypedNetwork) -> Same:
    count = len(before.network.models), len(after.network.models)
    models = {key_of(graph.class_name, count[0]): graph for graph in before.network.models}
    pairs = [(models.get(key_of(graph.class_name, count[1])), graph) for graph in after.network.models]
    pairs += [(before.network.blocks.get(name), graph) for name, graph in after.network.blocks.items()]
    return {graph.class_name: (old.class_name, _aligned(old, graph)) for old, graph in pairs if old is not None}


def _before(path: Path, same: Same) -> Path | None:
    nodes: Mapping[int, int] = {}
    steps: list[str | int | tuple[int]] = []
    for step in path:
        match step:
            case str() if step in same:
                name, nodes = same[step]
                steps.append(name)
            case int() if step in nodes:
                steps.append(nodes[step])
            case (_,):
                steps.append(step)
            case _:
                return None
    return tuple(steps)


def _aligned(old: Graph, new: Graph) -> dict[int, int]:
    """Pair the nodes of a class with those of before: by attribute and order, then by what went elsewhere."""
    before, after = _held(old), _held(new)
    matched: dict[int, int] = {}
    for name, nodes in after.items():
        matched |= _aligned_in_list(before.get(name, []), nodes)
    taken = set(matched.values())
    left: dict[str, deque[int]] = {}
    for node in (each for nodes in before.values() for each in nodes):
        if node.id not in taken:
            left.setdefault(text_of(node), deque()).append(node.id)
    for node in (each for nodes in after.values() for each in nodes):
        places = left.get(text_of(node))
        if node.id not in matched and places:
            matched[node.id] = places.popleft()
    return matched


def _aligned_in_list(old: Sequence[Node], new: Sequence[Node]) -> dict[int, int]:
    if len(old) == len(new) == 1:
        return {new[0].id: old[0].id}
    places = {numbered(stem_of(node), index): node for index, node in enumerate(old, 1)}
    candidates = [Candidate(stem_of(node), text_of(node), weighty=is_weighty(node)) for node in new]
    kept = keep({name: text_of(node) for name, node in places.items()}, candidates)
    return {node.id: places[name].id for node, name in zip(new, kept, strict=True) if name}


def _held(graph: Graph) -> dict[str, list[Node]]:
    """Return the modules of a class by the attribute that holds them."""
    held: dict[str, list[Node]] = {}
    lists = [("", graph.body)] if graph.sequential else _lists(graph.body)
    for name, content in lists:
        nodes = walk(content) if isinstance(content, Body) else [content]
        held.setdefault(name, []).extend(each for each in nodes if _is_module(each))
    return held


def _lists(body: Body) -> Iterator[tuple[str, Body | Node]]:
    for node in body.nodes:
        match node.action:
            case Nested(inner, _, plain):
                yield from [(node.attribute, inner)] if plain else _lists(inner)
            case Fork(branches):
                for name, inner, plain in branches:
                    yield from [(name, inner)] if plain else _lists(inner)
            case _:
                yield node.attribute, node


def _is_module(node: Node) -> bool:
    return isinstance(node.action, (Layer, BlockCall, Import, Own))
