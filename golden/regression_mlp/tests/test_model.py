"""The network has the shape and the size that it was generated for, and it learns."""

import torch

from regression_mlp.evaluate import loss_function
from regression_mlp.export import example
from regression_mlp.model import RegressionMlp


def test_output_has_the_described_shape() -> None:
    output = RegressionMlp()(example(4))
    assert output.shape == (4, 1)


def test_number_of_parameters() -> None:
    parameters = RegressionMlp().parameters()
    assert sum(parameter.numel() for parameter in parameters) == 2_817


def test_learns_one_batch_by_heart() -> None:
    torch.manual_seed(0)
    model = RegressionMlp()
    x = example(4)
    y = torch.rand((4, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(500):
        output = model(x)
        if (output - y).square().mean() < y.var() / 2:
            return
        optimizer.zero_grad()
        loss_function(output, y).backward()
        optimizer.step()
    raise AssertionError("500 steps did not help")
