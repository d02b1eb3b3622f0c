"""Parts follow each other in time, and windows fit the network."""

import torch

from my_tcn_forecaster.data import HORIZON, WINDOW, load_data, load_series, split_times
from my_tcn_forecaster.evaluate import loss_function
from my_tcn_forecaster.model import MyTcnForecaster


def test_parts_follow_each_other() -> None:
    train, validation, test = split_times(1000)
    assert (train.start, test.stop) == (0, 1000)
    assert (train.stop, validation.stop) == (validation.start, test.start)


def test_targets_of_a_part_lie_in_it() -> None:
    series = load_series()
    *parts, preprocessing = load_data()
    for part, times in zip(parts, split_times(len(series))):
        first = max(times.start, WINDOW)
        assert len(part.x) == times.stop - first - HORIZON + 1
        for window, start in ((0, first), (-1, times.stop - HORIZON)):
            truth = series[start : start + HORIZON]
            torch.testing.assert_close(preprocessing.decode(part.y[window]), truth)


def test_only_the_training_part_is_standardised_exactly() -> None:
    series, (*_, preprocessing) = load_series(), load_data()
    values = preprocessing.encode(series)
    assert values[split_times(len(series))[0]].mean(dim=0).abs().max() < 1e-4
    assert values.mean(dim=0).abs().max() > 1e-4


def test_samples_fit_the_network_and_the_loss() -> None:
    *parts, _ = load_data()
    model = MyTcnForecaster().eval()
    for part in parts:
        batch = part.select(torch.tensor([0, len(part.x) - 1]))
        assert loss_function(model(batch.x), batch.y).isfinite()
