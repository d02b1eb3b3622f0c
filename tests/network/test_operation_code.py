"""The code of each tensor operation to the letter, what it is worth, and what is said when it does not fit."""

from __future__ import annotations

import ast
import contextlib
import types
from typing import Any

import pytest

from nngen.language import expressions
from nngen.language.catalogue.entries import Parameter
from nngen.language.expressions import SizeOf
from nngen.network.operations import OPERATIONS, OperationUse, ShapeError
from nngen.network.operations.text import atom, binary, prefixed
from nngen.network.symbolic.sizes import Symbolic
from nngen.network.tensors import BATCH, Argument, Dim, TensorType
from nngen.plan.imports import import_lines
from operation_codes import (
    BOOLS,
    CODE,
    DIGITS,
    HEADS,
    IMAGE,
    LENGTHS,
    MASK,
    SCORES,
    SEQUENCE,
    TOKENS,
    code,
    shape,
    source,
    tensor,
    use_of,
)


@pytest.mark.parametrize(("name", "tensors", "given", "expected"), CODE, ids=lambda value: str(value)[:40])
def test_code_is_what_a_person_would_write(
    name: str, tensors: list[TensorType], given: dict[str, Any], expected: str
) -> None:
    assert code(name, tensors, ["x", "y", "z"][: len(tensors)], given) == expected
    names = {node.id for node in ast.walk(ast.parse(expected)) if isinstance(node, ast.Name)}
    assert _imported(expected) == names & {"torch", "F", "pack_padded_sequence", "pad_packed_sequence"}


def _imported(expression: str) -> set[str]:
    """The names that model.py imports for an expression."""
    lines = import_lines(expression, "model", {})
    statements = [node for node in ast.parse(lines).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return {alias.asname or alias.name for statement in statements for alias in statement.names}


def test_the_table_has_every_operation() -> None:
    assert {row[0] for row in CODE} == set(OPERATIONS)


@pytest.mark.parametrize(
    ("name", "texts", "given", "expected"),
    [
        ("mul", ["a + b", "c"], {}, "(a + b) * c"),
        ("mul", ["c", "a + b"], {}, "c * (a + b)"),
        ("add", ["a * b", "c * d"], {}, "a * b + c * d"),
        ("add", ["a", "b + c"], {}, "a + (b + c)"),
        ("add", ["a + b", "c"], {}, "a + b + c"),
        ("sub", ["a", "b - c"], {}, "a - (b - c)"),
        ("sub", ["a", "b * c"], {}, "a - b * c"),
        ("div", ["a", "b * c"], {}, "a / (b * c)"),
        ("pow", ["-a"], {"exponent": 2}, "(-a) ** 2"),
        ("pow", ["a ** b"], {"exponent": 2}, "(a ** b) ** 2"),
        ("neg", ["a + b"], {}, "-(a + b)"),
        ("neg", ["a ** b"], {}, "-a ** b"),
        ("eq", ["a", "b == c"], {}, "a == (b == c)"),
        ("eq", ["a == b", "c"], {}, "(a == b) == c"),
        ("mean", ["a + b"], {"dim": 1}, "(a + b).mean(dim=1)"),
        ("mean", ["-a"], {"dim": 1}, "(-a).mean(dim=1)"),
        ("mean", ["self.norm(a)"], {"dim": 1}, "self.norm(a).mean(dim=1)"),
        ("select", ["a + b"], {"dim": 1, "index": 0}, "(a + b)[:, 0]"),
        ("exp", ["0.5 * logvar"], {}, "torch.exp(0.5 * logvar)"),
        ("matmul", ["a * s", "b.transpose(-2, -1)"], {}, "a * s @ b.transpose(-2, -1)"),
        ("matmul", ["a", "b @ c"], {}, "a @ (b @ c)"),
        ("zeros_like", ["a + b"], {}, "torch.zeros_like(a + b)"),
        ("zeros", ["a + b"], {"size": 1}, "torch.zeros(1, device=(a + b).device)"),
        ("relu", ["a if b else c"], {}, "F.relu(a if b else c)"),
        ("add", ["a if b else c", "d"], {}, "(a if b else c) + d"),
    ],
)
def test_operands_get_parentheses_where_python_needs_them(
    name: str, texts: list[str], given: dict[str, Any], expected: str
) -> None:
    assert code(name, [tensor("N, 8, 8")] * len(texts), texts, given) == expected


def test_logic_binds_tighter_than_comparisons() -> None:
    assert code("logical_and", [BOOLS, BOOLS], ["a == 0", "b < 1"], {}) == "(a == 0) & (b < 1)"
    assert code("logical_not", [BOOLS], ["a == 0"], {}) == "~(a == 0)"
    assert code("logical_or", [BOOLS, BOOLS], ["a & b", "~c"], {}) == "a & b | ~c"


def test_precedence_is_that_of_python() -> None:
    """Every pair of operators, against Python's own reading of the text."""
    symbols = ["+", "-", "*", "/", "//", "@", "**", "==", "<", "&", "|", "^"]
    for outer in symbols:
        for inner in symbols:
            left, right = binary(binary("a", inner, "b"), outer, "c"), binary("a", outer, binary("b", inner, "c"))
            assert ast.dump(ast.parse(left)) == ast.dump(ast.parse(f"((a {inner} b) {outer} c)"))
            assert ast.dump(ast.parse(right)) == ast.dump(ast.parse(f"(a {outer} (b {inner} c))"))
        assert ast.dump(ast.parse(prefixed("-", binary("a", outer, "b")))) == ast.dump(ast.parse(f"-(a {outer} b)"))
        assert ast.dump(ast.parse(binary("-a", outer, "b"))) == ast.dump(ast.parse(f"(-a) {outer} b"))
        assert ast.dump(ast.parse(f"{atom(binary('a', outer, 'b'))}.c")) == ast.dump(ast.parse(f"(a {outer} b).c"))


# sources

SOURCES: list[tuple[str, list[str], dict[str, Any], list[str]]] = [
    ("unflatten", ["N, time, 3 * $dim"], {"dim": 2, "sizes": [3, "$heads", -1]}, ["(N, time, 3, heads, dim // heads)"]),
    ("flatten", ["N, time, $heads, $dim // $heads"], {"start_dim": 2}, ["(N, time, heads * (dim // heads))"]),
    ("flatten", ["N, 64, 7, 7"], {"start_dim": 1}, ["(N, 3136)"]),
    ("flatten", ["N, $channels, 7, 7"], {"start_dim": 1}, ["(N, channels * 7 * 7)"]),
    ("cat", ["N, $skip_channels, h", "N, $channels, h"], {}, ["(N, skip_channels + channels, h)"]),
    ("cat", ["N, $channels, h", "N, $channels, h"], {}, ["(N, 2 * channels, h)"]),
    ("cat", ["N, time, 4", "N, 1, 4"], {}, ["(N, time + 1, 4)"]),
    ("stack", ["N, $dim", "N, 768"], {}, ["(N, 2, dim)"]),
    ("chunk", ["N, 2 * $channels"], {"chunks": 2, "dim": 1}, ["(N, channels)"] * 2),
    ("chunk", ["N, $dim"], {"chunks": 2, "dim": 1}, ["(N, (dim + 1) // 2)", "(N, dim - (dim + 1) // 2)"]),
    ("chunk", ["N, 5"], {"chunks": 4, "dim": 1}, ["(N, 2)", "(N, 2)", "(N, 1)"]),
    ("split", ["N, $dim"], {"split_size_or_sections": ["$channels", "$dim - $channels"], "dim": 1},
     ["(N, channels)", "(N, dim - channels)"]),
    ("reshape", ["N, time, $dim"], {"shape": ["$t0.size(0)", "$t0.size(1)", "$heads", -1]},
     ["(N, time, heads, dim // heads)"]),
    ("reshape", ["N, time, 4"], {"shape": [-1, 4]}, ["(N * time, 4)"]),
    ("reshape", ["N, h, w, 4"], {"shape": ["$t0.size(0)", -1, 4]}, ["(N, h * w, 4)"]),
    ("expand", ["1, 1, $dim"], {"size": [5, -1, -1]}, ["(5, 1, dim)"]),
    ("repeat", ["N, $dim"], {"repeats": [1, 2]}, ["(N, 2 * dim)"]),
    ("slice", ["N, time, 2"], {"dim": 1, "start": 1}, ["(N, time - 1, 2)"]),
    ("slice", ["N, $dim"], {"dim": 1, "end": "$heads"}, ["(N, heads)"]),
    ("slice", ["N, $dim"], {"dim": 1, "start": "$heads"}, ["(N, dim - heads)"]),
    ("slice", ["N, $dim"], {"dim": 1, "end": -2}, ["(N, dim - 2)"]),
    ("pad", ["N, $channels, h"], {"pad": [1, 1, 0, "$heads"]}, ["(N, channels + heads, h + 2)"]),
    ("interpolate", ["N, 3, h, w"], {"scale_factor": 2}, ["(N, 3, 2 * h, 2 * w)"]),
    ("interpolate", ["N, 3, h"], {"scale_factor": 0.5}, ["(N, 3, h // 2)"]),
    ("matmul", ["N, 12, time, 64", "N, 12, 64, time"], {}, ["(N, 12, time, time)"]),
    ("einsum", ["N, time, $dim", "$heads, $dim"], {"equation": "btd,hd->bht"}, ["(N, heads, time)"]),
    ("arange", ["N, time"], {"end": "$t0.size(1)"}, ["(time,)"]),
    ("topk", ["N, $dim"], {"k": 2}, ["(N, 2)", "(N, 2)"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "shapes", "given", "expected"), SOURCES)
def test_sizes_have_the_source_that_a_person_would_write(
    name: str, shapes: list[str], given: dict[str, Any], expected: list[str]
) -> None:
    use = use_of(name, [tensor(shape) for shape in shapes], given)
    assert [shape(output) for output in use.operation.infer(use)] == expected


def test_heads_and_back_give_the_dimension_again() -> None:
    """``nn.Linear(dim, dim)`` behind the attention, not ``nn.Linear(heads * (dim // heads), dim)``."""
    for last in (-1, "$dim // $heads"):
        split = use_of("unflatten", [tensor("N, time, 3 * $dim")], {"dim": 2, "sizes": [3, "$heads", last]})
        (heads,) = split.operation.infer(split)
        merged = use_of("flatten", [TensorType((*heads.dims[:2], *heads.dims[3:]))], {"start_dim": 2})
        assert shape(merged.operation.infer(merged)[0]) == "(N, time, dim)"


def test_the_size_of_a_tensor_has_the_source_of_that_size() -> None:
    skip = tensor("N, $channels")
    use = OperationUse(
        OPERATIONS["zeros"],
        (skip,),
        {"size": Argument((64,), (Argument(64, SizeOf("skip", 1)),))},
        {SizeOf("skip", 1): skip.dims[1]},
    )
    assert shape(use.operation.infer(use)[0]) == "(channels,)"


@pytest.mark.parametrize(
    ("name", "shapes", "given", "flops"),
    [
        ("matmul", ["N, 12, 10, 64", "N, 12, 64, 10"], {}, 2 * 12 * 10 * 64 * 10),
        ("matmul", ["N, 8", "8, 3"], {}, 2 * 8 * 3),
        ("einsum", ["N, 10, 64", "N, 10, 64"], {"equation": "btd,bsd->bts"}, 2 * 10 * 10 * 64),
        ("einsum", ["N, 10, 6", "6, 7", "7, 5"], {"equation": "bti,ij,jk->btk"}, 2 * 10 * (6 * 7 + 7 * 5)),
        ("scaled_dot_product_attention", ["N, 12, 10, 64"] * 3, {}, 2 * 2 * 12 * 10 * 10 * 64),
        ("add", ["N, 8", "N, 8"], {}, 0),
    ],
)
def test_flops_are_of_one_sample(name: str, shapes: list[str], given: dict[str, Any], flops: int) -> None:
    use = use_of(name, [tensor(shape) for shape in shapes], given)
    assert use.operation.flops(use) == flops
    assert 3 * flops == flops_in_torch(use, batch=3)


def flops_in_torch(use: OperationUse, batch: int) -> int:
    """What FlopCounterMode counts; fused attention, of which it sees nothing on the CPU, is switched off."""
    torch = pytest.importorskip("torch")
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    values = {
        f"t{i}": torch.rand([batch if size == BATCH else size for size in each.sizes])
        for i, each in enumerate(use.tensors)
    }
    code = use.operation.code(list(values), {name: source(each) for name, each in use.arguments.items()}, use)
    counter = FlopCounterMode(display=False)
    with sdpa_kernel(SDPBackend.MATH), counter:
        eval(code, {"torch": torch, "F": torch.nn.functional, **values})
    return int(counter.get_total_flops())


# what does not fit

MESSAGES: list[tuple[str, list[TensorType], dict[str, Any], str]] = [
    ("add", [IMAGE, tensor("N, 32, 8, 8")], {}, "and 64 and 32 in dimension -3 do not go together"),
    ("add", [SEQUENCE, tensor("N, 5, 768")], {}, "and time and 5 in dimension -2 do not go together"),
    ("add", [IMAGE], {}, "and it needs 'other' too"),
    ("cat", [IMAGE, tensor("N, 64, 8, 9")], {}, "and only dim 1 may differ, while dim 3 is 8 and 9"),
    ("cat", [IMAGE, SEQUENCE], {}, "and tensors of 3 and 4 dimensions cannot be joined"),
    ("stack", [IMAGE, SEQUENCE], {}, "and only tensors of one shape can be stacked"),
    ("chunk", [SEQUENCE], {"chunks": 2}, "and how many tensors dim 0 gives is not known: its N varies"),
    ("split", [IMAGE], {"split_size_or_sections": [1, 2], "dim": 1},
     "and parts of (1, 2) do not make up the 64 of dim 1"),
    ("transpose", [SEQUENCE], {"dim0": 1, "dim1": 3},
     "so dim 3 is out of range: counted with the batch, there are 3 dimensions"),
    ("permute", [SEQUENCE], {"dims": [1, 2]}, "and (1, 2) does not name all of its 3 dimensions"),
    ("reshape", [tensor("2, 6")], {"shape": [5, -1]}, "and its 12 elements cannot be divided into (5, -1)"),
    ("reshape", [SEQUENCE], {"shape": [-1, 5]},
     "and its 768 * N * time elements, which vary, cannot be divided into (-1, 5)"),
    ("unflatten", [IMAGE], {"dim": 1, "sizes": [3, 20]}, "and its 64 elements do not make up (3, 20)"),
    ("squeeze", [IMAGE], {}, "and dim 0 would go where its N happens to be 1; name others"),
    ("select", [IMAGE], {"dim": 1, "index": 64}, "and index 64 is out of range: dim 1 has 64"),
    ("slice", [IMAGE], {"dim": 1, "start": 64}, "and it would give (0, 8, 8)"),
    ("slice", [SEQUENCE], {"dim": 1, "end": 5}, "and whether 5 lies inside is not known: its time varies"),
    ("gather", [SEQUENCE, TOKENS], {"dim": 1}, "and the index has 2 dimensions, not 3"),
    ("masked_fill", [SEQUENCE, TOKENS], {"value": 0}, "and the mask must be bool, not int64"),
    ("mean", [TOKENS], {"dim": 1}, "of dtype int64, and it takes floating point numbers"),
    ("softmax", [SEQUENCE], {"dim": 0}, "and dim 0 is the batch; the one after it is 1"),
    ("matmul", [SEQUENCE, SEQUENCE], {}, "and rows of 768 do not go with columns of time"),
    ("einsum", [SEQUENCE, SEQUENCE], {"equation": "btd,bdt->bt"}, "and 'd' is both 768 and time"),
    ("scaled_dot_product_attention", [HEADS, HEADS, IMAGE], {}, "and time keys do not go with 8 values"),
    ("interpolate", [IMAGE], {"size": 8, "mode": "linear"}, "and linear takes 3 dimensions, the batch counted"),
    ("add", [TensorType(SEQUENCE.dims, packed=True)], {"other": 1},
     "which is a packed sequence; pad_packed_sequence makes a tensor of it"),
    ("pad_packed_sequence", [SEQUENCE], {}, "which is no packed sequence; pack_padded_sequence makes one"),
    ("unbind", [tensor("N, 5000")], {"dim": 1}, "and it would give 1001 tensors; 1000 are possible"),
    ("unsqueeze", [tensor(", ".join("2" * 25))], {"dim": 0}, "and it would give 26 dimensions; 25 are possible"),
    ("one_hot", [DIGITS], {"num_classes": 9}, "whose numbers go up to 9, and 9 classes end before"),
    ("index", [tensor("9, 4"), DIGITS], {}, "and the index goes up to 9, where there is 9"),
    ("index_select", [IMAGE, DIGITS], {"dim": 3}, "and the index goes up to 9, where there is 8"),
    ("zeros", [IMAGE], {"size": [2**40]}, "and it would give (1099511627776,)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "tensors", "given", "message"), MESSAGES)
def test_what_does_not_fit_is_said(name: str, tensors: list[TensorType], given: dict[str, Any], message: str) -> None:
    use = use_of(name, tensors, given)
    with pytest.raises(ShapeError) as error:
        use.operation.infer(use)
    assert str(error.value) == message


# what is said of arguments


def test_lists_are_the_first_argument_of_those_that_take_one() -> None:
    assert {name for name, each in OPERATIONS.items() if each.takes_list} == {
        *"sum mean amax amin std var norm any all logsumexp permute reshape view expand repeat flip squeeze".split(),
        *"split zeros ones full rand randn pad interpolate".split(),
    }


def test_a_scalar_operand_is_a_parameter_too() -> None:
    assert OPERATIONS["mul"].parameter("other") == Parameter("other", ("tensor", "float", "bool"))
    assert OPERATIONS["pow"].operands == ("input", "exponent")
    assert OPERATIONS["matmul"].parameter("other") is None


def test_counts_of_tensors() -> None:
    counts = {name: (each.least, each.most) for name, each in OPERATIONS.items()}
    assert counts["cat"] == (1, None)
    assert counts["add"] == (1, None)
    assert counts["sub"] == (1, 2)
    assert counts["matmul"] == (2, 2)
    assert counts["mean"] == (1, 1)
    assert counts["gather"] == (1, 2)  # the index may be in `from`
    assert counts["where"] == (1, 3)
    assert counts["scaled_dot_product_attention"] == (3, 4)


def test_how_high_numbers_go_is_kept_while_it_holds() -> None:
    def high(name: str, given: dict[str, Any]) -> Dim | None:
        use = use_of(name, [DIGITS], given)
        return use.operation.infer(use)[0].high

    assert high("arange", {"end": "$context"}) == Dim(1024, expressions.Name("context"))
    assert high("arange", {"end": 9, "start": -3}) is None
    assert high("unsqueeze", {"dim": 1}) == Dim(10)
    for name, given in (("add", {"other": 1}), ("cumsum", {"dim": 0}), ("pad", {"pad": [1, 1]}), ("sum", {})):
        assert high(name, given) is None


def test_infinity_is_printed_so_that_python_reads_it() -> None:
    use = use_of("masked_fill", [SCORES, MASK], {"value": float("-inf")})
    assert use.operation.code(["x", "m"], {"value": "-inf"}, use) == 'x.masked_fill(m, float("-inf"))'


@pytest.mark.parametrize("name", OPERATIONS)
def test_any_argument_may_turn_out_to_vary(name: str) -> None:
    """A size at run time is taken or refused, and nothing else happens."""
    row = next(row for row in CODE if row[0] == name)
    for parameter in OPERATIONS[name].parameters:
        varying = Argument(Symbolic.name("time"), SizeOf("t0", 1))
        several = Argument((varying.value,) * 3, (varying,) * 3)
        for each in (varying, several) if any("[" in token for token in parameter.types) else (varying,):
            use = use_of(name, row[1], row[2])
            use = OperationUse(use.operation, use.tensors, {**use.arguments, parameter.name: each})
            with contextlib.suppress(ShapeError):
                use.operation.infer(use)
                use.operation.code(["x", "y", "z"][: len(row[1])], dict.fromkeys(use.arguments, "a"), use)


def test_texts_do_not_become_code() -> None:
    use = use_of("to", [IMAGE], {"dtype": "float32); print(1"})
    with pytest.raises(ShapeError, match="dtype is one of bool, "):
        use.operation.infer(use)


# what only running shows


def run(expression: str, **names: Any) -> Any:
    torch = pytest.importorskip("torch")
    return eval(expression, {"torch": torch, "F": torch.nn.functional, **names})


def test_new_tensors_are_where_the_operand_is() -> None:
    torch = pytest.importorskip("torch")
    elsewhere = torch.zeros(2, 3, device="meta")
    for name, given in {
        "arange": {"end": 3},
        "linspace": {"start": 0, "end": 1, "steps": 3},
        "eye": {"n": 3},
        "full": {"size": [2], "fill_value": 1},
        **{each: {"size": [2, 3]} for each in ("zeros", "ones", "rand", "randn")},
    }.items():
        assert run(code(name, [IMAGE], ["x"], given), x=elsewhere).device.type == "meta"


def test_dropout_of_attention_applies_only_in_training() -> None:
    torch = pytest.importorskip("torch")
    q = torch.ones(1, 1, 50, 8)
    given = {"dropout_p": "$dropout"}
    printed = code("scaled_dot_product_attention", [HEADS] * 3, ["q", "q", "q"], given)
    module = types.SimpleNamespace(training=False)
    assert torch.equal(run(printed, q=q, dropout=0.5, self=module), q)
    module.training = True
    assert not torch.equal(run(printed, q=q, dropout=0.5, self=module), q)


def test_packing_and_back() -> None:
    """Lengths of any order, of sequences in a batch; the padded length becomes that of the longest."""
    torch = pytest.importorskip("torch")
    packed_use = use_of("pack_padded_sequence", [SEQUENCE], {"lengths": LENGTHS, "enforce_sorted": False})
    (packed,) = packed_use.operation.infer(packed_use)
    assert packed.packed
    assert shape(packed) == "(N, max_other, 768)"
    unpacked_use = OperationUse(OPERATIONS["pad_packed_sequence"], (packed,), {})
    output, lengths = unpacked_use.operation.infer(unpacked_use)
    assert (shape(output), output.packed) == ("(N, max_other, 768)", False)
    assert (shape(lengths), lengths.dtype) == ("(N,)", "int64")
    names = {name: getattr(torch.nn.utils.rnn, name) for name in ("pack_padded_sequence", "pad_packed_sequence")}
    x, other = torch.randn(3, 9, 4), torch.tensor([2, 7, 5])
    flow = run(
        packed_use.operation.code(["x"], {"lengths": "other", "enforce_sorted": "False"}, packed_use),
        x=x,
        other=other,
        **names,
    )
    flow, _ = torch.nn.LSTM(4, 6, batch_first=True)(flow)
    padded, found = run(unpacked_use.operation.code(["x"], {}, unpacked_use), x=flow, **names)
    assert padded.shape == (3, 7, 6)
    assert torch.equal(found, other)
