"""The network has the shape and the size that it was generated for, and it learns."""

import torch

from my_conv_autoencoder.evaluate import loss_function
from my_conv_autoencoder.export import example
from my_conv_autoencoder.model import MyConvAutoencoder


def test_output_has_the_described_shape() -> None:
    output = MyConvAutoencoder()(example(4))
    assert output.shape == (4, 1, 8, 8)


def test_number_of_parameters() -> None:
    parameters = MyConvAutoencoder().parameters()
    assert sum(parameter.numel() for parameter in parameters) == 72_913


def test_learns_one_batch_by_heart() -> None:
    torch.manual_seed(0)
    model = MyConvAutoencoder()
    x = torch.rand((4, 1, 8, 8))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(500):
        output = model(x)
        if (output - x).square().mean() < x.var() / 2:
            return
        optimizer.zero_grad()
        loss_function(output, x).backward()
        optimizer.step()
    raise AssertionError("500 steps did not help")
