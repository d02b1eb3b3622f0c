"""How a network is trained: what is decided here, the templates print."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ....description.calls import Call, LossTerm
from ....description.description import Description
from ....description.tensor import Tensor
from ....language.problems import Problems
from ....language.python import literal
from ....network.model_facts import ModelFacts
from ....training.loss_terms import resolve_terms
from ....training.losses import Loss
from ....training.metrics import Metric
from ....training.sample_fields import Field, input_fields
from ....training.tasks import TASKS, Task
from ..adversaries import Adversaries, plan_adversaries
from ..config import run_settings
from ..loss import LossCode, loss_code
from ..optimizer import Optimization
from .core import Core
from .data import DataPlan
from .evaluation import EvaluationPlan
from .prediction import PredictionPlan
from .training import TrainingPlan


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that the templates need beside the network itself."""

    core: Core
    data: DataPlan
    training: TrainingPlan
    evaluation: EvaluationPlan
    prediction: PredictionPlan
    oldest_torch: str  # that has all that is used

    @property
    def dependencies(self) -> tuple[str, ...]:
        """What the emitted project installs."""
        common = {"matplotlib>=3.8", "numpy>=1.26", f"torch>={self.oldest_torch}", "tqdm>=4.66"}
        common.update(*(metric.dependencies for metric in self.core.metrics))
        common |= {"tensorboard>=2.16"} if self.core.options.tensorboard else set()
        return tuple(sorted({*common, *self.core.source.libraries}))

    @property
    def untyped_modules(self) -> tuple[str, ...]:
        """Modules that mypy finds no types for."""
        of_metrics = {"sklearn.*"} if "scikit-learn>=1.3" in self.dependencies else set()
        return tuple(sorted({"tqdm.*", *of_metrics, *self.core.source.untyped}))

    @property
    def own_names(self) -> dict[str, str]:
        """Names of the project that depend on its task and its optimizer, and the modules that hold them."""
        return {
            **dict.fromkeys(self.core.task.loss_functions, "evaluate"),
            **dict.fromkeys((f"draw_{picture.stem}" for picture in self.core.task.pictures), "plots"),
            **dict.fromkeys(self.training.optimization.makers, "optimizer"),
        }

    def imported(self, module: str) -> dict[str, str]:
        """Return names that only this module uses, and where they are: optimizers and the author's functions."""
        optimization, losses = self.training.optimization, self.core.loss_code
        if module == "evaluate":
            return {name: where for where, name in losses.functions}
        return optimization.imported if module == "optimizer" else {}

    def literal(self, value: object) -> str:
        """Return a value as code."""
        return literal(value)


def build_recipe(
    description: Description, models: tuple[ModelFacts, ...], oldest_torch: str, optimization: Optimization
) -> Recipe:
    """Decide what the emitted project needs to train a network.

    Args:
        description: without mistakes.
        models: its networks.
        oldest_torch: that has all that is used.
        optimization: the optimizer and the scheduler.
    """
    core = _core(description, models)
    adversaries = core.adversaries
    config = run_settings(description, _optimizations(optimization, adversaries))
    data = DataPlan(core)
    evaluation = EvaluationPlan(core, data)
    optimization = replace(optimization, by_network=True) if adversaries else optimization
    training = TrainingPlan(core, data, evaluation, config, optimization)
    return Recipe(core, data, training, evaluation, PredictionPlan(core, data), oldest_torch)


def _core(description: Description, models: tuple[ModelFacts, ...]) -> Core:
    task = TASKS[description.task]
    adversaries = plan_adversaries(description, models) if task.adversarial else None
    if adversaries:
        models = (adversaries.discriminator.facts, adversaries.generator.facts)
    network = models[0] if len(models) == 1 else _together(description.class_name, models, task)
    problems = Problems()
    losses = tuple(map(_summed, description.losses)) if task.samples_latent else description.losses
    losses = () if adversaries else losses
    terms = resolve_terms(losses, task.torch_losses, models[-1], problems)
    targets = task.targets_of(terms, description, problems)
    if task.reconstructs:
        targets = tuple(replace(field, name=input_fields(network)[0].name) for field in targets)
    return Core(
        task=task,
        source=description.data,
        options=description.training,
        models=models,
        network=network,
        inputs=input_fields(network),
        targets=() if task.reconstructs else targets,
        terms=terms,
        loss=_facts(terms[0].loss, terms[0].call) if terms else Loss("", frozenset()),
        loss_code=(
            loss_code(terms, tuple(output.name for output in network.outputs), targets, sums=task.samples_latent)
            if terms
            else LossCode("", ())
        ),
        adversaries=adversaries,
        metrics=_metrics(description, task, targets),
    )


def _optimizations(optimization: Optimization, adversaries: Adversaries | None) -> tuple[Optimization, ...]:
    return tuple(adversary.optimization for adversary in adversaries.both) if adversaries else (optimization,)


def _facts(loss: Loss, call: Call) -> Loss:
    if call.arguments.get("log_input") is False:  # of PoissonNLLLoss: the outputs are no logarithms
        return replace(loss, prediction="")
    return loss


def _summed(term: LossTerm) -> LossTerm:
    """A loss that is summed over a batch, as the terms of an ELBO are."""
    return replace(term, call=replace(term.call, arguments={**term.call.arguments, "reduction": "sum"}))


def _together(name: str, models: tuple[ModelFacts, ...], task: Task) -> ModelFacts:
    """Several models as one network: from the inputs of the first to the outputs of the last."""
    moments: tuple[Tensor, ...] = ()
    if task.samples_latent:
        moments = tuple(map(lambda each, name: replace(each, name=name), models[0].outputs, ("mu", "logvar")))
    return ModelFacts(
        class_name=name,
        inputs=models[0].inputs,
        outputs=models[-1].outputs + moments,
        parameters=sum(model.parameters for model in models),
        last=models[-1].last,
        layers=frozenset[str]().union(*(model.layers for model in models)),
        operations=frozenset[str]().union(*(model.operations for model in models)),
    )


def _metrics(description: Description, task: Task, targets: tuple[Field, ...]) -> tuple[Metric, ...]:
    """Those that are asked for, in that order, otherwise the usual ones for the target."""
    offered = {metric.name: metric for metric in task.metrics}
    if description.metrics:
        return tuple(offered[each.name] for each in description.metrics)
    usual = [offered[name] for name in task.usual]
    return tuple(metric for metric in usual if not targets or targets[0].kind in metric.kinds)
