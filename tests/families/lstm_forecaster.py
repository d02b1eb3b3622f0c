"""An LSTM forecasts the surface temperature of the Pacific for half a year."""

import numpy as np
from statsmodels.datasets import elnino

from . import _series
from ._project import Project
from ._result import Result

SHORT = ("--epochs=20",)


def run(project: Project) -> list[Result]:
    project.train()
    months = elnino.load_pandas().data.drop(columns="YEAR").to_numpy(dtype=np.float64).reshape(-1)
    return _series.results(project, months, 12, "degrees")
