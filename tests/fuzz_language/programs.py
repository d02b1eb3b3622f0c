"""Draws descriptions from a seed, over the whole language of networks; nearly all of them fit together."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from . import pieces, sequences
from .blocks import Block, call_block, finish, new_block
from .scope import ClassNames, Scope, Tensor
from .tidy import tidied

DEEPEST = 3


@dataclass(frozen=True)
class Program:
    """A description, and the task that decides how several models make one."""

    description: dict[str, Any]
    task: str = ""


def draw(seed: int) -> Program:
    """Return the program of a seed."""
    source = random.Random(seed)
    writer = _Writer(source, blocks={})
    program = writer.several_models() if source.random() < 0.1 else Program({"name": "net", **writer.one_model()})
    return replace(program, description=tidied(program.description))


@dataclass
class _Writer:
    random: random.Random
    blocks: dict[str, Block] = field(default_factory=dict)
    budget: int = 24  # items that may still be drawn

    def one_model(self) -> dict[str, Any]:
        """Return the keys of a description of one network."""
        space = self.random.choice(["vector", "vector", "vector", "sequence", "sequence", "image", "image"])
        inputs, declared, names = self._inputs(space)
        scope = Scope(names, next(iter(inputs.values())), {}, {}, {}, top=True)
        self._embed(scope, declared)
        for name, tensor in list(inputs.items())[1:]:
            if not isinstance(declared[name], dict):
                scope.pending[name] = tensor
        self._masked(scope, declared)
        self.fill(scope, self.random.choice([2, 3, 4, 5, 6]))
        outputs = self._end(scope)
        key = {"input": declared["input"]} if list(declared) == ["input"] else {"inputs": declared}
        args = {"args": {name: default for name, (_, default) in names.args.items()}} if names.args else {}
        return {**args, **key, **self._blocks(), "layers": scope.items, **outputs}

    def _blocks(self) -> dict[str, Any]:
        return {"blocks": {name: block.described() for name, block in self.blocks.items()}} if self.blocks else {}

    def several_models(self) -> Program:
        """Return two models, of which the second takes what the first gives."""
        gan = self.random.random() < 0.4
        models: dict[str, Any] = {}
        tensor = Tensor("4", 4)
        shared: dict[str, Any] = {"code": 3} if self.random.random() < 0.5 else {}
        given: dict[str, Tensor] = {"input": tensor}
        for name in ("Generator", "Discriminator") if gan else ("Encoder", "Decoder"):
            names = ClassNames(self.random, given, block=False)
            if models:
                names.fixed = False
            scope = Scope(names, next(iter(given.values())), {}, {}, {})
            scope.pending |= dict(list(given.items())[1:])
            self.budget = 10
            self.fill(scope, self.random.choice([1, 2, 3]))
            finish(scope)
            if shared:
                scope.items.append({"Linear": "2 * $code"})
                scope.flow = Tensor("2 * $code", 6)
            width = self.random.randint(2, 5)
            scope.items.append({"Linear": width})
            declared = {each: [_size(of)] for each, of in given.items()}
            model: dict[str, Any] = {"args": {each: default for each, (_, default) in names.args.items()}}
            model |= {"input": declared["input"]} if list(declared) == ["input"] else {"inputs": declared}
            model["layers"] = scope.items
            models[name] = model if model["args"] else {k: v for k, v in model.items() if k != "args"}
            given = {"input": Tensor(str(width), width)}
            if not gan and name == "Encoder" and self.random.random() < 0.5:
                scope.items[-1:] = [{"branches": {"p": [{"Linear": width}], "q": [{"Linear": 4}, {"tanh": None}]}}]
                models[name]["outputs"] = ["p", "q"]
                given = {"p": Tensor(str(width), width), "q": Tensor("4", 4)}
        head: dict[str, Any] = {"name": "net"} | ({"args": shared} if shared else {})
        return Program({**head, **self._blocks(), "models": models}, "gan" if gan else "")

    def _inputs(self, space: str) -> tuple[dict[str, Tensor], dict[str, Any], ClassNames]:
        size = self.random.randint(2, 6)
        names = (
            ["input"] if self.random.random() < 0.65 else self.random.choice([["left", "right"], ["main", "context"]])
        )
        tensors = {name: Tensor(str(size), size, space) for name in names}
        of = ClassNames(self.random, tensors, block=False)
        written: Any = size
        if self.random.random() < 0.25:
            of.args["features"] = ("width", size)
            of.values["features"] = size
            written = "$features"
            tensors = {name: replace(each, width=written) for name, each in tensors.items()}
            of.inputs = tensors
        length = self.random.choice(["time", 3])
        shapes = {"vector": [written], "sequence": [length, written], "image": [written, 4, 4]}
        declared: dict[str, Any] = {name: list(shapes[space]) for name in names}
        if len(names) > 1 and self.random.random() < 0.4:
            declared[names[1]][0 if space == "image" else -1] = 3
            tensors[names[1]] = Tensor("3", 3, space)
        return tensors, declared, of

    def _embed(self, scope: Scope, declared: dict[str, Any]) -> None:
        if scope.flow.space != "sequence" or list(declared) != ["input"] or not scope.chance(0.3):
            return
        high = self.random.choice([7, "$words"])
        if high == "$words":
            scope.of.args["words"] = ("words", 7)
        if "features" in scope.of.args:
            return
        declared["input"] = {"shape": declared["input"][:1], "dtype": "int64", "high": high}
        width = self.random.randint(2, 5)
        scope.items.append({"Embedding": width})
        scope.flow = Tensor(str(width), width, "sequence")
        scope.of.inputs = {"input": replace(scope.flow, space="tokens")}
        scope.of.fixed = False

    def _masked(self, scope: Scope, declared: dict[str, Any]) -> None:
        if list(declared) != ["input"] or isinstance(declared["input"], dict) or not scope.chance(0.06):
            return
        shape = declared.pop("input")
        declared |= {"input": shape, "mask": {"shape": list(shape), "dtype": "bool"}}
        form = self.random.choice([{"mask": "mask", "value": 0.0}, {"input": "input", "mask": "mask", "value": 0.5}])
        scope.items.append({"masked_fill": form})

    def _end(self, scope: Scope) -> dict[str, Any]:
        """Use what is left, and end in one tensor or in several."""
        finish(scope)
        if scope.flow.space == "image" and scope.chance(0.4):
            scope.items += [{"AdaptiveAvgPool2d": 1}, {"Flatten": None}, {"Linear": 3}]
            return {}
        if scope.flow.space == "sequence" and scope.chance(0.3):
            scope.items += [{"mean": 1}, {"Linear": 3}]
            return {}
        if scope.chance(0.15) and (one := scope.name_flow()):
            pieces.layer(scope)
            if two := scope.name_flow():
                return {"outputs": [one, two]}
            finish(scope)
        return {}

    def fill(self, scope: Scope, count: int) -> None:
        """Append items to a list."""
        for _ in range(count):
            if self.budget <= 0 and scope.items:
                return
            self.budget -= 1
            self._item(scope)
            if scope.chance(0.2) and len(scope.pending) < 3:
                scope.name_flow()
        if not scope.items:
            pieces.keep(scope)

    def _item(self, scope: Scope) -> None:
        kinds: list[Callable[[Scope], Any]] = [pieces.layer] * 4 + [pieces.keep, pieces.elementwise, pieces.joined]
        kinds += [pieces.pair] * 3 + [pieces.parts, pieces.own, pieces.two_inputs, self._again]
        if scope.flow.space == "sequence":
            kinds += [sequences.recurrent] * 2 + [sequences.attention] * 2
        if scope.flow.space == "image" and scope.depth == 0 and not scope.pending and not scope.of.block:
            kinds += [self._pool]
        if scope.depth < DEEPEST:
            kinds += [self._group, self._residual, self._branches] + [self._block] * 3
            kinds += [self._repeated] * 3
        elif scope.depth < DEEPEST + 2:
            kinds += [self._repeated]
        self.random.choice(kinds)(scope)

    def _pool(self, scope: Scope) -> None:
        scope.items.append({"MaxPool2d": 2})
        grid = scope.flow.grid + 1
        if grid > 2:
            scope.items.pop()
            return pieces.keep(scope)
        scope.flow = replace(scope.flow, grid=grid)
        return None

    def _again(self, scope: Scope) -> None:
        """`use`, of a module that fits."""
        fitting = [name for name, (takes, _) in scope.modules.items() if takes.fits(scope.flow)]
        fitting = [name for name in fitting if not scope.keeps or scope.modules[name][1].fits(scope.flow)]
        if not fitting:
            pieces.used_again(scope)
            return
        name = self.random.choice(fitting)
        before = scope.flow
        scope.items.append({"use": name})
        scope.flow = scope.modules[name][1]
        if scope.flow.fits(before) and scope.chance(0.1):
            scope.items[-1]["repeat"] = scope.count()
        pieces.conditioned(scope, before)

    def _source(self, scope: Scope) -> tuple[str | None, Tensor]:
        source = pieces.other_source(scope, exact=scope.keeps)
        return source, scope.look(source) if source else scope.flow

    def _group(self, scope: Scope) -> None:
        source, given = self._source(scope)
        inner = scope.inside(given)
        self.fill(inner, self.random.choice([1, 2, 2, 3]))
        finish(inner)
        self._close(scope, {"layers": inner.items}, source, given, inner.flow)

    def _residual(self, scope: Scope) -> None:
        source, given = self._source(scope)
        inner = scope.inside(given, keeps=not given.known or scope.keeps or scope.chance(0.4))
        self.fill(inner, self.random.choice([1, 2, 2, 3]))
        finish(inner)
        if given.known:
            pieces.fit(inner, given)
        kind = {"residual": inner.items}
        if scope.chance(0.04):
            kind["repeat"] = scope.count()
        self._close(scope, kind, source, given, given)

    def _branches(self, scope: Scope) -> None:
        source, given = self._source(scope)
        names = self.random.sample(["main", "side", "left", "one", "two", "p"], self.random.choice([2, 2, 3]))
        names = [name for name in names if name not in {*scope.visible, *scope.of.inputs, *scope.of.args}]
        names = [name for name in names if name not in scope.of.attributes]
        names = names if len(names) > 1 else ["branch", "branch2"]
        merge: Any = self.random.choice(["add", "mul", "cat", {"cat": -1}, "maximum", None])
        if (len(names) > 2 and merge == "maximum") or scope.keeps or (not given.known and merge != "cat"):
            merge = "add"
        if given.space == "sequence" and merge == "cat":
            merge = {"cat": -1}
        if given.space == "image" and merge == {"cat": -1}:
            merge = "cat"
        lists, ends = {}, []
        joins = merge is not None and merge not in ("cat", {"cat": -1})
        to = given
        if joins and not scope.keeps and given.known and scope.chance(0.5):
            to = scope.width()[1]
            to = replace(given, width=to.width, value=to.value) if to.known else given
        for name in names:
            inner = scope.inside(given, keeps=(joins and not to.known) or scope.keeps)
            if joins and to.fits(given) and scope.chance(0.2) and name != names[0]:
                lists[name] = []
                continue
            self.fill(inner, self.random.choice([1, 1, 2, 3]))
            finish(inner)
            if joins and to.known:
                pieces.fit(inner, to)
            lists[name], _ = inner.items, ends.append(inner.flow)
        self._merged(scope, lists, ends, merge, source, given, to)

    def _merged(
        self,
        scope: Scope,
        lists: dict[str, Any],
        ends: list[Tensor],
        merge: Any,
        source: str | None,
        given: Tensor,
        to: Tensor,
    ) -> None:
        item: dict[str, Any] = {"branches": lists}
        if merge is None:
            scope.items.append(item | ({"from": source} if source else {}))
            for name, each in zip(lists, ends):
                scope.of.tensors.add(name)
                scope.give(name, each)
            first = next(iter(lists))
            scope.items.append({"relu": None, "from": scope.use(first)})
            scope.flow = ends[0]
            return
        item["merge"] = merge
        if merge in ("cat", {"cat": -1}):
            to = replace(given, width=scope.of.unsaid(), value=sum(each.value for each in ends))
        elif scope.chance(0.03) and to.fits(given):
            item["repeat"] = 2
        self._close(scope, item, source, given, to)

    def _close(self, scope: Scope, item: dict[str, Any], source: str | None, given: Tensor, to: Tensor) -> None:
        scope.items.append(item | ({"from": source} if source else {}))
        scope.flow = to
        if scope.chance(0.04) and "layers" in item and (name := scope.module_name()):
            scope.items[-1]["name"] = name
        pieces.conditioned(scope, given)

    def _block(self, scope: Scope) -> None:
        known = [block for block in self.blocks.values() if block.layers]
        known = [block for block in known if next(iter(block.names.inputs.values())).space == scope.flow.space]
        if (
            known
            and (scope.chance(0.5) or len(self.blocks) > 4)
            and call_block(scope, self.blocks, self.random.choice(known))
        ):
            return
        two = bool(scope.partners(scope.flow)) and scope.chance(0.5)
        if scope.depth >= DEEPEST or len(self.blocks) > 5:
            pieces.layer(scope)
            return
        before = self.budget
        self.budget = min(self.budget, 8)
        block = new_block(scope, self.blocks, two, self.fill)
        self.budget = before - 3
        call_block(scope, self.blocks, block)

    def _repeated(self, scope: Scope) -> None:
        """A layer or a group of plain layers that is repeated, at times with layers before and after."""
        if scope.keeps:
            pieces.keep(scope)
            return
        item, changes = self._loop(scope, 0)
        scope.items.append(item)
        scope.flow = replace(scope.flow, width=scope.of.unsaid()) if changes else scope.flow
        if scope.chance(0.15) and (name := scope.module_name()):
            item["name"] = name

    def _loop(self, scope: Scope, depth: int) -> tuple[dict[str, Any], bool]:
        variables: dict[str, Any] = {"i": 2}
        repeat: Any = scope.count()
        taken = {*scope.variables, *scope.of.args, *scope.of.attributes, *scope.of.inputs, *scope.visible}
        names = [name for name in ("w", "channels", "units", "v") if name not in taken]
        if names and scope.chance(0.6):
            listed = scope.of.argument("list") if scope.chance(0.4) else None
            length = self.random.choice([1, 2, 2, 3])
            values: Any = f"${listed}" if listed else [self.random.randint(2, 6) for _ in range(length)]
            name = self.random.choice(names)
            repeat, variables[name] = {name: values}, 5
            if not listed and len(names) > 1 and scope.chance(0.2):
                other = next(each for each in names if each != name)
                repeat[other], variables[other] = [self.random.randint(2, 5) for _ in range(length)], 4
        inner = scope.inside(scope.flow, keeps=False, **variables)
        single = scope.chance(0.4)
        for _ in range(1 if single else self.random.choice([1, 2, 3])):
            self._plain(inner, depth)
        if single and len(inner.items) == 1 and "repeat" not in inner.items[0]:
            item = dict(inner.items[0]) if isinstance(inner.items[0], dict) else {inner.items[0]: None}
        else:
            item = {"layers": inner.items}
        return {**item, "repeat": repeat}, not inner.flow.fits(scope.flow)

    def _plain(self, scope: Scope, depth: int) -> None:
        """An item that a repeated group may hold."""
        draw = self.random.random()
        blocks = [each for each in self.blocks.values() if each.layers and len(each.inputs) == len(each.outputs) == 1]
        blocks = [each for each in blocks if next(iter(each.names.inputs.values())).space == scope.flow.space]
        if draw < 0.25 and depth < 2:
            item, changes = self._loop(scope, depth + 1)
            if scope.chance(0.25) and "layers" in item:
                del item["repeat"]
                item = {"layers": [{"Linear": 3} if scope.flow.space != "image" else "ReLU"]}
            scope.items.append(item)
            scope.flow = replace(scope.flow, width=scope.of.unsaid()) if changes else scope.flow
        elif draw < 0.4 and blocks:
            block = self.random.choice(blocks)
            call_block(scope, self.blocks, block)
            for key in ("name", "if"):
                scope.items[-1].pop(key, None)
        elif draw < 0.7:
            written, to = scope.width()
            pieces.resize(scope, written, to)
        else:
            scope.items.append(pieces.plain_keeping(scope))


def _size(tensor: Tensor) -> int:
    return tensor.value
