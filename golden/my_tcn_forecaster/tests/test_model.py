"""The network has the shape and the size that it was generated for, and it learns."""

import torch

from my_tcn_forecaster.evaluate import loss_function
from my_tcn_forecaster.export import example
from my_tcn_forecaster.model import MyTcnForecaster


def test_output_has_the_described_shape() -> None:
    output = MyTcnForecaster()(example(4))
    assert output.shape == (4, 3)


def test_number_of_parameters() -> None:
    parameters = MyTcnForecaster().parameters()
    assert sum(parameter.numel() for parameter in parameters) == 6_435


def test_learns_one_batch_by_heart() -> None:
    torch.manual_seed(0)
    model = MyTcnForecaster()
    x = example(4)
    y = torch.rand((4, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(500):
        output = model(x)
        if (output - y).square().mean() < y.var() / 2:
            return
        optimizer.zero_grad()
        loss_function(output, y).backward()
        optimizer.step()
    raise AssertionError("500 steps did not help")
