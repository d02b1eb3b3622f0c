"""Texts of ``model.py`` with one thing changed, as a fault of the generator might change it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

Change = Callable[[ast.AST], None]


def mutants(code: str) -> Iterator[tuple[str, str]]:
    """Yield each mutant with what was changed."""
    tree = ast.parse(code)
    for number, node in enumerate(ast.walk(tree)):
        for name, change in _changes(node, tree):
            changed = copy.deepcopy(tree)
            change(_at(changed, number))
            text = ast.unparse(changed)
            if text != ast.unparse(tree):
                yield f"{name}: {ast.unparse(node).splitlines()[0][:60]}", text


def _at(tree: ast.AST, number: int) -> ast.AST:
    return next(node for index, node in enumerate(ast.walk(tree)) if index == number)


def _changes(node: ast.AST, tree: ast.AST) -> Iterator[tuple[str, Change]]:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            yield "a number", lambda other: setattr(other, "value", value + 1)
        case ast.Constant(value=bool() as value):
            yield "a boolean", lambda other: setattr(other, "value", not value)
        case ast.FunctionDef(body=body) | ast.For(body=body) | ast.If(body=body):
            for index in range(len(body)):
                if len(body) > 1:
                    yield "a statement less", lambda other, index=index: other.body.pop(index)  # type: ignore[misc]
                if index + 1 < len(body):
                    yield "two statements swapped", lambda other, index=index: _swap(other.body, index)  # type: ignore[misc]
        case ast.Call(args=args, keywords=keywords):
            if len(args) > 1:
                yield "two arguments swapped", lambda other: _swap(other.args, 0)  # type: ignore[attr-defined]
            for index in range(len(keywords)):
                yield "an argument less", lambda other, index=index: other.keywords.pop(index)  # type: ignore[misc]
        case ast.Attribute(value=ast.Name(id="self"), attr=attr):
            others = sorted({found.attr for found in ast.walk(tree) if _is_own(found)} - {attr})  # type: ignore[attr-defined]
            for name in others[:2]:
                yield "another attribute", lambda other, name=name: setattr(other, "attr", name)  # type: ignore[misc]
        case ast.Name(id=name, ctx=ast.Load()):
            others = sorted({found.arg for found in ast.walk(tree) if isinstance(found, ast.arg)} - {name, "self"})
            for found in others[:2]:
                yield "another name", lambda other, found=found: setattr(other, "id", found)  # type: ignore[misc]
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv() as op):
            other_op = ast.Sub() if isinstance(op, ast.Add) else ast.Add()
            yield "another operator", lambda other: setattr(other, "op", other_op)
            yield "operands swapped", _exchange


def _is_own(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"


def _swap(items: list[ast.AST], index: int) -> None:
    items[index], items[index + 1] = items[index + 1], items[index]


def _exchange(node: ast.AST) -> None:
    assert isinstance(node, ast.BinOp)
    node.left, node.right = node.right, node.left
