"""Reads the declarations beside the layers: arguments, inputs, blocks and outputs."""

from __future__ import annotations

from ..description.description import SIZES_OF_INPUT, Arg, Block, Input, TensorName, Written
from ..language import expressions, load
from ..language.expressions import Literal
from ..language.identifiers import attribute_problem, class_problem, identifier_problem, variable_problem
from ..language.load import Node, Scalar, Sequence, describe
from ..language.problems import Problems
from .arguments import written
from .items import Reader

DTYPES = ("float32", "float16", "bfloat16", "float64", "int64", "int32", "bool")
_BLOCK_KEYS = ("args", "inputs", "layers", "outputs")
_INPUT_KEYS = ("shape", "dtype", "high")


def read_args(
    node: Node | None, problems: Problems, of_block: bool = False, above: tuple[Arg, ...] = ()
) -> tuple[Arg, ...]:
    """Read the arguments of a model or a block.

    Args:
        node: the value of the key ``args``.
        problems: receives the mistakes.
        of_block: whether arguments may have no value, which makes them required.
        above: the arguments of the description, if these are of one of its models.
    """
    if _nothing(node):
        return ()
    if not isinstance(node, load.Mapping):
        problems.add(f"args: expected a mapping of names to values, found {describe(node)}", node)  # type: ignore[arg-type]
        return ()
    args: list[Arg] = []
    for key, value_node in node.entries:
        problem = attribute_problem(key.value)
        if problem is None and key.value == "i":
            problem = "'i' is the number of the round in a loop"
        if problem is None and key.value in SIZES_OF_INPUT:
            problem = f"{key.value!r} stands for a size of the input"
        if problem:
            problems.add(f"args: {problem}", key)  # it is kept, since expressions may use it
        if any(arg.name == key.value for arg in above):
            problems.add(f"args: {key.value!r} is an argument of all models already", key)
            continue
        if _nothing(value_node) and of_block:
            args.append(Arg(str(key.value), None, key.position))
            continue
        value = written(value_node, problems)
        if value is None:
            continue
        if isinstance(value.value, Literal) and value.value.value is None:
            problems.add(f"args: {key.value!r} needs a value", value_node)
            continue
        _check_names(value, {arg.name for arg in (*above, *args)}, problems)
        args.append(Arg(str(key.value), value, key.position))
    return tuple(args)


def _check_names(value: Written, known: set[str], problems: Problems) -> None:
    if isinstance(value.value, tuple):
        for part in value.value:
            _check_names(part, known, problems)
        return
    for name in sorted(expressions.names(value.value) - known - set(SIZES_OF_INPUT)):
        message, otherwise = f"there is no ${name} here", "an argument is computed from those above it"
        problems.unknown(message, value.position, name, known, otherwise, variable=True)


def read_inputs(single: Node | None, several: Node | None, problems: Problems) -> tuple[Input, ...]:
    """Read the inputs of a model.

    Args:
        single: the value of the key ``input``.
        several: the value of the key ``inputs``.
        problems: receives the mistakes.

    Returns:
        The inputs; none if one of them is invalid.
    """
    if single is not None and several is not None:
        problems.add("'input' and 'inputs' exclude each other", several)
    if several is None:
        tensor = _input("input", single, problems) if single is not None else None
        return (tensor,) if tensor else ()
    if not isinstance(several, load.Mapping) or not several.entries:
        problems.add(f"inputs: expected names with shapes, found {describe(several)}", several)
        return ()
    inputs = []
    for key, node in several.entries:
        problem = attribute_problem(key.value) or ("'x' is the tensor that flows" if key.value == "x" else None)
        if problem:
            problems.add(f"inputs: {problem}", key)
        inputs.append(_input(str(key.value), node, problems))
    return tuple(tensor for tensor in inputs if tensor) if all(inputs) else ()


def _input(name: str, node: Node, problems: Problems) -> Input | None:
    shape, dtype, high = node, "float32", None
    if isinstance(node, load.Mapping):
        for key, value in node.entries:
            if key.value not in _INPUT_KEYS:
                problems.unknown(f"{name} has no {key.value!r}", key, str(key.value), _INPUT_KEYS)
            elif key.value == "dtype" and load.plain(value) not in DTYPES:
                problems.add(f"{name}: unknown dtype {describe(value)}", value, f"there are {', '.join(DTYPES)}")
            elif key.value == "dtype":
                dtype = str(load.plain(value))
            elif key.value == "high":
                high = written(value, problems)
        shape_node = node.get("shape")
        if shape_node is None:
            problems.add(f"{name} needs a 'shape'", node)
            return None
        shape = shape_node
    if not isinstance(shape, Sequence) or (not shape.items and dtype.startswith("float")):
        problems.add(f"{name}: expected a shape such as [1, 8, 8], found {describe(shape)}", shape)
        return None
    sizes = tuple(_size(name, item, problems) for item in shape.items)
    if not all(sizes):
        return None
    return Input(name, tuple(size for size in sizes if size), dtype, high, node.position)


def _size(name: str, node: Node, problems: Problems) -> Written | None:
    value = load.plain(node)
    if isinstance(value, str) and not expressions.is_expression(value):
        problem = identifier_problem(value) or ("'N' is the batch" if value == "N" else None)
        if problem:
            problems.add(f"{name}: {problem}", node)
            return None
        return Written(Literal(value), node.position)  # a dimension that varies
    if not isinstance(value, str) and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        problems.add(f"{name}: a size is a whole number from 1 on, not {describe(node)}", node)
        return None
    return written(node, problems)


def read_blocks(node: Node | None, problems: Problems) -> dict[str, Block | None]:
    """Read the blocks; return them by name, with None for a block that cannot be read."""
    if _nothing(node):
        return {}
    if not isinstance(node, load.Mapping):
        problems.add(f"blocks: expected names with blocks, found {describe(node)}", node)  # type: ignore[arg-type]
        return {}
    heads: dict[str, Block | None] = {}
    for key, value in node.entries:
        problem = class_problem(key.value)
        if problem:
            problems.add(f"blocks: {problem}", key)
        elif not isinstance(value, load.Mapping):
            problems.add(f"{key.value}: expected a block with 'layers', found {describe(value)}", value)
            heads[str(key.value)] = None
        else:
            heads[str(key.value)] = _head(key, value, problems)
    reader = Reader(heads, problems)
    return {name: _whole(name, block, node, reader) for name, block in heads.items()}


def _head(key: Scalar, node: load.Mapping, problems: Problems) -> Block | None:
    """Read a block without its items, so that items of other blocks can refer to it."""
    for inner, _ in node.entries:
        if inner.value not in _BLOCK_KEYS:
            listed = f"there are {', '.join(_BLOCK_KEYS)}"
            problems.unknown(f"a block has no {inner.value!r}", inner, str(inner.value), _BLOCK_KEYS, listed)
    inputs = _names(node.get("inputs"), "inputs", problems)
    if inputs is None or (not inputs and load.plain(node.get("inputs")) != []):  # type: ignore[arg-type]
        inputs = (TensorName("x"),)
    outputs = _names(node.get("outputs"), "outputs", problems)
    args = read_args(node.get("args"), problems, of_block=True)
    return Block(str(key.value), args, tuple(tensor.name for tensor in inputs), (), outputs, key.position)


def _whole(name: str, block: Block | None, node: load.Mapping, reader: Reader) -> Block | None:
    body = node.get(name)
    layers = body.get("layers") if isinstance(body, load.Mapping) else None
    if block is None or layers is None:
        if block is not None:
            reader.problems.add(f"the block {name!r} needs 'layers'", block.position)
        return None
    items = reader.items(layers, name)
    return Block(block.name, block.args, block.inputs, items, block.outputs, block.position) if items else None


def read_outputs(node: Node | None, problems: Problems) -> tuple[TensorName, ...] | None:
    """Read the tensors that a class returns; None if it returns the result of its last item."""
    return _names(node, "outputs", problems)


def _names(node: Node | None, key: str, problems: Problems) -> tuple[TensorName, ...] | None:
    if node is None:
        return None
    items = node.items if isinstance(node, Sequence) else (node,)
    names = []
    for item in items:
        value = load.plain(item)
        problem = variable_problem(value)
        if problem:
            problems.add(f"{key}: {problem}", item)
        else:
            names.append(TensorName(str(value), item.position))
    return tuple(names)


def _nothing(node: Node | None) -> bool:
    return node is None or (isinstance(node, Scalar) and node.value is None)


__all__ = ["read_args", "read_blocks", "read_inputs", "read_outputs"]
