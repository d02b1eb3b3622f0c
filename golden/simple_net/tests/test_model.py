"""The network has the shape and the size that it was generated for, and it learns."""

import torch

from simple_net.evaluate import loss_function
from simple_net.export import example
from simple_net.model import SimpleNet


def test_output_has_the_described_shape() -> None:
    output = SimpleNet()(example(4))
    assert output.shape == (4, 10)


def test_number_of_parameters() -> None:
    parameters = SimpleNet().parameters()
    assert sum(parameter.numel() for parameter in parameters) == 9_610


def test_learns_one_batch_by_heart() -> None:
    torch.manual_seed(0)
    model = SimpleNet()
    x = example(4)
    y = torch.arange(4) % 2
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(500):
        output = model(x)
        correct = output.argmax(dim=1) == y
        if correct.float().mean() > 0.8:
            return
        optimizer.zero_grad()
        loss_function(output, y).backward()
        optimizer.step()
    raise AssertionError("500 steps did not help")
