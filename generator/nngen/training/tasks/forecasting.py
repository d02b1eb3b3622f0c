"""The next steps of a series."""

from __future__ import annotations

from ...description.sources import TimeSeries
from ...description.target_kinds import FORECAST
from ...language.problems import Problems
from ...network.tensors import shape_text
from ..losses import losses
from ..metrics import metrics
from .base import Fit, Task


def check(fit: Fit) -> None:
    """Notes an output that is not one number for each step that is forecast, or a series that is too short."""
    data, shape = fit.description.data, fit.output.shape
    if not isinstance(data, TimeSeries):
        return
    columns = len(data.forecast)
    if data.layout(shape, data.horizon, columns) is None:
        of_columns = f" of {columns} columns" if columns > 1 else ""
        message = f"the horizon is {data.horizon} {data.step}s{of_columns}, but the network ends in {shape_text(shape)}"
        sizes = f"({data.horizon}, {columns}) or ({columns}, {data.horizon})"
        hint = f"end in {sizes}" if columns > 1 else f"write Linear: {data.horizon}" if len(shape) == 1 else ""
        fit.problems.add(message, fit.end, hint or f"end in ({data.horizon},) or {sizes}")
    _check_length(fit, data, fit.problems)


def _check_length(fit: Fit, data: TimeSeries, problems: Problems) -> None:
    """Each part of a series whose length is known must have a window's horizon."""
    if data.samples is None:
        return
    validation, test = (int(share * data.samples) for share in data.starts)
    needs = {"training": data.window + data.horizon, "validation": data.horizon, "test": data.horizon}
    has = {"training": validation, "validation": test - validation, "test": data.samples - test}
    for part, steps in needs.items():
        if has[part] < steps:
            window = f"a window of {data.window} and " if part == "training" else ""
            message = f"the {part} part of {data.source} has {has[part]} {data.step}s, and {window}a horizon of "
            message += f"{data.horizon} {'need' if window else 'needs'} {steps}"
            problems.add(message, fit.description.data_position)


FORECASTING = Task(
    "forecasting",
    default_loss="MSELoss",
    torch_losses=losses("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "PoissonNLLLoss", "GaussianNLLLoss"),
    metrics=metrics("mae", "rmse", "mse", "r2"),
    usual=("mae", "rmse"),
    check=check,
    targets=frozenset({FORECAST}),
    target=lambda loss, output: FORECAST,
    scales_target=True,
    predict_words="the steps after the end of the series, or of {source.table_file.words}",
)
