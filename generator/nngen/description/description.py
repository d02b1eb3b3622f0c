"""The checked description as dataclasses, with its expressions parsed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union

from ..language import load
from ..language.catalogue.entries import Entry, has_one_part
from ..language.errors import Position
from ..language.expressions import Expr, Literal, Name, SizeOf
from ..language.identifiers import class_name
from .calls import LossTerm, Named, Optimizer, Schedule
from .settings import Training
from .sources import DataSettings

# names that denote a size of the input in every expression
SIZES_OF_INPUT = {"in_channels": SizeOf("input", 1), "in_features": SizeOf("input", -1)}


@dataclass(frozen=True, slots=True)
class Written:
    """A value of the description: an expression (possibly a literal), or a list of values."""

    value: Union[Expr, tuple[Written, ...]]
    position: Position | None = None

    @property
    def is_literal(self) -> bool:
        """Whether the value contains only literals."""
        if isinstance(self.value, tuple):
            return all(part.is_literal for part in self.value)
        return isinstance(self.value, Literal)


@dataclass(frozen=True, slots=True)
class Arg:
    """A parameter of a model or block: required if it has no value, and computed if its value is an expression."""

    name: str
    value: Written | None
    position: Position | None = None

    @property
    def computed(self) -> bool:
        """Whether the value is an expression, so that it is computed and never passed."""
        return self.value is not None and not self.value.is_literal

    @property
    def size(self) -> SizeOf | None:
        """The size of the input that is the parameter's value, if it is one: ``dim: $in_features``."""
        match self.value:
            case Written(SizeOf() as size):
                return size
            case Written(Name(name)):
                return SIZES_OF_INPUT.get(name)
        return None


@dataclass(frozen=True, slots=True)
class Input:
    """An input of the model; its shape excludes the batch dimension, and a text in it names a size that varies."""

    name: str
    shape: tuple[Written, ...]
    dtype: str = "float32"
    high: Written | None = None  # one more than the largest index
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class TensorName:
    """A reference to a tensor by its name."""

    name: str
    position: Position | None = None


Operand = Union[TensorName, tuple[TensorName, ...]]


@dataclass(frozen=True, slots=True)
class Sources:
    """``from``: the tensors that an item takes, as positional and keyword arguments of ``forward``, and its flags."""

    positional: tuple[Operand, ...] = ()
    keywords: Mapping[str, Operand] = field(default_factory=dict)
    flags: Mapping[str, bool] = field(default_factory=dict)  # such as ``tgt_is_causal: true``


@dataclass(frozen=True, slots=True)
class Results:
    """``as``: one name for the result, or names for its parts, with ``None`` for a part that is skipped."""

    names: tuple[str | None, ...]
    parts: bool
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """``repeat``: a number of rounds, or columns with a value for each round."""

    count: Written | None
    columns: tuple[tuple[str, Written], ...] = ()
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Initial:
    """The initialisation of parameters by a function of ``torch.nn.init``."""

    target: str  # a class of layers, or the end of a parameter's name
    parameter: str | None  # a parameter of the class; None if `target` is the end of a name
    function: str  # without the underscore
    arguments: Mapping[str, Written]
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A module of torch; `layers` are arguments that are modules themselves, such as ``encoder_layer``."""

    entry: Entry
    arguments: Mapping[str, Written]
    layers: Mapping[str, Layer] = field(default_factory=dict)

    def written(self) -> list[Written]:
        """Return the values of all arguments, including those of inner layers."""
        return [*self.arguments.values(), *(value for layer in self.layers.values() for value in layer.written())]


@dataclass(frozen=True, slots=True)
class BlockCall:
    """A use of a block of this description."""

    block: str
    arguments: Mapping[str, Written]


@dataclass(frozen=True, slots=True)
class Operate:
    """A tensor operation; `tensors` has the arguments that name a tensor, such as a mask."""

    operation: str
    arguments: Mapping[str, Written]
    tensors: Mapping[str, TensorName] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """``layers``: a nested list of items; ``residual`` also adds its input to its output."""

    items: tuple[Item, ...]
    residual: bool = False


@dataclass(frozen=True, slots=True)
class Branches:
    """Lists of items that take the same input; without a merge, each result has the name of its branch."""

    branches: tuple[tuple[str, tuple[Item, ...]], ...]
    merge: Operate | None
    merge_position: Position | None = None


@dataclass(frozen=True, slots=True)
class Reuse:
    """Another call of a module that has a name."""

    target: str


@dataclass(frozen=True, slots=True)
class Own:
    """A tensor of the module itself, either a parameter or a buffer."""

    kind: str
    shape: tuple[Written, ...]
    init: Initial | None


@dataclass(frozen=True, slots=True)
class Import:
    """A module of the author's own code, with the declared shape of its output."""

    module: str
    attribute: str
    arguments: Mapping[str, Written]
    output: tuple[Written, ...]


Action = Union[Layer, BlockCall, Operate, ItemGroup, Branches, Reuse, Own, Import]


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a list of layers; its action is None if it has a mistake."""

    action: Action | None
    kind: str
    position: Position | None = None  # the position of the kind
    name: str | None = None
    results: Results | None = None
    sources: Sources | None = None
    repeat: Repeat | None = None
    condition: Written | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A reusable module."""

    name: str
    args: tuple[Arg, ...]
    inputs: tuple[str, ...]
    items: tuple[Item, ...]
    outputs: tuple[TensorName, ...] | None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A network; its args are those of the description that it uses, followed by its own."""

    name: str  # the name of its class
    args: tuple[Arg, ...]
    inputs: tuple[Input, ...]
    items: tuple[Item, ...]
    outputs: tuple[TensorName, ...] | None
    optimizer: Optimizer | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """A whole description, as it was validated."""

    name: str
    task: str
    args: tuple[Arg, ...]
    models: tuple[Model, ...]
    blocks: Mapping[str, Block]
    tie: tuple[tuple[load.Scalar, load.Scalar], ...]
    init: tuple[Initial, ...]
    losses: tuple[LossTerm, ...]  # they are summed; empty after a mistake
    optimizer: Optimizer
    scheduler: Schedule | None
    metrics: tuple[Named, ...]  # empty: the task's defaults
    data: DataSettings
    data_position: Position | None
    training: Training
    root: load.Mapping  # the tree that was read
    own_class: str | None = None  # the name of the network's class, if it is written

    @property
    def class_name(self) -> str:
        """The class name of the whole network."""
        return self.own_class or class_name(self.name)

    @property
    def training_keys(self) -> tuple[load.Scalar, ...]:
        """The keys written under `training`."""
        node = self.root.get("training")
        return tuple(key for key, _ in node.entries) if isinstance(node, load.Mapping) else ()

    def optimizer_of(self, model: Model) -> Optimizer:
        """Return a model's own optimizer, or else the description's."""
        return model.optimizer or self.optimizer

    @property
    def optimizers(self) -> tuple[Optimizer, ...]:
        """The description's optimizer, followed by the models' own optimizers."""
        return (self.optimizer, *(model.optimizer for model in self.models if model.optimizer))


MAX_ROUNDS = 10_000


def all_items(items: tuple[Item, ...]) -> list[Item]:
    """Return the items of a list, including those of nested lists."""
    flat = []
    for item in items:
        flat.append(item)
        if isinstance(item.action, ItemGroup):
            flat += all_items(item.action.items)
        elif isinstance(item.action, Branches):
            for _, inner in item.action.branches:
                flat += all_items(inner)
    return flat


def is_plain(item: Item, description: Description) -> bool:
    """Tell whether an item is a module with one input and one output, as ``nn.Sequential`` requires."""
    if item.name or item.results or item.sources or item.condition:
        return False
    match item.action:
        case Layer(entry, arguments):
            return entry.inputs == 1 and has_one_part(entry, arguments)
        case BlockCall(name):
            block = description.blocks.get(name)
            return block is not None and len(block.inputs) == 1 and (block.outputs is None or len(block.outputs) == 1)
        case Import():
            return True
        case ItemGroup(items, residual):
            return not residual and all(is_plain(inner, description) for inner in items)
    return False


def takes_nothing(item: Item, description: Description) -> bool:
    """Tell whether an item uses a block without inputs."""
    block = description.blocks.get(item.action.block) if isinstance(item.action, BlockCall) else None
    return block is not None and not block.inputs


def written_in(item: Item) -> list[Written]:
    """Return all expressions of an item, except those of nested items."""
    values: list[Written] = [value for value in (item.condition,) if value]
    if item.repeat:
        values += [value for value in (item.repeat.count, *(column for _, column in item.repeat.columns)) if value]
    match item.action:
        case Layer():
            values += item.action.written()
        case BlockCall(_, arguments) | Operate(_, arguments):
            values += arguments.values()
        case Own(_, shape, init):
            values += [*shape, *(init.arguments.values() if init else ())]
        case Import(_, _, arguments, output):
            values += [*arguments.values(), *output]
    flat: list[Written] = []
    while values:
        value = values.pop()
        if isinstance(value.value, tuple):
            values += value.value
        else:
            flat.append(value)
    return flat
