"""Draws blocks and their calls."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from .pieces import as_written, conditioned, fit, joined, resize
from .scope import ClassNames, Scope, Tensor

_NAMES = ("Block", "Unit", "Stage", "Mix", "Gate", "Layer", "Cell", "Inner", "Fuse", "Body")


@dataclass
class Block:
    """A block of the description, as its calls see it."""

    name: str
    names: ClassNames
    inputs: list[str]
    same: bool  # whether the second input has the width of the first
    stable: bool  # whether the results have the widths of the inputs
    outputs: list[Tensor]
    layers: list[Any] = field(default_factory=list)
    returned: list[str] | None = None

    def described(self) -> dict[str, Any]:
        """Return what stands in the description."""
        found: dict[str, Any] = {}
        if self.names.args:
            found["args"] = {name: default for name, (_, default) in self.names.args.items()}
        if self.inputs != ["input"]:
            found["inputs"] = self.inputs
        found["layers"] = self.layers
        if self.returned is not None:
            found["outputs"] = self.returned
        return found


def new_block(scope: Scope, blocks: dict[str, Block], two: bool, fill: Callable[[Scope, int], None]) -> Block:
    """Draw a block for tensors like the flow.

    Args:
        scope: where it is called first.
        blocks: those of the description, to which it is added.
        two: whether it takes two tensors.
        fill: draws items into a scope.
    """
    draw = scope.random
    free = [each for each in _NAMES if each not in blocks]
    name = draw.choice(free) if free else f"Block{len(blocks)}"
    inputs = draw.choice([["x", "other"], ["main", "side"], ["left", "right"]]) if two else ["input"]
    if not two and draw.random() < 0.2:
        inputs = [draw.choice(["x", "signal"])]
    same, stable = draw.random() < 0.6, draw.random() < 0.55
    size = "$in_channels" if scope.flow.space == "image" else "$in_features"
    first = replace(scope.flow, width=size)
    of_inputs = {inputs[0]: first}
    if two:
        of_inputs[inputs[1]] = first if same else replace(first, width=f"${inputs[1]}.size({first.dim})")
    names = ClassNames(draw, of_inputs, block=True)
    block = Block(name, names, inputs, same, stable, [])
    blocks[name] = block
    inner = Scope(names, first, {}, {}, {}, depth=scope.depth + 1, top=True)
    if two and same:
        inner.pending[inputs[1]] = first
    elif two:
        inner.items.append({"cat": inputs} if first.space != "sequence" else {"cat": -1, "from": inputs})
        inner.flow = replace(first, width=names.unsaid(), value=2 * first.value)
    fill(inner, draw.choice([1, 2, 2, 3, 4]))
    if two and draw.random() < 0.6:
        _two_outputs(inner, block, of_inputs)
    elif stable:
        finish(inner)
        fit(inner, first)
        block.outputs = [first]
    else:
        finish(inner)
        block.outputs = [inner.flow]
    block.layers = inner.items
    return block


def _two_outputs(inner: Scope, block: Block, inputs: dict[str, Tensor]) -> None:
    first, second = inputs.values()
    finish(inner)
    if block.stable:
        fit(inner, first)
    one = inner.name_flow()
    if one is None:
        inner.items.append({"tanh": None})
        one = inner.name_flow()
    given = inner.flow
    if block.stable:
        inner.items.append({"tanh": None, "from": one} if inner.chance(0.5) else {"sigmoid": None})
        resize(inner, as_written(second.width), second)
    else:
        written, to = inner.width()
        resize(inner, written, to)
    two = inner.name_flow()
    block.outputs = [given, inner.flow]
    block.returned = [str(one), str(two)] if inner.chance(0.7) or "x" in block.inputs else [str(one), "x"]
    if block.returned[1] == "x":
        del inner.items[-1]["as"]


def finish(scope: Scope) -> None:
    """Use all named tensors of a list that nothing uses yet."""
    for name, tensor in list(scope.pending.items()):
        if name not in scope.pending:
            continue
        if tensor.fits(scope.flow):
            scope.items.append({scope.random.choice(["add", "mul", "sub"]): scope.use(name)})
        elif (tensor.space, tensor.grid) == (scope.flow.space, scope.flow.grid):
            joined(scope, name)
        else:
            scope.use(name)


def call_block(scope: Scope, blocks: dict[str, Block], block: Block) -> bool:
    """Append a call of a block; return whether that was possible."""
    if scope.keeps and not block.stable:
        return False
    sources = _sources(scope, block)
    if sources is None:
        return False
    given, tensors = sources
    arguments, texts = _arguments(scope, block)
    item: dict[str, Any] = {block.name: arguments}
    if given:
        item["from"] = given
    before = scope.flow
    scope.items.append(item)
    outputs = [_outward(scope, each, block, tensors, texts) for each in block.outputs]
    carried = len(outputs) == 2 and isinstance(given, list)
    may_repeat = (
        block.stable or (len(block.inputs) == 1 and len(outputs) == 1) or (not block.same and len(outputs) == 1)
    )
    often = 0.7 if carried and block.stable else 0.4
    if may_repeat and scope.chance(often) and (len(outputs) == 1 or carried):
        item["repeat"] = _repeat(scope, block, arguments)
        if not block.stable:
            outputs = [replace(each, width=scope.of.unsaid()) for each in outputs]
    _results(scope, item, outputs, given)
    if len(outputs) == 1:
        if len(block.inputs) == 1 and "repeat" not in item and scope.chance(0.25) and (name := scope.module_name()):
            item["name"] = name
            scope.modules[name] = (tensors[0], scope.flow)
        conditioned(scope, before if given is None else tensors[0])
    return True


def _sources(scope: Scope, block: Block) -> tuple[Any, list[Tensor]] | None:
    if len(block.inputs) == 1:
        return None, [scope.flow]
    names = scope.partners(scope.flow, exact=block.same)
    if not names:
        return None
    other = scope.random.choice(names)
    if "x" in scope.of.inputs:
        flow = scope.name_flow() if scope.items else next(iter(scope.of.inputs)) if scope.depth < 1 else None
        if flow is None:
            return None
        if flow == "x":
            flow = "input"
    else:
        flow = scope.name_flow() if scope.items and scope.chance(0.5) else "x"
        flow = flow or "x"
    tensors = [scope.flow, scope.look(other)]
    if other in block.inputs[:0] or (scope.keeps and not tensors[1].fits(scope.flow)):
        return None
    scope.use(other)
    scope.use(flow)
    if scope.chance(0.15):
        return dict(zip(block.inputs, [flow, other])), tensors
    return [flow, other], tensors


def _arguments(scope: Scope, block: Block) -> tuple[Any, dict[str, str]]:
    """Draw the arguments of a call: what is written, and the texts of all by name."""
    written: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for name, (kind, default) in block.names.args.items():
        if isinstance(default, str) or (default is not None and scope.chance(0.45)):
            texts[name] = str(default)
            continue
        value, text = _value(scope, kind)
        written[name], texts[name] = value, text
    if not written:
        return None, texts
    plain = [name for name, (_, default) in block.names.args.items() if not isinstance(default, str)]
    if len(written) == 1 and plain and next(iter(written)) == plain[0] and scope.chance(0.5):
        value = written[plain[0]]
        return (value if not isinstance(value, list) else written), texts
    return written, texts


def _value(scope: Scope, kind: str) -> tuple[Any, str]:
    name = scope.of.argument(kind) if scope.chance(0.5) else None
    match kind:
        case "width":
            written, to = scope.width()
            return written, str(written) if not to.known else to.width
        case "count":
            value: Any = f"${name}" if name else scope.random.choice([1, 2, 3])
        case "flag":
            value = scope.random.choice([f"${name}", f"not ${name}"]) if name else scope.chance(0.5)
        case "list":
            value = f"${name}" if name else [scope.random.randint(2, 6) for _ in range(scope.random.choice([1, 2, 3]))]
        case "kernel":
            value = f"${name}" if name else scope.random.choice([1, 3])
        case _:
            value = f"${name}" if name else scope.random.choice([0.5, 2.0])
    return value, str(value)


def _outward(scope: Scope, tensor: Tensor, block: Block, inputs: list[Tensor], texts: dict[str, str]) -> Tensor:
    """Return a result of a block as its caller sees it."""
    if not tensor.known:
        return replace(tensor, width=scope.of.unsaid(), grid=scope.flow.grid)

    def value(match: re.Match[str]) -> str:
        if match[2]:
            return f"({inputs[-1].width})" if match[1] == block.inputs[-1] else "?"
        if match[1] in ("in_features", "in_channels"):
            return f"({inputs[0].width})"
        return f"({texts.get(match[1], '?')})"

    width = tensor.width
    for _ in range(4):
        changed = re.sub(r"\$(\w+)(\.size\(-?\d\))?", value, width)
        if changed == width or not set(re.findall(r"\$(\w+)", width)) & {*texts, "in_features", "in_channels"}:
            break
        width = changed
        break
    bare = re.fullmatch(r"\((\$?[\w?]+)\)", width)
    width = bare[1] if bare else width
    clear = "?" not in width and "[" not in width and not any(f"${name}" in width for name in scope.variables)
    computed = any(isinstance(default, str) for _, default in block.names.args.values())
    if clear and not computed:
        return replace(tensor, width=width, grid=scope.flow.grid)
    kept = tensor.width in ("$in_features", "$in_channels")
    return replace(tensor, width=inputs[0].width if kept else scope.of.unsaid(), grid=scope.flow.grid)


def _repeat(scope: Scope, block: Block, arguments: Any) -> Any:
    named = {
        name: kind for name, (kind, _) in block.names.args.items() if isinstance(arguments, dict) and name in arguments
    }
    if named and scope.chance(0.5):
        columns: dict[str, Any] = {}
        length = scope.random.choice([1, 2, 2, 3])
        for name, kind in named.items():
            if kind not in ("width", "kernel") or name in {*scope.variables, *scope.of.args, *scope.of.attributes}:
                continue
            values = [1, 3] if kind == "kernel" else [2, 3, 4, 5, 6]
            columns[name] = [scope.random.choice(values) for _ in range(length)]
            arguments[name] = f"${name}"
        if columns:
            return columns
    return scope.count()


def _results(scope: Scope, item: dict[str, Any], outputs: list[Tensor], given: Any) -> None:
    if len(outputs) == 1:
        scope.flow = outputs[0]
        return
    if "repeat" in item:
        names = [name if name == "x" or name in scope.visible else scope.name() for name in given]
        if len(set(names)) < 2:
            del item["repeat"]
        else:
            item["as"] = names
            for name, tensor in zip(names, outputs):
                if name != "x":
                    scope.give(name, tensor)
            scope.flow = outputs[names.index("x") if "x" in names else 0]
            if "x" not in names:
                scope.items.append({"relu": None, "from": scope.use(names[0])})
            return
    one = scope.name()
    scope.give(one, outputs[1])
    first = "x" if "x" not in scope.of.inputs and scope.chance(0.5) else None
    if first is None:
        first = scope.name()
        scope.visible[first] = outputs[0]
    item["as"] = [first, one]
    scope.flow = outputs[0]
    if first != "x":
        scope.items.append({"relu": None, "from": first})
