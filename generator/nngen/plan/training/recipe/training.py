"""What the emitted ``train.py`` and ``plots.py`` need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ....description.settings import Training
from ....language.python import literal
from ....training.tasks import Picture
from ..config import Setting
from ..construction import averages, constructions, constructions_by_turns
from ..optimizer import Optimization
from .core import Core
from .data import DataPlan
from .epoch import EpochPlan
from .evaluation import EvaluationPlan
from .run_state import RunState


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Choices of the training."""

    core: Core
    data: DataPlan
    evaluation: EvaluationPlan
    config: tuple[Setting, ...]  # the fields of ``Config``
    optimization: Optimization

    @property
    def settings(self) -> Training:
        """The settings under ``training``."""
        return self.core.options

    @property
    def epoch(self) -> EpochPlan:
        """The loop over the batches of an epoch."""
        return EpochPlan(self.core, self.data, self.optimization)

    @property
    def construction(self) -> tuple[str, ...]:
        """The statements that make the optimizer, the scheduler and the averaged model."""
        optimization, adversaries = self.optimization, self.core.adversaries
        averaged = averages(optimization, self.settings.ema is not None, self.core.network.has_batchnorm)
        if adversaries:
            return (constructions_by_turns(adversaries), *averaged)
        return (*constructions(optimization, self.core.loss_code.learns), *averaged)

    @property
    def state(self) -> RunState:
        """What a run keeps in its checkpoints."""
        return RunState(self.core, self.data, self.evaluation, self.optimization, keeps_rates=bool(self.scheduled))

    @property
    def after_epoch(self) -> list[str]:
        """The statements after an evaluation that count the steps, and that move the learning rate once an epoch."""
        count = "step += steps_per_epoch"
        scheduler = self.optimization.scheduler
        if scheduler is None or scheduler.steps == "step" or self.optimization.average_from:
            return [count]
        metric = f'metrics["{self.scheduler_metric}"]' if scheduler.steps == "metric" else ""
        return [*self.optimization.each("scheduler", f"scheduler.step({metric})"), count]

    @property
    def best_weights(self) -> str:
        """The name of what replaces the weights in ``best.pt``; empty where these are the model's own."""
        if self.settings.ema is not None:
            return "averaged"
        return "evaluated" if self.optimization.average_from else ""

    @property
    def evaluated(self) -> str:
        """The model that is evaluated after an epoch, as code."""
        if self.settings.ema is not None:
            return "averaged.module"
        return "evaluated" if self.optimization.average_from else "model"

    @property
    def validated(self) -> list[str]:
        """What ``main`` passes to ``evaluate``, as code."""
        in_memory = self.data.settings.in_memory
        arguments = [self.evaluated, *(["validation"] if in_memory else ["validation_loader", "config.device"])]
        arguments += ["y_std"] if self.data.scales_target else []
        return arguments + self.evaluation.taken_from("config.{}")

    @property
    def scheduler_metric(self) -> str:
        """What ReduceLROnPlateau watches: it waits for a low value unless told otherwise."""
        scheduler = self.optimization.scheduler
        watches_high = scheduler is not None and 'mode="max"' in scheduler.arguments
        return self.evaluation.metric if watches_high and not self.evaluation.lower_is_better else "loss"

    @property
    def loss_curves(self) -> tuple[str, ...]:
        """The losses of an epoch that are drawn."""
        if self.core.adversaries:
            return tuple(f"train_{each.role}_loss" for each in self.core.adversaries.both)
        return ("train_loss", "validation_loss")

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """What ``train`` draws beside the curves."""
        return self.core.task.pictures if self.data.picture else ()

    def drawing(self, moment: str) -> list[str]:
        """Return the templates that draw pictures ``before`` the training, in an ``epoch``, or ``after`` it."""
        return [f"templates/_train/{moment}_{picture.stem}.py.jinja" for picture in self.pictures]

    @property
    def last_pictures(self) -> list[str]:
        """What ``train`` draws at its end beside the curves."""
        return [picture.stem for picture in self.pictures if picture.name.endswith(".png")]

    @property
    def written(self) -> tuple[tuple[str, str], ...]:
        """What ``train`` writes, each name as wide as the widest, and what it is."""
        board = (("tensorboard/", "the same for `tensorboard --logdir runs`"),) if self.core.options.tensorboard else ()
        rows = (
            ("last.pt", "after every epoch, to resume from"),
            ("best.pt", f"the epoch with the best validation {self.evaluation.metric_words}, to use"),
            ("metrics.jsonl", "one line an epoch"),
            ("curves.png", "the same as a picture"),
            *board,
            *((picture.name, picture.words) for picture in self.pictures),
        )
        width = max(len(name) for name, _ in rows) + 2
        return tuple((name.ljust(width), what) for name, what in rows)

    @property
    def positive(self) -> tuple[str, ...]:
        """The settings that must be above 0, as code."""
        return tuple(literal(setting.name) for setting in self.config if setting.positive)

    @property
    def scheduled(self) -> tuple[str, ...]:
        """The settings that a schedule of the learning rate is made for, as code; a run that goes on keeps them."""
        optimization = self.optimization
        scheduler = optimization.scheduler
        if not scheduler and not optimization.average_from:
            return ()
        kept = {"weight_decay", *(name for name, _, _ in optimization.rates)}
        kept |= scheduler.made_for if scheduler else set()
        return self._names(lambda name: name in kept)

    def _names(self, wanted: Callable[[str], bool]) -> tuple[str, ...]:
        return tuple(literal(setting.name) for setting in self.config if wanted(setting.name))
