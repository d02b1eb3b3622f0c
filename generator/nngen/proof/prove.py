"""Is the emitted ``model.py`` what the description says? For the default values of all arguments, and for others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..description.description import Description, Model
from ..language.errors import Position
from ..language.expressions import ExpressionError
from ..language.identifiers import snake
from .calls import Calls, TooLarge, Wrong
from .compare import Comparison
from .emitted import Emitted, held
from .reference import Reference
from .trial_values import fewer_rounds, trials
from .values import Described, Fails, Instance, Module, NotUnderstood, Step

MAX_CALLS = 5_000  # of layers and operations
TRIES = 2  # other values of an argument that fit, at most


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between an emitted model and the reference.

    Attributes:
        text: what is different.
        refused_by_torch: whether the emitted model raises an error when it runs, so that nothing goes wrong unseen.
    """

    text: str
    refused_by_torch: bool = False


@dataclass(frozen=True, slots=True)
class Refutation:
    """A way in which an emitted model is not what was described.

    Attributes:
        model: the class of the model.
        values: the arguments of its constructor for which it is not; empty for the defaults.
        difference: what is different.
        position: of the model in the description.
    """

    model: str
    values: Mapping[str, Any]
    difference: str
    position: Position | None = None

    @property
    def text(self) -> str:
        """The refutation in a sentence."""
        call = f"{self.model}({', '.join(f'{name}={value!r}' for name, value in self.values.items())})"
        return f"{call}: {self.difference}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the proof of an emitted model has come to.

    Attributes:
        refutation: a way in which the model is not what was described; None if there is none.
        doubtful: whether something was not proved: the network is too large, or torch refuses the emitted model for
            other values of its arguments for which the description fits, or its constructor lacks an argument.
    """

    refutation: Refutation | None = None
    doubtful: bool = False


def prove(description: Description, code: str, with_others: bool = True) -> Verdict:
    """Compare the emitted code with what the description says.

    Args:
        description: without mistakes.
        code: of ``model.py``.
        with_others: whether other values of the arguments than the description's are tried, too.
    """
    try:
        emitted = Emitted(code)
    except (Fails, NotUnderstood) as error:
        return Verdict(Refutation(description.class_name, {}, str(error)))
    doubtful = False
    for model in description.models:
        try:
            difference = _difference(emitted, Reference(description, Calls(MAX_CALLS)), model, {})
        except (Wrong, ExpressionError, ArithmeticError, ValueError) as error:
            difference = Difference(f"the description has no meaning by itself: {error}")
        except TooLarge:
            doubtful = True
            continue
        if difference is not None:
            return Verdict(Refutation(model.name, {}, difference.text, model.position))
        if with_others:
            verdict = _with_others(emitted, description, model)
            if verdict.refutation is not None:
                return verdict
            doubtful = doubtful or verdict.doubtful
    return Verdict(doubtful=doubtful)


class _Names:
    """The names of the parameters of an instance, as ``state_dict`` has them."""

    def __init__(self, instance: Instance) -> None:
        self._paths = {id(module): path for path, module in held(instance)}

    def parameter(self, value: Any) -> str:
        """Return the name of a parameter that a statement takes."""
        match value:
            case Step(kind="weight"):
                return f"{self.module(value.args[0])}.{value.target}"
            case Module(name="get_parameter"):
                return str(value.args[0])
        return self.module(value)

    def module(self, value: Any) -> str:
        """Return the name of a module that a statement takes."""
        if isinstance(value, Module) and value.name == "get_submodule":
            return str(value.args[0])
        return self._paths.get(id(value), "something unknown")


def _ties(emitted: Emitted, instance: Instance, description: Description) -> str | None:
    """Return how the parameters that are one differ."""
    names = _Names(instance)
    ours = [(f"{names.module(owner)}.{name}", names.parameter(value)) for owner, name, value in emitted.ties]
    theirs = [(str(key.value), str(value.value)) for key, value in description.tie]
    return None if ours == theirs else f"tie is {ours} and not {theirs}"


def _with_others(emitted: Emitted, description: Description, model: Model) -> Verdict:
    """Prove a model for other values of its arguments: those beside a bound, and `TRIES` others that fit."""
    calls, known = Calls(MAX_CALLS), emitted.parameters(model.name)
    doubtful = any(arg.name not in known for arg in model.args if not arg.computed)  # no value of it can be tried
    fewer = fewer_rounds(model, known)
    for trial in trials(model, known, description):
        unfit: Refutation | None = None
        tried = 0
        for value in (*trial.near, *trial.others):
            values = {**fewer, trial.name: value}
            try:
                difference = _difference(emitted, Reference(description, calls), model, values)
            except (Wrong, ExpressionError, ArithmeticError, ValueError, TypeError):
                continue
            except TooLarge:
                return Verdict(doubtful=True)
            if difference is not None:
                unfit = Refutation(model.name, values, difference.text, model.position)
                if not difference.refused_by_torch:
                    return Verdict(unfit)
                continue
            tried += value not in trial.near
            if tried == TRIES:
                break
        if unfit is not None and not tried:  # where others fit, torch says itself that this value does not
            return Verdict(unfit)
        doubtful = doubtful or unfit is not None
    return Verdict(doubtful=doubtful)


def _difference(emitted: Emitted, reference: Reference, model: Model, values: Mapping[str, Any]) -> Difference | None:
    """Return how the emitted model differs from the reference.

    Raises:
        Wrong: when the description does not fit with these values.
    """
    description = reference.description
    inputs, expected = reference.model(model, values)
    several = len(description.models) > 1
    for whole in (None, description.class_name) if several and not values else (None,):
        try:
            root, instance, result = _built(emitted, model, values, whole, inputs)
        except Fails as error:
            return Difference(f"it fails, since {error}")
        except NotUnderstood as error:
            return Difference(f"nngen does not understand its own code: {error}")
        comparison = Comparison()
        text = comparison.difference((*result[0], *result[1]), (*inputs, *expected))
        text = text or _left_over(emitted, instance, reference, comparison)
        if text is None and (whole or not several):
            described = reference.initials(description.args if whole else model.args, values)
            text = _initials(emitted, root, described) or _ties(emitted, root, description)
        if text is not None:
            return Difference(text)
        if comparison.unfit:
            return Difference(comparison.unfit[0], refused_by_torch=True)
    return None


def _built(
    emitted: Emitted, model: Model, values: Mapping[str, Any], whole: str | None, inputs: list[Step]
) -> tuple[Instance, Instance, tuple[tuple[Step, ...], tuple[Any, ...]]]:
    """Return what is built, the model in it, and the model's inputs and results."""
    emitted.begin()
    name = whole or model.name
    if name not in emitted.classes:
        raise Fails(f"there is no class {name}")
    root = emitted.construct(emitted.classes[name], (), dict(values))
    instance = root.attributes[snake(model.name)] if whole else root
    given = tuple(Step("input", tensor.target) for tensor in inputs)
    result = emitted.forward(instance, given, {})
    return root, instance, (given, result if isinstance(result, tuple) else (result,))


def _left_over(emitted: Emitted, instance: Instance, reference: Reference, comparison: Comparison) -> str | None:
    """Return what one side has and the other has not: modules that are never called, and calls without a use."""
    ours = [
        path
        for path, module in held(instance)
        if id(module) not in comparison.ours and not (isinstance(module, Module) and module.name == "nn.Identity")
    ]
    theirs = [
        made
        for made in reference.made.values()
        if id(made) not in comparison.theirs and not (isinstance(made, Described) and made.name == "nn.Identity")
    ]
    if len(ours) != len(theirs):
        return f"{len(ours)} modules are not used, and {len(theirs)} of the description: {', '.join(ours[:3])}"
    times = Counter(id(call.target) for call in emitted.calls)
    for call in emitted.calls:
        described = comparison.ours.get(id(call.target))
        if id(call) not in comparison.ours and times[id(call.target)] != reference.called[id(described)] and not theirs:
            return f"the result of {call.target.name} is not used"
    return None


def _initials(emitted: Emitted, instance: Instance, described: list[tuple[Any, ...]]) -> str | None:
    """Return how the initialisation of parameters differs; an ending that a single parameter has may name it."""
    names = _Names(instance)
    left = list(map(repr, described))
    for target, function, arguments in emitted.initials:
        place = target if isinstance(target, str) else f"*{names.parameter(target)}"
        text = repr((place, function, arguments))
        if text not in left:
            return f"init of {place} by {function} is not described"
        left.remove(text)
    return f"init lacks {left[0]}" if left else None
