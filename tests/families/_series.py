"""What a forecast has to beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ._project import Project
from ._result import Result


def seasonal_naive(windows: NDArray[np.float64], horizon: int, period: int) -> NDArray[np.float64]:
    """The values of one period earlier, again and again.

    Args:
        windows: (N, time), of at least a period.
        horizon: how many values to forecast.
        period: of the season, in steps.

    Returns:
        (N, horizon).
    """
    assert windows.shape[1] >= period, f"a window of {windows.shape[1]} has no whole period of {period}"
    return windows[:, windows.shape[1] - period + np.arange(horizon) % period]


def windows_of_test(
    series: NDArray[np.float64], window: int, horizon: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The windows whose horizon lies in the last fifth of a series, and their horizons."""
    starts = range(int(len(series) * 0.8), len(series) - horizon + 1)
    windows, truth = zip(*((series[start - window : start], series[start : start + horizon]) for start in starts))
    return np.stack(windows), np.stack(truth)


def results(project: Project, series: NDArray[np.float64], period: int, unit: str) -> list[Result]:
    """The error of a trained project beside that of repeating what was one period ago."""
    (settings,) = project.description["data"].values()
    windows, truth = windows_of_test(series, settings["window"], settings["horizon"])
    naive = float(np.abs(seasonal_naive(windows, settings["horizon"], period) - truth).mean())
    reached = project.evaluate()["mae"]
    return [project.result(f"MAE, {unit}", reached, naive, short=naive, below=True, of="seasonal naive")]
