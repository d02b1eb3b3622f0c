"""The output of ``nngen layers``: the list of all names, or a page on one of them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from ..infer.inference import infer
from ..infer.resolve import resolve
from ..language import load
from ..language.catalogue.entries import Entry, Parameter
from ..language.catalogue.values import expected, range_text, show
from ..language.problems import Problems
from ..language.suggest import suggest
from ..network.operations import OPERATIONS, TensorOperation
from ..network.symbolic.sizes import Size
from ..network.tensors import shape_text
from ..network.typed import TypedNetwork
from ..validate.items import COMPANIONS, MORE_COMPANIONS, STRUCTURES
from ..validate.optimizers import OPTIMIZER_KEYS, SCHEDULER_KEYS
from ..validate.top_level import validate
from . import reference
from .reference import Fragment

WIDTH = 100
_HEADS = {
    "layers": "Layers",
    "structures": "Structures",
    "operations": "Tensor operations",
    "losses": "Losses",
    "optimizers": "Optimizers",
    "schedulers": "Schedulers",
}
# completes the network of an example to a description
_OTHERS = "name: example\ntask: regression\ndata: synthetic\n"


def listing() -> str:
    """Return all names, grouped by family."""
    lines = []
    groups = reference.groups()
    for kind, head in _HEADS.items():
        of_kind = [group for group in groups if group.kind == kind]
        lines.append(f"{head} ({sum(len(group.names) for group in of_kind)})")
        for group in of_kind:
            lines += [f"  {group.title}", *_wrapped(", ".join(group.names), 4)]
        lines.append("")
    return "\n".join([*lines, "nngen layers NAME explains one of them."])


def nearest(name: str) -> str | None:
    """Return the name that was most likely meant, or None."""
    return suggest(name, [candidate for group in reference.groups() for candidate in group.names])


def page(name: str) -> str | None:
    """Return the page on a name; None if there is no such name."""
    if name in STRUCTURES:
        return "\n".join(_structure_page(name))
    if name in OPERATIONS:
        return "\n".join(_operation_page(OPERATIONS[name]))
    entry = reference.entry_of(name)
    return None if entry is None else "\n".join(_entry_page(entry))


_BESIDE = {"optimizer": OPTIMIZER_KEYS, "scheduler": SCHEDULER_KEYS}


def _entry_page(entry: Entry) -> Iterator[str]:
    yield f"{entry.name}: {entry.doc}"
    since = f", since torch {entry.since}" if entry.since else ""
    yield f"{entry.module}.{entry.name}{since}"
    written = [parameter for parameter in entry.parameters if not parameter.inferred]
    computed: Sequence[str] = entry.traits.get("computed", ())
    yield from _arguments([_row(parameter, entry, parameter.doc, parameter.name in computed) for parameter in written])
    if entry.main:
        yield from ("", f"A bare value is {entry.main}: {entry.name}: ...")
    if inferred := [parameter for parameter in entry.parameters if parameter.inferred]:
        yield from ("", "Follows from the input, never written")
        yield from _columns([(parameter.name, parameter.doc) for parameter in inferred])
    if rules := list(_rules(entry)):
        yield from ("", "Together", *(line for rule in rules for line in _wrapped(rule, 2)))
    if beside := _BESIDE.get(entry.kind):
        yield from ("", "Keys that may stand beside it, where they have a meaning")
        yield from _columns([(key, reference.help_of("training", key)) for key in beside])
    if entry.kind == "layer":
        yield from ("", "Shape", *_wrapped(reference.shape(entry), 2))
        if parts := entry.traits.get("parts") or next(iter(entry.traits.get("parts_if", {}).values()), None):
            only = next(iter(entry.traits.get("parts_if", {})), "")
            when = f" with {only}: true" if only else ""
            names = [name for part in parts for name in ([part] if isinstance(part, str) else part)]
            yield f"  as: [{', '.join(names)}] names the parts{when}"
        yield from ("", "Parameters and FLOPs of a sample", *_wrapped(reference.counts(entry), 2))
    yield from _example(reference.example(entry))


def _structure_page(name: str) -> Iterator[str]:
    yield f"{name}: {reference.help_of('structures', name)}"
    beside = (*COMPANIONS, *MORE_COMPANIONS.get(name, ()))
    yield from ("", "Keys that may stand beside it, where they have a meaning")
    yield from _columns([(key, reference.help_of("beside", key)) for key in beside])
    yield from _example(reference.structure_example(name))


def _operation_page(operation: TensorOperation) -> Iterator[str]:
    yield f"{operation.name}: {reference.operation_doc(operation.name)}"
    more = ", and more" if operation.most is None else ""
    yield f"a tensor operation; from: {', '.join(operation.operands)}{more}"
    rows = [
        _row(parameter, None, reference.operation_argument_doc(parameter.name)) for parameter in operation.parameters
    ]
    yield from _arguments(rows)
    yield from _example(reference.operation_example(operation.name))


def _row(parameter: Parameter, entry: Entry | None, doc: str, computed: bool = False) -> tuple[str, str, str, str]:
    limits = range_text(parameter)
    types = expected(parameter) + (f", {limits}" if limits else "")
    if entry is None and "tensor" in parameter.types:  # an operation takes the name of a tensor, a layer its numbers
        types = types.replace("a list of numbers", "a tensor")
    one_of = any(parameter.name in names for names in (entry.traits.get("one_of", ()) if entry else ()))
    default = (
        "computed" if computed else "required" if parameter.required else "" if one_of else show(parameter.default)
    )
    since = f" Since torch {parameter.since}." if parameter.since else ""
    return parameter.name, default, types, doc + since


def _arguments(rows: list[tuple[str, str, str, str]]) -> Iterator[str]:
    if not rows:
        yield from ("", "No arguments")
        return
    yield from ("", "Arguments, with their defaults")
    for name, default, types, doc in rows:
        head = f"  {name:{max(len(row[0]) for row in rows)}}  {default:{max(len(row[1]) for row in rows)}}  "
        yield from textwrap.wrap(f"{types}. {doc}", WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def _rules(entry: Entry) -> Iterator[str]:
    for names in entry.traits.get("one_of", ()):
        yield f"exactly one of {' and '.join(names)}"
    for names in entry.traits.get("at_most_one", ()):
        yield f"at most one of {' and '.join(names)}"
    for names in entry.traits.get("together", ()):
        yield f"{' and '.join(names)} only together"
    for name, operator, right, *conditions in entry.traits.get("rules", ()):
        words = {"%": "is divisible by", "index": "is an index into", "increasing": "increases"}.get(operator, operator)
        when = " and ".join(f"{key} is {_one_of(value)}" for key, value in (conditions or [{}])[0].items())
        operand = "" if operator == "increasing" else f" {right if isinstance(right, str) else show(right)}"
        yield f"{name} {words}{operand}" + (f" where {when}" if when else "")


def _one_of(value: object) -> str:
    return " or ".join(show(item) for item in value) if isinstance(value, list) else show(value)


def _example(fragment: Fragment) -> Iterator[str]:
    yield from ("", "Example", *textwrap.indent(fragment.text(), "  ").splitlines())
    if "layers" in fragment.values:
        (model,) = network_of(fragment).models
        incoming = " and ".join(shape_text(tensor.sizes) for tensor in model.inputs)
        outgoing = " and ".join(shape_text(tensor.sizes) for tensor in model.outputs)
        counts = f"{model.parameters:,} parameters, {_count(model.flops)} FLOPs"
        yield f"  # {incoming} -> {outgoing}, {counts}"


def network_of(fragment: Fragment) -> TypedNetwork:
    """Return the typed network of an example.

    Raises:
        DescriptionError: when the example has a mistake.
    """
    problems = Problems()
    root = load.parse(_OTHERS + fragment.text())
    description = validate(root, problems)
    network = infer(resolve(description, problems), problems)[1] if description else None
    problems.raise_errors()
    assert network is not None
    return network


def _count(flops: Size) -> str:
    return f"{flops:,}" if isinstance(flops, int) else str(flops)


def _columns(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        yield f"  {name:{width}}  {text}"


def _wrapped(text: str, indent: int) -> list[str]:
    space = " " * indent
    return textwrap.wrap(text, WIDTH, initial_indent=space, subsequent_indent=space, break_on_hyphens=False)
