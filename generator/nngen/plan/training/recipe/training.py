"""What the emitted ``train.py`` and ``plots.py`` need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ....description.settings import Training
from ....language.python import literal
from ....training.tasks import Picture
from ..config import Setting
from ..optimizer import Optimization
from .core import Core
from .data import DataPlan
from .evaluation import EvaluationPlan


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
    def more(self) -> tuple[str, ...]:
        """What the loss takes beside outputs and samples in a step of the training, as code."""
        if self.core.options.kl_warmup is not None:
            return ("kl_weight",)
        return ("config.kl_weight",) if self.core.options.kl_weight is not None else ()

    @property
    def loss(self) -> str:
        """The loss of ``model`` in a step of the training, as code."""
        return self.core.loss_of(self.call, more=self.more)

    @property
    def call(self) -> str:
        """``model`` called in a step of the training, as code."""
        return "model(noisy)" if self.core.options.noise is not None else self.core.call("model")

    @property
    def passed(self) -> list[str]:
        """What ``main`` passes to ``train_one_epoch``, as code."""
        settings, scheduler = self.settings, self.optimization.scheduler
        plural = "s" if self.optimization.several else ""
        arguments = ["model", "train" if self.data.settings.in_memory else "train_loader", f"optimizer{plural}"]
        arguments += [f"scheduler{plural}"] if scheduler and scheduler.steps == "step" else []
        arguments += ["averaged"] if settings.ema is not None else []
        arguments += ["kl_weight"] if settings.kl_warmup is not None else []
        return [*arguments, "config"]

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

    @property
    def last_pictures(self) -> list[str]:
        """What ``train`` draws at its end beside the curves."""
        return [picture.name.removesuffix(".png") for picture in self.pictures if picture.name.endswith(".png")]

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
