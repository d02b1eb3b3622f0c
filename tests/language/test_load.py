"""Reading YAML: values as YAML 1.2 has them, the same from copier's YAML 1.1, positions, and bounds."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nngen.language.errors import DescriptionError
from nngen.language.load import MAX_BYTES, Mapping, decode, from_plain, parse, plain, read_bytes


def test_numbers_are_those_of_yaml_1_2() -> None:
    read = plain(parse("a: 3e-4\nb: 1e5\nc: .5\nd: 1.\ne: -7\nf: ~\ng: 1.5\nh: '1'\ni: '3e-4'"))
    assert read == {"a": 3e-4, "b": 1e5, "c": 0.5, "d": 1.0, "e": -7, "f": None, "g": 1.5, "h": "1", "i": 3e-4}
    assert isinstance(read["e"], int)


@pytest.mark.parametrize(
    "text", ["on", "off", "yes", "No", "010", "0o10", "12:30", "1_000", "2026-01-01", "0b11", "+12:30:45", "="]
)
def test_what_yaml_1_1_reads_otherwise_is_refused(text: str) -> None:
    with pytest.raises(DescriptionError, match=r"YAML 1\.1"):
        parse(f"a: {text}")
    assert plain(parse(f"a: '{text}'")) == {"a": text}


SCALARS = st.one_of(
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
    st.text("aeiou nyos01:-_.~#'\"[]{}&*!|>%@é→", max_size=8),
)


@given(st.dictionaries(st.text("abcxyz", min_size=1, max_size=4), st.recursive(SCALARS, st.lists, max_leaves=8)))
def test_what_copier_reads_is_what_nngen_reads(values: dict[str, object]) -> None:
    """copier loads the file with PyYAML and hands over values; both ways must mean the same."""
    text = yaml.safe_dump(values or {"a": 1}, allow_unicode=True)
    assert plain(from_plain(yaml.safe_load(text))) == plain(parse(text))


def test_positions_count_from_one() -> None:
    root = parse("name: x\nlayers:\n  - Conv2d: {out_channels: 64}\n")
    layers = root.get("layers")
    assert layers is not None and layers.position is not None and layers.position.line == 3
    item = layers.items[0]  # type: ignore[union-attr]
    assert isinstance(item, Mapping)
    key, value = item.entries[0]
    assert (key.position.line, key.position.column, key.position.end_column) == (3, 5, 11)  # type: ignore[union-attr]
    assert isinstance(value, Mapping) and value.entries[0][1].position.column == 28  # type: ignore[union-attr]


def test_anchors_and_merge_keys() -> None:
    text = "a: &base {p: 1, q: 2}\nb: {<<: *base, q: 3}\nc: {q: 4, <<: [*base, {r: 5}]}\nd: *base"
    assert repr(plain(parse(text))) == repr(yaml.safe_load(text))  # in the same order, too


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: " + "[" * 10_000 + "]" * 10_000, "levels deep"),
        ("\n".join(" " * depth + "a:" for depth in range(500)), "levels deep"),
        ("x0: &x0 [a]\n" + "".join(f"x{i}: &x{i} [*x{i - 1}]\n" for i in range(1, 200)), "levels deep"),
        ("x0: &x0 {k: v}\n" + "".join(f"x{i}: &x{i} {{<<: [*x{i - 1}, *x{i - 1}]}}\n" for i in range(1, 60)), "values"),
        ("a: &a [*a]", "no anchor"),
        ("a: [" + "1, " * 200_000 + "]", "values"),
        ("a: \x01", "not valid YAML"),
        ("a: !!python/name:os.system x", "tags"),
        ("a: 1\n--- \nb: 2", "second document"),
        ("? {a: 1}\n: 2", "key must be text"),
        ("1: 2", "key must be text"),
    ],
)
def test_hostile_files_end_in_an_error(text: str, message: str) -> None:
    with pytest.raises(DescriptionError, match=message):
        parse(text)


def test_deep_answers_end_in_an_error() -> None:
    deep: list[object] = []
    for _ in range(500):
        deep = [deep]
    with pytest.raises(DescriptionError, match="levels deep"):
        from_plain({"layers": deep})


def test_files_that_are_no_text(tmp_path: Path) -> None:
    with pytest.raises(DescriptionError, match="byte 0x89 at offset 0"):
        decode(b"\x89PNG\r\n")
    with pytest.raises(DescriptionError, match="zero byte"):
        decode(b"name: \0")
    assert decode(b"\xef\xbb\xbfname: x") == "name: x"
    with pytest.raises(DescriptionError, match="directory"):
        read_bytes(tmp_path)
    with pytest.raises(DescriptionError, match="no such file"):
        read_bytes(tmp_path / "missing.yaml")
    (tmp_path / "large.yaml").write_bytes(b"#" * (MAX_BYTES * 5))
    with pytest.raises(DescriptionError, match=r"5\.0 MiB"):
        read_bytes(tmp_path / "large.yaml")


@given(st.text(max_size=60))
def test_no_text_at_all_makes_a_traceback(text: str) -> None:
    with contextlib.suppress(DescriptionError):
        parse(text)
