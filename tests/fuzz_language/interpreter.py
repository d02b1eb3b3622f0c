"""What a description means: it is unrolled as it stands and computed with torch, item by item.

No line of nngen is used. A module is made where it is called first, so the modules stand in the order of their first
use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from .expressions import Meaningless, evaluate, is_expression
from .torch_calls import ORDERS, all_inputs, call_layer, call_operation, first_is_named, make_layer, operands_of

BESIDE = ("name", "as", "from", "repeat", "if", "merge")
VARYING = 3  # the size of a dimension that varies
BATCH = 4


@dataclass
class Network:
    """A description with values of its arguments, and the modules and own tensors that its first run made."""

    description: dict[str, Any]
    arguments: dict[str, Any]
    modules: dict[tuple[Any, ...], nn.Module] = field(default_factory=dict)
    own: dict[tuple[Any, ...], torch.Tensor] = field(default_factory=dict)
    training: bool = False

    def run(self, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
        """Return the outputs of the network; of several models one after the other, those of each.

        Raises:
            Meaningless: when the description does not fit together; torch's own errors likewise.
        """
        models = self.description.get("models") or {"": self.description}
        outputs: list[torch.Tensor] = []
        for name, model in models.items():
            inputs = self._run_model(name, model, inputs)
            outputs += inputs
        return outputs

    def make_inputs(self, seed: int = 0) -> list[torch.Tensor]:
        """Return inputs of the first model."""
        model = next(iter((self.description.get("models") or {"": self.description}).values()))
        values = self._arguments_of(model)
        random = torch.Generator().manual_seed(seed)
        made = []
        for declared in _declared(model).values():
            sizes = _sizes(declared, values)
            if isinstance(declared, dict) and declared.get("dtype") == "int64":
                high = evaluate(declared["high"], values, {})
                made.append(torch.randint(high, sizes, generator=random))
            elif isinstance(declared, dict) and declared.get("dtype") == "bool":
                made.append(torch.rand(sizes, generator=random) < 0.4)
            else:
                made.append(torch.randn(sizes, generator=random, dtype=torch.float64))
        return made

    def _arguments_of(self, model: dict[str, Any]) -> dict[str, Any]:
        declared = {**(self.description.get("args") or {}), **(model.get("args") or {})}
        values: dict[str, Any] = {}
        for name, value in declared.items():
            if name in self.arguments:
                values[name] = self.arguments[name]
            elif not _uses_input(value):
                values[name] = evaluate(value, values, {})
        return values

    def _run_model(self, name: str, model: dict[str, Any], inputs: list[torch.Tensor]) -> list[torch.Tensor]:
        names = list(_declared(model))
        values = self._arguments_of(model)
        tensors = {**dict(zip(names, inputs, strict=True)), "input": inputs[0]}
        for declared, tensor in zip(_declared(model).values(), inputs):
            if list(tensor.shape) != _sizes(declared, values):
                raise Meaningless(f"{name} does not take {tuple(tensor.shape)}")
        for each, value in {**(self.description.get("args") or {}), **(model.get("args") or {})}.items():
            if each not in values:
                values[each] = evaluate(value, values, tensors)
        highs = [
            evaluate(each["high"], values, {}) if isinstance(each, dict) and "high" in each else None
            for each in _declared(model).values()
        ]
        scope = _Scope(self, (name,), values, tensors, inputs[0], {}, dict(zip(map(id, inputs), highs)))
        return scope.run_class(model["layers"], model.get("outputs"))


def _declared(model: dict[str, Any]) -> dict[str, Any]:
    return dict(model["inputs"]) if "inputs" in model else {"input": model["input"]}


def _sizes(declared: Any, values: dict[str, Any]) -> list[int]:
    shape = declared["shape"] if isinstance(declared, dict) else declared
    sizes = [evaluate(size, values, {}) for size in shape]
    return [BATCH, *(VARYING if isinstance(size, str) else size for size in sizes)]


def _uses_input(value: Any) -> bool:
    return is_expression(value) and any(word in value for word in ("$in_features", "$in_channels", ".size("))


@dataclass
class _Module:
    """A module that `use` may call again: its item, where it was made, and what was visible there."""

    item: dict[str, Any]
    path: tuple[Any, ...]
    scope: _Scope


@dataclass
class _Scope:
    """A list of items while it is computed: names, tensors, and what flows."""

    network: Network
    path: tuple[Any, ...]
    values: dict[str, Any]
    tensors: dict[str, Any]
    flow: Any
    modules: dict[str, _Module]
    highs: dict[int, int | None]

    def inside(self, path: tuple[Any, ...], flow: Any, **variables: Any) -> _Scope:
        """Return the scope of a list inside this one; what it names stays its own."""
        values, tensors = {**self.values, **variables}, dict(self.tensors)
        return _Scope(self.network, path, values, tensors, flow, self.modules, self.highs)

    def run_class(self, items: list[Any], outputs: list[str] | None) -> list[Any]:
        """Return the results of a block or a model."""
        result = self.run(items)
        if outputs is not None:
            return [self.tensor(name) for name in outputs]
        return [_known(result)]

    def run(self, items: list[Any]) -> Any:
        """Return what the last item gives."""
        for index, item in enumerate(items):
            self.item(item if isinstance(item, dict) else {item: None}, (*self.path, index))
        return self.flow

    def tensor(self, name: str) -> Any:
        """Return a tensor by its name."""
        return _known(self.flow if name == "x" else self.tensors.get(name), name)

    def value(self, expression: Any) -> Any:
        """Return the value of an expression of an item."""
        return evaluate(expression, self.values, {**self.tensors, "x": self.flow})

    def item(self, item: dict[str, Any], path: tuple[Any, ...]) -> None:
        """Compute an item, and make its results visible to the items after it."""
        (kind,) = [key for key in item if key not in BESIDE]
        if kind in ("parameter", "buffer"):
            self.tensors[item["name"]] = self._own(kind, item[kind], path)
            return
        positional, keywords = self._inputs(kind, item)
        if not self.value(item.get("if", True)):
            results = positional[:1]
        else:
            results = self._rounds(item, path, positional, keywords)
        if "name" in item:
            self.modules[item["name"]] = _Module(item, path, self.inside(self.path, self.flow))
        if kind == "branches" and "merge" not in item:
            self.tensors |= dict(zip(item[kind], results, strict=True))
            self.flow = None
            return
        self.flow = results[0]
        names = item.get("as")
        if isinstance(names, str):
            self.tensors[names] = results[0]
        elif names:
            self.flow = None
            for name, tensor in zip(names, results):
                if name == "x":
                    self.flow = tensor
                elif name != "_":
                    self.tensors[name] = tensor
            if len(names) > len(results):
                raise Meaningless("more names than results")

    def _inputs(self, kind: str, item: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        given = item.get("from")
        if _is_operation(kind):
            listed, _, named = operands_of(kind, item[kind])
            given = listed or given
            if given is None:
                given = [] if first_is_named(kind, named) else "x"
            positional, keywords = self._taken(given, ())
            keywords |= {name: self.tensor(tensor) for name, tensor in named.items()}
            return all_inputs(kind, positional, keywords), {}
        block = (self.network.description.get("blocks") or {}).get(kind)
        order = block.get("inputs", ["input"]) if block else ORDERS.get(kind, ())
        return self._taken("x" if given is None else given, order)

    def _taken(self, given: Any, order: Sequence[str]) -> tuple[list[Any], dict[str, Any]]:
        if isinstance(given, dict):
            tensors = {name: self.tensor(tensor) for name, tensor in given.items()}
            positional = [tensors.pop(name) for name in order if name in tensors]
            return positional, tensors
        listed = given if isinstance(given, list) else [given]
        return [tuple(map(self.tensor, name)) if isinstance(name, list) else self.tensor(name) for name in listed], {}

    def _rounds(
        self, item: dict[str, Any], path: tuple[Any, ...], positional: list[Any], keywords: dict[str, Any]
    ) -> list[Any]:
        """Return the results of an item after all rounds."""
        repeat = item.get("repeat")
        if repeat is None:
            return self._call(item, path, positional, keywords)
        if isinstance(repeat, dict):
            columns = {name: self.value(column) for name, column in repeat.items()}
            rows = [dict(zip(columns, row)) for row in zip(*columns.values(), strict=True)]
        else:
            rows = [{}] * self.value(repeat)
        sources = item.get("from")
        names, sources = item.get("as") or [], [sources] if isinstance(sources, str) else sources or []
        names = [names] if isinstance(names, str) else names
        carried = [(names.index(name), place) for place, name in enumerate(sources) if name in names]
        current = list(positional)
        results = [current[place] for _, place in sorted(carried)] or current[:1]
        for index, row in enumerate(rows):
            scope = self.inside(self.path, self.flow, i=index, **row)
            results = scope._call(item, (*path, "round", index), current, keywords)
            for part, place in carried or [(0, 0)]:
                current[place] = results[part]
        return results

    def _call(
        self, item: dict[str, Any], path: tuple[Any, ...], positional: list[Any], keywords: dict[str, Any]
    ) -> list[Any]:
        (kind,) = [key for key in item if key not in BESIDE]
        value = item[kind]
        if kind in ("layers", "residual"):
            result = _known(self.inside(path, positional[0]).run(value))
            return [positional[0] + result if kind == "residual" else result]
        if kind == "branches":
            results = [_known(self.inside((*path, name), positional[0]).run(value[name])) for name in value]
            return results if "merge" not in item else self._merged(item["merge"], results)
        if kind == "use":
            if value not in self.modules:
                raise Meaningless(f"there is no module {value}")
            module = self.modules[value]
            return module.scope._rounds(module.item, module.path, positional, keywords)
        if kind in (self.network.description.get("blocks") or {}):
            return self._block(kind, value, path, positional, keywords)
        if not _is_operation(kind):
            return self._layer(kind, value, path, positional, keywords)
        _, arguments, _ = operands_of(kind, value)
        return call_operation(kind, positional, {name: self.value(each) for name, each in arguments.items()})

    def _merged(self, merge: Any, results: list[Any]) -> list[Any]:
        kind, value = next(iter(merge.items())) if isinstance(merge, dict) else (merge, None)
        _, arguments, _ = operands_of(kind, value)
        return call_operation(kind, results, {name: self.value(each) for name, each in arguments.items()})

    def _block(
        self, name: str, value: Any, path: tuple[Any, ...], positional: list[Any], keywords: dict[str, Any]
    ) -> list[Any]:
        block = self.network.description["blocks"][name]
        declared = block.get("args") or {}
        if not isinstance(value, dict):
            main = next((each for each, default in declared.items() if not is_expression(default)), "")
            value = {} if value is None else {main: value}
        passed = {each: self.value(written) for each, written in value.items()}
        inputs = block.get("inputs", ["input"])
        tensors = dict(zip(inputs, positional)) | keywords
        if set(tensors) != set(inputs) or len(positional) + len(keywords) != len(inputs):
            raise Meaningless(f"{name} takes {len(inputs)} tensors")
        tensors["input"] = tensors[inputs[0]]
        values: dict[str, Any] = {}
        for each, default in declared.items():
            values[each] = passed[each] if each in passed else evaluate(default, values, tensors)
            if values[each] is None:
                raise Meaningless(f"{name} needs {each}")
        scope = _Scope(self.network, (*path, name), values, tensors, tensors["input"], {}, self.highs)
        return scope.run_class(block["layers"], block.get("outputs"))

    def _layer(
        self, kind: str, value: Any, path: tuple[Any, ...], positional: list[Any], keywords: dict[str, Any]
    ) -> list[Any]:
        modules = self.network.modules
        if path not in modules:
            high = self.highs.get(id(positional[0]))
            modules[path] = make_layer(kind, value, self.value, positional, high).train(self.network.training)
        return call_layer(kind, modules[path], positional, keywords)

    def _own(self, kind: str, value: Any, path: tuple[Any, ...]) -> torch.Tensor:
        own = self.network.own
        if path not in own:
            shape = self.value(value["shape"] if isinstance(value, dict) else value)
            tensor = torch.zeros(shape, dtype=torch.float64)
            own[path] = nn.Parameter(tensor) if kind == "parameter" else tensor
        return own[path]


def _is_operation(kind: str) -> bool:
    return kind[:1].islower() and kind not in ("layers", "residual", "branches", "use")


def _known(tensor: Any, name: str = "x") -> Any:
    if tensor is None:
        raise Meaningless(f"there is no tensor {name}")
    return tensor
