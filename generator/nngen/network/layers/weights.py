"""The names and shapes of the parameters of a layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """Shapes of parameters by name, in the order of torch's ``named_parameters``.

    Equal layers of a stack are stored once, since a short description can have a billion of them: ``{}`` in a name
    is the number of the layer.
    """

    shapes: Shapes
    layers: range = range(1)

    @property
    def count(self) -> int:
        """The number of elements of all parameters."""
        return len(self.layers) * sum(map(prod, self.shapes.values()))

    @property
    def multiplications(self) -> int:
        """The number of multiplications in a step that uses every matrix once."""
        return len(self.layers) * sum(prod(shape) for shape in self.shapes.values() if len(shape) > 1)

    def named(self) -> Iterator[tuple[str, Shape]]:
        """Yield each parameter's name and shape."""
        for number in self.layers:
            for name, shape in self.shapes.items():
                yield name.format(number), shape

    def under(self, prefix: str) -> LayerWeights:
        """Return the parameters with a prefix, as in a submodule: ``norm.weight``."""
        return LayerWeights(under(prefix, self.shapes), self.layers)


def affine(shape: Shape, bias: bool) -> Shapes:
    """Return the shapes of a weight and, if there is one, of the bias for its first dimension."""
    return {"weight": shape, **({"bias": shape[:1]} if bias else {})}


def under(prefix: str, shapes: Shapes) -> Shapes:
    """Return the shapes with a prefix before their names, as in a submodule: ``norm.weight``."""
    return {f"{prefix}.{name}": shape for name, shape in shapes.items()}


def count_of(weights: Sequence[LayerWeights]) -> int:
    """Return the number of elements of a layer's parameters."""
    return sum(group.count for group in weights)
