"""The tensor operations: shapes, dtypes and code of each, against torch itself on small tensors.

The oracle runs the very code that is printed. What nngen accepts must run and give what nngen said; what it refuses
torch must refuse too, or the reason why nngen is stricter stands in `STRICTER`. Every drawn use is bound to
numbers twice, so that the source of a size (`dim // heads`) is tried on other numbers than those it was made from.
"""

from __future__ import annotations

import math
import types
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from nngen.language import expressions
from nngen.language.expressions import Expr, Literal, Name, SizeOf
from nngen.language.expressions import Operation as Op
from nngen.network.operations import OPERATIONS, OperationUse, ShapeError, TensorOperation
from nngen.network.symbolic.sizes import Size, Symbolic
from nngen.network.tensors import Argument, TensorType
from operation_cases import Case, Tensor, cases

torch = pytest.importorskip("torch")
F = torch.nn.functional

# parts of nngen's messages for what torch would let pass
STRICTER = {
    "it would give (": "an empty tensor, from which nothing can be learned",
    "they must be the same": "torch mixes dtypes only where nothing is summed up",
    "torch multiplies them only on the CPU": "a network that cannot go to the GPU",
    "which vary": "what cannot be divided for every size may be for some",
    "which varies": "the same",
    "cannot hold": "torch cuts fractions off",
    "is rounded in a way": "the sizes that come out follow no formula",
    "heads cannot share": "keys and values have as many heads, says torch's documentation",
    "must be known before it runs": "a dimension, a mode or a correction that changes from run to run",
    "exclude each other": "torch has it for some masks on the CPU alone",
    "are too many": "nothing holds them",
    "is not known": "the number of results, or the size of one, would change from run to run",
    "the index must be int": "a mask picks a number of elements that changes; others need a newer torch",
    "the index has 0 dim": "torch lets an index without dimensions pass for one with one",
    "happens to be 1": "a batch of one would lose its dimension",
    "the lengths must be int64": "torch cuts fractions off",
    "not one number for each sequence": "torch takes fewer lengths and forgets the other sequences",
    "is the batch; the one after it is 1": "softmax over the batch mixes samples",
}

BINDINGS: tuple[dict[str, int], ...] = (
    {"N": 11, "time": 13, "height": 17, "channels": 4, "heads": 2, "width": 6},
    {"N": 13, "time": 17, "height": 19, "channels": 8, "heads": 4, "width": 12},
)
ERRORS = (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError, AssertionError, ZeroDivisionError)


def argument(value: Any, types_: Sequence[TensorType], binding: Mapping[str, int]) -> Argument:
    match value:
        case tuple():
            parts = tuple(argument(part, types_, binding) for part in value)
            return Argument(tuple(part.value for part in parts), parts)
        case Tensor():
            return Argument(value.type(binding), Name("other"))
        case SizeOf(tensor, index):
            return Argument(types_[int(tensor[1:])].dims[index].size, value)
        case Name() | Op():
            return Argument(expressions.evaluate(value, binding), value)
    return Argument(value, Literal(value))


def text(name: str, value: Argument) -> str:
    if isinstance(value.value, TensorType):
        return f"t_{name}"
    if isinstance(value.source, tuple):
        return f"({''.join(text(name, part) + ', ' for part in value.source)})"
    if isinstance(value.value, float) and not math.isfinite(value.value):
        return f'float("{value.value}")'
    return repr(value.value) if isinstance(value.source, Literal) else expressions.to_python(value.source)


@dataclass(frozen=True)
class Outcome:
    outputs: tuple[TensorType, ...] | None
    message: str
    result: Any  # torch's, or its error
    direct: Any = None  # what torch's function of that name gives for the same tensors and arguments


def run(operation: TensorOperation, case: Case, binding: Mapping[str, int]) -> Outcome:
    tensor_types = tuple(tensor.type(binding) for tensor in case.tensors)
    arguments = {name: argument(value, tensor_types, binding) for name, value in case.arguments.items()}
    places = [SizeOf(f"t{i}", k) for i, tensor in enumerate(tensor_types) for k in range(len(tensor.dims))]
    sizes_of = {place: tensor_types[int(place.tensor[1:])].dims[place.dim] for place in places}
    use = OperationUse(operation, tensor_types, arguments, sizes_of)
    outputs, message = None, ""
    try:
        outputs = operation.infer(use)
        operation.flops(use)
    except ShapeError as error:
        message = str(error)
        assert "its input is" not in message
    values = bound_tensors(operation, case, binding)
    result = evaluated(use, values, binding, outputs is not None)
    comparable = outputs is not None and not isinstance(result, Exception)
    return Outcome(outputs, message, result, direct(use, values, binding) if comparable else None)


def bound_tensors(operation: TensorOperation, case: Case, binding: Mapping[str, int]) -> dict[str, Any]:
    operands = {f"t{i}": tensor.value(binding, role(operation, i)) for i, tensor in enumerate(case.tensors)}
    others = {name: value for name, value in case.arguments.items() if isinstance(value, Tensor)}
    return operands | {f"t_{name}": value.value(binding, name) for name, value in others.items()}


def evaluated(use: OperationUse, values: Mapping[str, Any], binding: Mapping[str, int], fits: bool) -> Any:
    """What torch makes of the code that is printed, or its error."""
    operands = [f"t{index}" for index in range(len(use.tensors))]
    try:
        code = use.operation.code(operands, {name: text(name, value) for name, value in use.arguments.items()}, use)
    except Exception as error:
        assert not fits, "what fits can be printed"
        return error
    module = types.SimpleNamespace(training=True, dropout=0.1)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            return eval(code, {**binding, **values, **IMPORTED, "self": module})
    except ERRORS as error:
        return error


RANDOM = ("rand", "randn", "rand_like", "randn_like", "bernoulli")
ONLY_DEVICE = ("arange", "linspace", "zeros", "ones", "full", "eye")  # the operand is no argument of torch's
OTHERWISE = {  # what torch calls by another name, or with a list of tensors
    "add": lambda *tensors, other=None: reduce(torch.add, tensors if other is None else (*tensors, other)),
    "mul": lambda *tensors, other=None: reduce(torch.mul, tensors if other is None else (*tensors, other)),
    "cat": lambda *tensors, dim=1: torch.cat(tensors, dim),
    "stack": lambda *tensors, dim=1: torch.stack(tensors, dim),
    "einsum": lambda *tensors, equation: torch.einsum(equation, *tensors),
    "index": lambda tensor, *indices: torch.ops.aten.index.Tensor(tensor, indices),
    "slice": lambda tensor, **given: torch.ops.aten.slice.Tensor(tensor, **{"start": None, "end": None, **given}),
    "max": lambda tensor, dim=None, keepdim=False: tensor.amax(() if dim is None else dim, keepdim),
    "min": lambda tensor, dim=None, keepdim=False: tensor.amin(() if dim is None else dim, keepdim),
    "norm": lambda tensor, p=2, dim=None, keepdim=False: torch.linalg.vector_norm(tensor, p, dim, keepdim),
    "reshape": lambda tensor, shape: tensor.reshape(shape),
    "view": lambda tensor, shape: tensor.reshape(shape),
    "movedim": lambda tensor, source, destination: tensor.movedim(source, destination),
    "to": lambda tensor, dtype: tensor.to(getattr(torch, dtype)),
    "arange": lambda end, start=0, step=1, dtype=None: torch.arange(start, end, step, dtype=dtype),
    "where": lambda condition, input, other: torch.where(condition, input, other),
}


def concrete(value: Any, binding: Mapping[str, int]) -> Any:
    if isinstance(value, tuple):
        return tuple(concrete(part, binding) for part in value)
    return bound(value, binding) if isinstance(value, Symbolic) else value


def direct(use: OperationUse, values: Mapping[str, Any], binding: Mapping[str, int]) -> Any:
    """What torch's own function gives for the same tensors and arguments, by their names; None for random ones."""
    name, operation = use.operation.name, use.operation
    if name in RANDOM or name == "pack_padded_sequence" or use.value("dropout_p"):
        return None
    given = {each: values.get(f"t_{each}", concrete(value.value, binding)) for each, value in use.arguments.items()}
    given = {each: value for each, value in given.items() if value is not None and (each, value) != ("keepdim", False)}
    for each in ("size", "dims"):
        if isinstance(given.get(each), int) and name != "interpolate":
            given[each] = (given[each],)
    if operation.parameter("dtype") and name != "to" and "dtype" in given:
        given["dtype"] = getattr(torch, given["dtype"])
    operands = [values[f"t{index}"] for index in range(len(use.tensors))]
    if operation.most is not None:
        behind = [each.name for each in operation.parameters if "tensor" in each.types and each.name not in given]
        given |= dict(zip(behind, operands[len(operation.operands) :]))
        operands = operands[: len(operation.operands)]
    found = (getattr(place, name, None) for place in (torch, F, torch.Tensor))
    function = OTHERWISE.get(name) or next(each for each in found if callable(each))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*(() if name in ONLY_DEVICE else operands), **given)


IMPORTED: dict[str, Any] = {
    "torch": torch,
    "F": F,
    "pack_padded_sequence": torch.nn.utils.rnn.pack_padded_sequence,
    "pad_packed_sequence": torch.nn.utils.rnn.pad_packed_sequence,
}


def shape_of(tensor: TensorType, binding: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(bound(size, binding) for size in tensor.sizes)


def bound(size: Size, binding: Mapping[str, int]) -> int:
    return size if isinstance(size, int) else int(expressions.evaluate(size.expression(), binding))


def as_tensors(result: Any) -> list[Any]:
    if isinstance(result, torch.nn.utils.rnn.PackedSequence):
        return [torch.nn.utils.rnn.pad_packed_sequence(result, batch_first=True)[0]]
    return list(result) if isinstance(result, (tuple, list)) else [result]


def role(operation: TensorOperation, index: int) -> str:
    """What a tensor of `from` is for."""
    if operation.name == "one_hot":
        return "classes"
    if index < len(operation.operands):
        return operation.operands[index]
    behind = [each.name for each in operation.parameters if "tensor" in each.types]
    return operation.operands[-1] if operation.most is None else behind[index - len(operation.operands)]


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "pad_packed_sequence"])
def test_shapes_and_dtypes_are_those_of_torch(name: str, draws: int) -> None:
    operation = OPERATIONS[name]

    @settings(max_examples=max(draws // 2, 1), suppress_health_check=list(HealthCheck))
    @given(cases(operation))
    def check(case: Case) -> None:
        outcomes = [run(operation, case, binding) for binding in BINDINGS]
        for outcome, binding in zip(outcomes, BINDINGS):
            check_outcome(operation, case, outcome, binding)
        comparable = name != "slice" or all(is_long(size) for size in case.tensors[0].shape)
        if comparable and all(outcome.outputs is not None for outcome in outcomes):
            check_sources(outcomes)

    check()


def is_long(size: Expr) -> bool:
    """Whether no drawn bound of a slice is cut off at the end of it, which depends on the numbers."""
    return all(expressions.evaluate(size, binding) > 6 for binding in BINDINGS)


def check_outcome(operation: TensorOperation, case: Case, outcome: Outcome, binding: Mapping[str, int]) -> None:
    if outcome.outputs is None:
        fails = isinstance(outcome.result, Exception)
        assert fails or any(part in outcome.message for part in STRICTER), f"nngen alone refuses: {outcome.message}"
        return
    assert not isinstance(outcome.result, Exception), f"torch refuses: {outcome.result}"
    assert operation.several == isinstance(outcome.result, (tuple, list)) or outcome.outputs[0].packed
    results = as_tensors(outcome.result)
    if outcome.outputs[0].packed:
        longest = results[0].size(1)
        binding = {**binding, "max_lengths": longest, "max_other": longest}
    assert [shape_of(each, binding) for each in outcome.outputs] == [tuple(each.shape) for each in results]
    assert [each.dtype for each in outcome.outputs] == [str(each.dtype).removeprefix("torch.") for each in results]
    if outcome.direct is not None:
        for one, other in zip(results, as_tensors(outcome.direct), strict=True):
            torch.testing.assert_close(one, other, equal_nan=True)


def check_sources(outcomes: Sequence[Outcome]) -> None:
    """The source that was found for some numbers gives the size for others."""
    first, second = (outcome.outputs or () for outcome in outcomes)
    if len(first) != len(second):
        return  # split and chunk of another size
    for one, other in zip(first, second):
        for left, right in zip(one.dims, other.dims):
            if left.depends and isinstance(left.size, int) and isinstance(right.size, int):
                values = [expressions.evaluate(left.expression(), binding) for binding in BINDINGS]
                assert values == [left.size, right.size]
