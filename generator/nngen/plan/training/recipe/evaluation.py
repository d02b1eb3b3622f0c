"""What the emitted ``evaluate.py`` needs, and which metric picks the best epoch."""

from __future__ import annotations

from dataclasses import dataclass

from ....description.target_kinds import BINARY, INDEX, MULTILABEL, REAL
from ....training.metrics import words
from .core import Core
from .data import DataPlan

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


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """Choices of the evaluation."""

    core: Core
    data: DataPlan

    @property
    def evaluate_settings(self) -> tuple[str, ...]:
        """Settings of a run that evaluation needs."""
        return tuple(name for name, option in self.core.options.asked().items() if option.evaluated)

    def taken_from(self, where: str) -> list[str]:
        """Those settings, as code; the braces stand for the name."""
        return [where.format(name) for name in self.evaluate_settings]

    @property
    def metric(self) -> str:
        """The metric that picks the best epoch."""
        if self.core.options.kl_weight is not None:  # what is lowered then is not the ELBO
            return "loss"
        return next((metric.name for metric in self.core.metrics if metric.code), "loss")

    @property
    def lower_is_better(self) -> bool:
        """Whether that metric falls in training, as the loss does, whose name no metric has."""
        return all(metric.lower_is_better for metric in self.core.metrics if metric.name == self.metric)

    @property
    def better(self) -> str:
        """How the metric of a better epoch compares; a tie goes to the later one, unless it would go on for ever."""
        sign = "<" if self.lower_is_better else ">"
        return sign if self.core.options.early_stopping else f"{sign}="

    def has_metric(self, name: str) -> bool:
        return any(metric.name == name for metric in self.core.metrics)

    @property
    def metric_words(self) -> str:
        """The metric that picks the best epoch, in a sentence."""
        return words(self.metric)

    @property
    def draws_confusion(self) -> bool:
        return self.has_metric("confusion")

    @property
    def names_confusion(self) -> bool:
        """The confusion has the names of the classes beside it, which are known when the data are read."""
        return self.draws_confusion and self.data.classes_from_data and self.core.classes <= 20

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What can be said of each target beside the loss, where the task has no metrics of its own."""
        several = len(self.core.network.outputs) > 1
        names = [output.name for output in self.core.network.outputs]
        found: list[Measure] = []
        for term in self.core.terms:
            field = next(
                (each for each in self.core.targets if term.target and each.tensor.name == term.target.name), None
            )
            if field is None or term.output is None or any(measure.field == field.name for measure in found):
                continue
            output = f"output[{names.index(term.output.name)}]" if several else "output"
            target = f"data.{field.name}" if self.data.settings.in_memory else "target"
            code = _MEASURES.get(field.kind)
            if code and not term.loss.learns and [operand.is_target for operand in term.operands] == [False, True]:
                metric, text = code
                text = text.format(
                    output=output, target=target, threshold=term.loss.threshold, prediction=term.loss.prediction
                )
                prefix = f"{field.name}_" if len(self.core.targets) > 1 else ""
                found.append(Measure(prefix + metric, text, field.name))
        return tuple(found)

    @property
    def batch_size(self) -> int:
        """Samples that are evaluated at once; their scores take a gigabyte at most."""
        scores = self.data.window * (self.core.network.inputs[0].high or 1)
        return max(1, min(256, 2**28 // scores))

    @property
    def picture(self) -> str:
        """What ``evaluate`` draws beside the checkpoint; empty where it is nothing."""
        return "confusion" if self.draws_confusion else "forecast" if self.data.settings.by_time else ""
