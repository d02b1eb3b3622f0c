"""Recurrent networks and their cells."""

from __future__ import annotations

from dataclasses import replace

from ...language.catalogue.entries import Entry
from ..dims import ShapeError, map_size
from ..tensors import TensorType
from .base import Family, Outcome, Use, expect_float, expect_shape, known

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


class Recurrent(Family):
    """``RNN``, ``GRU``, ``LSTM`` over (N, time, features); states keep the batch in dimension 1.

    Weights of a layer and direction, as in torch's documentation: ``gates * hidden * (input + output)``, two biases
    of ``gates * hidden``, and for ``proj_size`` ``proj_size * hidden``. Each step multiplies with every weight once;
    torch's FlopCounterMode agrees where it sees them (not in the fused LSTM of the CPU).
    """

    takes_packed = True

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
        for name, given, wanted in zip(("h_0", "c_0"), use.inputs[1:], states):
            expect_shape(name, given, wanted.sizes)
        joined = map_size(output, lambda size: directions * size)
        weights = _weights(use, known(input_size.size), known(output.size), directions)
        biases = 2 * GATES[use.entry.name] * known(hidden.size) * known(layers.size) if use.value("bias") else 0
        return Outcome(
            (replace(use.input, dims=(batch, time, joined)), *states),
            inferred={"input_size": input_size},
            parameters=weights + biases,
            flops=2 * weights * time.size,
        )


class Cell(Family):
    """One step: ``RNNCell``, ``GRUCell``, ``LSTMCell`` over (N, features); counts as those of one layer."""

    def check_inputs(self, use: Use) -> None:
        _check_states(use)

    def rule(self, use: Use) -> Outcome:
        expect_float(use)
        if len(use.input.dims) != 2:
            raise ShapeError("and it takes (features,): one step, without the time")
        batch, input_size = use.input.dims
        hidden = use.dim("hidden_size")
        state = TensorType((batch, hidden), use.input.dtype)
        for name, given in zip(("h_0", "c_0"), use.inputs[1:]):
            expect_shape(name, given, state.sizes)
        gates, size = GATES[_kind(use.entry)], known(hidden.size)
        weights = gates * size * (known(input_size.size) + size)
        return Outcome(
            (state,) * _states(use.entry),
            inferred={"input_size": input_size},
            parameters=weights + (2 * gates * size if use.value("bias") else 0),
            flops=2 * weights,
        )

    def stem(self, entry: Entry) -> str:
        return f"{_kind(entry).lower()}_cell"


def _kind(entry: Entry) -> str:
    return entry.name.removesuffix("Cell")


def _states(entry: Entry) -> int:
    return 2 if _kind(entry) == "LSTM" else 1


def _check_states(use: Use) -> None:
    states = _states(use.entry)
    if len(use.inputs) not in (1, 1 + states):
        wanted = "[x, [h_0, c_0]]" if states == 2 else "[x, h_0]"
        raise ShapeError(f"and it takes x or {wanted}, not {len(use.inputs)} tensors")


def _weights(use: Use, input_size: int, output: int, directions: int) -> int:
    gates, hidden = GATES[use.entry.name], use.value("hidden_size")
    projection = output * hidden if use.value("proj_size") else 0
    first = gates * hidden * (input_size + output) + projection
    further = gates * hidden * (directions * output + output) + projection  # they read all directions of the one below
    return int(directions * (first + (use.value("num_layers") - 1) * further))
