"""Two graphs of steps walked together: the emitted model's and the reference's, with modules paired one to one."""

from __future__ import annotations

from typing import Any

from ..network.symbolic.sizes import Symbolic
from ..network.symbolic.sizes import combine as combine_sizes
from .values import COMPUTE, FUNCTIONS, Described, LateSize, Module, OwnTensor, Step, shown

_PAIRED = (Step, OwnTensor, Module, Described)
_LONGEST = 200  # characters of a place in the graph


class Comparison:
    """The pairs of one comparison.

    Attributes:
        ours: the counterpart in the reference, by the identity of a value of the emitted model.
        theirs: the counterpart in the emitted model, by the identity of a value of the reference.
        unfit: the sizes of inputs that modules are made for and do not get, which torch refuses when it runs.
    """

    def __init__(self) -> None:
        self.ours: dict[int, Any] = {}
        self.theirs: dict[int, Any] = {}
        self.unfit: list[str] = []
        self._late: list[tuple[LateSize, Any, str]] = []
        self._stack: list[tuple[Any, Any, str]] = []

    def difference(self, ours: Any, theirs: Any) -> str | None:
        """Return the first difference between a result of the emitted model and the reference's, or None."""
        self._stack = [(ours, theirs, "result")]
        while self._stack:
            one, other, place = self._stack.pop()
            found = self._compare(one, other, place)
            if found is not None:
                return found
        for size, expected, place in self._late:
            value = self._size(size)
            if value is None or value != expected:
                return f"{place}: {'no size' if value is None else value} is not {shown(expected)}"
        return None

    def _compare(self, one: Any, other: Any, place: str) -> str | None:
        one, other = _as_tuple(one), _as_tuple(other)
        if isinstance(one, LateSize) and not isinstance(other, LateSize):
            self._late.append((one, other, place))
            return None
        numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
        modules = isinstance(one, Module) and isinstance(other, Described)
        if type(one) is not type(other) and not numbers and not modules:
            return _differs(one, other, place)
        if isinstance(one, _PAIRED):
            if id(one) in self.ours or id(other) in self.theirs:
                same = self.ours.get(id(one)) is other and self.theirs.get(id(other)) is one
                if same or shown(one) != shown(other):
                    return None if same else _differs(one, other, place)
                return f"{place}: {shown(one)} is another one than that of the description"
            self.ours[id(one)], self.theirs[id(other)] = other, one
        return self._inside(one, other, place)

    def _inside(self, one: Any, other: Any, place: str) -> str | None:
        match one:
            case tuple():
                if len(one) != len(other):
                    return _differs(one, other, place)
                self._stack += [(left, right, place) for left, right in zip(one, other, strict=True)]
            case dict():
                if one.keys() != other.keys():
                    return f"{place}: {sorted(one)} is not {sorted(other)}"
                self._stack += [(one[name], other[name], f"{place} {name}") for name in one]
            case LateSize():
                if one.operator != other.operator:
                    return f"{place}: {one.operator} is not {other.operator}"
                self._stack.append((one.parts, other.parts, place))
            case OwnTensor():
                if (one.kind, one.init[0]) != (other.kind, other.init[0]):
                    return f"{place}: {one.kind} {one.init[0]} is not {other.kind} {other.init[0]}"
                self._stack += [(one.shape, other.shape, f"{place} shape"), (one.init[1:], other.init[1:], place)]
            case Module():
                return self._module(one, other, place)
            case Step():
                return self._step(one, other, place)
            case _:
                if one != other or isinstance(one, bool) != isinstance(other, bool):
                    return _differs(one, other, place)
        return None

    def _module(self, one: Module, other: Described, place: str) -> str | None:
        if one.name != other.name or len(one.args) > len(other.order):
            return _differs(one, other, place)
        given = dict(zip(other.order, one.args, strict=False))
        if given.keys() & one.keywords.keys():
            return f"{place}: an argument of {one.name} is given twice"
        given |= one.keywords
        unknown = [name for name in given if name not in other.arguments]
        if unknown:
            return f"{place}: {one.name} has {unknown[0]}={shown(given[unknown[0]])}, which is not described"
        for name, expected in other.arguments.items():
            if expected.inferred and type(given.get(name)) is int and given[name] != expected.value:
                self.unfit.append(f"{place} {one.name}: {name} is {given[name]}, and the input has {expected.value}")
            elif name in given:
                self._stack.append((given[name], expected.value, f"{place} {one.name} {name}"))
            elif not expected.is_default:
                return f"{place}: {one.name} lacks {name}={shown(expected.value)}"
        return None

    def _step(self, one: Step, other: Step, place: str) -> str | None:
        if one.kind != other.kind or (one.kind != "module" and one.target != other.target):
            return _differs(one, other, place)
        inner = f"{place} < {shown(one)}" if len(place) < _LONGEST else place
        if one.kind == "module":
            self._stack.append((one.target, other.target, inner))
        for name in one.keywords.keys() | other.keywords.keys():
            if name not in one.keywords or (name not in other.keywords and name not in other.defaults):
                return f"{inner}: {name} is given on one side only"
            self._stack.append((one.keywords[name], other.keywords.get(name, other.defaults.get(name)), inner))
        self._stack.append((one.args, other.args, inner))
        return None

    def _size(self, value: Any) -> Any:
        """Return a number or size that depends on the sizes of tensors; None if it has none."""
        if not isinstance(value, LateSize):
            return value
        if value.operator == "size":
            other = self.ours.get(id(value.parts[0]))
            return None if other is None else _dim(other, value.parts[1])
        parts = [self._size(part) for part in value.parts]
        if any(part is None for part in parts):
            return None
        if any(isinstance(part, Symbolic) for part in parts):
            if value.operator == "neg":
                return combine_sizes("*", parts[0], -1)
            return combine_sizes(value.operator, *parts) if len(parts) == 2 else None
        function = COMPUTE.get(value.operator) or FUNCTIONS.get(value.operator)
        return None if function is None else function(*parts)


def _dim(tensor: Any, index: int) -> Any:
    sizes = tensor.shape if isinstance(tensor, OwnTensor) else tensor.type.sizes if tensor.type else ()
    return sizes[index] if -len(sizes) <= index < len(sizes) else None


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _differs(one: Any, other: Any, place: str) -> str:
    return f"{place}: {shown(one)} is not {shown(other)}"
