"""The base of layer families, which define shape rules, counts, names and the printing of arguments.

FLOPs are those of one sample, two per multiply-add, as in ``torch.utils.flop_counter``: matrix products and
convolutions count; activations, norms, pools and sums do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

from ...language.catalogue.entries import Entry
from ...language.expressions import Literal
from ..dims import ShapeError, elements
from ..symbolic.sizes import Size, Symbolic
from ..tensors import Argument, Dim, TensorType, shape_text
from .weights import LayerWeights, Shapes, count_of

MAX_ELEMENTS = 2**60  # their bytes have to be counted in 64 bits


@dataclass(frozen=True, slots=True)
class Use:
    """A layer with its arguments and inputs."""

    entry: Entry
    arguments: Mapping[str, Argument]
    inputs: tuple[TensorType, ...]  # in the order of torch's forward, with tuples of tensors flattened
    keywords: Mapping[str, TensorType] = field(default_factory=dict)  # the others, by their names in forward
    flags: Mapping[str, bool] = field(default_factory=dict)  # arguments of forward that are true or false

    @property
    def input(self) -> TensorType:
        """The main input."""
        return self.inputs[0]

    def with_sizes(self, sizes: Mapping[str, Dim]) -> Use:
        """Return the use with arguments that were inferred from the inputs."""
        inferred = {name: Argument(known(dim.size), dim.expression()) for name, dim in sizes.items()}
        return replace(self, arguments={**inferred, **self.arguments})

    def tensor(self, name: str) -> TensorType | None:
        """Return an input by its name in torch's ``forward``; None if it is not given."""
        names: Sequence[str] = self.entry.traits.get("forward", ())
        index = names.index(name) if name in names else len(self.inputs)
        return self.keywords.get(name) or (self.inputs[index] if index < len(self.inputs) else None)

    def value(self, name: str) -> Any:
        """Return the value of an argument, or its default."""
        if name in self.arguments:
            return self.arguments[name].value
        parameter = self.entry.parameter(name)
        default = parameter.default if parameter else None
        return tuple(default) if isinstance(default, list) else default

    def dim(self, name: str) -> Dim:
        """Return an argument that becomes a size, with its source."""
        argument = self.arguments.get(name)
        return Dim(self.value(name)) if argument is None else _as_dim(argument)

    def values(self, name: str, count: int) -> tuple[Any, ...]:
        """Return the values of an argument with one for each spatial dimension; a single value holds for all.

        Raises:
            ShapeError: when it is a list of another length.
        """
        value = self.value(name)
        if not isinstance(value, tuple):
            return (value,) * count
        if len(value) != count:
            raise ShapeError(f"so {name} needs {count} numbers, not {len(value)}")
        return value

    def dims(self, name: str, count: int) -> tuple[Dim | None, ...]:
        """Return the values of an argument as sizes with their sources; None for a null."""
        values, argument = self.values(name, count), self.arguments.get(name)
        if argument is None or not isinstance(argument.source, tuple):
            return tuple(None if value is None else self.dim(name) for value in values)
        return tuple(None if part.value is None else _as_dim(part) for part in argument.source)


def _as_dim(argument: Argument) -> Dim:
    source = argument.source
    return Dim(argument.value, None if isinstance(source, (tuple, Literal)) else source)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outputs and costs of a layer; `Family.infer` adds the numbers of parameters and buffers."""

    outputs: tuple[TensorType, ...]  # in the order of torch's result, with nested tuples flattened
    inferred: Mapping[str, Dim] = field(default_factory=dict)
    parameters: int = 0
    buffers: int = 0
    flops: Size = 0
    completed: Mapping[str, Argument] = field(
        default_factory=dict
    )  # layers as arguments, with their inferred arguments


class Family:
    """A family of layers. A subclass has everything that nngen knows of its layers, beside the catalogue."""

    optional: tuple[str, ...] = ()  # optional inputs of ``forward``
    optional_weights: tuple[str, ...] = ()  # parameters that torch's annotations allow to be None
    flags: Mapping[str, Mapping[str, str]] = {}  # by class: those of ``forward``, with the masks that they tell about
    takes_packed = False  # whether it takes a PackedSequence
    is_table = False  # whether its weights are a table of vectors, one for each integer
    unrolls = False  # whether ``torch.export`` fixes the length of its sequences

    def infer(self, use: Use) -> Outcome:
        """Return the output types and the counts of one use.

        Raises:
            ShapeError: when the layer does not fit its inputs.
        """
        self.check_inputs(use)
        self._check_flags(use)
        if any(tensor.packed for tensor in use.inputs) and not self.takes_packed:
            raise ShapeError("packed, and it takes a padded sequence; pad_packed_sequence makes one")
        outcome = self.rule(use)
        for output in outcome.outputs:
            size = elements(output.dims)
            if isinstance(size, int) and size > MAX_ELEMENTS:
                raise ShapeError(f"and it would give {shape_text(output.sample_shape)}, more than torch can hold")
        built = use.with_sizes(outcome.inferred)
        built = replace(built, arguments={**built.arguments, **outcome.completed})
        parameters = count_of(self.weights(built))
        if parameters > MAX_ELEMENTS:
            raise ShapeError(f"so it has {parameters:,} parameters, more than torch can hold")
        other = next((tensor.dtype for tensor in use.inputs if is_float(tensor) and tensor.dtype != "float32"), None)
        if parameters and other:
            raise ShapeError(f"of dtype {other}, and its parameters are float32; 'to: float32' converts what flows in")
        return replace(outcome, parameters=parameters, buffers=sum(map(prod, self.buffers(built).values())))

    def _check_flags(self, use: Use) -> None:
        known_flags = self.flags.get(use.entry.name, {})
        for name, value in use.flags.items():
            if name not in known_flags:
                listed = f", as {' and '.join(known_flags)} may" if known_flags else ""
                raise ShapeError(f"and {name} takes no true or false{listed}")
            if value and use.tensor(known_flags[name]) is None:
                raise ShapeError(f"and {name} tells that {known_flags[name]} is causal, which is not given")

    def rule(self, use: Use) -> Outcome:
        """Return the output types, inferred arguments and FLOPs; `check_inputs` has checked the number of inputs.

        Raises:
            ShapeError: when the layer does not fit its inputs.
        """
        raise NotImplementedError

    def weights(self, use: Use) -> Sequence[LayerWeights]:
        """Return the parameters that the constructor creates for the arguments, including inferred ones."""
        return ()

    def buffers(self, use: Use) -> Shapes:
        """Return the shapes of the buffers in the state_dict."""
        return {}

    def can_have_weights(self, entry: Entry) -> bool:
        """Tell whether a layer of the class has or may have parameters."""
        return type(self).weights is not Family.weights

    def mixes_samples(self, entry: Entry) -> bool:
        """Tell whether an output depends on the other samples of the batch."""
        return False

    def gains_from_channels_last(self, entry: Entry) -> bool:
        """Tell whether the memory format ``channels_last`` can make the class faster."""
        return False

    def made_of(self, entry: Entry) -> tuple[str, ...]:
        """Return the classes of the modules inside a layer."""
        return ()

    def check_inputs(self, use: Use) -> None:
        """Check the number of inputs.

        Raises:
            ShapeError: when ``forward`` takes fewer or more.
        """
        names: Sequence[str] = use.entry.traits.get("forward", ("input",))
        needed, count = names[: use.entry.inputs], len(use.inputs)
        if count < len(needed):
            raise ShapeError(f"and it takes {len(needed)} tensors, {' and '.join(needed)}, not {count}")
        if count > len(needed) + sum(name in self.optional for name in names):
            raise ShapeError(f"and it does not take {count} tensors")

    def fixed(self, entry: Entry) -> Mapping[str, Argument]:
        """Return arguments that are always printed with these values, such as ``batch_first=True``."""
        return {"batch_first": Argument(True, Literal(True))} if entry.traits.get("batch_first") else {}

    def stem(self, entry: Entry) -> str:
        """Return the stem of automatic names: ``conv`` of ``conv1``."""
        name = re.sub(r"[1-3]d$", "", entry.name)
        return re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", name).lower()

    def positional(self, entry: Entry, arguments: Mapping[str, Argument]) -> int:
        """Return the number of leading arguments that are printed without their names."""
        leading = 0
        for parameter in entry.parameters:
            if not parameter.inferred or parameter.name not in arguments:
                break
            leading += 1
        following = entry.parameters[leading] if leading < len(entry.parameters) else None
        alone = (
            leading > 0 or len(arguments) == 1
        )  # Conv2d(1, 32, ...), MaxPool2d(2); MaxPool2d(kernel_size=3, stride=2)
        if following and following.name == entry.main and following.name in arguments and alone:
            return leading + 1
        return leading

    def call(self, entry: Entry, inputs: Sequence[str], used: Sequence[str]) -> str:
        """Return the code of the arguments of a call.

        Args:
            entry: the class of the layer.
            inputs: the code of the inputs.
            used: the names of the parts of the result that are used.
        """
        return ", ".join(inputs)


def parts(entry: Entry, arguments: Mapping[str, Argument]) -> tuple[str | tuple[str, ...], ...]:
    """Return the names of the parts of a layer's result; empty if it is a single tensor."""
    names_of_parts = entry.traits.get("parts", ())
    for switch, names in entry.traits.get("parts_if", {}).items():
        if switch in arguments and arguments[switch].value:
            names_of_parts = names
    return tuple(tuple(part) if isinstance(part, (list, tuple)) else part for part in names_of_parts)


def numbered(parts: Iterable[object], start: int = 0) -> list[Any]:
    """Return nested lists of the numbers of parts, for nested sequences of their names."""
    numbers: list[Any] = []
    for part in parts:
        if isinstance(part, str):
            numbers.append(start)
            start += 1
        else:
            inner = numbered(part, start)  # type: ignore[arg-type]
            numbers.append(inner)
            start += len(inner)
    return numbers


def channels(use: Use, ranks: tuple[int, ...]) -> Dim:
    """Return the channels, dimension 1, of an input that has one of these ranks, counting the batch.

    Raises:
        ShapeError: when the input has another rank.
    """
    expect_rank(use, ranks)
    return use.input.dims[1]


def features(use: Use) -> Dim:
    """Return the features, the last dimension of the input.

    Raises:
        ShapeError: when the input has no dimension but the batch.
    """
    if len(use.input.dims) < 2:
        raise ShapeError("and it needs features beside the batch")
    return use.input.dims[-1]


def expect_rank(use: Use, ranks: tuple[int, ...]) -> None:
    """Check the rank of the input, counting the batch.

    Raises:
        ShapeError: when it is none of these.
    """
    if len(use.input.dims) not in ranks:
        shapes = " or ".join(shape_text(_SHAPES[rank]) for rank in ranks)
        raise ShapeError(f"and it takes {shapes}")


_SHAPES: dict[int, tuple[str, ...]] = {
    1: (),
    2: ("features",),
    3: ("channels", "length"),
    4: ("channels", "height", "width"),
    5: ("channels", "depth", "height", "width"),
}


def expect_float(use: Use) -> None:
    """Check that all inputs are floating-point tensors.

    Raises:
        ShapeError: for another dtype.
    """
    for tensor in use.inputs:
        if not is_float(tensor):
            raise ShapeError(f"of dtype {tensor.dtype}, and it takes floating point numbers")


def is_float(tensor: TensorType) -> bool:
    """Tell whether a tensor has a floating-point dtype."""
    return tensor.dtype.startswith(("float", "bfloat"))


def expect_elements(output: TensorType) -> TensorType:
    """Return an output after checking that no dimension is empty.

    Raises:
        ShapeError: when one is.
    """
    if any(isinstance(size, int) and size < 1 for size in output.sizes):
        raise ShapeError(f"and it would give {shape_text(output.sample_shape)}")
    return output


def expect_dim(use: Use, name: str = "dim") -> int:
    """Return the index of the dimension that an argument selects, counted from the front.

    Raises:
        ShapeError: when it is out of range, or the batch.
    """
    dim, rank = use.value(name), len(use.input.dims)
    if not -rank <= dim < rank:
        raise ShapeError(f"which with the batch has {rank} dimensions, so {name} {dim} is out of range")
    if dim % rank == 0:
        raise ShapeError(f"and {name} {dim} is the batch; the one after it is 1")
    return int(dim % rank)


def expect_shape(name: str, tensor: TensorType, *shapes: tuple[Size, ...]) -> None:
    """Check that a further input has one of the shapes, which include the batch.

    Raises:
        ShapeError: when it has another shape.
    """
    if tensor.sizes not in shapes:
        expected = " or ".join(shape_text(shape) for shape in shapes)
        raise ShapeError(f"so {name} has to be {expected}, and it is {shape_text(tensor.sizes)}")


def with_dim(tensor: TensorType, index: int, dim: Dim) -> TensorType:
    """Return the type with one dimension replaced."""
    dims = list(tensor.dims)
    dims[index] = dim
    return replace(tensor, dims=tuple(dims))


def with_spatial(tensor: TensorType, spatial: Sequence[Dim]) -> TensorType:
    """Return the type with the dimensions after batch and channels replaced.

    Raises:
        ShapeError: when one is empty.
    """
    return expect_elements(replace(tensor, dims=(*tensor.dims[:2], *spatial)))


def known(size: Size) -> int:
    """Return a size that a constructor needs as a number.

    Raises:
        ShapeError: when the size varies at run time.
    """
    if isinstance(size, Symbolic):
        raise ShapeError(f"whose {size} varies, and its constructor needs a number")
    return size
