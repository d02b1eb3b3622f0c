"""Third stage: the description to a graph, where each item knows what flows into it and what it is called."""

from __future__ import annotations

from . import names
from .description import Description, Layer
from .graph import Graph, InputNode, ModuleNode, Node, Ref, UnreadNode
from .ops import family_of


def resolve(description: Description) -> Graph:
    """The network as a graph; names that the author did not give are chosen here."""
    inputs = [InputNode(each.name, each.shape, each.dtype, each.position) for each in description.inputs]
    nodes: list[Node] = list(inputs)
    for layer, attribute in zip(description.layers, _attributes(description)):
        flow = (Ref(len(nodes) - 1),)
        if layer is None:
            nodes.append(UnreadNode(flow))
        else:
            nodes.append(ModuleNode(attribute, layer.entry, layer.arguments, flow, layer.position))
    return Graph(description.class_name, description.args, tuple(nodes), (Ref(len(nodes) - 1),))


def _attributes(description: Description) -> list[str]:
    given = {layer.name for layer in description.layers if layer and layer.name}
    taken = given | {arg.name for arg in description.args} | {"x", "input"}
    automatic = iter(
        names.number_names((_stem(layer) for layer in description.layers if not (layer and layer.name)), taken)
    )
    return [layer.name if layer and layer.name else next(automatic) for layer in description.layers]


def _stem(layer: Layer | None) -> str:
    family = family_of(layer.entry) if layer else None
    return family.stem(layer.entry) if layer and family else "layer"
