"""An epoch of the training as code: the arguments of ``train_one_epoch``, its loop, and the statements of a step."""

from __future__ import annotations

from dataclasses import dataclass

from ....description.settings import Training
from ..optimizer import Optimization
from .core import Core
from .data import DataPlan


@dataclass(frozen=True, slots=True)
class Passed:
    """A parameter of ``train_one_epoch``, and what ``main`` passes for it."""

    name: str
    annotation: str
    argument: str


_LOADER = Passed("loader", "DataLoader[Batch]", "train_loader")


@dataclass(frozen=True, slots=True)
class EpochPlan:
    """Choices of one epoch; a statement that has a body is printed with it, indented."""

    core: Core
    data: DataPlan
    optimization: Optimization

    @property
    def _options(self) -> Training:
        return self.core.options

    @property
    def _in_memory(self) -> bool:
        return self.data.settings.in_memory

    @property
    def batches(self) -> str:
        """The batches of an epoch."""
        return "batches" if self._in_memory else "loader"

    @property
    def parameters(self) -> tuple[Passed, ...]:
        """The parameters of ``train_one_epoch``."""
        options, scheduler = self._options, self.optimization.scheduler
        several = self.optimization.several
        model = self.core.network.class_name if self.core.adversaries else "nn.Module"
        samples = Passed("train", "Split", "train") if self._in_memory else _LOADER
        passed = [Passed("model", model, "model"), samples]
        optimizer = "torch.optim.Optimizer"
        passed.append(_one_or_list("optimizer", optimizer, several))
        if scheduler and scheduler.steps == "step":
            annotation = f"torch.optim.lr_scheduler.{scheduler.name if several else 'LRScheduler'}"
            passed.append(_one_or_list("scheduler", annotation, several))
        if options.ema is not None:
            passed.append(Passed("averaged", "AveragedModel", "averaged"))
        if options.kl_warmup is not None:
            passed.append(Passed("kl_weight", "float", "kl_weight"))
        return (*passed, Passed("config", "Config", "config"))

    @property
    def loop(self) -> str:
        """The head of the loop over the batches, and what it takes from each."""
        options = self._options
        item, batches = ("index" if self._in_memory else "batch"), self.batches
        if options.critic_steps is not None:
            return f"for number, {item} in enumerate(tqdm({batches}, leave=False, disable=None), start=1):"
        if options.accumulate > 1:
            return f"for number, {item} in enumerate(tqdm({batches}, leave=False, disable=None)):"
        return f"for {item} in tqdm({batches}, leave=False, disable=None):  # a bar on a terminal only"

    @property
    def steps(self) -> str:
        """The number of steps in an epoch."""
        batches = (
            f"len(train.{self.core.fields[0].name}) / config.batch_size" if self._in_memory else "len(train_loader)"
        )
        if self._options.accumulate > 1:
            batches += " / config.accumulate"
        return f"math.ceil({batches})" if "/" in batches else batches

    @property
    def call(self) -> str:
        """The call of ``model`` in a step of the training."""
        return "model(noisy)" if self._options.noise is not None else self.core.call("model")

    @property
    def loss(self) -> list[str]:
        """The statements that assign ``loss``."""
        if self._options.precision != "bf16":
            return [f"loss = {self.core.loss_of(self.call, more=self._more)}"]
        several = len(self.core.network.outputs) > 1
        output = "[each.float() for each in output]" if several else "output.float()"
        return [
            "with torch.autocast(config.device, dtype=torch.bfloat16):",
            f"    output = {self.call}",
            f"loss = {self.core.loss_of(output, more=self._more)}",
        ]

    @property
    def _more(self) -> tuple[str, ...]:
        """Arguments of the loss beside outputs and samples."""
        if self._options.kl_warmup is not None:
            return ("kl_weight",)
        return ("config.kl_weight",) if self._options.kl_weight is not None else ()

    @property
    def closure_defaults(self) -> list[str]:
        """The parameters of the closure that keep what the step is about."""
        noisy = ["noisy: Tensor = noisy"] if self._options.noise is not None else []
        return [f"batch: {'Split' if self._in_memory else 'Batch'} = batch", *noisy]

    @property
    def update(self) -> list[str]:
        """The statements that move the parameters, and what follows them: the schedule and the averaged weights."""
        scheduler, each = self.optimization.scheduler, self.optimization.each
        if self.optimization.closure:
            statements = ["losses.append(optimizer.step(closure))"]
        else:
            memory = "optimizer.zero_grad()  # frees their memory for the next batch"
            statements = [*self._clipping, *each("optimizer", "optimizer.step()", memory)]
        if scheduler and scheduler.steps == "step":
            statements += each("scheduler", "scheduler.step()")
        if self._options.ema is not None:
            statements.append("averaged.update_parameters(model)")
        return statements

    @property
    def _clipping(self) -> list[str]:
        if self._options.clip_grad_norm is None:
            return []
        if not self.core.loss_code.learns:
            return ["nn.utils.clip_grad_norm_(model.parameters(), config.clip_grad_norm)"]
        return [
            "parameters = [*model.parameters(), *loss_function.parameters()]",
            "nn.utils.clip_grad_norm_(parameters, config.clip_grad_norm)",
        ]

    @property
    def kind(self) -> str:
        """The template of a step."""
        if self.optimization.closure:
            return "closure"
        return "accumulated" if self._options.accumulate > 1 else "plain"


def _one_or_list(name: str, annotation: str, several: bool) -> Passed:
    if several:
        return Passed(f"{name}s", f"list[{annotation}]", f"{name}s")
    return Passed(name, annotation, name)
