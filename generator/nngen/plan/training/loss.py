"""The code of the loss: one class of torch, or a module that sums several."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

from ...description.calls import Function
from ...description.target_kinds import LAST
from ...language.python import call_arguments, literal
from ...training.loss_terms import Operand, Term
from ...training.sample_fields import Field

_TAKEN = frozenset({"self", "loss", "nn", "torch", "Tensor"})  # in the method that sums


@dataclass(frozen=True, slots=True)
class Part:
    """A loss as an attribute of the module that sums."""

    name: str
    class_name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LossCode:
    """What ``loss_function`` is.

    With one plain loss it is that class, and takes what the class takes. Otherwise it is a module of ours, which
    takes all outputs of the network and then all targets.
    """

    class_name: str
    arguments: tuple[str, ...]
    parts: tuple[Part, ...] = ()  # of our module; none for a class of torch
    takes: tuple[str, ...] = ()  # the parameters of its forward
    summands: tuple[str, ...] = ()  # lines
    output: str = "{}"  # what it gets as the outputs
    target: str = "{}"  # and as a target
    learns: bool = False  # it has parameters
    functions: tuple[tuple[str, str], ...] = ()  # of the author's own: each a module and a name

    @property
    def has_tensors(self) -> bool:
        """It holds tensors, which must go to the device."""
        if self.learns:
            return True
        lines = [*self.arguments, *(line for part in self.parts for line in part.arguments)]
        return any("torch.tensor(" in line for line in lines)

    def call(self, outputs: str, targets: tuple[str, ...]) -> str:
        """The loss of outputs, which are given as an expression (with a star where there are several)."""
        given = (self.output.format(outputs), *(self.target.format(target) for target in targets))
        return f"loss_function({', '.join(given)})"


def loss_code(
    terms: tuple[Term, ...], outputs: tuple[str, ...], targets: tuple[Field, ...], *, sums: bool = False
) -> LossCode:
    """The code for losses with their operands.

    Args:
        terms: the losses.
        outputs: the names of the network's outputs.
        targets: the targets, in the order in which the module gets them.
        sums: whether it is a module even for one plain loss, to which something is added.
    """
    first = terms[0]
    output, target = "{}", "{}"
    if targets and targets[0].kind in LAST:  # torch wants the classes before all other dimensions
        output, target = "{}.flatten(0, 1)", "{}.flatten()"
    plain = not sums and len(terms) == 1 and first.scale == 1.0 and len(outputs) == 1 and first.loss.result == "{}"
    if plain and [operand.is_target for operand in first.operands] in ([False, True], [False]):
        return LossCode(
            first.call.name,
            _arguments(first),
            output=output,
            target=first.loss.target.format(target),
            learns=first.loss.learns,
            functions=_functions(terms),
        )
    fields = {field.tensor.name: field.name for field in targets}
    names: dict[str, str] = {}
    for name in (*outputs, *fields.values()):
        names[name] = f"{name}_" if name in _TAKEN or keyword.iskeyword(name) else name
    parts: list[Part] = []
    summands: list[str] = []
    for term in terms:
        part = _attribute(term.call.name, {each.name for each in parts})
        parts.append(Part(part, term.call.name, _arguments(term)))
        given = ", ".join(_operand(operand, names, fields, term) for operand in term.operands)
        call = term.loss.result.format(f"self.{part}({given})")
        summands.append(call if term.scale == 1.0 else f"{literal(term.scale)} * {call}")
    learns = any(term.loss.learns for term in terms)
    return LossCode(
        "Loss",
        (),
        tuple(parts),
        tuple(names.values()),
        tuple(summands),
        output,
        target,
        learns=learns,
        functions=_functions(terms),
    )


def _arguments(term: Term) -> tuple[str, ...]:
    """Those of the loss's constructor, as code."""
    output = term.output
    features = {"in_features": output.example[-1]} if term.loss.learns and output else {}
    given = {**features, **term.call.arguments}
    given |= {name: value for name, value in term.loss.fills.items() if name not in given}
    functions = {name: value for name, value in given.items() if isinstance(value, Function)}
    plain = {name: value for name, value in given.items() if name not in functions}
    written = call_arguments(plain, tensors=term.loss.tensors)
    return (*written, *(f"{name}={function.attribute}" for name, function in functions.items()))


def _functions(terms: tuple[Term, ...]) -> tuple[tuple[str, str], ...]:
    values = [value for term in terms for value in term.call.arguments.values()]
    return tuple((value.module, value.attribute) for value in values if isinstance(value, Function))


def _operand(operand: Operand, names: dict[str, str], fields: dict[str, str], term: Term) -> str:
    if not operand.is_target:
        return term.loss.inputs.get(operand.argument, "{}").format(names[operand.name])
    if operand.argument in term.loss.kinds:
        return names[fields[operand.name]]
    return term.loss.target.format(names[fields[operand.name]])


def _attribute(class_name: str, taken: set[str]) -> str:
    """``cross_entropy`` for ``CrossEntropyLoss``; a second one has a number."""
    base = class_name.removesuffix("Loss").removesuffix("With")
    words = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+(?![a-z])\d*|[A-Z][a-z]*\d*", base)
    name = "_".join(words).lower()
    number = 2
    while name in taken:
        name, number = f"{name.rstrip('0123456789') if number > 2 else name}{number}", number + 1
    return name
