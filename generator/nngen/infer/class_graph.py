"""Builds the graph of a class: connects each item with the tensors that it takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..description.description import (
    SIZES_OF_INPUT,
    Block,
    BlockCall,
    Branches,
    Description,
    Import,
    Item,
    ItemGroup,
    Layer,
    Model,
    Operand,
    Operate,
    Own,
    Reuse,
    Sources,
    TensorName,
    all_items,
    is_plain,
    takes_nothing,
    written_in,
)
from ..language import expressions
from ..language.errors import Position
from ..language.problems import Problems
from ..language.suggest import did_you_mean, suggest
from ..network.graph import Body, Called, Fork, Graph, Nested, Node, Received, Ref, Taken, Unread, walk
from ..network.operations import OPERATIONS
from .attributes import name_attributes
from .kept_names import Names


@dataclass
class _Scope:
    """The tensors that are visible in a list of items: named ones, also of the lists around it, and the flow."""

    flow: Ref | None
    tensors: dict[str, Ref]
    reason: str = ""  # why there is no flow


@dataclass
class ClassBuilder:
    """Builds the graph of a class, and reports names that do not fit."""

    description: Description
    problems: Problems
    args: set[str]
    endless: set[str]  # blocks that contain themselves, which cannot be built
    nodes: int = 0
    used: set[Ref] = field(default_factory=set)
    tensor_names: dict[Ref, tuple[str, Position | None]] = field(default_factory=dict)
    modules: dict[str, int] = field(default_factory=dict)  # nodes by the names that the author gave
    all_results: set[str] = field(default_factory=set)  # names of the results of all items of the class
    all_names: set[str] = field(default_factory=set)  # names of all items of the class
    attributes: dict[str, str] = field(default_factory=dict)  # taken names, with their kind for messages
    variables: list[str] = field(default_factory=list)  # variables of the loops around the current item
    missing: bool = False  # whether the current item takes a tensor that does not exist
    reported: set[str] = field(default_factory=set)  # unknown names of values and tensors, each reported once
    unclear: bool = False  # whether it is unknown which tensors are used, because of a mistake

    @classmethod
    def of_model(
        cls, model: Model, description: Description, problems: Problems, endless: set[str], before: Names
    ) -> Graph:
        """Return the graph of a model."""
        inputs = tuple(tensor.name for tensor in model.inputs)
        build = cls(description, problems, {arg.name for arg in model.args}, endless)
        body = build.body_of_class(inputs, model.items, model.outputs)
        body = name_attributes(body, build.args | set(inputs), before)
        return Graph(model.name, model.args, inputs, model.inputs, body, model.position)

    @classmethod
    def of_block(
        cls, block: Block, description: Description, problems: Problems, endless: set[str], before: Names
    ) -> Graph:
        """Return the graph of a block; a block of plain modules becomes an ``nn.Sequential``."""
        build = cls(description, problems, {arg.name for arg in block.args}, endless)
        body = build.body_of_class(block.inputs, block.items, block.outputs)
        plain = (
            len(block.inputs) == 1
            and block.outputs is None
            and all(is_plain(item, description) for item in block.items)
        )
        body = body if plain else name_attributes(body, build.args | set(block.inputs), before)
        return Graph(block.name, block.args, block.inputs, (), body, block.position, plain)

    def body_of_class(
        self, inputs: tuple[str, ...], items: tuple[Item, ...], outputs: tuple[TensorName, ...] | None
    ) -> Body:
        """Return the body of a class: nodes for its inputs and items, and its results."""
        received = [self._node(Received(name)) for name in inputs]
        tensors = {name: Ref(node.id) for name, node in zip(inputs, received, strict=True)}
        if received:
            tensors.setdefault("input", Ref(received[0].id))
        scope = _Scope(Ref(0) if received else None, tensors, "the block has no inputs")
        self.all_results = {name for item in all_items(items) if item.results for name in item.results.names if name}
        self.all_names = {item.name for item in all_items(items) if item.name}
        self.attributes = dict.fromkeys(inputs, "an input") | dict.fromkeys(self.args, "an argument")
        nodes = [*received, *self._list(items, scope)]
        if outputs is not None:
            returned = [self._tensor(output, scope) for output in outputs]
            results = tuple(ref for ref in returned if ref)
        elif scope.flow is None:
            self.problems.add(f"{scope.reason}; say which are returned", items[-1].position, "with 'outputs: [...]'")
            results = ()
        else:
            self.used.add(scope.flow)
            results = (scope.flow,)
        self._report_unused(tuple(nodes))
        return Body(tuple(nodes), results)

    def _node(self, action: object, **values: object) -> Node:
        self.nodes += 1
        return Node(self.nodes - 1, action, **values)  # type: ignore[arg-type]

    def _list(self, items: tuple[Item, ...], scope: _Scope) -> list[Node]:
        return [self._item(item, scope) for item in items]

    def _item(self, item: Item, scope: _Scope) -> Node:
        carried = self._carried(item)
        self.missing = False
        inputs, keywords = self._inputs(item, scope)
        missing = self.missing
        variables = self._loop_variables(item)
        self.variables += variables
        self._check_names(item)
        node = replace(
            self._node(Unread() if missing else self._action(item, scope)),
            inputs=inputs,
            keywords=keywords,
            flags=item.sources.flags if item.sources else {},
            attribute=item.name or "",
            names=item.results.names if item.results else (),
            parts=bool(item.results and item.results.parts),
            carried=carried,
            repeat=item.repeat,
            condition=item.condition,
            kind=item.kind,
            position=item.position,
            tensors=self._expression_tensors(item, scope),
        )
        del self.variables[len(self.variables) - len(variables) :]
        self._give(item, node, scope)
        return node

    def _loop_variables(self, item: Item) -> list[str]:
        if item.repeat is None:
            return []
        for name, _ in item.repeat.columns:
            if name in self.attributes or name in self.variables:
                taken = self.attributes.get(name, "a loop around")
                self.problems.add(f"repeat: the name {name!r} is given already, to {taken}", item.repeat.position)
        return ["i", *(name for name, _ in item.repeat.columns)]

    def _check_names(self, item: Item) -> None:
        """Report names in expressions that have no value here."""
        known = self.args | set(SIZES_OF_INPUT) | set(self.variables)
        for value in written_in(item):
            for name in sorted(expressions.names(value.value) - known - self.reported):  # type: ignore[arg-type]
                self.reported.add(name)
                message = f"there is no ${name} here"
                self.problems.unknown(message, value.position, name, known, "give it under 'args'", variable=True)

    def _carried(self, item: Item) -> tuple[tuple[int, int], ...]:
        if item.repeat is None or item.results is None or item.sources is None:
            return ()
        sources = [source.name if isinstance(source, TensorName) else None for source in item.sources.positional]
        return tuple(
            (part, sources.index(name)) for part, name in enumerate(item.results.names) if name and name in sources
        )

    def _action(self, item: Item, scope: _Scope) -> object:
        action = item.action
        match action:
            case BlockCall(block) if block in self.endless or block not in self.description.blocks:
                return Unread()
            case None:
                return Unread()
            case ItemGroup(items, residual):
                body = self._nested(items, scope)
                return Nested(body, residual, all(is_plain(inner, self.description) for inner in items))
            case Branches(branches, merge, position):
                forks = tuple(
                    (name, self._nested(items, scope), all(is_plain(inner, self.description) for inner in items))
                    for name, items in branches
                )
                return Fork(forks, merge, position)
            case Reuse(target):
                if target not in self.modules:
                    listed = there_are(self.modules, "modules with names")
                    hint = did_you_mean(suggest(target, self.modules), listed)
                    hint = "its module is below, or is no single one" if target in self.all_names else hint
                    self.problems.add(f"use: there is no module named {target!r} above", item.position, hint)
                    return Unread()
                return Called(self.modules[target])
        return action

    def _nested(self, items: tuple[Item, ...], scope: _Scope) -> Body:
        received = self._node(Received())
        inner = _Scope(Ref(received.id), dict(scope.tensors))
        nodes = [received, *self._list(items, inner)]
        if inner.flow is None:
            self.problems.add(inner.reason, items[-1].position if items else None, "end the list with what it gives")
            return Body(tuple(nodes), (Ref(received.id),))
        self.used.add(inner.flow)
        return Body(tuple(nodes), (inner.flow,))

    def _inputs(self, item: Item, scope: _Scope) -> tuple[tuple[Taken, ...], dict[str, Taken]]:
        """Return the positional and the keyword inputs of an item."""
        if isinstance(item.action, Own) or (item.sources is None and takes_nothing(item, self.description)):
            return (), {}
        if item.sources is not None:
            self._check_tuples(item, item.sources)
            taken = [self._operand(operand, scope) for operand in item.sources.positional]
            keywords = {name: self._operand(operand, scope) for name, operand in item.sources.keywords.items()}
            positional = [tensor for tensor in taken if tensor is not None]
            by_name = {name: tensor for name, tensor in keywords.items() if tensor is not None}
        elif isinstance(item.action, Operate) and self._names_first(item.action):
            positional, by_name = [], {}  # the first tensor is given by torch's name
        else:
            flow = self._flow(item, scope)
            positional, by_name = ([flow] if flow else []), {}
        # the first arguments need no names: attention(x, x, x, attn_mask=mask)
        names = self._names_of_inputs(item)
        while len(positional) < len(names) and names[len(positional)] in by_name:
            positional.append(by_name.pop(names[len(positional)]))
        if isinstance(item.action, Operate):
            by_name |= {
                name: ref
                for name, tensor in item.action.tensors.items()
                if (ref := self._tensor(tensor, scope)) is not None
            }
            operands = OPERATIONS[item.action.operation].operands
            positional += [by_name.pop(name) for name in operands[len(positional) :] if name in by_name]
        return tuple(positional), by_name

    @staticmethod
    def _names_first(action: Operate) -> bool:
        """Tell whether an operation has its first tensor by torch's name for it, so that it does not take the flow."""
        return bool(action.tensors.keys() & {*OPERATIONS[action.operation].operands[:1]})

    def _names_of_inputs(self, item: Item) -> Sequence[str]:
        """Return the names of the inputs that a module needs."""
        match item.action:
            case Layer(entry):
                names: Sequence[str] = entry.traits.get("forward", ())
                return names[: entry.inputs]
            case BlockCall(block) if block in self.description.blocks:
                return self.description.blocks[block].inputs
        return ()

    def _check_tuples(self, item: Item, sources: Sources) -> None:
        """Report tuples where a single tensor is needed; LSTM and operations that join tensors take tuples."""
        if not isinstance(item.action, (Layer, BlockCall)):
            return
        several = False
        if isinstance(item.action, BlockCall) and item.action.block in self.description.blocks:
            flat = sum(len(operand) if isinstance(operand, tuple) else 1 for operand in sources.positional)
            # inference reports a wrong number of tensors
            several = flat != len(self.description.blocks[item.action.block].inputs)
        place = item.action.entry.traits.get("tuple") if isinstance(item.action, Layer) else None
        for index, operand in enumerate(sources.positional):
            if isinstance(operand, tuple) and operand and index != place and not (several and len(operand) > 1):
                message = f"{item.kind} takes one tensor here, not a tuple of them"
                self.problems.add(message, operand[0].position, f"write {operand[0].name}")

    def _flow(self, item: Item, scope: _Scope) -> Ref | None:
        if scope.flow is None:
            if item.action is not None:
                self.problems.add(f"{scope.reason}, so {item.kind} needs 'from'", item.position)
            return None
        self.used.add(scope.flow)
        return scope.flow

    def _operand(self, operand: Operand, scope: _Scope) -> Taken | None:
        if isinstance(operand, TensorName):
            return self._tensor(operand, scope)
        parts = [self._tensor(part, scope) for part in operand]
        return tuple(part for part in parts if part)

    def _tensor(self, tensor: TensorName, scope: _Scope) -> Ref | None:
        ref = scope.flow if tensor.name == "x" else scope.tensors.get(tensor.name)
        if ref is None:
            self._note_missing(tensor, scope)
            return None
        self.used.add(ref)
        return ref

    def _note_missing(self, tensor: TensorName, scope: _Scope) -> None:
        """Report a tensor that does not exist here, once for each name."""
        self.missing = True
        known = [*scope.tensors, *(["x"] if scope.flow else [])]
        nearest = suggest(tensor.name, known)
        if nearest in scope.tensors:
            self.used.add(scope.tensors[nearest])  # it is most likely what was meant
        else:
            self.unclear = True
        hint = did_you_mean(nearest, there_are(known, "tensors"))
        if tensor.name in self.all_results:
            hint = "it is given below or inside a list; the flow has no cycles"
        if tensor.name not in self.reported:
            self.problems.add(f"there is no tensor {tensor.name!r} here", tensor.position, hint)
        self.reported.add(tensor.name)

    def _expression_tensors(self, item: Item, scope: _Scope) -> dict[str, Ref]:
        """Return the tensors whose sizes an item's expressions use, by name."""
        tensors: dict[str, Ref] = {}
        for value in written_in(item):
            for size in expressions.sizes(value.value):  # type: ignore[arg-type]
                ref = self._tensor(TensorName(size.tensor, value.position), scope)
                if ref is not None:
                    tensors[size.tensor] = ref
            for name in expressions.names(value.value) & set(SIZES_OF_INPUT) - self.args:  # type: ignore[arg-type]
                if "input" in scope.tensors:
                    tensors[SIZES_OF_INPUT[name].tensor] = scope.tensors["input"]
                else:
                    self._note_missing(TensorName("input", value.position), scope)
        return tensors

    def _give(self, item: Item, node: Node, scope: _Scope) -> None:
        """Make the results of an item visible to the items after it."""
        if item.name and item.name in self.attributes:
            self.problems.add(
                f"the name {item.name!r} is given already, to {self.attributes[item.name]}", item.position
            )
        elif item.name:
            self.attributes[item.name] = "another layer"
        if item.name and (
            isinstance(item.action, (Layer, BlockCall, Import))
            or (isinstance(node.action, Nested) and node.action.plain and not node.action.residual)
        ):
            self.modules[item.name] = node.id
        if isinstance(item.action, Own):
            if item.name:
                self._name(item.name, Ref(node.id), item.position, scope)
            else:
                self.problems.add(f"a {item.kind} needs a 'name'", item.position)
            return
        if isinstance(item.action, Branches) and item.action.merge is None:
            for part, (branch, _) in enumerate(item.action.branches):
                self._name(branch, Ref(node.id, part), item.position, scope)
            scope.flow, scope.reason = None, "branches without 'merge' give several tensors"
            return
        self.used |= {Ref(node.id, part) for part, _ in node.carried}  # the next round uses them
        scope.flow = Ref(node.id)
        if item.results is None:
            return
        carried = {part for part, _ in node.carried}
        for part, name in enumerate(item.results.names):
            if name == "x" and item.results.parts:
                scope.flow = Ref(node.id, part)
            elif name is not None:
                self._name(name, Ref(node.id, part), item.results.position, scope, again=part in carried)
        if item.results.parts and "x" not in item.results.names:
            listed = ", ".join(name or "_" for name in item.results.names)
            scope.flow, scope.reason = None, f"'as: [{listed}]' names several tensors"

    def _name(self, name: str, ref: Ref, position: Position | None, scope: _Scope, again: bool = False) -> None:
        if name in scope.tensors and not again:
            self.problems.add(f"the name {name!r} is given already", position)
        elif name in self.args:
            self.problems.add(f"the name {name!r} is an argument already", position)
        scope.tensors[name] = ref
        self.tensor_names[ref] = (name, position)

    def _report_unused(self, nodes: tuple[Node, ...]) -> None:
        if self.unclear:
            return
        for ref, (name, position) in self.tensor_names.items():
            if ref not in self.used and name != "input":
                self.problems.add(f"nobody uses the tensor {name!r}", position, "leave it out, or write _ in a list")
        used = {ref.node for ref in self.used}
        for node in walk(Body(nodes, ())):
            silent = isinstance(node.action, (Own, Unread)) or any(name for name in node.names)
            fork = isinstance(node.action, Fork) and node.action.merge is None
            if isinstance(node.action, Received):
                if node.action.name and node.id not in used:
                    self.problems.add(f"nobody uses the input {node.action.name!r}", node.position)
            elif node.id not in used and not silent and not fork:
                self.problems.add(f"nobody uses what {node.kind} gives", node.position)


def there_are(known: Iterable[str], noun: str) -> str:
    """Return a hint that lists the known names.

    Args:
        known: the names.
        noun: the kind of names in the plural, used if there are none.
    """
    listed = sorted(known)
    return f"there are {', '.join(listed)}" if listed else f"there are no {noun} yet"
