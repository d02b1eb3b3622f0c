"""The description evaluated by itself: every block, repetition and branch unrolled, with a step for each tensor.

It shares with the generator the reading of descriptions, the catalogue and the rules of single layers and operations;
it knows no graph, no loops over rounds and no sources of sizes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..description.description import (
    Arg,
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
    TensorName,
    Written,
    takes_nothing,
)
from ..infer.scope import Scope, as_dim
from ..language.expressions import Literal
from ..language.problems import Problems
from ..network.operations import OPERATIONS
from ..network.symbolic.sizes import Symbolic
from ..network.tensors import BATCH, Dim, TensorType
from .calls import Calls, Wrong, plain, type_of
from .values import Described, Given, OwnTensor, Step, shown_with_arguments

Key = tuple[object, ...]


class Reference:
    """The evaluation of a description.

    Args:
        description: without mistakes.
        calls: those of other evaluations, whose outcomes hold for this one.

    Attributes:
        made: all modules and own tensors, by the places in the description that make them.
        called: how often each of them is called, by its identity.
    """

    def __init__(self, description: Description, calls: Calls) -> None:
        self.description = description
        self.made: dict[Key, Described | OwnTensor] = {}
        self.called: Counter[int] = Counter()
        self.calls = calls

    def model(self, model: Model, given: Mapping[str, Any]) -> tuple[list[Step], list[Any]]:
        """Return the inputs of a model and its results.

        Args:
            model: the model.
            given: the arguments of its constructor; the others have their defaults.

        Raises:
            Wrong: when the description does not fit with these values.
        """
        frame = ReferenceFrame(self, (model.name,))
        for arg in model.args:
            frame.take(arg, given.get(arg.name))
        inputs = [Step("input", tensor.name, type=frame.input_type(tensor)) for tensor in model.inputs]
        names = [tensor.name for tensor in model.inputs]
        for arg in model.args:  # those that are sizes of inputs
            if arg.name not in frame.scope.values:
                frame.tensors = {"input": inputs[0], **dict(zip(names, inputs, strict=True))}
                frame.take(arg, None)
        return inputs, frame.run_class(names, inputs, model)

    def initials(self, args: tuple[Arg, ...], given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return what ``init`` does, in its order."""
        frame = ReferenceFrame(self, ())
        for arg in args:
            frame.take(arg, given.get(arg.name))
        return [
            (
                f"*{initial.target}" if initial.parameter is None else f"nn.{initial.target}.{initial.parameter}",
                f"nn.init.{initial.function}_",
                tuple((name, frame.value(written)) for name, written in initial.arguments.items()),
            )
            for initial in self.description.init
        ]

    def keep(self, key: Key, made: Described | OwnTensor) -> Any:
        """Return the one module of a place in the description, however often it is called.

        Raises:
            Wrong: when it would have other arguments than before.
        """
        before = self.made.setdefault(key, made)
        self.called[id(before)] += 1
        if before is not made and shown_with_arguments(made) != shown_with_arguments(before):
            raise Wrong("a module is used again for another size")
        return before


class ReferenceFrame:
    """The names of one list of items, and the tensor that flows through it."""

    def __init__(self, whole: Reference, key: Key) -> None:
        self.whole, self.key = whole, key
        self.scope = Scope(Problems())
        self.tensors: dict[str, Any] = {}
        self.flow: Any = None  # which `x` means
        self.modules: dict[str, tuple[Item, Key, ReferenceFrame]] = {}

    def inner(self, key: Key, values: Mapping[str, Any] | None = None) -> ReferenceFrame:
        """Return a frame with the names of this one and further values."""
        frame = ReferenceFrame(self.whole, key)
        frame.scope.values = {**self.scope.values, **(values or {})}
        frame.tensors, frame.flow, frame.modules = dict(self.tensors), self.flow, dict(self.modules)
        return frame

    def take(self, arg: Arg, given: Any) -> None:
        """Set a parameter to a given value, or else to its default; a size that is not known yet is left out."""
        if given is not None:
            self.scope.values[arg.name] = given
        elif arg.value is not None:
            argument = self.scope.evaluate(arg.value, self._types())
            if argument is not None:
                self.scope.values[arg.name] = argument.value

    def input_type(self, tensor: Any) -> TensorType:
        """Return the type of an input of a model."""
        dims = [Dim(BATCH)]
        for size in tensor.shape:
            varies = isinstance(size.value, Literal) and isinstance(size.value.value, str)
            dims.append(Dim(Symbolic.name(size.value.value) if varies else self.value(size)))
        high = as_dim(plain(self.value(tensor.high))) if tensor.high else None
        return TensorType(tuple(dims), tensor.dtype, high)

    def value(self, written: Written, runtime: bool = False) -> Any:
        """Return the value of an expression.

        Raises:
            Wrong: when it has none.
        """
        argument = self.scope.evaluate(written, self._types(), runtime)
        if argument is None:
            raise Wrong(f"there is no value of {written.value}")
        return argument.value

    def run_class(self, names: list[str], inputs: list[Any], body: Model | Block) -> list[Any]:
        """Return the results of a model or a block."""
        self.tensors = dict(zip(names, inputs, strict=True))
        if inputs:
            self.tensors.setdefault("input", inputs[0])
            self.flow = inputs[0]
        self.run(body.items)
        return [self.flow] if body.outputs is None else [self._tensor(output.name) for output in body.outputs]

    def run(self, items: tuple[Item, ...]) -> Any:
        """Run items, and return the tensor that flows out of them."""
        for index, item in enumerate(items):
            self._item(item, (*self.key, index))
        return self.flow

    def _types(self) -> dict[str, TensorType]:
        tensors = self.tensors if self.flow is None else {**self.tensors, "x": self.flow}
        return {name: type_of(tensor) for name, tensor in tensors.items()}

    def _tensor(self, name: str) -> Any:
        tensor = self.flow if name == "x" and self.flow is not None else self.tensors.get(name)
        if tensor is None:
            raise Wrong(f"there is no tensor {name}")
        return tensor

    def _operand(self, operand: Operand) -> Any:
        if isinstance(operand, TensorName):
            return self._tensor(operand.name)
        return tuple(self._tensor(name.name) for name in operand)

    def _item(self, item: Item, key: Key) -> None:
        action = item.action
        if isinstance(action, Own):
            if item.condition is None or self.value(item.condition):
                self.tensors[str(item.name)] = self._own(action, key)
            return
        inputs, keywords = self._inputs(item)
        if item.condition is not None and not self.value(item.condition):
            outputs = [inputs[0]]
        else:
            outputs = self._rounds(item, key, inputs, keywords)
        if item.name:
            self.modules[item.name] = (item, key, self.inner(self.key))
        self._assign(item, outputs)

    def _inputs(self, item: Item) -> tuple[list[Any], dict[str, Any]]:
        action = item.action
        named = dict(action.tensors) if isinstance(action, Operate) else {}
        keywords: dict[str, Any] = {}
        if item.sources is not None:
            inputs = [self._operand(operand) for operand in item.sources.positional]
            keywords = {name: self._operand(operand) for name, operand in item.sources.keywords.items()}
            keywords |= item.sources.flags
        else:
            first = {*OPERATIONS[action.operation].operands[:1]} if isinstance(action, Operate) else set()
            inputs = [] if named.keys() & first or takes_nothing(item, self.whole.description) else [self.flow]
        keywords |= {name: self._tensor(tensor.name) for name, tensor in named.items()}
        order: tuple[str, ...] = ()
        if isinstance(action, Layer):
            order = tuple(action.entry.traits.get("forward", ()))[: action.entry.inputs]
        elif isinstance(action, Operate):
            order = tuple(OPERATIONS[action.operation].operands)
        elif isinstance(action, BlockCall):
            order = self.whole.description.blocks[action.block].inputs
        while len(inputs) < len(order) and order[len(inputs)] in keywords:
            inputs.append(keywords.pop(order[len(inputs)]))
        if any(tensor is None for tensor in inputs):
            raise Wrong("nothing flows here")
        return inputs, keywords

    def _assign(self, item: Item, outputs: list[Any]) -> None:
        if isinstance(item.action, Branches) and item.action.merge is None:
            self.tensors |= {name: output for (name, _), output in zip(item.action.branches, outputs, strict=False)}
            self.flow = None
            return
        self.flow = outputs[0]
        if item.results is None:
            return
        if item.results.parts:
            self.flow = None
        for name, output in zip(item.results.names, outputs, strict=False):
            if name == "x":
                self.flow = output
            elif name is not None:
                self.tensors[name] = output

    def _rounds(self, item: Item, key: Key, inputs: list[Any], keywords: dict[str, Any]) -> list[Any]:
        if item.repeat is None:
            return self._call(item, key, inputs, keywords)
        if item.repeat.count is not None:
            rounds: list[dict[str, Any]] = [{"i": number} for number in range(self.value(item.repeat.count))]
        else:
            columns = {name: self.value(written) for name, written in item.repeat.columns}
            if len({len(column) for column in columns.values()}) > 1:
                raise Wrong("columns of several lengths")
            rows = zip(*columns.values(), strict=True)
            rounds = [{"i": number, **dict(zip(columns, row, strict=True))} for number, row in enumerate(rows)]
        carried = _carried(item)
        current, outputs = list(inputs), list(inputs[: len(carried)])
        for number, values in enumerate(rounds):
            inner = self.inner(self.key, values)
            outputs = inner._call(item, (*key, number), current, keywords)
            for place, index in carried:
                current[index] = outputs[place]
        return outputs

    def _call(self, item: Item, key: Key, inputs: list[Any], keywords: dict[str, Any]) -> list[Any]:
        self.whole.calls.count()
        match item.action:
            case Layer():
                return self._layer(item, item.action, key, inputs, keywords)
            case Operate(operation, arguments):
                return self._operation(operation, arguments, inputs, keywords)
            case BlockCall(name, arguments):
                return self._block(self.whole.description.blocks[name], arguments, key, inputs)
            case ItemGroup(items, residual):
                inner = self.inner((*key, "list"))
                inner.flow = inputs[0]
                result = inner.run(items)
                return self._operation("add", {}, [inputs[0], result], {}) if residual else [result]
            case Branches(branches, merge):
                results = []
                for name, items in branches:
                    inner = self.inner((*key, name))
                    inner.flow = inputs[0]
                    results.append(inner.run(items))
                return results if merge is None else self._operation(merge.operation, merge.arguments, results, {})
            case Reuse(target):
                if target not in self.modules:
                    raise Wrong(f"there is no module {target}")
                original, first, frame = self.modules[target]
                return frame._rounds(original, first, inputs, keywords)
            case Import(_, attribute, arguments, output):
                given = {name: Given(self.value(written)) for name, written in arguments.items()}
                made = self.whole.keep(key, Described(attribute, given, ()))
                dims = (Dim(BATCH), *(Dim(self.value(size)) for size in output))
                return [Step("module", made, tuple(inputs), keywords, TensorType(dims))]
        raise Wrong(f"there is no rule for {item.kind}")

    def _block(self, block: Block, arguments: Mapping[str, Written], key: Key, inputs: list[Any]) -> list[Any]:
        if len(inputs) != len(block.inputs):
            raise Wrong(f"{block.name} takes another number of tensors")
        inner = ReferenceFrame(self.whole, (*key, block.name))
        inner.tensors = {**({"input": inputs[0]} if inputs else {}), **dict(zip(block.inputs, inputs, strict=True))}
        values = {name: self.value(written) for name, written in arguments.items()}
        for arg in block.args:
            inner.take(arg, values.get(arg.name))
        return inner.run_class(list(block.inputs), inputs, block)

    def _own(self, action: Own, key: Key) -> OwnTensor:
        shape = tuple(self.value(size) for size in action.shape)
        if any(not isinstance(size, int) or size < 1 for size in shape):
            raise Wrong(f"{shape} is no shape")
        function = action.init.function if action.init else "zeros"
        init: tuple[Any, ...] = (f"torch.{function}", (), {})
        if action.init and function not in ("zeros", "ones"):
            arguments = {name: self.value(written) for name, written in action.init.arguments.items()}
            init = (f"nn.init.{function}_", (), arguments)
        tensor: OwnTensor = self.whole.keep(key, OwnTensor(action.kind, shape, init))
        return tensor

    def _layer(self, item: Item, action: Layer, key: Key, inputs: list[Any], keywords: dict[str, Any]) -> list[Any]:
        wanted = None if item.results is None or not item.results.parts else item.results.names
        made, result = self.whole.calls.layer(action, self.value, inputs, keywords, wanted)
        module = self.whole.keep(key, made)
        return inputs if action.entry.name == "Identity" else result(module)

    def _operation(
        self, name: str, written: Mapping[str, Written], inputs: list[Any], keywords: dict[str, Any]
    ) -> list[Any]:
        values = {argument: self.value(value, runtime=True) for argument, value in written.items()}
        return self.whole.calls.operation(name, values, inputs, keywords)


def _carried(item: Item) -> list[tuple[int, int]]:
    """Return which results of a round are which inputs of the next one, by their positions."""
    if item.results is None or item.sources is None:
        return [(0, 0)]
    names = [operand.name if isinstance(operand, TensorName) else None for operand in item.sources.positional]
    carried = [(place, names.index(name)) for place, name in enumerate(item.results.names) if name and name in names]
    return carried or [(0, 0)]
