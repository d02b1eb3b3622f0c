"""The network has the shape and the size that it was generated for, and it learns."""

import torch

from deep_mlp.evaluate import loss_function
from deep_mlp.export import example
from deep_mlp.model import DeepMlp


def test_output_has_the_described_shape() -> None:
    output = DeepMlp()(example(4))
    assert output.shape == (4, 10)


def test_number_of_parameters() -> None:
    parameters = DeepMlp().parameters()
    assert sum(parameter.numel() for parameter in parameters) == 58_890


def test_learns_one_batch_by_heart() -> None:
    torch.manual_seed(0)
    model = DeepMlp()
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
