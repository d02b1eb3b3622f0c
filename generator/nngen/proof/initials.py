"""The statements of an emitted constructor that initialise parameters, as a list of what they do."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from .values import NotUnderstood

LOOPS = ("self.modules()", "self.named_parameters()")
# which parameters, the function, and its arguments: of a class, of an ending, or a parameter itself
Initials = tuple[object, str, tuple[tuple[str, object], ...]]


def loop_initials(loop: ast.For, evaluate: Callable[[ast.expr], object]) -> Iterator[Initials]:
    """Yield what a loop over ``self.modules()`` or ``self.named_parameters()`` does.

    Raises:
        NotUnderstood: when it does anything else.
    """
    expected = ("module",) if ast.unparse(loop.iter) == LOOPS[0] else ("name", "parameter")
    targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
    if tuple(target.id for target in targets if isinstance(target, ast.Name)) != expected:
        raise NotUnderstood(ast.unparse(loop.target))
    for statement in loop.body:
        if expected == ("module",):
            yield from _of_classes(statement, evaluate)
        else:
            yield _of_ending(statement, evaluate)


def _of_classes(node: ast.stmt, evaluate: Callable[[ast.expr], object]) -> Iterator[Initials]:
    match node:
        case ast.If(
            test=ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id="module"), classes], keywords=[]),
            body=body,
            orelse=other,
        ):
            names = classes.elts if isinstance(classes, ast.Tuple) else [classes]
            for statement in body:
                for name in names:
                    yield _of_parameter(statement, ast.unparse(name), evaluate)
            for statement in other:
                yield from _of_classes(statement, evaluate)
        case _:
            raise _unknown(node)


def _of_parameter(node: ast.stmt, name: str, evaluate: Callable[[ast.expr], object]) -> Initials:
    match node:
        case ast.If(
            test=ast.Compare(left=tested, ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]),
            body=[inner],
            orelse=[],
        ):
            target, function, arguments = _call(inner, evaluate)
            if ast.dump(tested) != ast.dump(target):
                raise _unknown(node)
        case _:
            target, function, arguments = _call(node, evaluate)
    match target:
        case ast.Attribute(value=ast.Name(id="module"), attr=attribute):
            return f"{name}.{attribute}", function, arguments
    raise _unknown(node)


def _of_ending(node: ast.stmt, evaluate: Callable[[ast.expr], object]) -> Initials:
    match node:
        case ast.If(
            test=ast.Call(
                func=ast.Attribute(value=ast.Name(id="name"), attr="endswith"), args=[ast.Constant(value=str(ending))]
            ),
            body=[inner],
            orelse=[],
        ):
            target, function, arguments = _call(inner, evaluate)
            if isinstance(target, ast.Name) and target.id == "parameter":
                return f"*{ending}", function, arguments
    raise _unknown(node)


def _call(
    node: ast.stmt, evaluate: Callable[[ast.expr], object]
) -> tuple[ast.expr, str, tuple[tuple[str, object], ...]]:
    match node:
        case ast.Expr(value=ast.Call(func=function, args=[target], keywords=keywords)):
            values = tuple((keyword.arg, evaluate(keyword.value)) for keyword in keywords if keyword.arg is not None)
            if len(values) == len(keywords):
                return target, ast.unparse(function), values
    raise _unknown(node)


def _unknown(node: ast.stmt) -> NotUnderstood:
    return NotUnderstood(ast.unparse(node).splitlines()[0])
