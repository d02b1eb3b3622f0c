"""The tensor operations of the language, a file for each family."""

from __future__ import annotations

from ..dims import ShapeError
from . import arithmetic, creating, functional, indexing, joining, linalg, pointwise, reducing, reshaping, sequences
from .base import MODULES, Operation, OperationUse

__all__ = ["MODULES", "OPERATIONS", "Operation", "OperationUse", "ShapeError"]

_FAMILIES = (arithmetic, pointwise, linalg, joining, reshaping, indexing, reducing, creating, functional, sequences)

OPERATIONS: dict[str, Operation] = {
    operation.name: operation for family in _FAMILIES for operation in family.OPERATIONS
}
