"""Random graphs: the emitted class against an interpreter of the description, which has no variables to overwrite.

Every parameter is a function of its shape alone, so that both have the same weights without any mapping.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml

from networks import emit

torch = pytest.importorskip("torch")

SIZE = 4
CONDITIONS = {"$open": True, "$shut": False, "not $shut": True, "not $open": False}
NAMES = ("y", "z", "u", "a", "main", "skip", "out", "t")
ARGS = {"open": True, "shut": False}


@dataclass
class Writer:
    """Writes lists of layers in which every result is used."""

    random: random.Random
    blocks: dict[str, Any] = field(default_factory=dict)
    modules: int = 0

    def list_of(self, depth: int, known: list[str], args: bool, own: set[str] | None = None) -> list[Any]:
        """A list; `known` are tensors of the lists around."""
        names: list[str] = []
        items: list[Any] = []
        taken = set(known) | (own or set())
        for _ in range(self.random.randint(1, 5 if depth == 0 else 3)):
            item = self.item(depth, [*known, *names], args)
            free = [name for name in NAMES if name not in taken]
            if free and self.random.random() < 0.4 and "branches" not in item:
                name = self.random.choice(free)
                item["as"] = name
                names.append(name)
                taken.add(name)
                if self.random.random() < 0.4:
                    items.append(item)
                    item = {self.random.choice(("tanh", "sigmoid", "neg")): None, "from": self.random.choice(names)}
            items.append(item)
        if names:
            items.append({"add": ["x", *names]})
        return items

    def item(self, depth: int, known: list[str], args: bool) -> dict[str, Any]:
        kinds = ["op", "op", "layer", "pair", "pair"]
        kinds += ["residual", "branches", "group", "block", "block"] if depth < 3 else []
        kind = self.random.choice(kinds)
        item: dict[str, Any]
        if kind == "op":
            item = {self.random.choice(("tanh", "sigmoid", "neg")): None}
        elif kind == "layer":
            item = self.random.choice([{"Linear": SIZE}, {"LayerNorm": None}, {"ReLU": None}])
        elif kind == "pair" and known:
            item = {self.random.choice(("add", "mul", "sub")): self.random.choice(known)}
        elif kind == "residual":
            item = {"residual": self.list_of(depth + 1, known, args)}
        elif kind == "group":
            item = {"layers": self.list_of(depth + 1, known, args)}
        elif kind == "branches":
            names = self.random.sample(("main", "left", "right", "y"), 2)
            empty = self.random.random() < 0.3
            lists = {names[0]: self.list_of(depth + 1, known, args)}
            lists[names[1]] = [] if empty else self.list_of(depth + 1, known, args)
            item = {"branches": lists, "merge": self.random.choice(("add", "mul"))}
        elif kind == "block":
            return self.block_call(depth, known)
        else:
            item = {"Linear": SIZE}
        if args and self.random.random() < 0.25:
            item["if"] = self.random.choice(("$open", "$shut", "not $shut", "not $open"))
        return item

    def block_call(self, depth: int, known: list[str]) -> dict[str, Any]:
        two = bool(known) and self.random.random() < 0.5
        name = f"Block{len(self.blocks)}"
        inputs = ["x", "context"] if two else ["x"]
        self.blocks[name] = {}
        layers = self.list_of(depth + 1, ["input", *inputs[1:]], args=False)
        if two:
            layers.append({"add": "context"})
        layers.append({"mul": "input"})
        self.blocks[name] = {"inputs": inputs, "layers": layers}
        item: dict[str, Any] = {name: None}
        if two:
            item["from"] = ["x", self.random.choice(known)]
        if self.random.random() < 0.4:
            item["repeat"] = self.random.randint(1, 3)
        return item


class Interpreter:
    """What a description means, read straight from its values."""

    def __init__(self, description: dict[str, Any]) -> None:
        self.blocks = description["blocks"]

    def run(self, items: list[Any], flow: Any, tensors: dict[str, Any]) -> Any:
        """The result of a list."""
        tensors = dict(tensors)
        for item in items:
            (kind,) = set(item) - {"as", "from", "if", "repeat", "merge"}
            inputs = self.inputs(kind, item, flow, tensors)
            active = CONDITIONS[item.get("if", "$open")]
            flow = self.call(kind, item, inputs, tensors) if active else inputs[0]
            if "as" in item:
                tensors[item["as"]] = flow
        return flow

    def inputs(self, kind: str, item: dict[str, Any], flow: Any, tensors: dict[str, Any]) -> list[Any]:
        seen = {**tensors, "x": flow}
        value = item[kind]
        if kind in ("add", "mul", "sub"):
            return [seen[name] for name in (value if isinstance(value, list) else ["x", value])]
        given = item.get("from", "x")
        return [seen[name] for name in (given if isinstance(given, list) else [given])]

    def call(self, kind: str, item: dict[str, Any], inputs: list[Any], tensors: dict[str, Any]) -> Any:
        value, (x, *others) = item[kind], inputs
        if kind in ("tanh", "sigmoid"):
            return getattr(torch, kind)(x)
        if kind == "neg":
            return -x
        if kind in ("add", "mul", "sub"):
            for other in others:
                x = {"add": x.__add__, "mul": x.__mul__, "sub": x.__sub__}[kind](other)
            return x
        if kind == "ReLU":
            return x.relu()
        if kind == "Linear":
            return torch.nn.functional.linear(x, filled((SIZE, SIZE)), filled((SIZE,)))
        if kind == "LayerNorm":
            return torch.nn.functional.layer_norm(x, (SIZE,), filled((SIZE,)), filled((SIZE,)))
        if kind == "residual":
            return x + self.run(value, x, tensors)
        if kind == "layers":
            return self.run(value, x, tensors)
        if kind == "branches":
            one, other = (self.run(items, x, tensors) for items in value.values())
            return one + other if item["merge"] == "add" else one * other
        block = self.blocks[kind]
        for _ in range(item.get("repeat", 1)):
            given = dict(zip(block["inputs"], [x, *others], strict=True))
            x = self.run(block["layers"], x, {"input": x, **{k: v for k, v in given.items() if k != "x"}})
        return x


def filled(shape: tuple[int, ...]) -> Any:
    """Weights that are a function of their shape."""
    count = 1
    for size in shape:
        count *= size
    return (torch.arange(count, dtype=torch.float64) * 0.7 + len(shape)).sin().reshape(shape) * 0.6


@pytest.mark.parametrize("seed", range(150))
def test_a_random_graph_means_what_its_description_says(seed: int) -> None:
    writer = Writer(random.Random(seed))
    description: dict[str, Any] = {"name": "net", "args": ARGS, "input": [SIZE]}
    layers = [{"Linear": SIZE}, *writer.list_of(0, ["input"], args=True)]
    for each in ARGS:  # both are used
        layers.append({"tanh": None, "if": f"${each}"})
    layers.append({"add": "input"})
    description |= {"blocks": writer.blocks, "layers": layers} if writer.blocks else {"layers": layers}
    text = yaml.safe_dump(description, sort_keys=False)
    emitted = emit(text)
    model = emitted.build().double().eval()
    assert sum(parameter.numel() for parameter in model.parameters()) == emitted.network.parameters, text
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(filled(tuple(parameter.shape)))
        x = torch.linspace(-1, 1, 3 * SIZE, dtype=torch.float64).reshape(3, SIZE)
        expected = Interpreter({"blocks": writer.blocks}).run(layers, x, {"input": x})
        assert torch.allclose(model(x), expected, rtol=1e-9, equal_nan=True), f"{text}\n{emitted.source}"
