"""The tensor operations of the language, one file for each family."""

from __future__ import annotations

from ..dims import ShapeError
from . import arithmetic, creating, functional, indexing, joining, linalg, pointwise, reducing, reshaping, sequences
from .base import OperationUse, TensorOperation

__all__ = ["OPERATIONS", "OperationUse", "ShapeError", "TensorOperation"]

_FAMILIES = (arithmetic, pointwise, linalg, joining, reshaping, indexing, reducing, creating, functional, sequences)

OPERATIONS: dict[str, TensorOperation] = {
    operation.name: operation for family in _FAMILIES for operation in family.OPERATIONS
}
