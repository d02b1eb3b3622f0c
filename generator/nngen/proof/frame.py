"""One run of a method of the emitted file: its statements and expressions over plain numbers and symbolic tensors."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from .initials import LOOPS, Initials, loop_initials
from .values import (
    COMPUTE,
    FUNCTIONS,
    OPERATORS,
    TRAINING,
    Container,
    Fails,
    Instance,
    LateSize,
    Module,
    NotUnderstood,
    OwnTensor,
    Step,
    part,
)

_BUILTIN = frozenset((*FUNCTIONS, "range", "zip", "enumerate", "super"))
_TENSOR = (Step, OwnTensor)
_MODULE = (Module, Instance, Container)


class Machine(Protocol):
    """The file to which a method belongs."""

    classes: dict[str, ast.ClassDef]
    known: dict[str, Any]
    initials: list[Initials]
    ties: list[tuple[Any, str, Any]]

    def step(self) -> None:
        """Count a step, so that an evaluation ends."""

    def construct(self, node: ast.ClassDef, args: tuple[Any, ...], keywords: dict[str, Any]) -> Instance:
        """Return an instance of a class of the file."""

    def forward(self, module: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Return the result of a call of a module."""


class _Return(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


class Frame:
    """The names of one run of a method.

    Args:
        machine: the file.
        instance: what ``self`` stands for.
        names: the arguments.
        building: whether the method is a constructor.
    """

    def __init__(self, machine: Machine, instance: Any, names: Mapping[str, Any], building: bool = False) -> None:
        self._machine, self._instance, self._names, self._building = machine, instance, dict(names), building

    def run(self, body: list[ast.stmt]) -> Any:
        """Run statements, and return what they return."""
        try:
            self._block(body)
        except _Return as returned:
            return returned.value
        return None

    def _block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        self._machine.step()
        match node:
            case ast.Assign(targets=[target], value=value):
                self._assign(target, self.value(value))
            case ast.AnnAssign(target=target, value=value):
                if value is not None:
                    self._assign(target, self.value(value))
            case ast.AugAssign(target=ast.Name() as target, op=op, value=value):
                self._augment(target, OPERATORS[type(op)], self.value(value))
            case ast.If(test=test, body=body, orelse=other):
                self._block(body if self._truth(self.value(test)) else other)
            case ast.For(target=target, iter=iterable, body=body, orelse=[]):
                self._loop(node, target, iterable, body)
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case ast.Expr(value=value):
                self.value(value)
            case ast.Return(value=value):
                raise _Return(None if value is None else self.value(value))
            case _:
                raise NotUnderstood(ast.unparse(node).splitlines()[0])

    def _augment(self, target: ast.Name, operator: str, value: Any) -> None:
        before = self.value(ast.Name(target.id, ast.Load()))
        if isinstance(before, list) and operator == "+":
            before.extend(value)
        else:
            self._assign(target, self._binary(operator, before, value))

    def _loop(self, node: ast.For, target: ast.expr, iterable: ast.expr, body: list[ast.stmt]) -> None:
        if isinstance(iterable, ast.Call) and ast.unparse(iterable) in LOOPS:
            self._machine.initials += loop_initials(node, self.value)
            return
        for value in self._items(self.value(iterable)):
            self._assign(target, value)
            self._block(body)

    def _assign(self, target: ast.expr, value: Any) -> None:
        match target:
            case ast.Name(id=name):
                self._names[name] = value
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                if not self._instance.ready and isinstance(value, (*_MODULE, OwnTensor)):
                    raise Fails("a module is assigned before super().__init__()")
                self._instance.attributes[name] = value
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                values = value if isinstance(value, (tuple, list)) else [part(value, i) for i in range(len(elements))]
                if len(values) != len(elements):
                    raise Fails("a wrong number of values is unpacked")
                for element, single in zip(elements, values, strict=True):
                    self._assign(element, single)
            case ast.Attribute(value=owner, attr=name):
                self._machine.ties.append((self.value(owner), name, value))
            case _:
                raise NotUnderstood(ast.unparse(target))

    def _truth(self, value: Any) -> bool:
        if isinstance(value, (*_TENSOR, LateSize)):
            raise NotUnderstood("a condition on a tensor")
        if isinstance(value, _MODULE):
            raise Fails("a condition on a module")
        return bool(value)

    def _items(self, value: Any) -> Iterator[Any]:
        if isinstance(value, Container):
            value = value.items
        if not isinstance(value, (list, tuple, range)):
            raise NotUnderstood("a loop over something else than a list")
        for item in value:
            self._machine.step()
            yield item

    def value(self, node: ast.expr) -> Any:
        """Return the value of an expression.

        Raises:
            Fails: when it would raise an error.
            NotUnderstood: when there is no rule for it.
        """
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=owner, attr=name):
                return self._attribute(self.value(owner), name)
            case ast.Tuple(elts=elements):
                return tuple(self._starred(elements))
            case ast.List(elts=elements):
                return list(self._starred(elements))
            case ast.ListComp(elt=element, generators=[ast.comprehension(target=target, iter=iterable, ifs=[])]):
                return list(self._comprehension(element, target, iterable))
            case ast.Subscript(value=owner, slice=index):
                return self._subscript(self.value(owner), self._index(index))
            case ast.Call(func=function, args=args, keywords=keywords):
                named = {keyword.arg: self.value(keyword.value) for keyword in keywords if keyword.arg}
                if len(named) < len(keywords):
                    raise NotUnderstood("**")
                return self._call(function, tuple(self._starred(args)), named)
        return self._operator(node)

    def _operator(self, node: ast.expr) -> Any:
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(OPERATORS[type(op)], self.value(left), self.value(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _unary("neg", self.value(operand))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return _unary("not", self.value(operand))
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return Step("operation", "~", (self.value(operand),))
            case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot() as op], comparators=[right]):
                return (self.value(left) is self.value(right)) == isinstance(op, ast.Is)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in OPERATORS:
                return self._binary(OPERATORS[type(op)], self.value(left), self.value(right))
            case ast.BoolOp(op=op, values=values):
                for operand in values:
                    value = self.value(operand)
                    if self._truth(value) != isinstance(op, ast.And):
                        break
                return value
            case ast.IfExp(test=test, body=body, orelse=other):
                condition = self.value(test)
                if condition is TRAINING:
                    return LateSize("training", (self.value(body), self.value(other)))
                return self.value(body if self._truth(condition) else other)
        raise NotUnderstood(ast.unparse(node))

    def _name(self, name: str) -> Any:
        if name == "self":
            return self._instance
        for names in (self._names, self._machine.known, self._machine.classes):
            if name in names:
                return names[name]
        if name in _BUILTIN:
            return name
        raise Fails(f"there is no name {name}")

    def _comprehension(self, element: ast.expr, target: ast.expr, iterable: ast.expr) -> Iterator[Any]:
        inner = Frame(self._machine, self._instance, self._names, self._building)
        for value in self._items(self.value(iterable)):
            inner._assign(target, value)
            yield inner.value(element)

    def _index(self, node: ast.expr) -> Any:
        match node:
            case ast.Slice(lower=lower, upper=upper, step=step):
                bounds = (None if bound is None else self.value(bound) for bound in (lower, upper, step))
                return Step("slice", None, tuple(bounds))
            case ast.Tuple(elts=elements):
                return tuple(self._index(element) for element in elements)
        return self.value(node)

    def _subscript(self, owner: Any, index: Any) -> Any:
        if isinstance(owner, (tuple, list, Container)) and isinstance(index, int):
            items = owner.items if isinstance(owner, Container) else owner
            if not -len(items) <= index < len(items):
                raise Fails(f"there is no element {index} of {len(items)}")
            return items[index]
        if isinstance(owner, _TENSOR):
            return part(owner, index)
        raise NotUnderstood("a subscript of something else than a tensor or a list")

    def _starred(self, elements: list[ast.expr]) -> Iterator[Any]:
        for element in elements:
            if isinstance(element, ast.Starred):
                yield from self._items(self.value(element.value))
            else:
                yield self.value(element)

    def _attribute(self, owner: Any, name: str) -> Any:
        if isinstance(owner, str):
            return f"{owner.removesuffix('.')}.{name}"
        if name == "training" and (owner is None or isinstance(owner, Instance)):
            return TRAINING
        if isinstance(owner, Instance):
            if name in owner.attributes:
                return owner.attributes[name]
            raise Fails(f"{owner.node.name} has no attribute {name}")
        if isinstance(owner, _TENSOR):
            return Step("attribute", name, (owner,))
        if isinstance(owner, Module):
            return Step("weight", name, (owner,))
        raise NotUnderstood(f".{name}")

    def _binary(self, name: str, left: Any, right: Any) -> Any:
        if isinstance(left, _TENSOR) or isinstance(right, _TENSOR):
            if name == "-" and isinstance(right, (int, float, LateSize)):  # x - 1 is x + -1
                name, right = "+", _unary("neg", right)
            return Step("operation", name, (left, right))
        if isinstance(left, LateSize) or isinstance(right, LateSize):
            return LateSize(name, (left, right))
        if isinstance(left, _MODULE) or isinstance(right, _MODULE):
            raise Fails("a module is an operand")
        try:
            return COMPUTE[name](left, right)
        except (ArithmeticError, TypeError, KeyError) as error:
            raise Fails(str(error)) from None

    def _call(self, function: ast.expr, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        self._machine.step()
        match function:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super"), args=[]), attr="__init__"):
                self._instance.ready = True
                if args or "nn.Sequential" in map(ast.unparse, self._instance.node.bases):
                    self._instance.attributes[""] = Container(list(args), called=True)
                return None
            case ast.Attribute(value=owner, attr=name):
                holder = self.value(owner)
                if isinstance(holder, (list, Instance, *_TENSOR)) and name not in getattr(holder, "attributes", ()):
                    return _method(holder, name, args, keywords)
        target = self.value(function)
        if isinstance(target, _MODULE):
            return self._machine.forward(target, args, keywords)
        if isinstance(target, ast.ClassDef):
            return self._machine.construct(target, args, keywords)
        if isinstance(target, tuple) and target[0] == "import":
            target = target[1]
            return Module(target, args, keywords) if self._building else Step("operation", target, args, keywords)
        if not isinstance(target, str):
            raise Fails(f"{ast.unparse(function)} cannot be called")
        if target in _BUILTIN:
            return _builtin(target, args, keywords)
        if target.startswith("nn.init.") and args:
            self._initialise(target, args[0], args[1:], keywords)
            return None
        return _torch(target, args, keywords)

    def _initialise(self, function: str, target: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        if isinstance(target, OwnTensor) and target.init[0] == "torch.empty":
            target.init = (function, args, keywords)
        elif args:
            raise NotUnderstood(f"{function} with positional arguments")
        else:
            self._machine.initials.append((target, function, tuple(keywords.items())))


def _unary(name: str, operand: Any) -> Any:
    if isinstance(operand, _TENSOR):
        return Step("operation", name, (operand,))
    return LateSize(name, (operand,)) if isinstance(operand, LateSize) else COMPUTE[name](operand)


def _method(holder: Any, name: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Return the result of a method of a list, of an instance, or of a tensor."""
    if isinstance(holder, list):
        if name != "append":
            raise NotUnderstood(f".{name} of a list")
        if len(args) != 1:
            raise Fails("append takes one value")
        return holder.append(args[0])
    if isinstance(holder, Instance):
        if name == "register_buffer":
            holder.attributes[args[0]] = OwnTensor("buffer", *_filled(args[1]))
            return None
        if name in ("get_parameter", "get_submodule"):
            return Module(name, args, {})
        raise Fails(f"{holder.node.name} has no method {name}")
    if name == "size" and len(args) == 1 and not keywords:
        return LateSize("size", (holder, args[0]))
    return Step("operation", f".{name}", (holder, *args), keywords)


def _builtin(name: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    if name == "range":
        if not all(isinstance(value, int) for value in args):
            raise Fails("range takes whole numbers")
        return range(*args)
    if name == "zip":
        if keywords.get("strict") and len({len(values) for values in args}) > 1:
            raise Fails("zip gets lists of several lengths")
        return list(zip(*args, strict=False))
    if name == "enumerate":
        return list(enumerate(*args, **keywords))
    if name not in FUNCTIONS:
        raise NotUnderstood(name)
    if any(isinstance(value, LateSize) for value in args):
        return LateSize(name, args)
    try:
        return FUNCTIONS[name](*args)
    except (TypeError, ValueError) as error:
        raise Fails(str(error)) from None


def _torch(name: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    match name:
        case "nn.Sequential":
            return Container(list(args), called=True)
        case "nn.ModuleList":
            return Container(list(*args), called=False)
        case "nn.Parameter":
            return OwnTensor("parameter", *_filled(args[0]))
    return Module(name, args, keywords) if name.startswith("nn.") else Step("operation", name, args, keywords)


def _filled(value: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    if not isinstance(value, Step) or value.target not in ("torch.empty", "torch.zeros", "torch.ones"):
        raise NotUnderstood("a parameter of something else than zeros or ones")
    shape = value.args[0] if len(value.args) == 1 and isinstance(value.args[0], tuple) else value.args
    return shape, (value.target, (), {})
