"""What the emitted ``train.py``, ``evaluate.py`` and ``plots.py`` need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ....description.target_kinds import BINARY, INDEX, MULTILABEL, REAL
from ....language.python import literal
from ....training.metrics import METRICS, words
from .data import DataChoices

_LABELS = "(({output} > {threshold}) == ({target} > 0.5)).float().mean().item()"
_MEASURES = {
    INDEX: ("accuracy", "({output}.argmax(dim=1) == {target}).float().mean().item()"),
    BINARY: ("accuracy", _LABELS),
    MULTILABEL: ("accuracy", _LABELS),
    REAL: ("mae", "({output}{prediction} - {target}).abs().mean().item()"),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that ``evaluate`` gives for one target."""

    name: str
    code: str
    field: str


class Evaluation(DataChoices):
    """Choices of training and evaluation."""

    @property
    def evaluate_settings(self) -> tuple[str, ...]:
        """Settings of a run that evaluation needs."""
        asked = {"noise": self.training.noise, "kl_weight": self.training.kl_weight}
        return tuple(name for name, value in asked.items() if value is not None)

    def taken_from(self, where: str) -> list[str]:
        """Those settings, as code; the braces stand for the name."""
        return [where.format(name) for name in self.evaluate_settings]

    @property
    def more(self) -> tuple[str, ...]:
        """What the loss takes beside outputs and samples in a step of the training, as code."""
        if self.training.kl_warmup is not None:
            return ("kl_weight",)
        return ("config.kl_weight",) if self.training.kl_weight is not None else ()

    @property
    def training_loss(self) -> str:
        """The loss of ``model`` in a step of the training, as code."""
        return self.loss_of(self.training_call, more=self.more)

    @property
    def training_call(self) -> str:
        """``model`` called in a step of the training, as code."""
        return "model(noisy)" if self.training.noise is not None else self.call("model")

    @property
    def metric(self) -> str:
        """The metric that picks the best epoch."""
        if self.training.kl_weight is not None:  # what is lowered then is not the ELBO
            return "loss"
        return next((metric.name for metric in self.metrics if metric.code), "loss")

    @property
    def lower_is_better(self) -> bool:
        return self.metric == "loss" or METRICS[self.metric].lower_is_better

    @property
    def better(self) -> str:
        """How the metric of a better epoch compares; a tie goes to the later one, unless it would go on for ever."""
        sign = "<" if self.lower_is_better else ">"
        return sign if self.training.early_stopping else f"{sign}="

    @property
    def scheduler_metric(self) -> str:
        """What ReduceLROnPlateau watches: it waits for a low value unless told otherwise."""
        scheduler = self.optimization.scheduler
        watches_high = scheduler is not None and 'mode="max"' in scheduler.arguments
        return self.metric if watches_high and not self.lower_is_better else "loss"

    @property
    def loss_curves(self) -> tuple[str, ...]:
        """The losses of an epoch that are drawn."""
        if self.adversaries:
            return tuple(f"train_{each.role}_loss" for each in self.adversaries.both)
        return ("train_loss", "validation_loss")

    def has_metric(self, name: str) -> bool:
        return any(metric.name == name for metric in self.metrics)

    @property
    def metric_words(self) -> str:
        """The metric that picks the best epoch, in a sentence."""
        return words(self.metric)

    @property
    def pictures(self) -> tuple[tuple[str, str], ...]:
        """What ``train`` draws beside the curves: the file, or a folder with one for each epoch, and what it shows."""
        if self.task.name == "segmentation":
            return (("masks.png", "images, their masks, and those that were found"),)
        if self.picture and self.task.name == "autoencoder":
            return (("reconstructions.png", "samples over what the network makes of them"),)
        if self.picture and self.task.sampler:
            return (("samples/", "what each epoch makes of the same random points"),)
        return ()

    @property
    def training_pictures(self) -> list[str]:
        """What ``train`` draws at its end beside the curves."""
        return [name.removesuffix(".png") for name, _ in self.pictures if name.endswith(".png")]

    @property
    def written(self) -> tuple[tuple[str, str], ...]:
        """What ``train`` writes, each name as wide as the widest, and what it is."""
        board = (("tensorboard/", "the same for `tensorboard --logdir runs`"),) if self.training.tensorboard else ()
        rows = (
            ("last.pt", "after every epoch, to resume from"),
            ("best.pt", f"the epoch with the best validation {self.metric_words}, to use"),
            ("metrics.jsonl", "one line an epoch"),
            ("curves.png", "the same as a picture"),
            *board,
            *self.pictures,
        )
        width = max(len(name) for name, _ in rows) + 2
        return tuple((name.ljust(width), what) for name, what in rows)

    @property
    def evaluation_picture(self) -> str:
        """What ``evaluate`` draws beside the checkpoint; empty where it is nothing."""
        return "confusion" if self.draws_confusion else "forecast" if self.by_time else ""

    @property
    def draws_confusion(self) -> bool:
        return self.has_metric("confusion")

    @property
    def names_confusion(self) -> bool:
        """The confusion has the names of the classes beside it, which are known when the data are read."""
        return self.draws_confusion and self.classes_from_data and self.classes <= 20

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What can be said of each target beside the loss, where the task has no metrics of its own."""
        several = len(self.network.outputs) > 1
        names = [output.name for output in self.network.outputs]
        found: list[Measure] = []
        for term in self.terms:
            field = next((each for each in self.targets if term.target and each.tensor.name == term.target.name), None)
            if field is None or term.output is None or any(measure.field == field.name for measure in found):
                continue
            output = f"output[{names.index(term.output.name)}]" if several else "output"
            target = f"data.{field.name}" if self.data.in_memory else "target"
            code = _MEASURES.get(field.kind)
            if code and not term.loss.learns and [operand.is_target for operand in term.operands] == [False, True]:
                metric, text = code
                text = text.format(
                    output=output, target=target, threshold=term.loss.threshold, prediction=term.loss.prediction
                )
                prefix = f"{field.name}_" if len(self.targets) > 1 else ""
                found.append(Measure(prefix + metric, text, field.name))
        return tuple(found)

    @property
    def positive(self) -> tuple[str, ...]:
        """The settings that must be above 0, as code."""
        return tuple(literal(setting.name) for setting in self.settings if setting.positive)

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
        return tuple(literal(setting.name) for setting in self.settings if wanted(setting.name))
