"""The emitted ``model.py``, read with ``ast`` and evaluated without running it: its modules and what they compute."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from .frame import Frame
from .initials import Initials
from .values import Container, Fails, Instance, Module, NotUnderstood, OwnTensor, Step

MAX_STEPS = 2_000_000
_TORCH = {"torch": "torch.", "F": "F.", "nn": "nn."}


class Emitted:
    """A file that was read.

    Attributes:
        classes: its classes by name.
        known: what other names of the module stand for.
        initials: what ``init`` does to parameters, in its order.
        ties: the assignments to attributes of modules, each with its owner, attribute and value.
        calls: the calls of modules, in the order in which they run.
    """

    def __init__(self, text: str) -> None:
        self.classes: dict[str, ast.ClassDef] = {}
        self.known: dict[str, Any] = {}
        self.initials: list[Initials] = []
        self.ties: list[tuple[Any, str, Any]] = []
        self.calls: list[Step] = []
        self._steps = 0
        try:
            tree = ast.parse(text)
            compile(tree, "model.py", "exec")  # finds what the parser lets pass; nothing runs
        except SyntaxError as error:
            raise Fails(f"line {error.lineno} is no Python: {error.msg}") from None
        for node in tree.body:
            self._read(node)
        self.known |= _TORCH

    def _read(self, node: ast.stmt) -> None:
        match node:
            case ast.ClassDef(name=name):
                if name in self.classes:
                    raise Fails(f"two classes {name}")
                base = "nn.Module" if _method(node, "forward") else "nn.Sequential"
                if [ast.unparse(inner) for inner in node.bases] != [base] or node.keywords or node.decorator_list:
                    raise Fails(f"{name} is no {base}")
                self.classes[name] = node
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                self.known |= {alias.asname or alias.name: ("import", alias.name) for alias in aliases}
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                raise NotUnderstood(type(node).__name__)

    def begin(self) -> None:
        """Forget what earlier evaluations left."""
        self._steps = 0
        self.initials.clear()
        self.ties.clear()
        self.calls.clear()

    def step(self) -> None:
        """Count a step, so that an evaluation ends.

        Raises:
            NotUnderstood: after too many of them.
        """
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise NotUnderstood("too many steps")

    def parameters(self, name: str) -> list[str]:
        """Return the names of the arguments of a class's constructor."""
        method = _method(self.classes[name], "__init__")
        return [arg.arg for arg in method.args.args[1:]] if method else []

    def construct(self, node: ast.ClassDef, args: tuple[Any, ...], keywords: dict[str, Any]) -> Instance:
        """Return an instance of a class.

        Raises:
            Fails: when the constructor would.
        """
        instance = Instance(node)
        method = _method(node, "__init__")
        if method is not None:
            Frame(self, instance, self._bind(method, args, keywords), building=True).run(method.body)
            if not instance.ready:
                raise Fails(f"{node.name} does not call super().__init__()")
        elif args or keywords:
            raise Fails(f"{node.name} takes no arguments")
        return instance

    def forward(self, module: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Return the result of a call of a module.

        Raises:
            Fails: when the call would.
        """
        self.step()
        if isinstance(module, Module):
            if module.name == "nn.Identity" and len(args) == 1 and not keywords:
                return args[0]
            self.calls.append(Step("module", module, args, keywords))
            return self.calls[-1]
        if isinstance(module, Instance):
            method = _method(module.node, "forward")
            if method is not None:
                return Frame(self, module, self._bind(method, args, keywords)).run(method.body)
            module = module.attributes.get("")
        if isinstance(module, Container) and module.called and not keywords and len(args) == 1:
            (x,) = args
            for item in module.items:
                x = self.forward(item, (x,), {})
            return x
        raise Fails("a module is called that cannot be called so")

    def _bind(self, method: ast.FunctionDef, args: tuple[Any, ...], keywords: dict[str, Any]) -> dict[str, Any]:
        declared = method.args
        if declared.vararg or declared.kwarg or declared.kwonlyargs or declared.posonlyargs:
            raise NotUnderstood(f"the parameters of {method.name}")
        names = [arg.arg for arg in declared.args[1:]]
        if len(args) > len(names) or set(keywords) - set(names[len(args) :]):
            raise Fails(f"{method.name} does not take these arguments")
        bound = dict(zip(names, args, strict=False)) | keywords
        for name, default in zip(names[len(names) - len(declared.defaults) :], declared.defaults, strict=True):
            if name not in bound:
                bound[name] = Frame(self, None, {}).value(default)
        missing = [name for name in names if name not in bound]
        if missing:
            raise Fails(f"{method.name} needs {', '.join(missing)}")
        return bound


def _method(node: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    return next((inner for inner in node.body if isinstance(inner, ast.FunctionDef) and inner.name == name), None)


def held(instance: Any, path: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield the modules and tensors of an instance with their paths, which are the keys of torch's ``state_dict``."""
    seen = set() if seen is None else seen
    if isinstance(instance, (Module, OwnTensor)):
        if id(instance) not in seen:
            seen.add(id(instance))
            yield path, instance
        return
    inner: Any = enumerate(instance.items) if isinstance(instance, Container) else instance.attributes.items()
    for name, value in inner:
        if name == "" and isinstance(value, Container):
            yield from held(value, path, seen)
        elif isinstance(value, (Module, OwnTensor, Container, Instance)):
            yield from held(value, f"{path}.{name}" if path else str(name), seen)
