"""Single layers and operations of the reference: their types by the rules of the network, their calls as steps."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ..description.description import Layer, Written
from ..infer.known_sources import listed
from ..language.catalogue.entries import Entry
from ..language.catalogue.values import check_value
from ..language.expressions import Literal, Name
from ..language.python import literal
from ..network.layers import Outcome, Use, family_of, numbered, parts
from ..network.operations import OPERATIONS, OperationUse, ShapeError
from ..network.operations.value import Value
from ..network.symbolic.sizes import Symbolic
from ..network.tensors import Argument, Dim, Module, TensorType
from .emitted import Emitted
from .frame import Frame
from .values import Described, Given, OwnTensor, Step, part


class Wrong(Exception):
    """The description does not fit with the values of its arguments."""


class TooLarge(Exception):
    """The network has more layers and operations than are looked at."""


_PACKED = Emitted("from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence")


def plain(value: Any) -> Argument:
    """Return a value as an argument without a source."""
    if isinstance(value, Module):
        return value.as_argument()
    if isinstance(value, tuple):
        return Argument(value, tuple(plain(element) for element in value))
    return Argument(value, value.expression() if isinstance(value, Symbolic) else Literal(value))


def type_of(tensor: Any) -> TensorType:
    """Return the type of a tensor of the reference."""
    if isinstance(tensor, OwnTensor):
        return TensorType(tuple(Dim(size) for size in tensor.shape))
    if tensor.type is None:
        raise Wrong("a tensor has no type")
    kept: TensorType = tensor.type
    return kept


class Calls:
    """The calls of evaluations, with the outcomes of layers kept: equal blocks ask for the same again.

    Args:
        most: the number of calls after which they end.
    """

    def __init__(self, most: int) -> None:
        self._outcomes: dict[tuple[Any, ...], Outcome] = {}
        self._left = most

    def count(self) -> None:
        """Count a call.

        Raises:
            TooLarge: when there were too many.
        """
        self._left -= 1
        if self._left < 0:
            raise TooLarge

    def layer(
        self,
        action: Layer,
        value: Callable[[Written], Any],
        inputs: Sequence[Any],
        keywords: Mapping[str, Any],
        wanted: Sequence[str | None] | None,
    ) -> tuple[Described, Callable[[Described], list[Any]]]:
        """Return the module of a layer, and what makes its results once the module is known.

        Args:
            action: the layer.
            value: evaluates an expression.
            inputs: its tensors, or tuples of them.
            keywords: further tensors by their names in ``forward``.
            wanted: the names of the parts of its result; None for the first alone.

        Raises:
            Wrong: when the layer does not fit.
        """
        entry, family = action.entry, family_of(action.entry)
        if family is None:
            raise Wrong(f"there are no rules for {entry.name}")
        arguments = _arguments(action, value)
        types = tuple(type_of(tensor) for tensor in _flat(inputs))
        high = types[0].high if types else None
        if entry.parameter("num_embeddings") and "num_embeddings" not in arguments and high:
            arguments = {"num_embeddings": plain(high.size), **arguments}
        flags = {name: value for name, value in keywords.items() if isinstance(value, bool)}
        tensors = {name: type_of(tensor) for name, tensor in keywords.items() if name not in flags}
        use = Use(entry, arguments, types, tensors, flags)
        given = repr(sorted((name, argument.value) for name, argument in arguments.items()))
        key = (id(action), given, types, tuple(use.keywords.items()))  # an action has always the same flags
        try:
            if key not in self._outcomes:
                self._outcomes[key] = family.infer(use)
        except ShapeError as error:
            raise Wrong(f"{entry.name}: {error}") from None
        outcome = self._outcomes[key]
        inferred = {name: plain(dim.size) for name, dim in outcome.inferred.items()}
        made = _described(entry, {**inferred, **arguments, **outcome.completed})
        structure = parts(entry, {**inferred, **arguments})
        names = [name for element in structure for name in ([element] if isinstance(element, str) else element)]
        used = names[:1] if wanted is None else [name for name, given in zip(names, wanted, strict=False) if given]
        args, named = _call_of(entry, inputs, keywords, used)

        def results(module: Described) -> list[Any]:
            step = Step("module", module, args, named, outcome.outputs[0])
            return _taken_apart(step, numbered(structure), outcome.outputs) if structure else [step]

        return made, results

    def operation(
        self, name: str, values: Mapping[str, Any], inputs: Sequence[Any], keywords: Mapping[str, Any]
    ) -> list[Any]:
        """Return the results of a tensor operation.

        Args:
            name: the operation.
            values: its arguments.
            inputs: its tensors, or tuples of them.
            keywords: its arguments that are tensors.

        Raises:
            Wrong: when it does not fit.
        """
        operation = OPERATIONS[name]
        arguments = {argument: plain(value) for argument, value in values.items()}
        tensors: dict[str, Any] = {}
        texts = {argument: Value.of(_placed(value, tensors)) for argument, value in values.items()}
        for argument, tensor in keywords.items():
            arguments[argument] = Argument(type_of(tensor), Name(argument))
            texts[argument] = Value.name(_placed(tensor, tensors))
        flat = _flat(inputs)
        use = OperationUse(operation, tuple(type_of(tensor) for tensor in flat), arguments)
        try:
            outputs = operation.infer(use)
            code = operation.code([Value.name(_placed(tensor, tensors)) for tensor in flat], texts, use)
        except ShapeError as error:
            raise Wrong(f"{name}: {error}") from None
        step = Frame(_PACKED, None, tensors).value(_parsed(code))
        if isinstance(step, OwnTensor) or any(step is tensor for tensor in flat):
            return [step]
        if not isinstance(step, Step):
            raise Wrong(f"{name} gives no tensor")
        step.type, step.defaults = outputs[0], {each.name: each.default for each in operation.parameters}
        if operation.several or len(outputs) > 1:
            return _taken_apart(step, list(range(len(outputs))), outputs)
        return [step]


@lru_cache(maxsize=1000)
def _parsed(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body


def _call_of(
    entry: Entry, inputs: Sequence[Any], keywords: Mapping[str, Any], used: Sequence[str]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of a layer's call, as its family writes them."""
    family = family_of(entry)
    assert family is not None
    tensors: dict[str, Any] = {}
    texts = [_placed(tensor, tensors) for tensor in inputs]
    texts += [f"{name}={_placed(tensor, tensors)}" for name, tensor in keywords.items()]
    tree = _parsed(f"f({family.call(entry, texts, used)})")
    assert isinstance(tree, ast.Call)
    frame = Frame(_PACKED, None, tensors)
    args = tuple(frame.value(argument) for argument in tree.args)
    return args, {str(keyword.arg): frame.value(keyword.value) for keyword in tree.keywords}


def _flat(inputs: Sequence[Any]) -> list[Any]:
    return [tensor for operand in inputs for tensor in (operand if isinstance(operand, tuple) else (operand,))]


def _arguments(layer: Layer, value: Callable[[Written], Any]) -> dict[str, Argument]:
    arguments = {
        name: Module(inner.entry, _arguments(inner, value)).as_argument() for name, inner in layer.layers.items()
    }
    arguments |= {name: plain(value(written)) for name, written in layer.arguments.items()}
    for name, argument in arguments.items():
        parameter = layer.entry.parameter(name)
        if parameter and not isinstance(argument.value, Module) and check_value(parameter, listed(argument.value)):
            raise Wrong(f"{name} cannot be {argument.value}")
    return arguments


def _described(entry: Entry, arguments: Mapping[str, Argument]) -> Described:
    family = family_of(entry)
    fixed = family.fixed(entry) if family else {}
    given = {**arguments, **fixed}
    described: dict[str, Given] = {}
    for parameter in entry.parameters:
        default = tuple(parameter.default) if isinstance(parameter.default, list) else parameter.default
        if parameter.name not in given:
            if not parameter.required:
                described[parameter.name] = Given(default, is_default=True)
            continue
        value = given[parameter.name].value
        if isinstance(value, Module):
            value = _described(value.entry, dict(value.arguments))
        same = value == default and isinstance(value, bool) == isinstance(default, bool)
        may_go = same and parameter.name not in fixed and not parameter.required
        described[parameter.name] = Given(value, may_go, parameter.inferred)
    order = tuple(parameter.name for parameter in entry.parameters if not parameter.keyword_only)
    return Described(f"nn.{entry.name}", described, order)


def _taken_apart(step: Step, structure: list[Any], outputs: Sequence[TensorType]) -> list[Any]:
    tensors: list[Any] = []
    for place, element in enumerate(structure):
        inner = part(step, place)
        if isinstance(element, list):
            tensors += _taken_apart(inner, element, outputs)
        else:
            inner.type = outputs[element]
            tensors.append(inner)
    return tensors


def _placed(value: Any, names: dict[str, Any]) -> str:
    """Return code for a value: itself where it is plain, otherwise a name that stands for it."""
    if isinstance(value, tuple):
        texts = [_placed(element, names) for element in value]
        return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
    if value is None or isinstance(value, (bool, int, float, str)):
        return literal(value)
    name = next((name for name, known in names.items() if known is value), f"_{len(names)}")
    names[name] = value
    return name
