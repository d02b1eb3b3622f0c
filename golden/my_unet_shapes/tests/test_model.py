"""The network has the shape and the size that it was generated for, and it learns."""

import torch

from my_unet_shapes.evaluate import loss_function
from my_unet_shapes.export import example
from my_unet_shapes.model import MyUnetShapes


def test_output_has_the_described_shape() -> None:
    output = MyUnetShapes()(example(4))
    assert output.shape == (4, 4, 32, 32)


def test_number_of_parameters() -> None:
    parameters = MyUnetShapes().parameters()
    assert sum(parameter.numel() for parameter in parameters) == 66_052


def test_learns_one_batch_by_heart() -> None:
    torch.manual_seed(0)
    model = MyUnetShapes()
    x = example(2)
    bright = x.mean(dim=1) > 0
    y = bright.long()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(200):
        output = model(x)
        found = output.argmax(dim=1) == 1
        if (found == bright).float().mean() > 0.8:
            return
        optimizer.zero_grad()
        loss_function(output, y).backward()
        optimizer.step()
    raise AssertionError("200 steps did not help")
