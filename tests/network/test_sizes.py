"""Sizes that vary follow the same arithmetic as numbers: whatever value they get, the formula gives the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nngen.language.expressions import evaluate, parse
from nngen.network.symbolic.sizes import Size, Symbolic, from_expression

STEPS = st.lists(st.tuples(st.sampled_from(["+", "-", "*", "//"]), st.integers(1, 6)), max_size=6)


def apply(size: Any, steps: list[tuple[str, int]]) -> Any:
    for operator, number in steps:
        size = {"+": size + number, "-": size - number, "*": size * number, "//": size // number}[operator]
    return size


def value(size: Size, **names: int) -> int:
    return size if isinstance(size, int) else int(evaluate(size.expression(), names))


@given(STEPS, STEPS, st.integers(0, 300), st.integers(0, 300))
def test_a_formula_gives_what_it_gives_for_numbers(
    one: list[tuple[str, int]], two: list[tuple[str, int]], time: int, batch: int
) -> None:
    t, n = Symbolic.name("time"), Symbolic.name("N")
    assert value(apply(t, one), time=time) == apply(time, one)
    both = apply(t, one) * 2 + apply(n, two) - n * t
    assert value(both, time=time, N=batch) == apply(time, one) * 2 + apply(batch, two) - batch * time


@given(STEPS, st.integers(0, 300))
def test_its_text_reads_back_as_the_same_size(steps: list[tuple[str, int]], time: int) -> None:
    size = apply(Symbolic.name("time"), steps)
    if isinstance(size, Symbolic):
        read = from_expression(parse(str(size).replace("time", "$time")))
        assert read is not None and value(read, time=time) == value(size, time=time)


def test_equal_sizes_are_found_equal() -> None:
    t = Symbolic.name("time")
    assert (t + 2 * 1 - 3) // 1 + 1 == t  # a convolution of 3 with padding 1
    assert (t * 2) // 2 == t and (t + 4) // 2 == t // 2 + 2
    assert (t // 2) // 2 == t // 4
    assert t * 2 - t - t == 0
    assert str((t - 2) // 2 + 1) == "time // 2" and str(3 - t) == "3 - time" and str(t * t * 3) == "3 * time ** 2"
