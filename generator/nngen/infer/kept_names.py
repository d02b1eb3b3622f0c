"""Names that an update keeps: earlier and current items are aligned, and an item that still exists keeps its name.

Copier's answers record the names: for each class, the names with the items that have them.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Any

from ..description.description import BlockCall, Import, Layer, Operate, Own, Written
from ..language import expressions
from ..language.errors import DescriptionError, Problem
from ..language.identifiers import attribute_problem, number_of
from ..network.graph import Body, Called, Fork, Graph, Nested, Network, Node, Received, alternatives
from ..network.layers import family_of

KEY = "attribute_names"  # among copier's answers
Names = Mapping[str, str]  # for one class: names with their items as text, in order
Record = Mapping[str, Names]  # by class

MAX_TEXT = 120
MAX_CELLS = 250_000  # the largest table of an alignment
WEIGHTY = 8  # the score of an unchanged layer with parameters; one without scores 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that needs a name, or has one from its author."""

    stem: str  # the beginning of its automatic name
    text: str
    author_name: str = ""
    weighty: bool = True  # whether it has parameters


def is_weighty(node: Node) -> bool:
    """Tell whether an item has or may have parameters."""
    if not isinstance(node.action, Layer):
        return True
    family = family_of(node.action.entry)
    return family is None or family.can_have_weights(node.action.entry)


def read_record(value: Any) -> Record:
    """Return the record of names in copier's answers, which may have been edited.

    Raises:
        DescriptionError: when the value is not a valid record.
    """
    if value is None:
        return {}
    classes = value.items() if isinstance(value, dict) else [("", None)]
    for name, attributes in classes:
        pairs = attributes.items() if isinstance(attributes, dict) else [(None, None)]
        if not isinstance(name, str) or any(attribute_problem(k) or not isinstance(v, str) for k, v in pairs):
            raise DescriptionError([Problem(f"{KEY}: these names are damaged; take them back from git")])
    record: Record = value
    return record


def record_of(network: Network) -> dict[str, dict[str, str]]:
    """Return the names in a network's classes, to be recorded in copier's answers."""
    models = {key_of(graph.class_name, len(network.models)): _names(graph) for graph in network.models}
    record = models | {name: _names(graph) for name, graph in network.blocks.items()}
    return {name: attributes for name, attributes in record.items() if attributes}


def key_of(model: str, models: int) -> str:
    """Return a model's key in the record; that of a single model does not depend on the project's name."""
    return model if models > 1 else "model"


def keep(before: Names, candidates: Sequence[Candidate]) -> list[str]:
    """Return the earlier name that each candidate keeps, or "".

    First equal items are aligned, so that each of several equal ones keeps its own name, then moved items are matched.
    Last come items whose arguments changed in place; an item of another kind gets a new name.
    """
    old = list(before.items())
    start = _common(zip(old, candidates))
    end = _common(zip(reversed(old[start:]), reversed(candidates[start:])))
    inner = range(start, len(old) - end)
    waiting = range(start, len(candidates) - end)
    matched = {index: index for index in range(start)}
    anchors = _aligned(old, inner, candidates, waiting, _same)
    matched |= anchors
    matched |= {len(candidates) - 1 - index: len(old) - 1 - index for index in range(end)}

    left: dict[str, deque[int]] = {}
    for place in sorted(set(inner) - set(anchors.values())):
        left.setdefault(old[place][1], deque()).append(place)
    for index in waiting:
        moved = left.get(candidates[index].text)
        if index not in matched and moved and _same(old[moved[0]], candidates[index]):
            matched[index] = moved.popleft()

    used = set(matched.values())
    bounds = [(start - 1, start - 1), *sorted(anchors.items()), (waiting.stop, inner.stop)]
    for (index, place), (next_index, next_place) in pairwise(bounds):
        free = [other for other in range(place + 1, next_place) if other not in used]
        changed = [other for other in range(index + 1, next_index) if other not in matched]
        matched |= _aligned(old, free, candidates, changed, _similar)
    return [old[matched[index]][0] if index in matched else "" for index in range(len(candidates))]


def text_of(node: Node) -> str:
    """Return an item as one line of text that depends on neither its name nor its place."""
    text = _short(_text(node))
    if node.repeat is None:
        return text
    columns = ", ".join(f"{name}={_written(column)}" for name, column in node.repeat.columns)
    return f"{_written(node.repeat.count) if node.repeat.count else columns} x {text}"


def text_of_list(body: Body) -> str:
    """Return the items of a list as text; a single item has no brackets."""
    texts = [text_of(node) for node in body.nodes if not isinstance(node.action, Received)]
    return texts[0] if len(texts) == 1 else _short(f"[{', '.join(texts)}]")


def _same(old: tuple[str, str], candidate: Candidate) -> int:
    """Return the score of a candidate as the same item as an old one; 0 if it is another."""
    name, text = old
    if candidate.author_name or text != candidate.text:
        return int(name == candidate.author_name)
    return WEIGHTY if number_of(name, candidate.stem) is not None and candidate.weighty else _similar(old, candidate)


def _similar(old: tuple[str, str], candidate: Candidate) -> int:
    return int(not candidate.author_name and number_of(old[0], candidate.stem) is not None)


def _common(pairs: Iterable[tuple[tuple[str, str], Candidate]]) -> int:
    return sum(1 for _ in takewhile(lambda pair: _same(*pair), pairs))


def _aligned(
    old: Sequence[tuple[str, str]],
    places: Sequence[int],
    candidates: Sequence[Candidate],
    indices: Sequence[int],
    score: Callable[[tuple[str, str], Candidate], int],
) -> dict[int, int]:
    """Return the order-preserving alignment of candidates with old items that has the largest sum of scores."""
    if len(places) * len(indices) > MAX_CELLS:
        return {}
    best = [[0] * (len(places) + 1) for _ in range(len(indices) + 1)]
    for i in range(len(indices) - 1, -1, -1):
        for j in range(len(places) - 1, -1, -1):
            points = score(old[places[j]], candidates[indices[i]])
            best[i][j] = max(best[i + 1][j + 1] + points if points else 0, best[i + 1][j], best[i][j + 1])
    pairs, i, j = {}, 0, 0
    while i < len(indices) and j < len(places):
        points = score(old[places[j]], candidates[indices[i]])
        if points and best[i][j] == best[i + 1][j + 1] + points:
            pairs[indices[i]] = places[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _names(graph: Graph) -> dict[str, str]:
    if graph.sequential:
        return {}  # its modules have positions instead of names
    second = alternatives(graph.body)
    texts: dict[str, str] = {}

    def visit(body: Body) -> None:
        for node in body.nodes:
            if node.attribute and node.id not in second:
                texts.setdefault(node.attribute, text_of(node))
            match node.action:
                case Nested(inner, _, plain) if not plain:
                    visit(inner)
                case Fork(branches):
                    for name, inner, plain in branches:
                        texts.setdefault(name, text_of_list(inner))
                        if not plain:
                            visit(inner)

    visit(graph.body)
    return texts


def _text(node: Node) -> str:
    match node.action:
        case Layer(entry, arguments):
            return f"{entry.name}({_arguments(arguments)})"
        case BlockCall(name, arguments) | Operate(name, arguments):
            return f"{name}({_arguments(arguments)})"
        case Import(module, attribute, arguments):
            return f"{module}:{attribute}({_arguments(arguments)})"
        case Own(kind, shape):
            return f"{kind}([{', '.join(map(_written, shape))}])"
        case Nested(body, residual):
            return f"{'residual' if residual else 'layers'}({text_of_list(body)})"
        case Fork(branches):
            return f"branches({', '.join(text_of_list(body) for _, body, _ in branches)})"
        case Called():
            return "use"
    return "unread"


def _arguments(arguments: Mapping[str, Written]) -> str:
    return ", ".join(f"{name}={_written(value)}" for name, value in arguments.items())


def _written(written: Written) -> str:
    if isinstance(written.value, tuple):
        return f"[{', '.join(map(_written, written.value))}]"
    return expressions.to_python(written.value)


def _short(text: str) -> str:
    if len(text) <= MAX_TEXT:
        return text
    return f"{text[:MAX_TEXT // 2]}... {hashlib.sha256(text.encode()).hexdigest()[:16]}"
