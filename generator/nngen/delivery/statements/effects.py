"""Which statements may change places: those of which none binds, or may change, what another one uses."""

from __future__ import annotations

import ast
import builtins
import textwrap
import warnings
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from .units import Unit

BUILTINS = frozenset(dir(builtins)) | {"__file__", "__name__", "__doc__", "__path__"}
# builtins that change what they are given, or reach whatever they like
_IMPURE = frozenset("next setattr delattr exec eval compile vars locals globals input exit quit breakpoint".split())

_ORDERED = (
    ast.Return, ast.Raise, ast.Break, ast.Continue, ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.Nonlocal,
    ast.Match, ast.AsyncFor, ast.AsyncWith,
)  # fmt: skip


@dataclass(slots=True)
class Effects:
    """What statements do when they run, by dotted names."""

    changes: set[str] = field(default_factory=set)  # what they bind or may change
    reads: set[str] = field(default_factory=set)
    ordered: bool = False  # they leave the block, or their order has a meaning of its own


@dataclass(frozen=True, slots=True)
class Known:
    """What a call in this file leaves as it is."""

    shared: frozenset[str]  # imports, functions and classes of the module
    layers: frozenset[str]  # attributes of self that are no methods: a call changes nothing but their own state

    @classmethod
    def of(cls, *trees: ast.Module) -> Known:
        """Collect what versions of a file import, define and set."""
        shared: set[str] = set()
        layers: set[str] = set()
        for tree in trees:
            for statement in tree.body:
                shared |= bound_by(statement)
            methods = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            attributes = {chain for chain in map(_stored, ast.walk(tree)) if chain.startswith("self.")}
            layers |= attributes - {f"self.{name}" for name in methods}
        return cls(frozenset(shared), frozenset(layers))


def bound_by(statement: ast.AST) -> set[str]:
    """Return the names that an import or a definition binds."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    return set()


def parsed(text: str) -> ast.Module:
    """Parse a module, without the warnings that Python has for some."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def commute(one: Iterable[Unit], other: Iterable[Unit], known: Known, may_leave: bool = False) -> bool:
    """Return whether statements may stand in either order.

    Args:
        one: some statements.
        other: those that may stand before or after them.
        known: what calls leave as it is.
        may_leave: whether they may leave the block, since only what they use is asked for.
    """
    first, second = _effects(list(one), known), _effects(list(other), known)
    if first is None or second is None or (not may_leave and (first.ordered or second.ordered)):
        return False
    clashes = ((first.changes, second.changes), (first.changes, second.reads), (first.reads, second.changes))
    return not any(_meet(left, right) for left, right in clashes)


def _meet(left: set[str], right: set[str]) -> bool:
    return any(
        f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.") for one in left for other in right
    )


def _effects(units: Sequence[Unit], known: Known) -> Effects | None:
    text = textwrap.dedent("".join(f"{unit.indent}{unit.code}\n" for unit in units))
    with suppress(SyntaxError):
        visitor = _Visitor(known)
        for statement in parsed(text).body:
            visitor.visit(statement)
            if isinstance(statement, ast.AnnAssign) and statement.value is None:
                visitor.found.ordered = True  # a field of a dataclass without a default
        return visitor.found
    return None  # clauses of a statement above them, such as else


def _chain(node: ast.AST) -> str:
    """Return the dotted name that an expression begins with, "" when there is none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = _chain(node.value)
        return owner and f"{owner}.{node.attr}"
    if isinstance(node, (ast.Subscript, ast.Starred)):
        return _chain(node.value)
    return ""


def _stored(node: ast.AST) -> str:
    return _chain(node) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) else ""


class _Visitor(ast.NodeVisitor):
    """Collects effects; bodies of functions do not run where they stand."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.found = Effects()

    def visit(self, node: ast.AST) -> None:
        self.found.ordered |= isinstance(node, _ORDERED)
        super().visit(node)

    def _may_change(self, node: ast.AST) -> None:
        root = _chain(node).split(".")[0]
        if root and root not in self.known.shared and root not in BUILTINS:
            self.found.changes.add(_chain(node))

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.found.changes.add(node.name)
        for part in (*node.decorator_list, node.args, *filter(None, [node.returns])):
            self.visit(part)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.found.changes.add(node.name)
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.found.changes |= bound_by(node)
        self.found.ordered |= any(alias.name == "*" for alias in node.names)

    visit_ImportFrom = visit_Import

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.found.changes |= {node.name} if node.name else set()
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        (self.found.reads if isinstance(node.ctx, ast.Load) else self.found.changes).add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        chain = _chain(node)
        if not chain:
            self.generic_visit(node)
            return
        (self.found.reads if isinstance(node.ctx, ast.Load) else self.found.changes).add(chain)
        self._visit_slices(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        chain = _chain(node)
        if not chain:
            self.generic_visit(node)
            return
        (self.found.reads if isinstance(node.ctx, ast.Load) else self.found.changes).add(chain)
        self._visit_slices(node)

    def _visit_slices(self, node: ast.AST) -> None:
        while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
            if isinstance(node, ast.Subscript):
                self.visit(node.slice)
            node = node.value

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.found.reads.add(_chain(node.target))
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        self._may_change(node.iter)  # an iterator is used up
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._may_change(node.iter)
        self.generic_visit(node)

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            self._may_change(item.context_expr)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):  # called for its effect, as torch.manual_seed is
            self.found.changes |= self._reached(node.value.func) - BUILTINS
        self.generic_visit(node)

    def _reached(self, function: ast.expr) -> set[str]:
        """Return what a function may change that is called for its effect alone."""
        called = _chain(function)
        if "." in called:
            return {called.split(".")[0]}
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Call):
            return {"self"} if _chain(function.value.func) == "super" else set()
        return {"*"} if called in self.known.shared else set()

    def visit_Call(self, node: ast.Call) -> None:
        called = _chain(node.func)
        self.found.ordered |= called in _IMPURE
        if called == "getattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            self.found.reads.add(f"{_chain(node.args[0])}.{node.args[1].value!s}")
            for default in node.args[2:]:
                self.visit(default)
            return
        if isinstance(node.func, ast.Attribute):
            self._may_change(node.func if called in self.known.layers else node.func.value)
        if called not in BUILTINS and called not in self.known.layers:
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                self._may_change(argument)
        self.generic_visit(node)
