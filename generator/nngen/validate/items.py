"""Reads the items in a list of layers, with the keys beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..description.description import (
    Action,
    Block,
    BlockCall,
    Branches,
    Import,
    Item,
    ItemGroup,
    Layer,
    Operate,
    Own,
    Reuse,
    TensorName,
    Written,
)
from ..language import expressions, load
from ..language.catalogue.entries import Entry
from ..language.catalogue.registry import catalogue
from ..language.identifiers import attribute_problem, class_problem, identifier_problem, variable_problem
from ..language.load import Node, Scalar, Sequence, describe
from ..language.problems import Problems
from ..language.suggest import did_you_mean, suggest
from ..network.layers import family_of
from ..network.operations import OPERATIONS, TensorOperation
from .arguments import bind, bind_block, written
from .companions import is_wrong_name, read_identifier, read_name, read_repeat, read_results, read_sources
from .initial import read_initial

STRUCTURES = ("layers", "branches", "residual", "use", "parameter", "buffer", "import")
COMPANIONS = ("name", "as", "from", "repeat", "if")
MORE_COMPANIONS = {"branches": ("merge",), "import": ("args", "output")}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads items, which may use the blocks of the description."""

    blocks: Mapping[str, Block | None]
    problems: Problems

    def items(self, node: Node, key: str) -> tuple[Item, ...]:
        """Read a list of items; an item with a mistake has no action.

        Args:
            node: the list.
            key: its key or the name of its block, for messages.
        """
        if isinstance(node, Sequence) and (node.items or key not in ("layers", *self.blocks)):
            return tuple(self.item(item) for item in node.items)
        description = "an empty one" if isinstance(node, Sequence) else describe(node)
        self.problems.add(f"{key}: expected a list of layers, found {description}", node)
        return (Item(None, key, node.position),)

    def item(self, node: Node) -> Item:
        """Read an item; an item with a mistake has no action."""
        kind, value, beside = self._parts(node)
        if kind is None:
            return Item(None, "", node.position)
        text = str(kind.value)
        sources = read_sources(beside.get("from"), self.problems)
        if text in OPERATIONS and _names_alone(OPERATIONS[text], value):
            sources, value = read_sources(value, self.problems), None
        action = self._action(text, kind, value, beside)
        return Item(
            action,
            text,
            kind.position,
            read_name(beside.get("name"), self.problems),
            read_results(beside.get("as"), self.problems),
            sources,
            read_repeat(beside.get("repeat"), self.problems),
            self._value(beside.get("if")),
        )

    def _parts(self, node: Node) -> tuple[Scalar | None, Node | None, Mapping[str, Node]]:
        """Return an item's kind, the value after it, and the keys beside it."""
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return node, None, {}
        if not isinstance(node, load.Mapping):
            self.problems.add(f"expected a layer such as 'ReLU' or 'Linear: 128', found {describe(node)}", node)
            return None, None, {}
        keys = [str(key.value) for key, _ in node.entries]
        allowed = COMPANIONS + tuple(more for kind in keys for more in MORE_COMPANIONS.get(kind, ()))
        kinds = [(key, value) for key, value in node.entries if key.value not in allowed]
        if not kinds and "repeat" in keys:  # with nothing beside it to repeat, it is the operation
            allowed = tuple(key for key in allowed if key != "repeat")
            kinds = [(key, value) for key, value in node.entries if key.value == "repeat"]
        if len(kinds) != 1:
            listed = ", ".join(repr(key.value) for key, _ in kinds)
            message_end = f"found {listed}" if kinds else "found none"
            second = kinds[1][0] if kinds else node
            hint = "indent arguments deeper than the layer" if kinds else ""
            self.problems.add(f"an item has exactly one layer, {message_end}", second, hint)
            return None, None, {}
        return kinds[0][0], kinds[0][1], {str(key.value): value for key, value in node.entries if key.value in allowed}

    def _action(self, text: str, kind: Scalar, value: Node | None, beside: Mapping[str, Node]) -> Action | None:
        match text:
            case "layers" | "residual":
                return ItemGroup(self.items(value or Scalar(None, kind.position), text), text == "residual")
            case "branches":
                return self._branches(kind, value, beside.get("merge"))
            case "use":
                name = read_identifier(value, kind, "use", self.problems)
                return Reuse(name) if name else None
            case "parameter" | "buffer":
                return self._own(text, kind, value)
            case "import":
                return self._import(kind, value, beside)
        if text in self.blocks or text in catalogue().layers or text in OPERATIONS:
            return self._module_or_operation(kind, value)
        return self._unknown(text, kind, value)

    def _module_or_operation(self, kind: Scalar, value: Node | None) -> Action | None:
        text = str(kind.value)
        if text in self.blocks:
            return self._block(text, kind, value)
        if text in catalogue().layers:
            return self._layer(catalogue().layers[text], kind, value)
        return self.operation(kind, value)

    def _unknown(self, text: str, kind: Scalar, value: Node | None) -> Action | None:
        known = [*self.blocks, *catalogue().layers] if text[:1].isupper() else [*OPERATIONS, *STRUCTURES]
        nearest = suggest(text, known) or suggest(text, [*self.blocks, *catalogue().layers, *OPERATIONS])
        noun = "layer" if text[:1].isupper() else "operation"
        self.problems.add(f"unknown {noun} {text!r}", kind, did_you_mean(nearest))
        if nearest is None or nearest in STRUCTURES:
            return None
        return self._module_or_operation(Scalar(nearest, kind.position), value)  # read as what was most likely meant

    def _layer(self, entry: Entry, kind: Scalar, value: Node | None) -> Layer | None:
        if family_of(entry) is None:
            self.problems.add(f"{entry.name} is a layer of torch, but nngen cannot infer its shape yet", kind)
            return None
        bound = bind(entry, kind, value, self.problems)
        if bound is None:
            return None
        inner = {name: node for name, node in bound.items() if _is_inner_layer(entry, name, node)}
        layers = {name: self._inner_layer(node) for name, node in inner.items()}
        arguments = self._written({name: node for name, node in bound.items() if name not in inner})
        if arguments is None or not all(layers.values()):
            return None
        return Layer(entry, arguments, {name: layer for name, layer in layers.items() if layer})

    def _inner_layer(self, node: Node) -> Layer | None:
        """Read a layer that is an argument of another: ``encoder_layer: {TransformerEncoderLayer: 8}``."""
        kind, value, beside = self._parts(node)
        if kind is None:
            return None
        for key in beside:
            self.problems.add(f"a layer that is an argument has no {key!r}", kind)
        name = str(kind.value)
        if name not in catalogue().layers:
            self.problems.unknown(f"unknown layer {name!r}", kind, name, catalogue().layers)
            return None
        return self._layer(catalogue().layers[name], kind, value)

    def _block(self, name: str, kind: Scalar, value: Node | None) -> BlockCall | None:
        block = self.blocks[name]
        if block is None:
            return None  # a problem is recorded for the block itself
        arguments = self._written(bind_block(block, kind, value, self.problems))
        return None if arguments is None else BlockCall(name, arguments)

    def _written(self, nodes: Mapping[str, Node] | None) -> dict[str, Written] | None:
        if nodes is None:
            return None
        values = {name: written(node, self.problems) for name, node in nodes.items()}
        arguments = {name: value for name, value in values.items() if value}
        return arguments if len(arguments) == len(values) else None

    def operation(self, kind: Scalar, value: Node | None) -> Operate | None:
        """Read an operation with its arguments; return None, with a problem recorded, if one is invalid or missing."""
        operation = OPERATIONS[str(kind.value)]
        nodes = self._operation_arguments(operation, value)
        if nodes is None:
            return None
        arguments: dict[str, Written] = {}
        tensors: dict[str, TensorName] = {}
        for name, node in nodes.items():
            if self._takes_tensor(operation, name) and _bare_word(node):
                tensors[name] = TensorName(str(load.plain(node)), node.position)
            else:
                arguments |= self._written({name: node}) or {}
        known = {parameter.name for parameter in operation.parameters} | set(operation.operands)
        # a tensor may also come from `from`, which is known only later
        needed = [
            parameter for parameter in operation.parameters if parameter.required and "tensor" not in parameter.types
        ]
        missing = [parameter.name for parameter in needed if parameter.name not in nodes]
        if missing:
            self.problems.add(f"{operation.name} needs {' and '.join(map(repr, missing))}", kind)
            return None
        whole = len(arguments) + len(tensors) == len(nodes)  # an argument with a mistake has no value
        return Operate(operation.name, arguments, tensors) if whole and set(nodes) <= known else None

    def _operation_arguments(self, operation: TensorOperation, value: Node | None) -> dict[str, Node] | None:
        names = [parameter.name for parameter in operation.parameters]
        second = operation.operands[1] if len(operation.operands) > 1 else None
        match value:
            case None | Scalar(None):
                return {}
            case load.Mapping(entries):
                return self._keyword_arguments(operation, entries, [*operation.operands, *names])
            case Sequence() if operation.takes_list:
                return {names[0]: value}
            case Sequence(items) if len(items) <= len(names):
                return dict(zip(names, items, strict=False))
            case Scalar() if second and (_bare_word(value) or operation.scalar_operand):
                return {second: value}
            case Scalar() if names:
                return {names[0]: value}
        takes, hint = _count(len(names), "argument"), ""
        if second and isinstance(value, Sequence):
            takes, hint = "a tensor or a number", "give the tensor before it with 'from'"
        self.problems.add(f"{operation.name} takes {takes}, found {describe(value)}", value, hint)
        return None

    def _keyword_arguments(
        self, operation: TensorOperation, entries: tuple[tuple[Scalar, Node], ...], names: list[str]
    ) -> dict[str, Node]:
        values: dict[str, Node] = {}
        for key, node in entries:
            name = str(key.value)
            if name not in names:
                listed = f"its arguments are {', '.join(names)}"
                message = f"{operation.name} has no argument {name!r}"
                nearest = self.problems.unknown(message, key, name, names, listed)
                if nearest is None:
                    continue
                name = nearest
            values[name] = node
        return values

    def _takes_tensor(self, operation: TensorOperation, name: str) -> bool:
        if name in operation.operands:
            return True
        return any(parameter.name == name and "tensor" in parameter.types for parameter in operation.parameters)

    def _branches(self, kind: Scalar, value: Node | None, merge: Node | None) -> Branches | None:
        if not isinstance(value, load.Mapping) or not value.entries:
            actual = describe(value) if value else "nothing"
            self.problems.add(f"branches: expected names with lists of layers, found {actual}", value or kind)
            return None
        branches = []
        for key, node in value.entries:
            problem = attribute_problem(key.value)
            if problem:
                self.problems.add(f"branches: {problem}", key)
            branches.append((str(key.value), self.items(node, str(key.value))))
        if merge is None:
            return Branches(tuple(branches), None)
        merge_kind, merge_value, _ = self._parts(merge)
        if merge_kind is None:
            return None
        operation = OPERATIONS.get(str(merge_kind.value))
        if operation is None or operation.most == 1:
            merging = [name for name, other in OPERATIONS.items() if other.most != 1]
            name = str(merge_kind.value)
            otherwise = "such as add, mul, cat or stack"
            self.problems.unknown(f"merge: {name!r} joins no tensors", merge_kind, name, merging, otherwise)
            return None
        operate = self.operation(merge_kind, merge_value)
        return Branches(tuple(branches), operate, merge_kind.position) if operate else None

    def _own(self, text: str, kind: Scalar, value: Node | None) -> Own | None:
        shape, init = value, None
        if isinstance(value, load.Mapping):
            shape, init = value.get("shape"), value.get("init")
            for key, _ in value.entries:
                if key.value not in ("shape", "init"):
                    self.problems.add(f"{text} has no argument {key.value!r}", key, "there are shape and init")
        if not isinstance(shape, Sequence):
            example = f"write {text}: {{shape: [1, 64], init: zeros}}"
            self.problems.add(f"{text} needs a shape", value or kind, example)
            return None
        sizes = [written(size, self.problems) for size in shape.items]
        if not all(sizes):
            return None
        initial = read_initial("", None, init, self.problems) if init else None
        return Own(text, tuple(size for size in sizes if size), initial)

    def _import(self, kind: Scalar, value: Node | None, beside: Mapping[str, Node]) -> Import | None:
        path = load.plain(value) if value else None
        module, _, attribute = path.partition(":") if isinstance(path, str) else ("", "", "")
        if not attribute or any(identifier_problem(part) for part in [*module.split("."), attribute]):
            example = "write import: my_package.layers:Attention"
            self.problems.add(
                f"import: expected a module and a class, found {describe(value or kind)}", value or kind, example
            )
            return None
        taken = class_problem(attribute) if attribute[0].isupper() else variable_problem(attribute)
        if taken or attribute in self.blocks:
            self.problems.add(f"import: {taken or f'{attribute!r} is a block of this description'}", value or kind)
        output, args = beside.get("output"), beside.get("args")
        if not isinstance(output, Sequence):
            self.problems.add(
                f"import of {attribute} needs the 'output' shape that it promises", kind, "without the batch"
            )
            return None
        sizes = [written(size, self.problems) for size in output.items]
        arguments: dict[str, Node] = {}
        if isinstance(args, load.Mapping):
            arguments = {
                str(key.value): node for key, node in args.entries if not is_wrong_name(key, "args", self.problems)
            }
        elif args is not None:
            self.problems.add(f"args: expected names with values, found {describe(args)}", args)
        values = self._written(arguments)
        if values is None or not all(sizes):
            return None
        return Import(module, attribute, values, tuple(size for size in sizes if size))

    def _value(self, node: Node | None) -> Written | None:
        return written(node, self.problems) if node is not None else None


def _is_inner_layer(entry: Entry, name: str, node: Node) -> bool:
    parameter = entry.parameter(name)
    if parameter is None or "module" not in parameter.types:
        return False
    return not isinstance(node, Scalar) or (isinstance(node.value, str) and not expressions.is_expression(node.value))


def _names_alone(operation: TensorOperation, value: Node | None) -> bool:
    """Tell whether a value is a list of the tensors that the operation joins: ``cat: [skip, x]``."""
    return (
        isinstance(value, Sequence) and operation.most != 1 and bool(value.items) and all(map(_bare_word, value.items))
    )


def _bare_word(node: Node) -> bool:
    value = load.plain(node)  # one that is no name is looked up too, and not found
    return isinstance(value, str) and not expressions.is_expression(value)


def _count(number: int, noun: str) -> str:
    return f"no {noun}s" if number == 0 else f"{number} {noun}{'s' if number > 1 else ''}"
