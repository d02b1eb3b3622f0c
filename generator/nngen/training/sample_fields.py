"""The named tensors of a sample: its inputs, and what the losses compare outputs with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..description.target_kinds import CLASS_LIST, INPUT, LABELS, LENGTH, WHOLE
from ..description.tensor import Tensor
from ..language.problems import Problems
from ..language.python import literal
from ..network.model_facts import ModelFacts
from ..network.tensors import shape_text
from .loss_terms import TARGET, Operand, Term, field_name
from .losses import classes_of

Kind = Callable[[str, Tensor], str]


@dataclass(frozen=True, slots=True)
class Field:
    """An input or a target, as data have it."""

    name: str
    tensor: Tensor
    kind: str  # INPUT, or the kind of target
    loss: str = ""  # the first that takes this target
    arguments: Mapping[str, Any] = field(default_factory=dict)  # of that loss

    @property
    def batch_text(self) -> str:
        """The shape with the batch: ``(N, 10)``."""
        return self.tensor.batch_text

    @property
    def shape_text(self) -> str:
        """The shape of a sample; a size that varies is its word."""
        return shape_text(self.tensor.shape)

    @property
    def reshape(self) -> str:
        """The shape of a batch, as arguments of ``reshape``; empty where it varies."""
        return "" if self.tensor.varies else ", ".join(map(str, (-1, *self.tensor.shape)))

    def differs(self, array: str) -> str:
        """A condition, as code: an array's samples differ by more than flattening or a channel of one."""
        shape = self.tensor.shape
        if self.tensor.varies:
            sizes = [f"{array}.shape[{dim}] != {size}" for dim, size in enumerate(shape, 1) if isinstance(size, int)]
            return " or ".join([f"{array}.ndim != {len(shape) + 1}", *sizes])
        numbers = self.tensor.numbers_of_example
        if len(shape) == 1:
            return f"math.prod({array}.shape[1:]) != {numbers}"
        if not shape:
            return f"{array}.ndim != 1"
        accepted = [shape, (numbers,)]
        if shape[0] == 1:
            accepted.append(shape[1:])
        elif len(shape) == 2:
            accepted.append((1, *shape))
        return f"{array}.shape[1:] not in {literal(tuple(dict.fromkeys(accepted)))}"


def input_fields(network: ModelFacts) -> tuple[Field, ...]:
    """The inputs; one that is alone is called ``x``."""
    if len(network.inputs) == 1:
        return (Field("x", network.inputs[0], INPUT),)
    return tuple(Field(field_name(tensor.name), tensor, INPUT) for tensor in network.inputs)


def target_fields(terms: tuple[Term, ...], kind_of: Kind, classes: int | None, problems: Problems) -> tuple[Field, ...]:
    """The targets, in the order of the losses; one that has no other name is called ``y``.

    Args:
        terms: the losses with what they take.
        kind_of: the kind of target for a loss and an output.
        classes: how many there are, where outputs do not have a score for each; None where they tell.
        problems: where losses that disagree on a target are noted.
    """
    found: dict[str, Field] = {}
    for term in terms:
        for operand in term.operands:
            output = term.output
            if not operand.is_target or output is None:
                continue
            kind = term.loss.kinds.get(operand.argument) or kind_of(term.call.name, output)
            tensor = _target(operand, kind, term, classes)
            new = Field(operand.name, tensor, kind, term.call.name, term.call.arguments)
            old = found.setdefault(operand.name, new)
            if (old.kind, old.tensor) != (kind, tensor):
                message = f"{term.call.name} takes {operand.name} as {_words(new)}, and {old.loss} as {_words(old)}"
                problems.add(message, operand.position or term.position, "give the targets different names")
    names = {name: field_name(name) for name in found}
    if list(found) == [TARGET]:
        names = {TARGET: "y"}
    return tuple(replace(each, name=names[name]) for name, each in found.items())


def _target(operand: Operand, kind: str, term: Term, classes: int | None) -> Tensor:
    output = term.output
    assert output is not None
    if kind == LENGTH:  # of what is as long as the output, or as its labels
        longest = output.example[0] if operand.argument == "input_lengths" else labels_of(output)
        return Tensor(operand.name, (), "int64", longest + 1, ())
    if kind == LABELS:
        return Tensor(operand.name, ("labels",), "int64", output.example[-1], (labels_of(output),))
    shape = term.loss.target_shape(kind, output)
    example = tuple(map(_number, term.loss.target_shape(kind, replace(output, shape=output.example))))
    high = None
    if kind in (*WHOLE, CLASS_LIST):
        told = term.call.arguments[term.loss.classes] if term.loss.learns else classes or classes_of(kind, output)
        high = told if isinstance(told, int) else None
    return Tensor(operand.name, shape, "float32" if high is None and kind not in WHOLE else "int64", high, example)


def labels_of(output: Tensor) -> int:
    """How many labels an example has: two the same need a blank between them."""
    return max(1, output.example[0] // 2)


def _number(size: int | str) -> int:
    return size if isinstance(size, int) else 1


def _words(field: Field) -> str:
    if field.kind in WHOLE:
        return f"one of {field.tensor.high} classes, {field.batch_text}"
    if field.kind == CLASS_LIST:
        return f"lists of classes, {field.batch_text}"
    return f"{field.kind} numbers, {field.batch_text}"
