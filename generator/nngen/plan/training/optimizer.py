"""Optimizers as code: their arguments, and which of them gets which parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from ...description.calls import Call, Optimizer, ParameterGroup, Schedule
from ...language import expressions
from ...language.catalogue.registry import catalogue
from ...language.expressions import Expr
from ...language.python import call_arguments, literal
from ...network.parameters import Weight
from ...training.optimizers import default_lr, outer_matrices, rest_of
from ..statements import Code, loop
from .scheduler import SchedulePlan, plan_schedule

_PARAMS = '"params"'
_COMMENTS = {
    "OUTER": "matrices not for Muon: of embeddings, of the model itself and of the last layer",
    "NO_DECAY": "parts of the names of parameters without weight decay",
}
_CONFLICTS_WITH_FUSED = ("foreach", "fused", "differentiable")
# names in the function that makes an optimizer, beside those of lists
_TAKEN = (
    "no_decay",
    "others",
    "matrices",
    "sparse",
    "sparse_names",
    "name",
    "part",
    "parameter",
    "model",
    "nn",
    "lr",
    "groups",
    "undecayed",
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Parameters that belong together.

    Attributes:
        name: of the list that holds them.
        condition: code that says whether ``parameter`` called ``name`` is one; empty for all others.
        options: what is set for them beside ``params``, as ``"lr": 0.01``.
    """

    name: str
    condition: str = ""
    options: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The parameters with their options, as torch's optimizers take them."""
        return f"{{{', '.join([f'{_PARAMS}: {self.name}', *self.options])}}}"

    def branch(self, first: bool) -> str:
        """Return the head of the branch for one of them, the first or a later one of several branches."""
        return f"{'if' if first else 'elif'} {self.condition}" if self.condition else "else"


@dataclass(frozen=True, slots=True)
class Made:
    """One optimizer: its class, the parameters that it gets, and the arguments after them."""

    name: str
    buckets: tuple[Bucket, ...]
    arguments: tuple[str, ...]

    @property
    def grouped(self) -> bool:
        """Some of its parameters have settings of their own."""
        return any(bucket.options for bucket in self.buckets)

    @property
    def call(self) -> str:
        """The call that makes it."""
        first = "groups" if self.grouped else self.buckets[0].name
        return f"{self.name}({', '.join([first, *self.arguments])},)"


@dataclass(frozen=True, slots=True)
class Optimization:
    """How the parameters are moved, as the templates print it.

    Attributes:
        name: the class of torch; of two optimizers the first.
        arguments: those after the parameters, when one call in ``main`` is all.
        made: otherwise, what ``make_optimizer`` makes.
        constants: names of tuples that it needs, with their values as code.
        undecayed: code that says whether the parameter called ``name`` has no weight decay, where that is asked often.
        parameters: what it takes beside the model, each with its type and with what ``main`` passes.
        scheduler: how the learning rate moves.
        average_from: of SWALR: the epoch after which weights are averaged, as code; empty without it.
        swa_arguments: the arguments of SWALR.
    """

    name: str
    arguments: tuple[str, ...] = ()
    made: tuple[Made, ...] = ()
    constants: tuple[tuple[str, str], ...] = ()
    undecayed: str = ""
    parameters: tuple[tuple[str, str, str], ...] = ()
    scheduler: SchedulePlan | None = None
    average_from: str = ""
    swa_arguments: tuple[str, ...] = ()
    rates: tuple[tuple[str, float, str], ...] = ()  # fields of Config: name, default, comment
    prefix: str = ""  # of the names of these fields
    weight_decay: float | None = None  # another of them
    by_network: bool = False  # there is one for each of two networks

    @property
    def several(self) -> bool:
        """There are two optimizers, each with the scheduler of its own that there may be."""
        return len(self.made) > 1 or self.by_network

    def each(self, name: str, *statements: str) -> list[Code]:
        """Return statements about ``optimizer`` or ``scheduler``, in a loop where there are several."""
        return [loop(name, f"{name}s", *statements)] if self.several else list(statements)

    @property
    def closure(self) -> bool:
        """The optimizer computes the loss itself, several times for a step."""
        return bool(catalogue().optimizers[self.name].traits.get("needs_closure"))

    @property
    def has_module(self) -> bool:
        """There is more than a call or two: it has a module of its own."""
        return bool(self.made or (self.scheduler and self.scheduler.source))

    @property
    def makers(self) -> tuple[str, ...]:
        """The functions of that module."""
        maker = ("make_optimizers" if self.several else "make_optimizer",) if self.made else ()
        return (*maker, "make_scheduler") if self.scheduler and self.scheduler.source else maker

    @property
    def constant_lines(self) -> list[str]:
        """The constants of that module, each below its comment."""
        comments = {name: _COMMENTS.get(name, "parts of the names of parameters") for name, _ in self.constants}
        return [line for name, value in self.constants for line in (f"# {comments[name]}", f"{name} = {value}")]

    @property
    def returned(self) -> str:
        """What the function that makes optimizers returns."""
        calls = "".join(f"{made.call}, " for made in self.made)
        return f"[{calls}]" if self.several else self.made[0].call

    @property
    def title(self) -> str:
        """What that module is."""
        parts = ("The optimizers" if self.several else "The optimizer",) if self.made else ()
        if self.scheduler and self.scheduler.source:
            parts = (*parts, "the learning rate schedule")
        return " and ".join(parts).replace("the", "The", not self.made)

    @property
    def words(self) -> str:
        """What the function that makes optimizers returns, in a sentence."""
        if self.name == "Muon":
            return f"Return Muon for the matrices of hidden layers, and {self.made[1].name} for everything else."
        if self.several:
            return f"Return {self.name} for weights with sparse gradients, and {self.made[1].name} for the others."
        return "Return the optimizer, which has other settings for some parameters."

    @property
    def buckets(self) -> tuple[Bucket, ...]:
        """All lists of parameters, in the order in which they are asked."""
        found = [bucket for made in self.made for bucket in made.buckets]
        return (*(each for each in found if each.condition), *(each for each in found if not each.condition))

    @property
    def imported(self) -> dict[str, str]:
        """Names that the module uses, and the modules that hold them."""
        names = dict.fromkeys(("Optimizer", *(made.name for made in self.made)), "torch.optim")
        if self.scheduler is None:
            return names
        functions = {name: where for where, name in self.scheduler.functions}
        return names | dict.fromkeys(self.scheduler.classes, "torch.optim.lr_scheduler") | functions


def plan_optimization(
    optimizer: Optimizer,
    schedule: Schedule | None,
    weights: Sequence[Weight] = (),
    sparse: bool = False,
    prefix: str = "",
) -> Optimization:
    """The optimizer and the scheduler as code.

    Args:
        optimizer: as described.
        schedule: as described.
        weights: the parameters of the network, where `needs_weights` says so.
        sparse: some of its gradients are sparse.
        prefix: of the names of its settings, where there is more than one network with an optimizer.
    """
    rest = rest_of(optimizer)
    own_rates = rest is not None or any("lr" in group.options for group in optimizer.groups)
    scheduler = plan_schedule(schedule, own_rates, rest is not None)
    swa = schedule if schedule is not None and schedule.name == "SWALR" else None
    rates = tuple((prefix + name, value, words) for name, value, words in _rates(optimizer, schedule, rest))
    decay = optimizer.arguments.get("weight_decay")
    planned = Optimization(
        optimizer.name,
        scheduler=scheduler if swa is None or swa.before else None,
        rates=rates,
        prefix=prefix,
        weight_decay=None if decay is None else float(decay),
        average_from=("config.swa_start" if swa.start else "config.epochs * 3 // 4") if swa else "",
        swa_arguments=call_arguments(swa.arguments) if swa else (),
    )
    if rest is None and not optimizer.no_decay and not optimizer.groups:
        return replace(planned, arguments=_arguments(optimizer, f"config.{prefix}", fused=not sparse))
    made, constants = _made(optimizer, rest, weights, sparse)
    used = {name: f"config.{name}" for name, _, _ in rates} | {"weight_decay": "config.weight_decay"}
    text = " ".join([*(argument for each in made for argument in each.arguments), *_options(made)])
    parameters = tuple((name, "float", code) for name, code in used.items() if _uses(text, name))
    undecayed = _contains("NO_DECAY", optimizer.no_decay, []) if optimizer.no_decay and optimizer.groups else ""
    return replace(planned, made=made, constants=constants, undecayed=undecayed, parameters=parameters)


def _uses(text: str, name: str) -> bool:
    """Whether code uses a variable; keys and names of arguments are none."""
    return re.search(rf"(?<!\")\b{name}\b(?!=)", text) is not None


def _options(made: Sequence[Made]) -> Iterator[str]:
    yield from (option for each in made for bucket in each.buckets for option in bucket.options)


def _rates(optimizer: Optimizer, schedule: Schedule | None, rest: Call | None) -> Iterator[tuple[str, float, str]]:
    """Learning rates, each a field of Config."""
    lr, words = optimizer.arguments.get("lr", default_lr(optimizer.name)), "learning rate"
    if schedule is not None and "max_lr" in schedule.arguments:
        lr = _scalar(schedule.arguments["max_lr"])
    if schedule is not None and schedule.name in ("OneCycleLR", "CyclicLR"):
        words = "highest learning rate"
    yield "lr", float(lr), words
    if schedule is not None and schedule.name == "CyclicLR":
        yield "base_lr", float(_scalar(schedule.arguments["base_lr"])), "lowest learning rate"
    if rest is not None:
        comment = f"learning rate of {rest.name}, for the parameters that {optimizer.name} cannot train"
        yield f"{rest.name.lower()}_lr", float(rest.arguments.get("lr", default_lr(rest.name))), comment


def _scalar(value: object) -> float:
    return float(value[0] if isinstance(value, list) else value)  # type: ignore[arg-type]


def _arguments(optimizer: Call, prefix: str, lr: str = "lr", fused: bool = True) -> tuple[str, ...]:
    """Arguments after the parameters, as code; what has a flag is taken from it."""
    given = {name: _as_typed(optimizer.name, name, value) for name, value in optimizer.arguments.items()}
    given.pop("lr", None)
    lines = [f"lr={prefix}{lr}"]
    if lr == "lr" and given.pop("weight_decay", None) is not None:
        lines.append(f"weight_decay={prefix}weight_decay")
    lines += call_arguments(given)
    # one kernel for all weights: 1.4 times the speed for small networks; Adagrad has it on the CPU alone
    has_fused = catalogue().optimizers[optimizer.name].traits.get("fused") and optimizer.name != "Adagrad"
    if fused and has_fused and not any(name in given for name in _CONFLICTS_WITH_FUSED):
        lines.append("fused=True")
    return tuple(lines)


def _as_typed(optimizer: str, name: str, value: object) -> object:
    """A list of fixed length is a tuple: ``betas=(0.9, 0.98)``."""
    parameter = catalogue().optimizers[optimizer].parameter(name)
    fixed = parameter is not None and not any(token.endswith("[]") for token in parameter.types)
    return tuple(value) if isinstance(value, list) and fixed else value


def _made(
    optimizer: Optimizer, rest: Call | None, weights: Sequence[Weight], sparse: bool
) -> tuple[tuple[Made, ...], tuple[tuple[str, str], ...]]:
    constants: list[tuple[str, str]] = []
    # of two optimizers the second has the groups: the first has parameters of one kind
    groups = tuple(_group_buckets(optimizer, weights, constants))
    arguments = _arguments(optimizer, "", fused=not sparse)
    if rest is None:
        return (Made(optimizer.name, groups, arguments),), tuple(constants)
    if optimizer.name == "SparseAdam":
        first = Bucket("sparse", "name in sparse_names")
    else:
        first = Bucket("matrices", "parameter.ndim == 2 and name not in OUTER")
        constants.insert(0, ("OUTER", literal(outer_matrices(weights))))
    second = _arguments(rest, "", f"{rest.name.lower()}_lr")
    return (Made(optimizer.name, (first,), arguments), Made(rest.name, groups, second)), tuple(constants)


def _group_buckets(
    optimizer: Optimizer, weights: Sequence[Weight], constants: list[tuple[str, str]]
) -> Iterator[Bucket]:
    undecayed = _contains("NO_DECAY", optimizer.no_decay, constants) if optimizer.no_decay else ""
    if undecayed and optimizer.groups:
        undecayed = "undecayed"  # it is asked more than once
    taken = set(_TAKEN)
    for group in optimizer.groups:
        name = _list_name(group, taken)
        condition = _contains(name.upper(), group.params, constants)
        options = tuple(
            f'"{key}": {_option(_as_typed(optimizer.name, key, value))}' for key, value in group.options.items()
        )
        if undecayed and "weight_decay" not in group.options and _overlap(group, optimizer.no_decay, weights):
            taken.add(f"{name}_no_decay")
            yield Bucket(f"{name}_no_decay", f"{condition} and {undecayed}", (*options, '"weight_decay": 0.0'))
        yield Bucket(name, condition, options)
    if undecayed:
        yield Bucket("no_decay", undecayed, ('"weight_decay": 0.0',))
    yield Bucket("others")


def _contains(constant: str, parts: tuple[str, ...], constants: list[tuple[str, str]]) -> str:
    if len(parts) == 1:
        return f"{literal(parts[0])} in name"
    constants.append((constant, literal(parts)))
    return f"any(part in name for part in {constant})"


def _overlap(group: ParameterGroup, no_decay: tuple[str, ...], weights: Sequence[Weight]) -> bool:
    """Whether a parameter of the group might have no decay."""
    fits = [each for each in weights if each.shape is None or any(part in each.name for part in group.params)]
    return not fits or any(each.shape is None or any(part in each.name for part in no_decay) for each in fits)


def _list_name(group: ParameterGroup, taken: set[str]) -> str:
    base = re.sub(r"\W+", "_", group.params[0]).strip("_").lower()
    if not re.fullmatch(r"[a-z][a-z0-9_]*", base) or base in taken:
        base = f"group_{base}" if base else "group"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}{number}", number + 1
    taken.add(name)
    return name


def _option(value: object) -> str:
    return expressions.to_python(value) if isinstance(value, get_args(Expr)) else literal(value)
