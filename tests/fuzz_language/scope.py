"""What is known while a description is drawn: tensors with their widths, names, and the arguments of a class.

The *width* of a tensor is the size of its features or channels, as the text of an expression: what a person would
write, such as ``2 * $width``. Two tensors fit together when their widths are the same text. A width that no expression
says is a text of its own such as ``?3``.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

from .expressions import evaluate

LARGEST = 12  # of a width with the default values

_TENSOR_NAMES = ("y", "z", "a", "b", "h", "t", "out", "skip", "left", "right", "state", "main", "gate", "u", "v", "x1")
_MODULE_NAMES = (
    "head",
    "body",
    "proj",
    "act",
    "fc",
    "layers",
    "norm",
    "stem",
    "conv",
    "blocks",
    "first",
    "fc1",
    "cell",
)
ARGUMENT_NAMES = {
    "width": ("width", "dim", "hidden", "size", "out_features", "growth"),
    "count": ("depth", "num_layers", "rounds", "n"),
    "flag": ("deep", "wide", "use_norm", "residual", "gated"),
    "list": ("widths", "dims", "sizes"),
    "scale": ("scale", "rate", "alpha"),
    "kernel": ("kernel_size", "kernel", "k"),
}


@dataclass(frozen=True)
class Tensor:
    """A tensor of a class: its width, the width's value by default, its space and its grid.

    The space is ``vector``, ``sequence`` or ``image``; images of another grid have other heights and widths.
    """

    width: str
    value: int
    space: str = "vector"
    grid: int = 0

    @property
    def known(self) -> bool:
        """Whether an expression says the width."""
        return "?" not in self.width

    @property
    def dim(self) -> int:
        """The dimension of the width."""
        return 1 if self.space == "image" else -1

    def fits(self, other: Tensor) -> bool:
        """Tell whether two tensors can be added."""
        return (self.width, self.space, self.grid) == (other.width, other.space, other.grid)


@dataclass
class ClassNames:
    """The arguments and the taken names of the model or of a block while it is drawn."""

    random: random.Random
    inputs: dict[str, Tensor]
    block: bool
    args: dict[str, tuple[str, Any]] = field(default_factory=dict)  # name: kind, default
    values: dict[str, Any] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    tensors: set[str] = field(default_factory=set)
    unknown: int = 0
    fixed: bool = False  # whether no argument may be added

    @property
    def in_size(self) -> str:
        """The expression of the width of the first input."""
        first = next(iter(self.inputs.values()))
        if first.space == "tokens":
            return first.width
        return "$in_channels" if first.space == "image" else "$in_features"

    def evaluate(self, expression: Any, variables: dict[str, Any]) -> Any:
        """Return the value of an expression by default."""
        first = next(iter(self.inputs.values())).value
        names = {"in_features": first, "in_channels": first, **self.values, **variables}
        return (
            evaluate(f"{expression} + $zero", {**names, "zero": 0}, {}) if isinstance(expression, str) else expression
        )

    def argument(self, kind: str) -> str | None:
        """Return an argument of a kind, a new one at times; None if there is none and none may be added."""
        known = [name for name, (of, _) in self.args.items() if of == kind]
        free = [name for name in ARGUMENT_NAMES[kind] if name not in self.args and name not in self.inputs]
        free = [name for name in free if name not in self.attributes and name not in self.tensors]
        if known and (self.random.random() < 0.6 or len(known) > 1):
            return self.random.choice(known)
        if self.fixed or not free:
            return self.random.choice(known) if known else None
        name = self.random.choice(free)
        value = self._value(kind)
        self.values[name] = value
        draw = self.random.random()
        default: Any = value
        if self.block and draw < 0.5:
            default = None
        elif kind == "width" and draw < 0.65 and "features" not in self.args:
            default = self.random.choice([self.in_size, f"2 * {self.in_size}", f"{self.in_size} + 1"])
            self.values[name] = self.evaluate(default, {})
            default = default if "$" in default else self.values[name]
        self.args[name] = (kind, default)
        return name

    def _value(self, kind: str) -> Any:
        match kind:
            case "width":
                return self.random.randint(2, 6)
            case "count":
                return self.random.choice([1, 2, 2, 3])
            case "flag":
                return self.random.random() < 0.5
            case "list":
                return [self.random.randint(2, 6) for _ in range(self.random.choice([0, 1, 1, 2, 2, 2, 3, 3]))]
            case "kernel":
                return self.random.choice([1, 3])
        return self.random.choice([0.5, 2.0, 0.25])

    def unsaid(self) -> str:
        """Return a width that no expression says."""
        self.unknown += 1
        return f"?{self.unknown}"


@dataclass
class Scope:
    """A list of items while it is drawn."""

    of: ClassNames
    flow: Tensor
    visible: dict[str, Tensor]
    modules: dict[str, tuple[Tensor, Tensor]]  # what they take and give
    variables: dict[str, Any]  # of loops, with their largest value
    depth: int = 0
    top: bool = False  # whether it is the list of a class
    keeps: bool = False  # whether the width must stay
    items: list[dict[str, Any]] = field(default_factory=list)
    pending: dict[str, Tensor] = field(default_factory=dict)  # named, and not used yet

    @property
    def random(self) -> random.Random:
        """The source of draws."""
        return self.of.random

    def chance(self, probability: float) -> bool:
        """Draw whether something happens."""
        return self.random.random() < probability

    def inside(self, flow: Tensor, keeps: bool | None = None, **variables: Any) -> Scope:
        """Return the scope of a list inside this one."""
        keeps = self.keeps if keeps is None else keeps
        merged = {**self.variables, **variables}
        return Scope(self.of, flow, dict(self.visible), dict(self.modules), merged, self.depth + 1, keeps=keeps)

    def name(self) -> str:
        """Return a name for a tensor."""
        taken = {*self.visible, *self.of.args, *self.of.inputs, *self.variables, "x", "input"}
        free = [name for name in _TENSOR_NAMES if name not in taken]
        name = self.random.choice(free) if free else f"t{len(taken)}"
        self.of.tensors.add(name)
        return name

    def module_name(self) -> str | None:
        """Return a name for a module, if one is left."""
        taken = {*self.of.attributes, *self.of.args, *self.of.inputs, *self.variables}
        free = [name for name in _MODULE_NAMES if name not in taken]
        if not free:
            return None
        name = self.random.choice(free)
        self.of.attributes.add(name)
        return name

    def give(self, name: str, tensor: Tensor) -> None:
        """Make a named result visible, to be used later."""
        self.visible[name] = tensor
        self.pending[name] = tensor

    def use(self, name: str) -> str:
        """Return a name that is used now."""
        self.pending.pop(name, None)
        return name

    def name_flow(self) -> str | None:
        """Name the result of the last item, so that it can be used later; None where that is not possible."""
        if not self.items:
            return None
        item = self.items[-1]
        if isinstance(item.get("as"), list) or "parameter" in item or "buffer" in item:
            return None
        if "as" in item:
            return str(item["as"])
        if "branches" in item and "merge" not in item:
            return None
        name = self.name()
        item["as"] = name
        self.give(name, self.flow)
        return name

    def partners(self, tensor: Tensor, exact: bool = True) -> list[str]:
        """Return the names of tensors that can be added to a tensor, or only joined with it."""
        found = {**self.of.inputs, "input": next(iter(self.of.inputs.values())), **self.visible}
        return [
            name
            for name, each in found.items()
            if name != "x" and (each.fits(tensor) if exact else (each.space, each.grid) == (tensor.space, tensor.grid))
        ]

    def look(self, name: str) -> Tensor:
        """Return a visible tensor."""
        if name == "input":
            return next(iter(self.of.inputs.values()))
        return self.visible[name] if name in self.visible else self.of.inputs[name]

    def width(self) -> tuple[Any, Tensor]:
        """Draw a width: what is written, and a tensor like the flow that has it."""
        for _ in range(5):
            written, text = self._width()
            try:
                value = (
                    self.of.evaluate(text, self.variables)
                    if "?" not in text and ".size(" not in text
                    else self.flow.value
                )
            except (TypeError, IndexError):
                continue
            if 2 <= value <= LARGEST:
                written = written if "$" in str(written) else value
                loops = any(re.search(rf"\${name}\b", text) for name in self.variables)
                return written, Tensor(self.of.unsaid() if loops else text, value, self.flow.space, self.flow.grid)
        number = self.random.randint(2, 7)
        return number, Tensor(str(number), number, self.flow.space, self.flow.grid)

    def _width(self) -> tuple[Any, str]:
        draw = self.random.random()
        columns = [name for name, value in self.variables.items() if name != "i"]
        if columns and draw < 0.7:
            name = self.random.choice(columns)
            text = self.random.choice([f"${name}", f"${name}", f"${name}", f"2 * ${name}", f"${name} + 1"])
            return text, text
        if "i" in self.variables and draw < 0.2:
            return "$i + 2", "$i + 2"
        if draw < 0.3:
            number = self.random.randint(2, 7)
            return number, str(number)
        if draw < 0.4:
            return self.of.in_size, self.of.in_size
        if draw < 0.5:
            return self._size_of()
        if draw < 0.52 and (name := self.of.argument("list")):
            text = self.random.choice([f"len(${name}) + 2", f"len(${name}) * 2"])
            return text, text
        name = self.of.argument("width")
        if name is None:
            return self.of.in_size, self.of.in_size
        forms = ["${}"] * 5 + ["2 * ${}", "${} + 1", "max(${}, 4)", "(${} + 1) // 2 + 1", "3 * ${} - 2"]
        text = self.random.choice(forms).format(name)
        return text, text

    def _size_of(self) -> tuple[str, str]:
        names = [name for name, each in self.visible.items() if each.space == self.flow.space]
        named = self.random.choice(names) if names and self.chance(0.5) else None
        if named:
            self.use(named) if named in self.of.inputs else None
            return f"${named}.size({self.visible[named].dim})", self.visible[named].width
        if "x" in self.of.inputs and self.items:
            return self.of.in_size, self.of.in_size
        return f"$x.size({self.flow.dim})", self.flow.width

    def condition(self) -> Any:
        """Draw a condition on arguments."""
        draw = self.random.random()
        if draw < 0.55 and (flag := self.of.argument("flag")):
            return self.random.choice([f"${flag}", f"${flag}", f"not ${flag}"])
        kind = self.random.choice(["width", "width", "count"])
        name = self.of.argument(kind)
        if name is None:
            return f"{self.of.in_size} > {self.random.randint(2, 5)}"
        if kind == "width" and self.of.block and self.chance(0.4):
            return self.random.choice([f"{self.of.in_size} != ${name}", f"{self.of.in_size} == ${name}"])
        comparison = self.random.choice([">", "<", "==", "!=", ">="])
        return f"${name} {comparison} {self.random.randint(1, 5)}"

    def count(self) -> Any:
        """Draw a number of rounds."""
        if self.chance(0.55):
            return self.random.choice([1, 2, 2, 3])
        name = self.of.argument("count")
        if name is None:
            return 2
        return self.random.choice([f"${name}", f"${name}", f"${name} - 1", f"${name} + 1"])
