"""``init``: the initialisation of parameters by the functions of ``torch.nn.init``."""

from __future__ import annotations

from dataclasses import replace

from ..description.description import Initial, Written
from ..language import load
from ..language.catalogue.registry import catalogue
from ..language.load import Node, Scalar, describe
from ..language.problems import Problems
from .arguments import written

# torch's functions without the trailing underscore, with their arguments
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "uniform": ("a", "b"),
    "normal": ("mean", "std"),
    "trunc_normal": ("mean", "std", "a", "b"),
    "constant": ("val",),
    "ones": (),
    "zeros": (),
    "eye": (),
    "dirac": ("groups",),
    "xavier_uniform": ("gain",),
    "xavier_normal": ("gain",),
    "kaiming_uniform": ("a", "mode", "nonlinearity"),
    "kaiming_normal": ("a", "mode", "nonlinearity"),
    "orthogonal": ("gain",),
    "sparse": ("sparsity", "std"),
}
REQUIRED = {"constant": "val", "sparse": "sparsity"}


def read_init(node: Node | None, problems: Problems) -> tuple[Initial, ...]:
    """Read the section ``init`` of a description, in its order; later entries override earlier ones."""
    if node is None:
        return ()
    if not isinstance(node, load.Mapping):
        problems.add(f"init: expected classes or names of parameters, found {describe(node)}", node)
        return ()
    initials: list[Initial] = []
    for key, value in node.entries:
        name = str(key.value)
        if name in catalogue().layers and isinstance(value, load.Mapping):
            for part, initial_node in value.entries:
                initial = read_initial(name, str(part.value), initial_node, problems)
                initials += [replace(initial, position=part.position)] if initial else []
        elif name[:1].isupper():
            otherwise = "write {weight: ...} behind a layer of torch"
            problems.unknown(f"init: {name!r} is no layer with parameters", key, name, catalogue().layers, otherwise)
        elif not all(map(is_part, name.split("."))):
            problems.add(f"init: {name!r} is not the end of a parameter's name", key, "such as proj.weight")
        elif (initial := read_initial(name, None, value, problems)) is not None:
            initials.append(replace(initial, position=key.position))
    return tuple(initials)


def is_part(text: str) -> bool:
    """Tell whether a text can be part of a parameter's name: an attribute, or an index into an ``nn.Sequential``."""
    return text.isascii() and (text.isidentifier() or (text.isdigit() and text == str(int(text))))


def read_initial(target: str, parameter: str | None, node: Node, problems: Problems) -> Initial | None:
    """Read the initialisation of some parameters; return None, with a problem recorded, if it is invalid.

    Args:
        target: a class of layers, or the end of a parameter's name.
        parameter: the parameter of the class; None if `target` is the end of a name.
        node: the function, alone or with its arguments.
        problems: receives the mistakes.
    """
    function, arguments_node = node, None
    if isinstance(node, load.Mapping) and len(node.entries) == 1:
        function, arguments_node = node.entries[0]
    name = load.plain(function) if isinstance(function, Scalar) else None
    if parameter is not None and not (parameter.isidentifier() and parameter.isascii()):
        problems.add(f"init: {parameter!r} is no parameter", node)
        return None
    if name not in FUNCTIONS:
        message = f"init: expected a function of torch.nn.init, found {describe(function)}"
        problems.unknown(message, function, name, FUNCTIONS, f"there are {', '.join(FUNCTIONS)}")
        return None
    arguments = _arguments(str(name), arguments_node, problems)
    missing = REQUIRED.get(str(name))
    if missing and missing not in arguments:
        problems.add(f"init: {name} needs {missing!r}", function)
        return None
    return Initial(target, parameter, str(name), arguments, function.position)


def _arguments(name: str, arguments_node: Node | None, problems: Problems) -> dict[str, Written]:
    if arguments_node is None or (isinstance(arguments_node, Scalar) and arguments_node.value is None):
        return {}
    if not isinstance(arguments_node, load.Mapping):
        if not FUNCTIONS[name]:
            problems.add(f"init: {name} takes no argument, found {describe(arguments_node)}", arguments_node)
            return {}
        value = written(arguments_node, problems)
        return {FUNCTIONS[name][0]: value} if value else {}
    arguments: dict[str, Written] = {}
    for key, node in arguments_node.entries:
        if key.value not in FUNCTIONS[name]:
            names = FUNCTIONS[name]
            listed = f"its arguments are {', '.join(names)}"
            problems.unknown(f"init: {name} has no argument {key.value!r}", key, str(key.value), names, listed)
        elif (value := written(node, problems)) is not None:
            arguments[str(key.value)] = value
    return arguments
