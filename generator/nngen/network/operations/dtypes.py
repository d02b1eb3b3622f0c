"""torch's rules for the dtypes of results."""

from __future__ import annotations

from ..symbolic.sizes import Symbolic
from ..tensors import TensorType

Scalar = int | float | bool | Symbolic

DTYPES = ("bool", "uint8", "int32", "int64", "float16", "bfloat16", "float32", "float64")
DEFAULT = "float32"
_RANGES = {"uint8": (0, 2**8 - 1), "int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


def is_float(dtype: str) -> bool:
    """Tell whether a dtype is a floating-point one."""
    return "float" in dtype


def promote(first: str, second: str) -> str:
    """Return the smallest dtype that can hold the values of both."""
    if {first, second} == {"float16", "bfloat16"}:
        return "float32"
    return max(first, second, key=DTYPES.index)


def of_scalar(value: Scalar) -> str:
    """Return the dtype of a number."""
    if isinstance(value, bool):
        return "bool"
    return DEFAULT if isinstance(value, float) else "int64"


def result(*operands: TensorType | Scalar) -> str:
    """Return the dtype of an arithmetic result.

    Within a category (booleans, integers, floats), numbers yield to tensors, and tensors without dimensions to others.
    """
    with_dims = [operand.dtype for operand in operands if isinstance(operand, TensorType) and operand.dims]
    without = [operand.dtype for operand in operands if isinstance(operand, TensorType) and not operand.dims]
    scalars = [of_scalar(operand) for operand in operands if not isinstance(operand, TensorType)]
    highest = ""
    for group in (with_dims, without, scalars):
        lower = ""
        for dtype in group:
            lower = promote(lower, dtype) if lower else dtype
        highest = _higher(highest, lower)
    return highest


def _higher(first: str, second: str) -> str:
    if not first or not second:
        return first or second
    if is_float(first):
        return first
    if first == "bool" or is_float(second):
        return promote(first, second)
    return first


def floating(dtype: str) -> str:
    """Return the dtype of functions whose results are always floats, such as ``exp``."""
    return dtype if is_float(dtype) else DEFAULT


def holds(dtype: str, value: float) -> bool:
    """Tell whether a tensor of a dtype can hold a number without changing it; floats may round."""
    if dtype == "bool" or is_float(dtype):
        return True
    low, high = _RANGES[dtype]
    return (isinstance(value, int) or value.is_integer()) and low <= value <= high
