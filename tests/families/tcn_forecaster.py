"""Causal convolutions forecast the sunspots of three years."""

import numpy as np
from statsmodels.datasets import sunspots

from . import _series
from ._project import Project
from ._result import Result

SHORT = None  # lstm_forecaster shows the same


def run(project: Project) -> list[Result]:
    project.train()
    years = sunspots.load_pandas().data["SUNACTIVITY"].to_numpy(dtype=np.float64)
    return _series.results(project, years, 11, "sunspots")
