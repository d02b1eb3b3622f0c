"""Operations that change the shape or the order of the elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..dims import product, settle, solve, volume
from ..symbolic.sizes import Symbolic
from ..tensors import Dim, shape_text
from .base import OperationUse, Parameter, ShapeError, TensorOperation, TensorType, axis
from .text import call, method, unpacked


class _Method(TensorOperation):
    """A method of the tensor, with all arguments by position."""

    def types(self, use: OperationUse) -> tuple[TensorType, ...]:
        return (replace(use.input, dims=tuple(self.dims(use))),)

    def dims(self, use: OperationUse) -> Sequence[Dim]:
        """Return the dimensions of the result."""
        raise NotImplementedError

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        names = [parameter.name for parameter in self.parameters if parameter.name in arguments]
        return method(operands[0], self.name, *(arguments[name] for name in names))


class Reshape(_Method):
    """``reshape`` and ``view``; the latter is printed as ``reshape``, since strides are unknown."""

    def __init__(self, name: str) -> None:
        super().__init__(name, Parameter("shape", ("int[]", "int"), required=True, minimum=-1))

    def dims(self, use: OperationUse) -> Sequence[Dim]:
        return _fitted(use.input.dims, use.dims("shape"))

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], "reshape", *unpacked(arguments["shape"]))


class Flatten(_Method):
    """``flatten``: merges adjacent dimensions; torch's default includes the batch."""

    def __init__(self) -> None:
        start, end = Parameter("start_dim", ("int",), default=0), Parameter("end_dim", ("int",), default=-1)
        super().__init__("flatten", start, end)

    def dims(self, use: OperationUse) -> Sequence[Dim]:
        dims = use.input.dims
        start, end = (_wrapped(use.value(name), len(dims)) for name in ("start_dim", "end_dim"))
        if start > end:
            raise ShapeError(f"and start_dim {start} comes after end_dim {end}")
        if start == end and dims:
            return dims
        return (*dims[:start], product(dims[start : end + 1]), *dims[end + 1 :])

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        if "start_dim" not in arguments:
            return method(operands[0], "flatten", keywords=[f"end_dim={arguments['end_dim']}"] if arguments else [])
        end = [arguments["end_dim"]] if use.says("end_dim") else []
        return method(operands[0], "flatten", arguments["start_dim"], *end)


class Unflatten(_Method):
    """``unflatten``: splits a dimension into several."""

    def __init__(self) -> None:
        dim = Parameter("dim", ("int",), required=True)
        super().__init__("unflatten", dim, Parameter("sizes", ("int[]",), required=True, minimum=-1))

    def dims(self, use: OperationUse) -> Sequence[Dim]:
        dims = use.input.dims
        dim = axis(use.value("dim"), len(dims))
        return (*dims[:dim], *_fitted(dims[dim : dim + 1], use.dims("sizes")), *dims[dim + 1 :])

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        # torch's method has no annotations
        return call("torch.unflatten", operands[0], arguments["dim"], arguments["sizes"])


class Permute(_Method):
    """``permute``: reorders all dimensions."""

    def __init__(self) -> None:
        super().__init__("permute", Parameter("dims", ("int[]",), required=True))

    def dims(self, use: OperationUse) -> Sequence[Dim]:
        dims, order = use.input.dims, use.elements("dims")
        if len(order) != len(dims):
            raise ShapeError(f"and {shape_text(order)} does not name all of its {len(dims)} dimensions")
        places = [axis(dim, len(dims)) for dim in order]
        if len(set(places)) < len(places):
            raise ShapeError(f"and {shape_text(order)} names a dimension twice")
        return [dims[dim] for dim in places]

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], "permute", *unpacked(arguments["dims"]))


class Transpose(_Method):
    """``transpose``: swaps two dimensions."""

    def __init__(self) -> None:
        first, second = (Parameter(name, ("int",), required=True) for name in ("dim0", "dim1"))
        super().__init__("transpose", first, second)

    def dims(self, use: OperationUse) -> Sequence[Dim]:
        dims = list(use.input.dims)
        first, second = (_wrapped(use.value(name), len(dims)) for name in ("dim0", "dim1"))
        if dims:
            dims[first], dims[second] = dims[second], dims[first]
        return dims


class Movedim(_Method):
    """``movedim``: moves dimensions; the others keep their order."""

    def __init__(self) -> None:
        places = (Parameter(name, ("int", "int[]"), required=True) for name in ("source", "destination"))
        super().__init__("movedim", *places)

    @property
    def takes_list(self) -> bool:
        return False  # movedim: [1, -1] moves dimension 1 to -1

    def dims(self, use: OperationUse) -> Sequence[Dim]:
        dims = use.input.dims
        if isinstance(use.value("source"), tuple) != isinstance(use.value("destination"), tuple):
            raise ShapeError("and it takes two numbers or two lists")
        sources, places = ([axis(dim, len(dims)) for dim in use.elements(name)] for name in ("source", "destination"))
        if len(sources) != len(places):
            raise ShapeError(f"and {len(sources)} dimensions cannot go to {len(places)} places")
        if len(set(sources)) < len(sources) or len(set(places)) < len(places):
            raise ShapeError("and a dimension is named twice")
        others = iter(dim for dim in range(len(dims)) if dim not in sources)
        moved = dict(zip(places, sources))
        return [dims[moved[index] if index in moved else next(others)] for index in range(len(dims))]


class Squeeze(_Method):
    """``squeeze``: removes dimensions of size 1."""

    def __init__(self) -> None:
        super().__init__("squeeze", Parameter("dim", ("int", "int[]", "none")))

    @property
    def takes_list(self) -> bool:
        return True

    def dims(self, use: OperationUse) -> Sequence[Dim]:
        dims = use.input.dims
        places = [_wrapped(dim, len(dims)) for dim in use.elements("dim")]
        if len(set(places)) < len(places):
            raise ShapeError("and a dimension is named twice")
        if use.value("dim") is None or not dims:
            places = list(range(len(dims)))
        varying = next((dim for dim in places if isinstance(dims[dim].size, Symbolic)), None)
        if varying is not None:
            raise ShapeError(f"and dim {varying} would go where its {dims[varying].size} happens to be 1; name others")
        return [dim for index, dim in enumerate(dims) if not (index in places and dim.size == 1)]

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], "squeeze", *([arguments["dim"]] if use.says("dim") else []))


class Unsqueeze(_Method):
    """``unsqueeze``: a new dimension of size 1."""

    def __init__(self) -> None:
        super().__init__("unsqueeze", Parameter("dim", ("int",), required=True))

    def dims(self, use: OperationUse) -> Sequence[Dim]:
        dims = use.input.dims
        dim = axis(use.value("dim"), len(dims) + 1)
        return (*dims[:dim], Dim(1), *dims[dim:])


class Expand(_Method):
    """``expand``: enlarges dimensions of size 1, and adds new ones in front."""

    def __init__(self) -> None:
        super().__init__("expand", Parameter("size", ("int[]", "int"), required=True, minimum=-1))

    def dims(self, use: OperationUse) -> Sequence[Dim]:
        dims, sizes = use.input.dims, use.dims("size")
        new = len(sizes) - len(dims)
        if new < 0:
            raise ShapeError(f"and {len(sizes)} sizes are too few for its {len(dims)} dimensions")
        return [_expanded(dims[index - new] if index >= new else None, size) for index, size in enumerate(sizes)]

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], "expand", *unpacked(arguments["size"]))


class RepeatOperation(_Method):
    """``repeat``: tiles the whole tensor."""

    def __init__(self) -> None:
        super().__init__("repeat", Parameter("repeats", ("int[]", "int"), required=True, minimum=1))

    def dims(self, use: OperationUse) -> Sequence[Dim]:
        dims, repeats = use.input.dims, use.dims("repeats")
        new = len(repeats) - len(dims)
        if new < 0:
            raise ShapeError(f"and {len(repeats)} repeats are too few for its {len(dims)} dimensions")
        return [product((repeat, dim)) for repeat, dim in zip(repeats, (*(Dim(1),) * new, *dims))]

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], "repeat", *unpacked(arguments["repeats"]))


class RepeatInterleave(_Method):
    """``repeat_interleave``: repeats each element."""

    def __init__(self) -> None:
        repeats = Parameter("repeats", ("int",), required=True, minimum=1)
        super().__init__("repeat_interleave", repeats, Parameter("dim", ("int", "none")))

    def dims(self, use: OperationUse) -> Sequence[Dim]:
        dims, repeats, dim = use.input.dims, use.dim("repeats"), use.value("dim")
        if dim is None:
            return (product((repeats, *dims)),)
        index = axis(dim, len(dims))
        return (*dims[:index], product((repeats, dims[index])), *dims[index + 1 :])

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        dim = [f"dim={arguments['dim']}"] if use.says("dim") else []
        return method(operands[0], "repeat_interleave", arguments["repeats"], keywords=dim)


class Roll(_Method):
    """``roll``: shifts elements cyclically along dimensions."""

    def __init__(self) -> None:
        shifts = Parameter("shifts", ("int", "int[]"), required=True)
        super().__init__("roll", shifts, Parameter("dims", ("int", "int[]", "none")))

    @property
    def takes_list(self) -> bool:
        return False  # roll: [1, 2] shifts by 1 along dimension 2

    def dims(self, use: OperationUse) -> Sequence[Dim]:
        shifts, dims = use.elements("shifts"), use.elements("dims")
        if len(shifts) != (len(dims) or 1):
            raise ShapeError(f"and {len(shifts)} shifts do not go with {len(dims)} dimensions")
        for dim in dims:
            axis(dim, len(use.input.dims))
        return use.input.dims

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        extra = [f"dims={arguments['dims']}"] if use.says("dims") else []
        return method(operands[0], "roll", arguments["shifts"], keywords=extra)


class Flip(_Method):
    """``flip``: reverses dimensions."""

    def __init__(self) -> None:
        super().__init__("flip", Parameter("dims", ("int[]", "int"), required=True))

    def dims(self, use: OperationUse) -> Sequence[Dim]:
        places = [_wrapped(dim, len(use.input.dims)) for dim in use.elements("dims")]
        if len(set(places)) < len(places):
            raise ShapeError("and a dimension is named twice")
        return use.input.dims

    def text(self, operands: Sequence[str], arguments: Mapping[str, str], use: OperationUse) -> str:
        return method(operands[0], "flip", *unpacked(arguments["dims"]))


def _wrapped(dim: int, rank: int) -> int:
    return axis(dim, max(rank, 1))  # torch accepts 0 and -1 for a tensor without dimensions


def _fitted(whole: Sequence[Dim], parts: Sequence[Dim]) -> tuple[Dim, ...]:
    """Return the parts, with -1 replaced by the size that makes their product equal to that of `whole`.

    Raises:
        ShapeError: when there is no such size, or the products differ.
    """
    shape = shape_text(tuple(part.size for part in parts))
    open_ends = [index for index, part in enumerate(parts) if part.size == -1]
    wrong = next(
        (part.size for part in parts if isinstance(part.size, int) and part.size < 1 and part.size != -1), None
    )
    if wrong is not None:
        raise ShapeError(f"and {wrong} in {shape} is no size")
    if len(open_ends) > 1:
        raise ShapeError(f"and only one size of {shape} can be -1")
    if not open_ends:
        if volume(whole) != volume(parts):
            raise ShapeError(f"and {_counted(whole)} do not make up {shape}")
        return settle(whole, parts)
    index = open_ends[0]
    solved = solve(whole, (*parts[:index], *parts[index + 1 :]))
    if solved is None:
        raise ShapeError(f"and {_counted(whole)} cannot be divided into {shape}")
    return (*parts[:index], solved, *parts[index + 1 :])


def _counted(dims: Sequence[Dim]) -> str:
    count = volume(dims)
    return f"its {count} elements, which vary," if isinstance(count, Symbolic) else f"its {count} elements"


def _expanded(dim: Dim | None, size: Dim) -> Dim:
    if dim is None:
        if size.size == -1:
            raise ShapeError("and the size of a new dimension cannot be -1")
        return size
    if size.size == -1 or (size.size == dim.size and not size.depends):
        return dim
    if dim.size not in (1, size.size):
        raise ShapeError(f"and {dim.size} cannot be expanded to {size.size}")
    return size


OPERATIONS: tuple[TensorOperation, ...] = (
    Reshape("reshape"),
    Reshape("view"),
    Flatten(),
    Unflatten(),
    Permute(),
    Transpose(),
    Movedim(),
    Squeeze(),
    Unsqueeze(),
    Expand(),
    RepeatOperation(),
    RepeatInterleave(),
    Roll(),
    Flip(),
)
