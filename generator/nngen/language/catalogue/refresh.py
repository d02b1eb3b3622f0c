"""Makes ``schemas/catalogue.json`` from the installed torch and ``schemas/overrides.yaml``.

    python -m nngen.language.catalogue.refresh            # write it
    python -m nngen.language.catalogue.refresh --check    # exit code 1 when it is out of step

This is the only module of nngen that imports torch.
"""

from __future__ import annotations

import argparse
import collections.abc
import inspect
import json
import re
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import torch
import yaml
from torch import nn, optim
from torch.optim import lr_scheduler, swa_utils

from ...paths import SCHEMAS

KINDS = ("layers", "losses", "optimizers", "schedulers")

Notes = dict[str, Any]

# base classes, and containers, which the language expresses in other ways
_NO_LAYERS = {"Module", "Container", "DataParallel", "RNNBase", "RNNCellBase"}
_NO_LAYERS |= {"Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"}
_RANGES = {
    "minimum": ("minimum", False),
    "above": ("minimum", True),
    "maximum": ("maximum", False),
    "below": ("maximum", True),
}
_ORDER = (
    "bool",
    "int",
    "float",
    "int?",
    "str",
    "tensor",
    "module",
    "scheduler",
    "callable",
    "none",
)  # the order of types in messages
_PARAMETER_NOTES = {"types", "default", "choices", "doc", "since", *_RANGES}
_RELATIONS = ("rules", "one_of", "at_most_one", "together")
_GROUP_NOTES = {"classes", "parameters", "traits", "main", "doc", "since", "inputs", "module", *_RELATIONS}


def main() -> int:
    """Write the catalogue, or with ``--check`` compare it with the installed torch; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only compare")
    target = SCHEMAS / "catalogue.json"
    text = printed(build(yaml.safe_load((SCHEMAS / "overrides.yaml").read_text(encoding="utf-8"))))
    if parser.parse_args().check:
        if target.exists() and target.read_text(encoding="utf-8") == text:
            return 0
        print(f"{target} is out of step with torch {torch.__version__}; run python -m nngen.language.catalogue.refresh")
        return 1
    target.write_text(text, encoding="utf-8", newline="\n")
    print(f"{target}: {len(text) / 1000:.0f} kB")
    return 0


def printed(catalogue: Mapping[str, Any]) -> str:
    """Return the catalogue as JSON with one class per line."""
    parts = []
    for kind in KINDS:
        lines = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in catalogue[kind].items()]
        parts.append(f'"{kind}": {{\n' + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def build(overrides: Notes) -> dict[str, dict[str, Any]]:
    """Return the entries of all classes of torch, by kind and name.

    Args:
        overrides: the content of ``schemas/overrides.yaml``.

    Raises:
        ValueError: when the classes of the overrides differ from torch's, or a key of the overrides is unknown.
    """
    kinds: dict[str, dict[str, Any]] = {}
    for kind, classes in zip(KINDS, _classes(), strict=True):
        families = dict(overrides[kind])
        common = families.pop("_all", {})
        family_of = {name: family for family, group in families.items() for name in group["classes"]}
        if family_of.keys() != classes.keys():
            raise ValueError(f"{kind}: torch and the overrides differ in {sorted(family_of.keys() ^ classes.keys())}")
        kinds[kind] = {}
        for name in sorted(classes):
            group = families[family_of[name]]
            own = group["classes"][name]
            own = {"doc": own} if isinstance(own, str) else own
            head = {"parameters": overrides["parameters"]}
            notes = _merged(head, common, {k: v for k, v in group.items() if k != "classes"}, own)
            kinds[kind][name] = _entry(classes[name], kind, family_of[name], notes, overrides)
    return kinds


def _classes() -> Iterator[dict[str, type]]:
    modules = _public_classes(nn, nn.Module)
    usable = {k: v for k, v in modules.items() if k not in _NO_LAYERS and not k.startswith("Lazy")}
    yield {k: v for k, v in usable.items() if not _is_loss(k)}
    yield {k: v for k, v in usable.items() if _is_loss(k)}
    yield {k: v for k, v in _public_classes(optim, optim.Optimizer).items() if k != "Optimizer"}
    schedulers = _public_classes(lr_scheduler, lr_scheduler.LRScheduler)
    yield {k: v for k, v in schedulers.items() if k != "LRScheduler"} | {"SWALR": swa_utils.SWALR}


def _public_classes(namespace: types.ModuleType, base: type) -> dict[str, type]:
    classes = {k: v for k, v in vars(namespace).items() if isinstance(v, type) and issubclass(v, base)}
    return {name: cls for name, cls in classes.items() if not name.startswith("_")}


def _is_loss(name: str) -> bool:
    return "Loss" in name


def _merged(*layers: Notes) -> Notes:
    """Merge notes from general to specific: parameters and traits are merged, relations appended, others replaced."""
    merged: Notes = {"parameters": {}, "traits": {}}
    for notes in layers:
        if unknown := notes.keys() - _GROUP_NOTES:
            raise ValueError(f"unknown notes {sorted(unknown)}")
        for key, value in notes.items():
            if key == "parameters":
                for name, note in value.items():
                    merged[key][name] = _with(merged[key].get(name, {}), note)
            elif key == "traits":
                merged[key] = merged[key] | value
            elif key in _RELATIONS:
                merged[key] = merged.get(key, []) + value
            else:
                merged[key] = value
    return merged


def _with(general: Notes, specific: Notes) -> Notes:
    if unknown := specific.keys() - _PARAMETER_NOTES:
        raise ValueError(f"unknown notes {sorted(unknown)}")
    # a new lower end replaces the old one, whether it was open or closed
    ends = {_RANGES[key][0] for key in specific if key in _RANGES}
    return {k: v for k, v in general.items() if _RANGES.get(k, ("", False))[0] not in ends} | specific


def _entry(cls: type, kind: str, family: str, notes: Notes, overrides: Notes) -> dict[str, Any]:
    digits = re.search(r"(\d)d$", cls.__name__)
    dims = int(digits[1]) if digits else None
    parameters = {
        name: _parameter(cls, signature, notes["parameters"].get(name, {}), dims, kind, overrides)
        for name, signature in _signature(cls).items()
        if name not in overrides["drop"] and not name.startswith("_")
    }
    traits = _traits(cls, kind, notes["traits"])
    traits |= {key: relations for key in _RELATIONS if (relations := _relations(notes.get(key, []), parameters))}
    computed = [name for name in parameters if {name, f"{cls.__name__}.{name}"} & set(overrides["computed"])]
    if computed:
        traits["computed"] = computed
    entry: dict[str, Any] = {"module": notes.get("module") or _module(kind), "family": family}
    entry["main"] = notes["main"] if "main" in notes else _main(parameters, computed)
    if kind in ("layers", "losses"):
        forward = inspect.signature(cls.forward).parameters.values()  # type: ignore[attr-defined]
        names = [p.name for p in forward if p.name != "self" and p.kind is not p.VAR_KEYWORD]
        needed = sum(p.default is p.empty for p in forward) - 1
        entry["inputs"] = notes.get("inputs", needed)
        entry["outputs"] = _count(traits.get("parts", [0]))
        if len(names) > 1:
            traits["forward"] = names
    if dims:
        entry["dims"] = dims
    entry |= {key: notes[key] for key in ("since", "doc") if notes.get(key)}
    if traits:
        entry["traits"] = traits
    if parameters:
        entry["parameters"] = parameters
    defaults = {"main": None, "inputs": 1, "outputs": 1}
    return {key: value for key, value in entry.items() if key not in defaults or value != defaults[key]}


def _module(kind: str) -> str:
    return {"optimizers": "torch.optim", "schedulers": "torch.optim.lr_scheduler"}.get(kind, "torch.nn")


def _main(parameters: Mapping[str, Notes], computed: list[str]) -> str | None:
    for name, parameter in parameters.items():
        if not parameter.get("inferred") and name not in computed:
            return None if name == "inplace" else name  # `ReLU: true` would be unclear
    return None


def _count(parts: list[Any]) -> int:
    return sum(_count(part) if isinstance(part, list) else 1 for part in parts)


def _relations(relations: list[list[Any]], parameters: Mapping[str, Notes]) -> list[list[Any]]:
    """Return the relations of a family that concern the parameters of one of its classes."""
    return [relation for relation in relations if relation[0].split("[")[0] in parameters]


def _traits(cls: type, kind: str, notes: Notes) -> Notes:
    traits = dict(notes)
    if kind == "optimizers":
        probe = cls([nn.Parameter(torch.zeros(2, 2))]).defaults
        traits |= {"fused": True} if "fused" in probe else {}
        if names := [name for name in ("momentum", "betas") if name in probe]:
            traits["momentum"] = names[0]
    return traits


def _signature(cls: type) -> dict[str, inspect.Parameter]:
    """Return the parameters of the constructor, or of its first overload if it has any."""
    init = vars(cls).get("__init__") or cls.__init__  # type: ignore[misc]
    overloads = typing.get_overloads(init)
    signature = inspect.signature(overloads[0] if overloads else init)
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {name: p for name, p in signature.parameters.items() if name != "self" and p.kind not in variadic}


def _parameter(
    cls: type, signature: inspect.Parameter, notes: Notes, dims: int | None, kind: str, overrides: Notes
) -> Notes:
    name = signature.name
    computed = bool({name, f"{cls.__name__}.{name}"} & set(overrides["computed"]))
    types_, choices = _types(cls, signature)
    types_ = [token.replace("{d}", str(dims)) for token in notes.get("types", types_)]
    default = notes.get("default", _plain(signature.default))
    if kind == "optimizers":
        types_ = [token for token in types_ if token != "tensor"]  # torch lets numbers be tensors there
    if default is None and signature.default is not signature.empty and "none" not in types_:
        types_.append("none")
    types_ = sorted(types_, key=lambda token: [token.split("[")[0] == base for base in _ORDER], reverse=True)
    if not types_:
        raise ValueError(f"{cls.__name__}.{name}: its types are not in the signature, add them to the overrides")
    entry: Notes = {"types": types_}
    if signature.default is signature.empty and not computed:
        entry["required"] = True
    elif default is not None:
        entry["default"] = default
    # a note on choices or ranges does not apply to a parameter of the same name and another type
    if "str" in types_ and (choices := notes.get("choices", choices)):
        entry["choices"] = choices
    if any(token.startswith(("int", "float")) for token in types_):
        for key, (end, exclusive) in _RANGES.items():
            if key in notes:
                entry[end] = notes[key]
                entry |= {f"exclusive_{end}": True} if exclusive else {}
    entry |= {"inferred": True} if name in overrides["inferred"] else {}
    entry |= {"keyword_only": True} if signature.kind is signature.KEYWORD_ONLY else {}
    entry |= {key: notes[key] for key in ("since", "doc") if notes.get(key)}
    return entry


def _plain(default: object) -> object:
    if default is inspect.Parameter.empty or callable(default):
        return None
    return list(default) if isinstance(default, tuple) else default


def _types(cls: type, signature: inspect.Parameter) -> tuple[list[str], list[str]]:
    """Return the type tokens of a parameter's annotation, or else of its default, and its choices."""
    annotation = signature.annotation
    if annotation is inspect.Parameter.empty:
        default = signature.default
        known = isinstance(default, (bool, int, float, str))
        return ([type(default).__name__] if known else []), []
    if isinstance(annotation, str):
        annotation = _evaluated(annotation, cls)
    choices: list[str] = []
    return list(dict.fromkeys(_tokens(annotation, choices))), choices


def _evaluated(annotation: str, cls: type) -> object:
    namespace = (
        vars(typing) | vars(collections.abc) | vars(sys.modules[cls.__module__]) | {"Optimizer": optim.Optimizer}
    )
    return eval(annotation, namespace)  # torch's own source, not a user's text


def _tokens(annotation: Any, choices: list[str]) -> Iterator[str]:
    plain = {int: "int", float: "float", bool: "bool", str: "str", type(None): "none", torch.Tensor: "tensor"}
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation in plain:
        yield plain[annotation]
    elif origin in (typing.Union, types.UnionType):
        for arg in args:
            yield from _tokens(arg, choices)
    elif origin is typing.Literal:
        choices.extend(args)
        yield "str"
    elif annotation is torch.Size:
        yield "int[]"
    elif origin is collections.abc.Callable:
        yield "callable"
    elif isinstance(annotation, type) and issubclass(annotation, nn.Module):
        yield "module"
    elif annotation is lr_scheduler.LRScheduler:
        yield "scheduler"
    elif origin in (tuple, list, collections.abc.Sequence, collections.abc.Iterable):
        yield from _list_tokens(args, choices, fixed=origin is tuple and ... not in args)


def _list_tokens(args: tuple[Any, ...], choices: list[str], fixed: bool) -> Iterator[str]:
    items = [[token for token in _tokens(arg, choices) if token != "tensor"] for arg in args if arg is not ...]
    if all(len(item) == 1 for item in items) and len({item[0] for item in items}) == 1:
        yield f"{items[0][0]}[{len(items) if fixed else ''}]"  # the overrides declare mixed elements


if __name__ == "__main__":
    sys.exit(main())
