"""Expressions mean what Python means by them, print as a person writes them, and cannot do anything else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nngen.language.expressions import ExpressionError, evaluate, names, parse, to_python

VALUES = {"a": 7, "b": 3, "c": -2, "half": 0.5, "mode": "same"}

NUMBERS = st.sampled_from(["$a", "$b", "$c", "1", "2", "10", "$half"])


def combined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "//", "/", "%", "**", "==", "<", ">=", "and", "or"])
    return st.one_of(
        st.tuples(parts, operators, parts).map(lambda each: f"({each[0]}) {each[1]} ({each[2]})"),
        st.tuples(parts, operators, parts).map(lambda each: f"{each[0]} {each[1]} {each[2]}"),
        parts.map(lambda each: f"-({each})"),
        parts.map(lambda each: f"not ({each})"),
        st.tuples(parts, parts).map(lambda each: f"max({each[0]}, {each[1]})"),
    )


@settings(max_examples=500, deadline=None)
@given(st.recursive(NUMBERS, combined, max_leaves=6))
def test_values_and_printed_source_agree_with_python(text: str) -> None:
    try:
        expr = parse(text)
        value = evaluate(expr, VALUES)
    except ExpressionError:
        return
    assert value == eval(text.replace("$", ""), {}, VALUES)
    assert eval(to_python(expr), {}, VALUES) == value


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("(4) * $width", "4 * width"),
        ("$a - ($b - $c)", "a - (b - c)"),
        ("($a - $b) - $c", "a - b - c"),
        ("$dim ** -0.5", "dim ** -0.5"),
        ("($a + $b) * 2", "(a + b) * 2"),
        ("$stride != 1 or $in_channels != 4 * $channels", "stride != 1 or in_channels != 4 * channels"),
        ("0.02 / (2 * $depth) ** 0.5", "0.02 / (2 * depth) ** 0.5"),
        ("$x.size(-1) // 2", "x.size(-1) // 2"),
    ],
)
def test_source_has_no_brackets_that_a_person_would_leave_out(text: str, printed: str) -> None:
    assert to_python(parse(text)) == printed


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('$a')",
        "$a.__class__",
        "$a[0]",
        "[$a]",
        "(lambda: $a)()",
        "[0 for _ in $a]",
        "open($a)",
        "$a if $b else 1",
        "f'{$a}'",
        "$a; 1",
        "$a := 1",
        "$a @ $b",
        "max(*$a)",
        "$a.size($b)",
        "$a.size(1.5)",
        "b + $a",
        "$a +",
        "(" * 150 + "$a",
        "$a" + " + 1" * 60,
        "$\u00e9 + 1",
        "\u01c3a + $a",
        "$a ** b'x'",
        "$a + 1j",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9 ** 9 ** $a", "too large"),
        ("$a ** 999999999999", "too large"),
        ("10 ** 18 * $a * 100", "too large"),
        ("1 // ($a - 7)", "divides by zero"),
        ("$a % 0", "divides by zero"),
        ("0 ** ($a - 8)", "cannot be raised"),
        ("$c ** 0.5", "no number"),
        ("$mode * 1000000", "takes numbers"),
        ("$mode + $a", "takes numbers"),
        ("len($a)", "len"),
        ("$nobody", "no \\$nobody"),
        ("$a.size(0)", "no tensor"),
    ],
)
def test_what_has_no_value_says_so(text: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        evaluate(parse(text), VALUES)


def test_comparison_with_a_text() -> None:
    assert evaluate(parse("$mode == 'same'"), VALUES) is True
    assert names(parse("$mode == 'same' or $a > 3")) == {"mode", "a"}
