"""Draws items that hold no lists: layers, operations, own tensors, and what goes with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .expressions import evaluate
from .scope import LARGEST, Scope, Tensor

_ELEMENTWISE = ("tanh", "sigmoid", "neg", "abs", "relu", "sin", "cos", "tanh", "sigmoid")
_JOINS = ("add", "sub", "mul", "add", "maximum", "minimum")


def resize(scope: Scope, written: Any, to: Tensor, source: str | None = None) -> None:
    """Append a layer that gives a width."""
    if scope.flow.space == "image":
        arguments: dict[str, Any] = {"out_channels": written, "kernel_size": 1}
        if scope.chance(0.3):
            arguments |= {"kernel_size": 3, "padding": 1}
        elif scope.chance(0.2) and (name := scope.of.argument("kernel")):
            arguments |= {"kernel_size": f"${name}", "padding": f"${name} // 2"}
        if scope.chance(0.3):
            arguments["bias"] = False
        item: dict[str, Any] = {"Conv2d": arguments}
    elif scope.chance(0.15):
        item = {"Linear": {"out_features": written, "bias": False}}
    else:
        item = {"Linear": written}
    if source is not None:
        item["from"] = source
    scope.items.append(item)
    scope.flow = to


def fit(scope: Scope, to: Tensor) -> None:
    """Give the flow the width of a tensor; its expression is known or that of the flow."""
    if not scope.flow.fits(to):
        resize(scope, as_written(to.width), to)


def as_written(width: str) -> Any:
    """Return a width as it stands in YAML."""
    return width if "$" in width else int(evaluate(f"{width} + $zero", {"zero": 0}, {}))


def layer(scope: Scope) -> None:
    """A layer that changes the width, unless it must stay."""
    if scope.keeps:
        keep(scope)
        return
    written, to = scope.width()
    source = other_source(scope, exact=False)
    before = scope.look(source) if source else scope.flow
    resize(scope, written, to, source)
    named(scope, before)
    conditioned(scope, before)


def plain_keeping(scope: Scope) -> Any:
    """A layer that keeps the width, with no key beside it."""
    choices: list[Any] = ["ReLU", "Tanh", {"GELU": "tanh"}, "PReLU", {"Dropout": 0.0}, {"LeakyReLU": 0.2}, "Identity"]
    if scope.flow.space == "image":
        choices += ["BatchNorm2d", {"BatchNorm2d": {"eps": 0.01}}, {"GroupNorm": 1}] * 2
    else:
        choices += ["LayerNorm", {"LayerNorm": {"eps": 0.01}}, {"RMSNorm": {"eps": 0.01}}, "LayerNorm"]
    if scope.flow.space == "vector":
        choices += ["BatchNorm1d", "BatchNorm1d"]
    return scope.random.choice(choices)


def keep(scope: Scope) -> None:
    """A layer that keeps the width."""
    item = plain_keeping(scope)
    scope.items.append(item if isinstance(item, dict) else {item: None})
    named(scope, scope.flow)
    conditioned(scope, scope.flow)


def other_source(scope: Scope, exact: bool) -> str | None:
    """Draw a tensor that an item takes in place of the flow, which gets a name for later."""
    names = scope.partners(scope.flow, exact)
    if not names or not scope.chance(0.25):
        return None
    if scope.items and scope.name_flow() is None:
        return None
    if scope.top and not scope.items:
        scope.pending["input"] = scope.flow
    return scope.use(scope.random.choice(names))


def named(scope: Scope, before: Tensor) -> None:
    """Name the module of the last item at times, so that it can be used again."""
    if not scope.chance(0.2):
        return
    name = scope.module_name()
    if name is None:
        return
    scope.items[-1]["name"] = name
    if "if" not in scope.items[-1]:
        scope.modules[name] = (before, scope.flow)


def conditioned(scope: Scope, before: Tensor) -> None:
    """Give the last item a condition at times."""
    if not scope.chance(0.2):
        return
    item = scope.items[-1]
    scope.modules.pop(item.get("name", ""), None)
    item["if"] = scope.condition()
    if not scope.flow.fits(before):
        if (scope.flow.space, scope.flow.grid) != (before.space, before.grid):
            del item["if"]
            return
        scope.flow = replace(scope.flow, width=scope.of.unsaid())


def elementwise(scope: Scope) -> None:
    """An operation on each element of one tensor, or along a dimension."""
    draw = scope.random.random()
    item: dict[str, Any] = {scope.random.choice(_ELEMENTWISE): None}
    if draw < 0.08:
        item = {"clamp": {"min": -1.0, "max": 1.0}}
    elif draw < 0.3:
        item = {scope.random.choice(["mul", "add", "sub"]): _scalar(scope)}
    elif draw < 0.42:
        dim = scope.flow.dim
        item = scope.random.choice([{"softmax": dim}, {"flip": [dim]}, {"cumsum": dim}, {"roll": [1, dim]}, {"pow": 2}])
    source = other_source(scope, exact=True)
    if source:
        item["from"] = source
    scope.items.append(item)
    conditioned(scope, scope.flow)


def _scalar(scope: Scope) -> Any:
    draw = scope.random.random()
    if draw < 0.3 and (name := scope.of.argument("scale")):
        return f"${name}"
    if draw < 0.5:
        size = scope.of.in_size
        return scope.random.choice([f"{size} ** -0.5", f"1 / {size}"]) if "$" in size else 0.25
    if draw < 0.65 and not ("x" in scope.of.inputs and scope.items):
        return f"$x.size({scope.random.choice([1, -1])})"
    if draw < 0.8 and (name := scope.of.argument("width")):
        return scope.random.choice([f"${name}", f"${name} / 2"])
    return scope.random.choice([2, 0.5, -1])


def pair(scope: Scope) -> None:
    """An operation of two tensors of one shape, in one of its forms."""
    names = scope.partners(scope.flow)
    if not names:
        elementwise(scope)
        return
    kind, other = scope.random.choice(_JOINS), scope.random.choice(names)
    only_names = "x" in scope.of.inputs
    draw = scope.random.random()
    second = None
    if draw < 0.45 or len(names) < 2:
        item: dict[str, Any] = {kind: other}
    elif draw < 0.55 and not only_names:
        item = {kind: scope.random.choice([["x", other], [other, "x"]])}
    elif draw < 0.65 and not only_names:
        item = {kind: scope.random.choice([{"input": other, "other": "x"}, {"input": "x", "other": other}])}
    elif draw < 0.7:
        item = {kind: {"other": other}}
    else:
        second = _second(scope, names, other)
        if second is None:
            item = {kind: other}
        else:
            forms: list[dict[str, Any]] = [{kind: {"input": other, "other": second}}, {kind: [other, second]}]
            item = scope.random.choice([*forms, {kind: None, "from": [other, second]}, {kind: second, "from": other}])
    scope.use(other)
    if second:
        scope.use(second)
    scope.items.append(item)
    conditioned(scope, scope.flow)


def _second(scope: Scope, names: list[str], other: str) -> str | None:
    """Another tensor beside the flow, which gets a name for later."""
    if scope.items and scope.name_flow() is None:
        return None
    return scope.random.choice([name for name in names if name != other])


def joined(scope: Scope, name: str | None = None) -> None:
    """Concatenate the flow and a tensor."""
    names = [name] if name else scope.partners(scope.flow, exact=False)
    if not names or (scope.keeps and name is None):
        elementwise(scope)
        return
    other = scope.use(scope.random.choice(names))
    tensor = scope.look(other)
    value = scope.flow.value + tensor.value
    if value > 2 * LARGEST and name is None:
        elementwise(scope)
        return
    width = f"{scope.flow.width} + {tensor.width}" if scope.flow.known and tensor.known else scope.of.unsaid()
    if "x" in scope.of.inputs:
        flow = scope.name_flow() or ("x" if not scope.items else None)
        if flow is None:
            scope.items.append({"tanh": None})
            flow = scope.name_flow() or "x"
        scope.use(flow)
    else:
        flow = "x"
    pairs = [flow, other] if scope.chance(0.6) else [other, flow]
    plain = scope.flow.space != "sequence"
    forms: list[dict[str, Any]] = [{"cat": {"dim": scope.flow.dim}, "from": pairs}, {"cat": -1, "from": pairs}]
    scope.items.append({"cat": pairs} if plain else scope.random.choice(forms))
    scope.flow = replace(scope.flow, width=width, value=value)


def parts(scope: Scope) -> None:
    """Cut a tensor into named parts, and join them."""
    if scope.keeps:
        pair(scope)
        return
    written, half = scope.width()
    dim = scope.flow.dim
    one, two = scope.name(), ""
    scope.visible[one] = scope.flow
    two = scope.name()
    draw = scope.random.random()
    if draw < 0.5:
        doubled = f"2 * ({written})" if isinstance(written, str) else 2 * written
        resize(scope, doubled, half)
        scope.items.append({"chunk": {"chunks": 2, "dim": dim}, "as": [one, two]})
    elif draw < 0.75:
        resize(scope, 5, half)
        half = replace(half, width="3", value=3)
        sections = {"split_size_or_sections": [3, 2], "dim": dim}
        scope.items.append({"split": sections, "as": [one, "_"] if scope.chance(0.3) else [one, two]})
    else:
        resize(scope, written, half)
        half = replace(half, width=scope.of.unsaid())
        scope.items.append({"chunk": [2, dim], "as": [one, two]})
    scope.visible.pop(one)
    scope.give(one, half)
    second = scope.items[-1]["as"][1] == two
    if second:
        width = half.width if draw < 0.5 else "2" if draw < 0.75 else scope.of.unsaid()
        scope.give(two, replace(half, width=width, value=half.value if draw < 0.5 else 2))
    scope.flow = half
    scope.items.append({scope.random.choice(_ELEMENTWISE): None, "from": scope.use(one)})
    if second and draw < 0.5 and scope.chance(0.6):
        scope.items.append({"mul": scope.use(two)})


def used_again(scope: Scope) -> None:
    """A module that keeps the width, called twice."""
    name = scope.module_name()
    if name is None or ("x" in scope.of.inputs and not scope.flow.known):
        layer(scope)
        return
    before = scope.flow
    width = as_written(before.width) if before.known else f"$x.size({before.dim})"
    resize(scope, width, before)
    if scope.chance(0.3):
        scope.items[-1:] = [{"layers": [scope.items[-1], plain_keeping(scope)]}]
    scope.items[-1]["name"] = name
    scope.modules[name] = (before, before)
    if scope.chance(0.7):
        elementwise(scope)
    if scope.flow.fits(before):
        source = other_source(scope, exact=True)
        scope.items.append({"use": name} | ({"from": source} if source else {}))
        conditioned(scope, before)


def two_inputs(scope: Scope) -> None:
    """A layer of two tensors."""
    names = scope.partners(scope.flow, exact=False)
    if not names or scope.keeps or scope.flow.space == "image" or "x" in scope.of.inputs:
        layer(scope)
        return
    written, to = scope.width()
    other = scope.use(scope.random.choice(names))
    sources: list[Any] = [["x", other], [other, "x"], {"input2": other, "input1": "x"}]
    scope.items.append({"Bilinear": written, "from": scope.random.choice(sources)})
    scope.flow = to


def own(scope: Scope) -> None:
    """An own parameter or buffer, and what uses it."""
    name = scope.module_name()
    if name is None or name in scope.visible:
        keep(scope)
        return
    width: Any = as_written(scope.flow.width) if scope.flow.known else None
    if not scope.flow.known:
        if "x" in scope.of.inputs and scope.items:
            return
        width = f"$x.size({scope.flow.dim})"
    shape: list[Any] = [1, width, 1, 1] if scope.flow.space == "image" else scope.random.choice([[width], [1, width]])
    kind = scope.random.choice(["parameter", "parameter", "buffer"])
    scope.items.append({kind: {"shape": shape, "init": "ones"}, "name": name})
    scope.of.tensors.add(name)
    scope.visible[name] = replace(scope.flow, grid=-1, width=scope.of.unsaid())
    if scope.chance(0.4):
        scope.items.append({scope.random.choice(_ELEMENTWISE): None})
    kind = scope.random.choice(["add", "mul", "sub"])
    forms: list[dict[str, Any]] = [{kind: name}, {kind: {"other": name}}]
    if "x" not in scope.of.inputs:
        forms += [{kind: ["x", name]}, {kind: {"input": "x", "other": name}}]
    scope.items.append(scope.random.choice(forms))
