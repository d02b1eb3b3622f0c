"""The losses that are summed: which outputs and targets each of them compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..description.calls import Call, LossTerm
from ..description.tensor import Tensor
from ..language.errors import Position
from ..language.problems import Problems
from ..network.model_facts import ModelFacts
from .losses import Loss

TARGET = "target"  # in `from`: the target, where there is but one
_NEVER_FIELDS = frozenset({"count", "index", "to", "select", "batches"})  # of a tuple of named fields


@dataclass(frozen=True, slots=True)
class Operand:
    """What a loss is given: an output or a target."""

    name: str
    is_target: bool
    tensor: Tensor | None = None  # the output
    position: Position | None = None
    argument: str = ""  # of the loss


@dataclass(frozen=True, slots=True)
class Term:
    """A loss with what it is given, in the order of its ``forward``."""

    call: Call
    loss: Loss
    operands: tuple[Operand, ...]
    scale: float = 1.0
    position: Position | None = None

    @property
    def target(self) -> Operand | None:
        return next((each for each in self.operands if each.is_target), None)

    @property
    def output(self) -> Tensor | None:
        """The first output that it takes."""
        return next((each.tensor for each in self.operands if each.tensor), None)


def resolve_terms(
    losses: tuple[LossTerm, ...], known: Mapping[str, Loss], network: ModelFacts, problems: Problems
) -> tuple[Term, ...]:
    """The losses with their operands; those with a mistake, which is noted, are left out.

    Args:
        losses: as they are written.
        known: what their task knows of them.
        network: whose outputs they take.
        problems: where mistakes are noted.
    """
    found = [_resolve(term, known[term.call.name], network, problems) for term in losses]
    return tuple(term for term in found if term)


def field_name(name: str) -> str:
    """The name of a target or an input in the emitted tuple of fields."""
    return f"{name}_" if name in _NEVER_FIELDS else name


def _resolve(term: LossTerm, loss: Loss, network: ModelFacts, problems: Problems) -> Term | None:
    arguments = loss.arguments
    outputs = {output.name: output for output in network.outputs}
    position = term.call.position
    if term.sources is None:
        taken = [argument for argument in arguments if not loss.is_target(argument)]
        if len(arguments) > 2 or len(taken) != 1 or len(outputs) > 1:
            several = f"the network has {len(outputs)} outputs" if len(outputs) > 1 else "the network has one output"
            message = f"{loss.name} takes {_listed(arguments)}, and {several}"
            hint = f"write from: [{', '.join(_example(loss, list(outputs)))}] beside it"
            problems.add(message, position, hint)
            return None
        operands = [
            Operand(TARGET, True, argument=each) if loss.is_target(each) else _output(each, network.outputs[0])
            for each in arguments
        ]
        return Term(term.call, loss, tuple(operands), term.scale, position)
    if len(term.sources) != len(arguments):
        message = f"{loss.name} takes {_listed(arguments)}, and from has {len(term.sources)} names"
        problems.add(message, term.sources[0].position if term.sources else position)
        return None
    operands = []
    for argument, source in zip(arguments, term.sources, strict=True):
        if source.name in outputs:
            operands.append(_output(argument, outputs[source.name], source.position))
        elif loss.is_target(argument):
            if source.name in {each.name for each in network.inputs}:
                message = f"{source.name} is an input, and the {argument} of {loss.name} is an output or a target"
                problems.add(message, source.position)
                return None
            operands.append(Operand(source.name, True, None, source.position, argument))
        else:
            message = f"the {argument} of {loss.name} is an output, and {source.name!r} is none"
            problems.unknown(message, source.position, source.name, outputs, f"the outputs are {', '.join(outputs)}")
            return None
    return Term(term.call, loss, tuple(operands), term.scale, position)


def _output(argument: str, tensor: Tensor, position: Position | None = None) -> Operand:
    return Operand(tensor.name, False, tensor, position, argument)


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _example(loss: Loss, outputs: list[str]) -> list[str]:
    """Names for each argument, as an example of `from`."""
    free = iter(outputs)
    several = sum(map(loss.is_target, loss.arguments)) > 1
    return [(each if several else TARGET) if loss.is_target(each) else next(free, each) for each in loss.arguments]
