"""The statements of ``main`` that make the optimizer, the scheduler and the averaged model."""

from __future__ import annotations

from collections.abc import Iterator

from .adversaries import Adversaries
from .optimizer import Optimization


def constructions(optimization: Optimization, learns: bool) -> Iterator[str]:
    """Return the statements that make the optimizer and the scheduler.

    Args:
        optimization: what is made.
        learns: the loss has parameters of its own.
    """
    yield _optimizer(optimization, learns)
    scheduler = optimization.scheduler
    if scheduler and scheduler.source:
        call = f"make_scheduler({_arguments('optimizer', *_named(scheduler.parameters))})"
        several = f"schedulers = [{call} for optimizer in optimizers]"
        yield several if optimization.several else f"scheduler = {call}"
    elif scheduler:
        yield f"scheduler = torch.optim.lr_scheduler.{scheduler.name}({_arguments('optimizer', *scheduler.arguments)})"
    if optimization.average_from:
        yield f"swa_scheduler = SWALR({_arguments('optimizer', *optimization.swa_arguments)})"


def _optimizer(optimization: Optimization, learns: bool) -> str:
    if optimization.made:
        first = ["model", *(["loss_function"] if learns else []), *_named(optimization.parameters)]
        plural = "s" if optimization.several else ""
        return f"optimizer{plural} = make_optimizer{plural}({_arguments(*first)})"
    parameters = "[*model.parameters(), *loss_function.parameters()]" if learns else "model.parameters()"
    return f"optimizer = {_call(optimization, parameters)}"


def constructions_by_turns(adversaries: Adversaries) -> str:
    """Return the statement that makes the optimizers of a GAN, generator first."""
    calls = (_call(each.optimization, f"model.{each.attribute}.parameters()") for each in adversaries.both)
    return f"optimizers: list[torch.optim.Optimizer] = [{_arguments(*calls)}]"


def averages(optimization: Optimization, ema: bool, has_batchnorm: bool) -> Iterator[str]:
    """Return the statements that make the averaged model.

    Args:
        optimization: it may average weights from an epoch on.
        ema: an exponential moving average is asked for.
        has_batchnorm: buffers are averaged, too.
    """
    buffers = ["use_buffers=True"] if has_batchnorm else []
    if ema:
        yield "averaging = get_ema_multi_avg_fn(config.ema)  # type: ignore[no-untyped-call]"
        yield f"averaged = AveragedModel({', '.join(['model', 'multi_avg_fn=averaging', *buffers])})"
    if optimization.average_from:
        yield f"averaged = AveragedModel({', '.join(['model', *buffers])})"
        yield f"swa_start = {optimization.average_from}"


def _call(optimization: Optimization, parameters: str) -> str:
    return f"torch.optim.{optimization.name}({_arguments(parameters, *optimization.arguments)})"


def _named(parameters: tuple[tuple[str, str, str], ...]) -> list[str]:
    return [f"{name}={passed}" for name, _, passed in parameters]


def _arguments(*arguments: str) -> str:
    """Join arguments with a trailing comma, so that black puts each on a line of its own."""
    return "".join(f"{argument}, " for argument in arguments) if len(arguments) > 1 else arguments[0]
