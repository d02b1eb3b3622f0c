"""An epoch of the training as code: the arguments of ``train_one_epoch``, its loop, and the statements of a step."""

from __future__ import annotations

from dataclasses import dataclass

from ....description.settings import Training
from ...statements import Code, within
from ..optimizer import Optimization
from .additions import Addition
from .batches import Batches, Passed
from .core import Core


@dataclass(frozen=True, slots=True)
class EpochPlan:
    """Choices of one epoch."""

    core: Core
    batches: Batches
    optimization: Optimization
    additions: Addition

    @property
    def _options(self) -> Training:
        return self.core.options

    @property
    def parameters(self) -> tuple[Passed, ...]:
        """The parameters of ``train_one_epoch``."""
        scheduler, several = self.optimization.scheduler, self.optimization.several
        model = self.core.network.class_name if self.core.adversaries else "nn.Module"
        passed = [Passed("model", model, "model"), self.batches.parameter]
        passed.append(_one_or_list("optimizer", "torch.optim.Optimizer", several))
        if scheduler and scheduler.steps == "step":
            annotation = f"torch.optim.lr_scheduler.{scheduler.name if several else 'LRScheduler'}"
            passed.append(_one_or_list("scheduler", annotation, several))
        return (*passed, *self.additions.parameters, Passed("config", "Config", "config"))

    @property
    def loop(self) -> str:
        """The head of the loop over the batches, and what it takes from each."""
        options, item, batches = self._options, self.batches.item, self.batches.name
        if options.critic_steps is not None:
            return f"for number, {item} in enumerate(tqdm({batches}, leave=False, disable=None), start=1):"
        if options.accumulate > 1:
            return f"for number, {item} in enumerate(tqdm({batches}, leave=False, disable=None)):"
        return f"for {item} in tqdm({batches}, leave=False, disable=None):  # a bar on terminals only"

    @property
    def steps(self) -> str:
        """The number of steps in an epoch."""
        batches = self.batches.count + (" / config.accumulate" if self._options.accumulate > 1 else "")
        return f"math.ceil({batches})" if "/" in batches else batches

    @property
    def taken(self) -> list[Code]:
        """The statements that begin a step: they take a batch, and make of it what an option asks for."""
        return [self.batches.taken("batch"), *self.additions.step_begun]

    @property
    def call(self) -> str:
        """The call of ``model`` in a step of the training."""
        return "model(noisy)" if self._options.noise is not None else self.core.call("model")

    @property
    def loss(self) -> list[Code]:
        """The statements that assign ``loss``."""
        if self._options.precision != "bf16":
            return [f"loss = {self.core.loss_of(self.call, more=self._more)}"]
        several = len(self.core.network.outputs) > 1
        output = "[each.float() for each in output]" if several else "output.float()"
        return [
            within("torch.autocast(config.device, dtype=torch.bfloat16)", f"output = {self.call}"),
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
        return [f"batch: {self.batches.annotation} = batch", *noisy]

    @property
    def update(self) -> list[Code]:
        """The statements that move the parameters, and those that follow a step."""
        scheduler, each = self.optimization.scheduler, self.optimization.each
        if self.optimization.closure:
            statements: list[Code] = ["losses.append(optimizer.step(closure))"]
        else:
            memory = "optimizer.zero_grad()  # frees their memory for the next batch"
            statements = [*self.additions.gradients, *each("optimizer", "optimizer.step()", memory)]
        if scheduler and scheduler.steps == "step":
            statements += each("scheduler", "scheduler.step()")
        return [*statements, *self.additions.step_done]

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
