"""Recurrent networks and their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...language.catalogue.entries import Entry
from ..dims import ShapeError, map_size
from ..tensors import TensorType
from .base import Family, Outcome, Use, expect_float, expect_shape
from .weights import LayerWeights, Shape, Shapes

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


class Recurrent(Family):
    """``RNN``, ``GRU``, ``LSTM`` over (N, time, features); states have the batch in dimension 1.

    Each layer and direction has the weights of torch's documentation: ``gates * hidden * (input + output)``, two
    biases of ``gates * hidden``, and ``proj_size * hidden`` with ``proj_size``. Each step multiplies by every weight
    once; torch's FlopCounterMode agrees where it sees the products (not in the fused LSTM on the CPU).
    """

    takes_packed = True
    unrolls = True

    def check_inputs(self, use: Use) -> None:
        _check_states(use)

    def rule(self, use: Use) -> Outcome:
        expect_float(use)
        if len(use.input.dims) != 3:
            raise ShapeError("and it takes (time, features)")
        batch, time, input_size = use.input.dims
        hidden, directions = use.dim("hidden_size"), 2 if use.value("bidirectional") else 1
        output = use.dim("proj_size") if use.value("proj_size") else hidden
        layers = map_size(use.dim("num_layers"), lambda count: directions * count)
        h_n = TensorType((layers, batch, output), use.input.dtype)
        states = (h_n, replace(h_n, dims=(layers, batch, hidden)))[: _states(use.entry)]
        for name, state, expected in zip(("h_0", "c_0"), use.inputs[1:], states):
            expect_shape(name, state, expected.sizes)
        joined = output if directions == 1 else map_size(output, lambda size: directions * size)
        inferred = {"input_size": input_size}
        products = sum(group.multiplications for group in self.weights(use.with_sizes(inferred)))
        return Outcome(
            (replace(use.input, dims=(batch, time, joined)), *states), inferred=inferred, flops=2 * products * time.size
        )

    def weights(self, use: Use) -> Sequence[LayerWeights]:
        output = use.value("proj_size") or use.value("hidden_size")
        directions = ("", "_reverse") if use.value("bidirectional") else ("",)
        first = _of_directions(use, use.value("input_size"), output, directions)
        further = _of_directions(use, len(directions) * output, output, directions)  # inputs of all directions below
        return (LayerWeights(first), LayerWeights(further, range(1, use.value("num_layers"))))


class Cell(Family):
    """``RNNCell``, ``GRUCell``, ``LSTMCell`` over (N, features): one step of a layer, with the same counts."""

    def check_inputs(self, use: Use) -> None:
        _check_states(use)

    def rule(self, use: Use) -> Outcome:
        expect_float(use)
        if len(use.input.dims) != 2:
            raise ShapeError("and it takes (features,): one step, without the time")
        batch, input_size = use.input.dims
        hidden = use.dim("hidden_size")
        state = TensorType((batch, hidden), use.input.dtype)
        for name, tensor in zip(("h_0", "c_0"), use.inputs[1:]):
            expect_shape(name, tensor, state.sizes)
        inferred = {"input_size": input_size}
        products = sum(group.multiplications for group in self.weights(use.with_sizes(inferred)))
        return Outcome((state,) * _states(use.entry), inferred=inferred, flops=2 * products)

    def weights(self, use: Use) -> Sequence[LayerWeights]:
        return (LayerWeights(_of_step(use, use.value("input_size"), use.value("hidden_size"), "")),)

    def stem(self, entry: Entry) -> str:
        return f"{_kind(entry).lower()}_cell"


def _kind(entry: Entry) -> str:
    return entry.name.removesuffix("Cell")


def _states(entry: Entry) -> int:
    return 2 if _kind(entry) == "LSTM" else 1


def _check_states(use: Use) -> None:
    states = _states(use.entry)
    if len(use.inputs) not in (1, 1 + states):
        expected = "[x, [h_0, c_0]]" if states == 2 else "[x, h_0]"
        raise ShapeError(f"and it takes x or {expected}, not {len(use.inputs)} tensors")


def _of_directions(use: Use, incoming: int, output: int, directions: Sequence[str]) -> Shapes:
    shapes: dict[str, Shape] = {}
    for direction in directions:
        end = "_l{}" + direction
        shapes |= _of_step(use, incoming, output, end)
        if use.value("proj_size"):
            shapes[f"weight_hr{end}"] = (output, use.value("hidden_size"))
    return shapes


def _of_step(use: Use, incoming: int, output: int, end: str) -> Shapes:
    rows = GATES[_kind(use.entry)] * use.value("hidden_size")
    shapes = {f"weight_ih{end}": (rows, incoming), f"weight_hh{end}": (rows, output)}
    biases = {f"bias_ih{end}": (rows,), f"bias_hh{end}": (rows,)} if use.value("bias") else {}
    return {**shapes, **biases}
