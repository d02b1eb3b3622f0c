"""What an emitted forecaster makes of a series: nothing of what comes later, and the units of the table."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
import torch

from emitted import package
from families import _series

DESCRIPTION = """\
name: {name}
task: forecasting
input: {input}
layers: [Flatten, {{Linear: {numbers}}}{shaped}]
data: {{series: {{path: s.csv, columns: [a, b], target: {target}, window: 8, horizon: 5, period: 4}}}}
"""
LAYOUTS = {
    "one_column": ("[8, 2]", 5, "", "b"),
    "steps_first": ("[8, 2]", 10, ", {Unflatten: {dim: 1, unflattened_size: [5, 2]}}", "[b, a]"),
    "columns_first": ("[2, 8]", 10, ", {Unflatten: {dim: 1, unflattened_size: [2, 5]}}", "[b, a]"),
}


def data_of(layout: str, folder: Path) -> ModuleType:
    """The module ``data`` of a project."""
    given, numbers, shaped, target = LAYOUTS[layout]
    text = DESCRIPTION.format(name=layout, input=given, numbers=numbers, shaped=shaped, target=target)
    package(text, folder, layout)
    return importlib.import_module(f"{layout}.data")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    steps = np.arange(100)
    noise = np.random.default_rng(0).normal(size=(100, 2))
    return pd.DataFrame({"a": 5 + np.sin(steps) + noise[:, 0], "b": 300 + 9 * np.cos(steps) + noise[:, 1]})


def write(table: pd.DataFrame, path: Path) -> str:
    table.to_csv(path, index=False)
    return str(path)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_forecasts_are_compared_with_the_series_and_its_season(
    layout: str, table: pd.DataFrame, tmp_path: Path
) -> None:
    data = data_of(layout, tmp_path)
    *_, test, preprocessing = data.load_data(write(table, tmp_path / "s.csv"))
    truth, naive = preprocessing.decode(test.y), preprocessing.decode(data.seasonal_naive(test.x))
    for number, name in enumerate(["b"] if layout == "one_column" else ["b", "a"]):
        windows, expected = _series.windows_of_test(table[name].to_numpy(), window=8, horizon=5)
        pick = {"one_column": ..., "steps_first": (..., number), "columns_first": (slice(None), number)}[layout]
        np.testing.assert_allclose(truth[pick], expected, rtol=1e-4)
        np.testing.assert_allclose(naive[pick], _series.seasonal_naive(windows, 5, 4), rtol=1e-4)


def test_nothing_is_learnt_from_what_comes_later(table: pd.DataFrame, tmp_path: Path) -> None:
    data = data_of("one_column", tmp_path)
    later = table.copy()
    later.loc[70:, :] *= -1000  # all but the training part
    train, *_, known = data.load_data(write(table, tmp_path / "s.csv"))
    other, *_, learnt = data.load_data(write(later, tmp_path / "later.csv"))
    for one, same in ((train.x, other.x), (train.y, other.y), (known.mean, learnt.mean), (known.std, learnt.std)):
        assert torch.equal(one, same)


def test_predict_goes_on_after_the_end_of_a_file(
    table: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = data_of("one_column", tmp_path)
    train, predict = (importlib.import_module(f"one_column.{name}") for name in ("train", "predict"))
    train.main(["--device=cpu", "--epochs=1", f"--data={write(table, tmp_path / 's.csv')}", f"--out={tmp_path}"])
    capsys.readouterr()
    new = table.iloc[:50][["b", "a"]]  # the order of columns is the description's, whatever a file has
    predict.main([write(new, tmp_path / "new.csv"), f"--checkpoint={tmp_path / 'best.pt'}"])
    printed = [float(line.split(": ")[1]) for line in capsys.readouterr().out.splitlines()]
    model, checkpoint = importlib.import_module("one_column.checkpoint").load_model(tmp_path / "best.pt")
    known = data.Preprocessing(**checkpoint["preprocessing"])
    window = torch.tensor(table.iloc[42:50][["a", "b"]].to_numpy("float32")).unsqueeze(0)
    expected = model((window - known.mean) / known.std)[0] * known.std[1] + known.mean[1]
    assert printed == pytest.approx(expected.tolist(), rel=1e-3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table[["a"]], "no column 'b' among ['a']"),
        (lambda table: table.assign(b=table["b"].where(table.index != 7)), "'b' has no number in row 8"),
        (lambda table: table.iloc[:17], "a series of 17 steps is too short"),
    ],
)
def test_a_file_that_does_not_fit_is_told(change: object, message: str, table: pd.DataFrame, tmp_path: Path) -> None:
    data = data_of("one_column", tmp_path)
    with pytest.raises(SystemExit, match=message.replace("[", r"\[").replace("]", r"\]")):
        data.load_data(write(change(table), tmp_path / "s.csv"))  # type: ignore[operator]
