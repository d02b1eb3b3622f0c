"""Is the emitted ``model.py`` what the description says? For the default values of all arguments, and for others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..description.description import Arg, Description, Model, Written, all_items
from ..infer.scope import Scope
from ..language.errors import Position
from ..language.expressions import ExpressionError, Literal, Name
from ..language.identifiers import snake
from ..language.problems import Problems
from .calls import Calls, TooLarge, Wrong
from .compare import Comparison
from .emitted import Emitted, held
from .reference import Reference
from .values import Described, Fails, Instance, Module, NotUnderstood, Step

MAX_CALLS = 5_000  # of layers and operations
TRIES = 2  # other values of an argument that fit, at most
ROUNDS = 2  # of a repetition whose number is an argument, where other arguments are tried


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


def check_code(description: Description, code: str, problems: Problems) -> None:
    """Report emitted code that is not what the description says; networks of over `MAX_CALLS` calls are let pass."""
    with suppress(TooLarge):
        refutation = refute(description, code)
        if refutation is not None:
            problems.add(
                f"nngen would write a model that is not what is described: {refutation.text}",
                refutation.position,
                "this is a fault of nngen; please report it with this description",
            )


def refute(description: Description, code: str, with_others: bool = True) -> Refutation | None:
    """Return how the emitted code is not what the description says, or None when it is.

    Args:
        description: without mistakes.
        code: of ``model.py``.
        with_others: whether other values of the arguments than the description's are tried, too.

    Raises:
        TooLarge: when the network is too large to be looked at.
    """
    try:
        emitted = Emitted(code)
    except (Fails, NotUnderstood) as error:
        return Refutation(description.class_name, {}, str(error))
    for model in description.models:
        try:
            difference = _difference(emitted, Reference(description, Calls(MAX_CALLS)), model, {})
        except (Wrong, ExpressionError, ArithmeticError, ValueError) as error:
            difference = Difference(f"the description has no meaning by itself: {error}")
        if difference is not None:
            return Refutation(model.name, {}, difference.text, model.position)
        if with_others:
            with suppress(TooLarge):
                refutation = _with_others(emitted, description, Calls(MAX_CALLS), model)
                if refutation is not None:
                    return refutation
    return None


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


def _with_others(emitted: Emitted, description: Description, calls: Calls, model: Model) -> Refutation | None:
    """Return how a model is wrong for other values of its arguments, each of which gets two that fit."""
    small = _small(model, emitted.parameters(model.name))
    for name, others in _other_values(model, emitted):
        unfit: Refutation | None = None
        tried = 0
        for value in others:
            values = {**small, name: value}
            try:
                difference = _difference(emitted, Reference(description, calls), model, values)
            except (Wrong, ExpressionError, ArithmeticError, ValueError, TypeError):
                continue
            if difference is not None:
                unfit = Refutation(model.name, values, difference.text, model.position)
                if not difference.refused_by_torch:
                    return unfit
                continue
            tried += 1
            if tried == TRIES:
                break
        if unfit is not None and not tried:  # where others fit, torch says itself that this value does not
            return unfit
    return None


def _small(model: Model, known: Sequence[str]) -> dict[str, Any]:
    """Return fewer rounds for the repetitions whose number is an argument: one round more proves the same."""
    counts = {item.repeat.count.value for item in all_items(model.items) if item.repeat and item.repeat.count}
    return {
        arg.name: ROUNDS
        for arg in model.args
        if Name(arg.name) in counts and arg.name in known and _is_above(arg, ROUNDS)
    }


def _is_above(arg: Arg, number: int) -> bool:
    match arg.value:
        case Written(Literal(value)):
            return isinstance(value, int) and value > number
    return False


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
    unused = [call for call in emitted.calls if id(call) not in comparison.ours]
    if unused and not theirs:
        return f"the result of {unused[0].target.name} is not used"
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


def _other_values(model: Model, emitted: Emitted) -> Iterator[tuple[str, Iterator[Any]]]:
    """Yield each argument with other values than its default."""
    known = emitted.parameters(model.name)
    scope = Scope(Problems())
    for arg in model.args:
        if arg.name in known and arg.value is not None and not arg.computed:
            argument = scope.evaluate(arg.value, {})
            if argument is not None:
                yield arg.name, _others(argument.value)


def _others(value: Any) -> Iterator[Any]:
    """Yield other values: an odd and an even number, a longer and a shorter list."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from dict.fromkeys(other for other in (value + 2, 2 * value, value + 1, value - 1) if other >= 0)
    elif isinstance(value, float):
        yield value / 2
    elif isinstance(value, tuple):
        if value and all(type(element) in (int, float) for element in value):
            yield tuple(2 * element for element in value)
        yield (*value, *(value[-1:] or (2,)))
        if len(value) > 1:
            yield value[:-1]
