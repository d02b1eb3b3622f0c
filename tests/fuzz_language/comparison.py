"""Emits the model of a description, and compares what it computes with what the interpreter computes."""

from __future__ import annotations

import re
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
import yaml

from networks import Emitted, emit
from nngen.language.errors import DescriptionError

from .expressions import Meaningless, is_expression
from .interpreter import Network
from .weights import Used, fill, leaves, order_of_use, state_of

SECONDS = 20  # after which nngen hangs

# what torch and the interpreter raise when a description does not fit
_UNFIT = (Meaningless, RuntimeError, ValueError, TypeError, IndexError, AssertionError, ZeroDivisionError)


@dataclass(frozen=True)
class Outcome:
    """What became of a description: ``equal``, ``refused``, ``unfit`` (and refused), or a failure."""

    kind: str
    message: str = ""
    source: str = ""  # of model.py
    tried: int = 0  # how many other values of arguments were compared

    @property
    def failed(self) -> bool:
        """Whether nngen is wrong."""
        return self.kind not in ("equal", "refused", "refuted", "unfit")

    @property
    def cause(self) -> str:
        """The message without names and numbers, for grouping."""
        first = self.message.strip().splitlines()[0] if self.message else ""
        if self.kind.startswith(("parameters", "computes")):
            return self.kind
        unquoted = re.sub("'[^']*'|`[^`]*`", "_", first)
        return f"{self.kind}: {re.sub('[0-9.]+', '0', unquoted)}"


def text_of(description: dict[str, Any]) -> str:
    """Return the YAML of a description."""
    return yaml.dump(description, Dumper=_Plain, sort_keys=False, default_flow_style=None, width=120)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def check(description: dict[str, Any], task: str = "", mutate: Callable[[str], str] | None = None) -> Outcome:
    """Emit a description and compare.

    Args:
        description: what stands in the file.
        task: which decides how several models make one.
        mutate: changes the emitted text before it is compared.
    """
    text = text_of(description)
    wanted = _interpreted(description, {})
    try:
        with _limited():
            emitted = emit(text, task)
    except DescriptionError as error:
        message = "\n".join(problem.message for problem in error.problems)
        refuted = "is not what is described" in message  # nngen would have written a wrong model, and says so
        kind = "unfit" if isinstance(wanted, str) else "refuted" if refuted else "refused"
        return Outcome(kind, message)
    except _Hangs:
        return Outcome("hangs", f"no answer in {SECONDS} s")
    except Exception as error:
        return Outcome("crashed", _place(error))
    source = mutate(emitted.source) if mutate else emitted.source
    emitted = Emitted(source, emitted.network, emitted.name)
    if isinstance(wanted, str):
        return Outcome("accepted", f"nngen accepts what does not fit: {wanted}", source)
    tried = 0
    for values in ({}, *other_values(description)):
        wanted = _interpreted(description, values) if values else wanted
        if isinstance(wanted, str):
            continue
        difference = _difference(emitted, description, wanted, values, task)
        if difference is not None:
            kind, message = difference
            return Outcome(
                kind if not values else f"{kind}, other values", f"{message}; values {values}", source, tried
            )
        tried += bool(values)
    return Outcome("equal", "", source, tried)


def other_values(description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield other values of the arguments of the model, one or all of them changed."""
    shared = description.get("args") or {}
    args = {name: value for name, value in shared.items() if not is_expression(value)}
    choices = {name: _others(value) for name, value in args.items()}
    for name, values in choices.items():
        for value in values:
            yield {name: value}
    if len(choices) > 1:
        for index in range(2):
            yield {name: values[index % len(values)] for name, values in choices.items() if values}


def _others(value: Any) -> list[Any]:
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, 2 * value, *([value - 1] if value > 0 else [])]
        case float():
            return [value / 2, value + 1]
        case []:
            return [[3], [4, 2]]
        case [*parts]:
            return [[*parts, parts[-1]], [part + 1 for part in parts], parts[:-1] or [3, *parts], parts[::-1]]
    return []


@dataclass(frozen=True)
class _Wanted:
    network: Network
    inputs: list[torch.Tensor]
    used: list[Used]


def _interpreted(description: dict[str, Any], values: dict[str, Any]) -> _Wanted | str:
    """Run the interpreter once; what it made, or why it cannot."""
    network = Network(description, values)
    try:
        with torch.no_grad():
            inputs = network.make_inputs()
            network.run(inputs)
            modules, own = list(network.modules.values()), list(network.own.values())
            return _Wanted(network, inputs, order_of_use(modules, own, lambda: network.run(inputs)))
    except _UNFIT as error:
        return f"{type(error).__name__}: {error}"


def _difference(
    emitted: Emitted, description: dict[str, Any], wanted: _Wanted, values: dict[str, Any], task: str
) -> tuple[str, str] | None:
    """Return how the emitted model differs: the kind of failure and a message; None if it does not."""
    try:
        model = emitted.build(**deepcopy(values)).double().eval()
    except Exception as error:
        return "fails to build", f"{type(error).__name__}: {error}"
    modules, own = leaves(model)

    def run() -> list[torch.Tensor]:
        result = model(*wanted.inputs)
        results = list(result) if isinstance(result, tuple) else [result]
        if task == "gan":
            results.append(model.discriminator(results[-1]))
        return results

    try:
        with torch.no_grad():
            used = order_of_use(modules, own, run)
            counts = _count_difference(used, wanted.used, emitted, values)
            if counts:
                return "parameters", counts
            difference = None
            for matched in _matched(used, order_of_use(modules, own, lambda: None), wanted.used):
                wrong = _run_both(model, run, matched, wanted, description)
                if wrong is None:
                    return None
                difference = difference or wrong
            return difference
    except Exception as error:
        return "fails to run", f"{type(error).__name__}: {error}"


def _count_difference(used: list[Used], wanted: list[Used], emitted: Emitted, values: dict[str, Any]) -> str:
    ours, theirs = (sorted(map(str, (each.signature for each in side))) for side in (used, wanted))
    if ours != theirs:
        return f"{_without(ours, theirs)} emitted, {_without(theirs, ours)} described"
    parameters = [t for each in used for _, t in each.state if isinstance(t, torch.nn.Parameter)]
    count = sum(tensor.numel() for tensor in parameters)
    if not values and count != emitted.network.parameters:
        return f"nngen counts {emitted.network.parameters} parameters, torch {count}"
    return ""


def _without(these: list[str], those: list[str]) -> list[str]:
    rest = list(those)
    return [each for each in these if each not in rest or rest.remove(each)]  # type: ignore[func-returns-value]


def _run_both(
    model: Any,
    run: Callable[[], list[torch.Tensor]],
    used: list[Used],
    wanted: _Wanted,
    description: Any,
) -> tuple[str, str] | None:
    fill(used)
    fill(wanted.used)
    modes = ("eval", "train", "eval again") if not wanted.network.arguments else ("eval", "train")
    for mode in modes:
        model.train(mode.startswith("train"))
        for module in wanted.network.modules.values():
            module.train(mode.startswith("train"))
        expected, actual = wanted.network.run(wanted.inputs), run()
        if description.get("models") and len(expected) > len(actual):
            expected = expected[len(expected) - len(actual) :]
        message = _unequal(expected, actual)
        if message:
            return "computes something else", f"{mode}: {message}"
    message = _unequal(state_of(wanted.used), state_of(used))
    return ("computes something else", f"buffers: {message}") if message else None


def _matched(used: list[Used], defined: list[Used], wanted: list[Used]) -> Iterator[list[Used]]:
    """Yield what the emitted model uses in the order of the interpreter.

    Modules of one signature are taken in the order of their use, then in that of the constructor: the order of
    execution may differ from the description's where nothing depends on it.
    """
    for ours in (used, defined):
        rest = list(ours)
        matched = []
        for each in wanted:
            place = next(index for index, other in enumerate(rest) if other.signature == each.signature)
            matched.append(rest.pop(place))
        yield matched


def _unequal(expected: list[torch.Tensor], actual: list[torch.Tensor]) -> str:
    if len(expected) != len(actual):
        return f"{len(actual)} results, {len(expected)} described"
    for index, (one, other) in enumerate(zip(expected, actual)):
        if one.shape != other.shape:
            return f"result {index} has the shape {tuple(other.shape)}, {tuple(one.shape)} described"
        one, other = one.double(), other.double()
        scale = one.abs().nan_to_num(posinf=0).max().item() if one.numel() else 1.0
        if not torch.allclose(one, other, rtol=1e-6, atol=1e-9 * (1 + scale), equal_nan=True):
            return f"result {index} is off by {(one - other).abs().max().item():.2g} of {scale:.2g}"
    return ""


def _place(error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/nngen/" in frame.filename]
    frames = frames or list(traceback.extract_tb(error.__traceback__))
    place = f"{frames[-1].filename.rpartition('/nngen/')[2]}:{frames[-1].name}"
    return f"{type(error).__name__} in {place}: {error}"


class _Hangs(BaseException):
    pass


@contextmanager
def _limited() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise _Hangs

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
