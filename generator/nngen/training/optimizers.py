"""What is known of optimizers: their usual learning rates, and which parameters some of them cannot take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..description.calls import Call, Optimizer
from ..description.description import Layer
from ..language.catalogue.registry import catalogue
from ..language.errors import Position
from ..network.layers import FAMILIES
from ..network.parameters import Weight, all_weights
from ..network.typed import TypedNetwork

# what people take for the parameters that Muon or SparseAdam cannot
_DEFAULT_REST = {"Muon": "AdamW", "SparseAdam": "AdamW"}


def default_lr(optimizer: str) -> float:
    """The learning rate that torch takes when none is given; a flag needs a value."""
    parameter = catalogue().optimizers[optimizer].parameter("lr")
    assert parameter is not None and isinstance(parameter.default, (int, float))
    return float(parameter.default)


def rest_of(optimizer: Optimizer) -> Call | None:
    """The second optimizer, for what this one cannot take."""
    name = _DEFAULT_REST.get(optimizer.name)
    return (optimizer.rest or Call(name)) if name else None


def needs_weights(optimizer: Optimizer) -> bool:
    """Whether the plan depends on the names of the parameters."""
    return bool(optimizer.no_decay or optimizer.groups or rest_of(optimizer))


def outer_matrices(weights: Sequence[Weight]) -> tuple[str, ...]:
    """The matrices that are not Muon's: of embeddings, of the model itself, and of the last layer."""
    matrices = [weight for weight in weights if weight.shape is not None and len(weight.shape) == 2]
    last = matrices[-1:] if matrices and _family(matrices[-1]) == "linear" else []
    outer = [each for each in matrices if not each.layer or _is_table(each) or each in last]
    return tuple(dict.fromkeys(each.name for each in outer))


def _family(weight: Weight) -> str:
    return catalogue().layers[weight.layer].family if weight.layer else ""


def _is_table(weight: Weight) -> bool:
    return FAMILIES[_family(weight)].is_table


def weights_for(optimizer: Optimizer, typed: TypedNetwork) -> tuple[Weight, ...]:
    """The parameters of the network, where the optimizer is made by their names."""
    return tuple(all_weights(typed)) if needs_weights(optimizer) else ()


def has_sparse(typed: TypedNetwork) -> bool:
    """Whether some gradients of the network are sparse."""
    return any(True for _ in _sparse_embeddings(typed))


def _sparse_embeddings(typed: TypedNetwork) -> Iterator[Position | None]:
    for use in typed.all_uses:
        for node in use.graph.walk():
            if isinstance(node.action, Layer):
                argument = use.types[node.id].arguments.get("sparse") if node.id in use.types else None
                if argument is not None and argument.value is True:
                    yield node.position
