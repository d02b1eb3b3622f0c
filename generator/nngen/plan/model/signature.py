"""The signature of an emitted class: the parameters of its constructor, and the docstring with its shapes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from ...description.description import Arg, BlockCall, Layer, Written
from ...language import expressions
from ...language.expressions import Literal, Name
from ...language.python import literal
from ...network.graph import Graph
from ...network.tensors import TensorType
from ...network.typed import ClassUse
from .plans import ConstructorArgument


def parameters_of(graph: Graph, uses: tuple[ClassUse, ...], names: set[str]) -> list[ConstructorArgument]:
    """Return the constructor's parameters: sizes of the input, arguments without a default, then those with one.

    Args:
        graph: the graph of the class.
        uses: its uses, which tell the types of the arguments.
        names: the names of the arguments that its statements need.
    """
    use, own = uses[0], {arg.name for arg in graph.args}
    parameters = [ConstructorArgument(name, "int") for name in use.implicit if name in names and name not in own]
    sizes = [arg.name for arg in graph.args if arg.size and arg.name in names]
    is_model = bool(graph.shapes)  # a model's input sizes are known, so it needs no arguments for them
    parameters += [ConstructorArgument(name, "int", repr(use.values[name]) if is_model else None) for name in sizes]
    passed = _passed_to_layers(use, {})
    required, optional = [], []
    for arg in graph.args:
        if arg.name not in names or arg.computed:
            continue
        values = [other.values[arg.name] for other in uses if arg.name in other.values]
        if arg.value is None:
            required.append(ConstructorArgument(arg.name, _annotation(values, arg.name in passed)))
        else:
            default = value_of_default(arg.value)
            annotation = _annotation([default, *values], arg.name in passed)
            optional.append(ConstructorArgument(arg.name, annotation, literal(default)))
    return [*parameters, *required, *optional]


def _passed_to_layers(use: ClassUse, known: dict[str, set[str]]) -> set[str]:
    """Return the arguments that layers of torch get as they are: a list is a tuple of as many numbers as torch asks.

    Args:
        use: a use of the class.
        known: receives the arguments of each class, which is looked at once.
    """
    if use.graph.class_name in known:
        return known[use.graph.class_name]
    values: list[Written] = []
    for node in use.graph.walk():
        inner = use.types[node.id].inner if node.id in use.types else None
        if isinstance(node.action, Layer):
            values += node.action.written()
        elif isinstance(node.action, BlockCall) and inner is not None:
            passed = _passed_to_layers(inner, known)
            values += [value for name, value in node.action.arguments.items() if name in passed]
    known[use.graph.class_name] = {value.value.name for value in values if isinstance(value.value, Name)}
    return known[use.graph.class_name]


def defaulted(arg: Arg) -> ConstructorArgument:
    """Return the parameter for an argument with a default: ``dim: int = 768``."""
    assert arg.value is not None
    default = value_of_default(arg.value)
    return ConstructorArgument(arg.name, _annotation([default]), literal(default))


def value_of_default(value: Written) -> Any:
    """Return the default of an argument: a plain value, or a nested tuple of plain values."""
    if isinstance(value.value, tuple):
        return tuple(map(value_of_default, value.value))
    assert isinstance(value.value, Literal)
    return value.value.value


def _annotation(values: list[Any], of_layer: bool = False) -> str:
    """Return the type of an argument with these values.

    Args:
        values: its default and its values in all uses.
        of_layer: whether it is passed to a layer of torch, which asks for a number of elements.
    """
    types = dict.fromkeys(_type_of(value, of_layer) for value in values)
    for narrow, wide in (("bool", "int"), ("int", "float")):  # where a float is expected, an int may stand
        if wide in types:
            types.pop(narrow, None)
    return " | ".join(types)


def _type_of(value: Any, of_layer: bool) -> str:
    if not isinstance(value, tuple):
        return type(value).__name__
    kinds = {type(part).__name__ for part in value}
    kind = kinds.pop() if len(kinds) == 1 else "float"
    return f"tuple[{', '.join([kind] * len(value))}]" if of_layer and value else f"tuple[{kind}, ...]"


MAX_LINE = 81  # fits into black's line length with the indentation and the quotes


def docstring(uses: tuple[ClassUse, ...], names: Collection[str]) -> tuple[str, ...]:
    """Return the lines of the docstring: the shapes of inputs and outputs, if they are the same in all uses."""
    inputs, *other_inputs = {_shapes(use.inputs, names) for use in uses}
    outputs, *other_outputs = {_shapes(use.outputs, names) for use in uses}
    if other_inputs or other_outputs or inputs is None or outputs is None:
        return ()
    tensors = [tensor for use in uses for tensor in (*use.inputs, *use.outputs)]
    return (*_maps(inputs, outputs), "", legend(tensors)) if inputs else _maps(inputs, outputs)


def _maps(inputs: tuple[str, ...], outputs: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sentence about inputs and outputs, on one line if it fits."""
    line = f"Maps {', '.join(inputs)} to {', '.join(outputs)}." if inputs else f"Gives {', '.join(outputs)}."
    if len(line) <= MAX_LINE:
        return (line,)
    return ("Maps", *_one_a_line(inputs, ""), "to", *_one_a_line(outputs, "."))


def _one_a_line(shapes: tuple[str, ...], end: str) -> list[str]:
    return [f"    {shape}," for shape in shapes[:-1]] + [f"    {shapes[-1]}{end}"]


def legend(tensors: Iterable[TensorType]) -> str:
    """Return the explanation of the names in shapes."""
    letters = {name for tensor in tensors for dim in tensor.dims for name in _varying(dim.size)}
    return f"N is the batch size{_vary(sorted(letters - {'N'}))}."


def _vary(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(f"; {name} varies" for name in names)
    return f"; {', '.join(names[:-1])} and {names[-1]} vary"


def _varying(size: Any) -> frozenset[str]:
    return frozenset() if isinstance(size, int) else size.names()


def shapes_text(tensors: tuple[TensorType, ...], names: Collection[str]) -> str | None:
    """Return shapes as text; None if the source of a size uses the size of a tensor."""
    shapes = _shapes(tensors, names)
    return None if shapes is None else ", ".join(shapes)


def _shapes(tensors: tuple[TensorType, ...], names: Collection[str]) -> tuple[str, ...] | None:
    if any(dim.source is not None and expressions.sizes(dim.source) for tensor in tensors for dim in tensor.dims):
        return None
    return tuple(tensor.text(names) for tensor in tensors)
