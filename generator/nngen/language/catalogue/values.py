"""Checks of the value of an argument, and of the arguments of a call together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from .entries import Entry, Parameter

_TOKEN = re.compile(r"(?P<base>\w+)(?P<optional>\??)(?:\[(?P<length>\d*)\])?")
_INT64 = 2**63  # torch has no larger ints
_CALLABLE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")

# each type token in words, for messages: singular and plural
_WORDS = {
    "int": ("an int", "ints"),
    "float": ("a number", "numbers"),
    "bool": ("true or false", "booleans"),
    "true": ("true", "true"),
    "str": ("a string", "strings"),
    "none": ("null", "null"),
    "tensor": ("a list of numbers", "lists of numbers"),
    "module": ("a layer", "layers"),
    "scheduler": ("a scheduler", "schedulers"),
    "callable": ("a function as 'package.module:name'", "functions as 'package.module:name'"),
}


def check_value(parameter: Parameter, value: object) -> str | None:
    """Return the problem with a value from YAML, as a phrase that follows the argument's name; None if it is valid."""
    if isinstance(value, list) and not value and parameter.default == []:
        return None  # all other lists of the catalogue have elements
    if not any(_fits(token, value, parameter.choices) for token in parameter.types):
        if isinstance(value, str) and parameter.choices:
            return f"must be one of {_listed(parameter.choices)}, not {show(value)}"
        return f"expected {expected(parameter)}, not {show(value)}"
    if any(isinstance(x, int) and not -_INT64 <= x < _INT64 for x in _numbers(value)):
        return f"must fit into 64 bits, not {show(value)}"
    wrong = next((x for x in _numbers(value) if not _in_range(parameter, x)), None)
    return None if wrong is None else f"must be {range_text(parameter)}, not {show(wrong)}"


def expected(parameter: Parameter) -> str:
    """Return the types of an argument in words: "an int or a list of 2 ints"."""
    words: list[str] = []
    for token in parameter.types:
        if token == "str" and parameter.choices:
            words += [f"'{choice}'" for choice in parameter.choices]
        elif token != "none" and not (token == "int" and "float" in parameter.types):
            words.append(_in_words(token))
    if "none" in parameter.types:
        words.append("null")
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def show(value: object, depth: int = 3) -> str:
    """Return a value in YAML's notation, cut to 60 characters."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, int) and value.bit_length() > 200:  # printing it may be refused by Python
        return "a huge number"
    if isinstance(value, (list, tuple)):
        items = [show(item, depth - 1) for item in value[:8]] if depth else ["..."]
        text = "[" + ", ".join(items) + (", ...]" if len(value) > 8 else "]")
    else:
        text = repr(value[:80] if isinstance(value, str) else value)
    return text if len(text) <= 60 else text[:57] + "..."


def check_together(entry: Entry, arguments: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the conflicts between arguments that are valid one by one, as (argument, phrase) pairs.

    Args:
        entry: the class.
        arguments: their values by name, without those that are not known yet.
    """
    problems = list(_pairs(entry.traits, arguments))
    for name, operator, right, *conditions in entry.traits.get("rules", ()):
        condition = conditions[0] if conditions else {}
        demand, actual = _broken(entry, arguments, name, operator, right)
        if demand and all(_holds(entry, arguments, key, expected_value) for key, expected_value in condition.items()):
            when = " and ".join(f"{key} is {show(_value(entry, arguments, key))}" for key in condition)
            problems.append((name.split("[")[0], demand + (f" when {when}" if when else "") + actual))
    return problems


def _pairs(traits: Mapping[str, Any], arguments: Mapping[str, object]) -> list[tuple[str, str]]:
    present = {name for name, value in arguments.items() if value is not None}
    problems = []
    for names in traits.get("one_of", ()):
        listed = [name for name in names if name in present]
        if len(listed) != 1:
            problems.append((listed[-1] if listed else "", f"give exactly one of {_listed(names)}"))
    for names in traits.get("at_most_one", ()):
        listed = [name for name in names if name in present]
        if len(listed) > 1:
            problems.append((listed[-1], f"cannot be given together with '{listed[0]}'"))
    for names in traits.get("together", ()):
        listed = [name for name in names if name in present]
        if listed and len(listed) < len(names):
            missing = [name for name in names if name not in present]
            problems.append((listed[0], f"needs {_listed(missing)} too"))
    return problems


def _value(entry: Entry, arguments: Mapping[str, object], name: str) -> object:
    name, _, index = name.partition("[")
    parameter = entry.parameter(name)
    value = arguments.get(name, parameter.default if parameter else None)
    if index and isinstance(value, (list, tuple)):
        position = int(index.rstrip("]"))
        return value[position] if position < len(value) else None
    return value


def _holds(entry: Entry, arguments: Mapping[str, object], name: str, expected_value: object) -> bool:
    value = _value(entry, arguments, name)
    return value in expected_value if isinstance(expected_value, list) else value == expected_value


_OPERATORS: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
    "<": (lambda left, right: left < right, "must be less than"),
    "<=": (lambda left, right: left <= right, "must be at most"),
    ">": (lambda left, right: left > right, "must be more than"),
    "==": (lambda left, right: left == right, "must be"),
    "!=": (lambda left, right: left != right, "cannot be"),
    "%": (lambda left, right: right == 0 or left % right == 0, "must be divisible by"),
    "index": (lambda left, right: -right <= left < right, "must be an index into"),
}


def _broken(entry: Entry, arguments: Mapping[str, object], name: str, operator: str, right: object) -> tuple[str, str]:
    """Return the demand of a broken rule and the actual value; both empty if it holds or a value is not known yet."""
    left = _value(entry, arguments, name)
    actual = f", not {show(left)}"
    if operator == "increasing":
        increasing = not isinstance(left, list) or all(a < b for a, b in pairwise(left))
        return ("", "") if increasing else ("must increase from element to element", actual)
    reference = right if isinstance(right, str) and entry.parameter(right.split("[")[0]) else ""
    limit = _value(entry, arguments, reference) if reference else right
    holds, words = _OPERATORS[operator]
    for item in left if isinstance(left, (list, tuple)) else [left]:
        known = operator in ("==", "!=") or (_is_number(item) and _is_number(limit))
        if known and not (isinstance(item, str) and "$" in item) and not holds(item, limit):
            limit_text = f"{reference} ({show(limit)})" if reference else show(limit)
            return f"{words} {limit_text}", "" if operator == "!=" else actual
    return "", ""


def _fits(token: str, value: object, choices: Sequence[str]) -> bool:
    if "," in token:
        parts = token.split(",")
        return (
            isinstance(value, list)
            and len(value) == len(parts)
            and all(_fits(part, item, choices) for part, item in zip(parts, value, strict=True))
        )
    match = _TOKEN.fullmatch(token)
    assert match, token
    base, optional, length = match["base"], bool(match["optional"]), match["length"]
    if length is None:
        return (optional and value is None) or _is(base, value, choices)
    if not isinstance(value, list) or not value or (length and len(value) != int(length)):
        return False
    return all((optional and item is None) or _is(base, item, choices) for item in value)


def _is(base: str, value: object, choices: Sequence[str]) -> bool:
    match base:
        case "none":
            return value is None
        case "bool":
            return isinstance(value, bool)
        case "true":
            return value is True
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return _is_number(value) and value == value  # nan is no number
        case "str":
            return isinstance(value, str) and (not choices or value in choices)
        case "tensor":
            return _is_tensor(value)
        case "module" | "scheduler":
            return isinstance(value, (str, dict)) and bool(value)
        case "callable":
            return isinstance(value, str) and _CALLABLE.fullmatch(value) is not None
    raise ValueError(f"the catalogue has an unknown type {base!r}")


def _is_tensor(value: object, depth: int = 4) -> bool:
    if not isinstance(value, list) or not value or not depth:
        return False
    return all(_is("float", item, ()) for item in value) or all(_is_tensor(item, depth - 1) for item in value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _numbers(value: object) -> list[Any]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if _is_number(item)]


def _in_range(parameter: Parameter, value: float) -> bool:
    low, high = parameter.minimum, parameter.maximum
    if low is not None and (value <= low if parameter.exclusive_minimum else value < low):
        return False
    return high is None or (value < high if parameter.exclusive_maximum else value <= high)


def range_text(parameter: Parameter) -> str:
    """Return the range of an argument in words: "at least 0 and at most 1"; empty where there is none."""
    words = []
    if parameter.minimum is not None:
        words.append(f"{'more than' if parameter.exclusive_minimum else 'at least'} {parameter.minimum:g}")
    if parameter.maximum is not None:
        words.append(f"{'less than' if parameter.exclusive_maximum else 'at most'} {parameter.maximum:g}")
    return " and ".join(words)


def _in_words(token: str) -> str:
    if "," in token:
        return "a list of " + " and ".join(_in_words(part) for part in token.split(","))
    match = _TOKEN.fullmatch(token)
    assert match, token
    singular, plural = _WORDS[match["base"]]
    if match["optional"]:
        singular, plural = singular + " or null", plural + " or nulls"
    if match["length"] is None:
        return singular
    if match["length"] == "1":
        return f"a list of one {singular.split(' ', 1)[-1]}"
    return f"a list of {match['length']} {plural}".replace("  ", " ")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def about(entry: Entry, name: str, phrase: str) -> str:
    """Return the message for a problem with an argument: "Conv2d: stride must be at least 1, not 0"."""
    return f"{entry.name}: {name}{':' if phrase.startswith('expected') else ''} {phrase}"
