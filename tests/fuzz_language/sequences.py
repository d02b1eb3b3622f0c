"""Draws items of sequences: recurrent layers and attention, whose results have several parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .pieces import as_written, fit, keep, resize
from .scope import Scope


def recurrent(scope: Scope) -> None:
    """A recurrent layer, by itself or with its states used."""
    before = scope.flow
    if scope.keeps and not before.known:
        keep(scope)
        return
    written, to = (None, before) if scope.keeps else scope.width()
    if written is None:
        written = f"$x.size({before.dim})" if "x" not in scope.of.inputs else scope.of.in_size
        to = before if "x" not in scope.of.inputs else replace(before, width=scope.of.in_size)
        written = as_written(str(written))
    kind = scope.random.choice(["LSTM", "GRU", "RNN"])
    scope.items.append({kind: written})
    scope.flow = to
    if scope.chance(0.6):
        _states(scope, kind, written)
    if scope.keeps:
        fit(scope, before)


def _states(scope: Scope, kind: str, written: Any) -> None:
    states, last = scope.name(), ""
    scope.visible[states] = scope.flow
    last = scope.name()
    scope.visible[last] = replace(scope.flow, grid=-1)
    more = ["_"] if kind == "LSTM" else []
    if scope.chance(0.35):
        cell = f"{last}_c"
        scope.items[-1]["as"] = [states, last, *(cell for _ in more)]
        given: Any = [last, cell] if more else last
        written = f"${states}.size(-1)" if str(written).startswith("$x.") else written
        second: dict[str, Any] = {kind: written, "from": [states, given]}
        scope.items.append(second)
        if scope.chance(0.5):
            scope.items.append({"add": states})
        return
    if scope.chance(0.3):
        scope.items[-1]["as"] = ["x", last, *more]
        scope.items.append({"tanh": None, "as": states})
    else:
        scope.items[-1]["as"] = [states, last, *more]
    scope.items += [{"select": [0, -1], "from": last}, {"unsqueeze": 1}]
    scope.items.append({scope.random.choice(["mul", "add"]): states})


def attention(scope: Scope) -> None:
    """Attention of torch, or written out."""
    before = scope.flow
    if scope.keeps and not before.known:
        keep(scope)
        return
    written, to = scope.width()
    doubled = f"2 * ({written})" if isinstance(written, str) else 2 * written
    even = replace(to, width=f"2 * ({to.width})" if to.known else scope.of.unsaid(), value=2 * to.value)
    resize(scope, doubled, even)
    draw = scope.random.random()
    if draw < 0.25:
        scope.items.append({"MultiheadAttention": scope.random.choice([2, {"num_heads": 2, "bias": False}])})
    elif draw < 0.45:
        others = [name for name in scope.partners(even) if name != "input"]
        tokens, weights = scope.name_flow() or "x", f"w{len(scope.visible)}"
        scope.use(tokens)
        other = scope.use(scope.random.choice([tokens, *others]))
        given = {"query": tokens, "key": other, "value": other}
        sources: Any = scope.random.choice([given, [tokens, other, other]])
        scope.items.append({"MultiheadAttention": 2, "from": sources})
        if scope.chance(0.5):
            scope.items[-1]["as"] = [other_name(scope), weights]
            scope.items.append({"matmul": [weights, scope.items[-1]["as"][0]]})
    elif draw < 0.7:
        arguments = {"nhead": 2, "dim_feedforward": scope.random.choice([3, written]), "dropout": 0.0}
        scope.items.append({"TransformerEncoderLayer": arguments})
        if scope.chance(0.4):
            scope.items[-1]["repeat"] = scope.count()
    elif draw < 0.8:
        _heads(scope)
    elif draw < 0.88 and (others := scope.partners(even)) and "x" not in scope.of.inputs:
        other = scope.use(scope.random.choice(others))
        sources = scope.random.choice([{"memory": other, "tgt": "x"}, ["x", other]])
        scope.items.append(
            {"TransformerDecoderLayer": {"nhead": 2, "dim_feedforward": 3, "dropout": 0.0}, "from": sources}
        )
    else:
        _by_hand(scope)
    if scope.keeps:
        fit(scope, before)


def other_name(scope: Scope) -> str:
    """A name for a part that the next item uses."""
    name = scope.name()
    scope.visible[name] = scope.flow
    return name


def _heads(scope: Scope) -> None:
    """Attention with heads, as GPT has it."""
    heads = scope.of.argument("count") if scope.chance(0.5) else None
    written: Any = f"${heads}" if heads else 2
    before, value = scope.flow, scope.random.choice([2, 3])
    scope.items.append({"Linear": f"{3 * value} * {written}" if heads else 3 * value * written})
    scope.items += [{"unflatten": [2, [3, written, -1]]}, {"permute": [2, 0, 3, 1, 4]}]
    names = [other_name(scope) for _ in range(3)]
    for name in names:
        del scope.visible[name]
    scope.items += [{"unbind": 0, "as": names}, {"scaled_dot_product_attention": None, "from": names}]
    scope.items += [{"transpose": [1, 2]}, {"flatten": 2}]
    scope.flow = replace(before, width=scope.of.unsaid())


def _by_hand(scope: Scope) -> None:
    tokens = scope.name_flow() or "x"
    scope.use(tokens)
    query = other_name(scope)
    resize(scope, f"${tokens}.size(-1)" if tokens != "x" else 4, scope.flow)
    if tokens == "x":
        scope.items.pop()
    else:
        scope.items[-1]["as"] = query
    first = query if tokens != "x" else "x"
    scope.items.append({"transpose": [1, 2], "from": tokens})
    scope.items.append({"matmul": [first, "x"]})
    if first == "x" or "x" in scope.of.inputs:
        del scope.items[-2:]
        scope.items.append({"scaled_dot_product_attention": {"is_causal": True}, "from": [first, tokens, tokens]})
        return
    scope.items += [{"mul": f"${tokens}.size(-1) ** -0.5"}, {"softmax": -1}, {"matmul": ["x", tokens]}]
