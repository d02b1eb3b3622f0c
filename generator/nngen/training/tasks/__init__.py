"""The tasks: which recipe a project follows.

A task is one file here and the templates of its name: see CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..metrics import METRICS as SHARED
from ..metrics import Metric
from .autoencoder import AUTOENCODER
from .base import UNKNOWN, Fit, Picture, Task
from .classification import CLASSIFICATION
from .forecasting import FORECASTING
from .gan import GAN
from .language_model import LANGUAGE_MODEL
from .regression import REGRESSION
from .segmentation import SEGMENTATION
from .sequence_labeling import SEQUENCE_LABELING
from .supervised import SUPERVISED
from .vae import VAE

__all__ = ["METRICS", "TASKS", "UNKNOWN", "Fit", "Picture", "Task"]

TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        CLASSIFICATION,
        REGRESSION,
        FORECASTING,
        SEGMENTATION,
        SEQUENCE_LABELING,
        AUTOENCODER,
        VAE,
        GAN,
        LANGUAGE_MODEL,
        SUPERVISED,
    )
}

# those that tasks may share, then those that one has for itself
METRICS: Mapping[str, Metric] = {
    **SHARED,
    **{metric.name: metric for task in TASKS.values() for metric in task.metrics},
}
