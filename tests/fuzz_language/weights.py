"""Gives two models the same weights: their modules and own tensors are matched in the order of their first use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)

State = list[tuple[str, torch.Tensor]]


@dataclass(frozen=True)
class Used:
    """What a model used, once each, in order: the class of a module or ``own``, and its parameters and buffers."""

    kind: str
    state: State

    @property
    def signature(self) -> tuple[Any, ...]:
        """What a module of the other model has to have, too."""
        return self.kind, tuple((name.rpartition(".")[2], tuple(each.shape)) for name, each in self.state)


def leaves(model: nn.Module) -> tuple[list[nn.Module], list[torch.Tensor]]:
    """Return the modules of torch that a model holds, and the tensors that its own classes hold."""
    modules: dict[int, nn.Module] = {}
    own: dict[int, torch.Tensor] = {}

    def visit(module: nn.Module) -> None:
        if type(module).__module__.startswith("torch.") and not isinstance(module, _CONTAINERS):
            modules[id(module)] = module
            return
        for tensor in (*module.parameters(recurse=False), *module.buffers(recurse=False)):
            own[id(tensor)] = tensor
        for child in module.children():
            visit(child)

    visit(model)
    return list(modules.values()), list(own.values())


class _FirstUses(TorchFunctionMode):
    def __init__(self, own: Iterable[torch.Tensor]) -> None:
        super().__init__()
        self.own = {id(tensor) for tensor in own}
        self.found: dict[int, Any] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for tensor in _tensors([args, kwargs]):
            if id(tensor) in self.own:
                self.found.setdefault(id(tensor), tensor)
        return func(*args, **(kwargs or {}))


def _tensors(value: Any) -> Iterable[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _tensors(part)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))


def order_of_use(modules: list[nn.Module], own: list[torch.Tensor], run: Callable[[], Any]) -> list[Used]:
    """Run a model, and return what has parameters or buffers in the order of first use; what is not used, last."""
    uses = _FirstUses(own)

    def hook(module: nn.Module, *_: Any) -> None:
        uses.found.setdefault(id(module), module)

    handles = [module.register_forward_pre_hook(hook) for module in modules]
    with uses:
        run()
    for handle in handles:
        handle.remove()
    for each in (*modules, *own):
        uses.found.setdefault(id(each), each)
    used = [_used(each) for each in uses.found.values()]
    return [each for each in used if each.state]


def _used(each: Any) -> Used:
    if isinstance(each, nn.Module):
        state = [*each.named_parameters(), *each.named_buffers()]
        return Used(type(each).__name__, state)
    kind = "own parameter" if isinstance(each, nn.Parameter) else "own buffer"
    return Used(kind, [("", each)])


def fill(used: list[Used]) -> None:
    """Set all weights by a rule of the order of use and of the order of the parameters."""
    for index, each in enumerate(used):
        for number, (name, tensor) in enumerate(each.state):
            if not tensor.is_floating_point():
                continue
            start = 1.3 * index + 0.37 * number
            values = (torch.arange(tensor.numel(), dtype=torch.float64) * 0.7 + start).sin() * 0.6
            values = values.abs() + 0.5 if name.endswith("running_var") else values
            with torch.no_grad():
                tensor.copy_(values.reshape(tensor.shape))


def state_of(used: list[Used]) -> list[torch.Tensor]:
    """Return copies of all parameters and buffers."""
    return [tensor.detach().clone() for each in used for _, tensor in each.state]
