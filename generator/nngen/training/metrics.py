"""Metrics that several tasks have beside the loss: their names, the targets that they are for, and their code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..description.target_kinds import BINARY, FORECAST, INDEX, INPUT, MULTILABEL, REAL, TAGS

_CLASSES = frozenset({INDEX, BINARY, MULTILABEL, TAGS})
_REAL = frozenset({REAL, FORECAST})
_INPUT = frozenset({INPUT})
_MSE = "errors.square().mean()"


@dataclass(frozen=True, slots=True)
class Metric:
    """A number that ``evaluate`` gives, or a picture that it draws."""

    name: str
    words: str
    kinds: frozenset[str]  # of the target
    code: str = ""  # a float, of the names that the task's template has; empty for a picture
    lower_is_better: bool = False
    dependencies: tuple[str, ...] = ()  # of the emitted project


_SKLEARN = ("scikit-learn>=1.3",)


def _of_sklearn(name: str, words: str) -> Metric:
    return Metric(name, words, _CLASSES, f"float({name}_score(truth, labels, **options))", dependencies=_SKLEARN)


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", "share of samples that are right", _CLASSES, "(predicted == y).float().mean().item()"),
        _of_sklearn("f1", "mean of precision and recall, averaged over the classes"),
        _of_sklearn("precision", "share of what is said of a class that is right, averaged over the classes"),
        _of_sklearn("recall", "share of a class that is found, averaged over the classes"),
        Metric(
            "confusion",
            "picture of the classes against those predicted",
            frozenset({INDEX, BINARY, TAGS}),
            dependencies=_SKLEARN,
        ),
        Metric("mse", "mean squared error", _REAL | _INPUT, f"{_MSE}.item()", True),
        Metric("rmse", "root of the mean squared error", _REAL | _INPUT, f"{_MSE}.sqrt().item()", True),
        Metric("mae", "mean absolute error", _REAL | _INPUT, "errors.abs().mean().item()", True),
        Metric("r2", "share of variance explained", _REAL, f"1 - ({_MSE} / deviations.square().mean()).item()"),
    )
}


def metrics(*names: str) -> tuple[Metric, ...]:
    """Metrics by name, for a task to offer."""
    return tuple(METRICS[name] for name in names)


_WRITTEN = {"iou": "IoU", "frechet": "Frechet"} | {name: name.upper() for name in ("elbo", "mae", "mse", "r2", "rmse")}


def words(name: str) -> str:
    """The name of a metric in a sentence: ``mean_iou`` is "mean IoU"."""
    return " ".join(_WRITTEN.get(word, word) for word in name.split("_"))
