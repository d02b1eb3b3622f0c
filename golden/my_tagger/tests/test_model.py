"""The network has the shape and the size that it was generated for, and it learns."""

import torch

from my_tagger.evaluate import loss_function
from my_tagger.export import example
from my_tagger.model import MyTagger


def test_output_has_the_described_shape() -> None:
    output = MyTagger()(example(4))
    assert output.shape == (4, 8, 9)


def test_number_of_parameters() -> None:
    parameters = MyTagger().parameters()
    assert sum(parameter.numel() for parameter in parameters) == 16_585


def test_learns_one_batch_by_heart() -> None:
    torch.manual_seed(0)
    model = MyTagger()
    x = example(4).clamp(min=1)  # 0 may be padding
    y = x % 9  # the tag of a step follows from its number
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(500):
        output = model(x)
        if (output.argmax(dim=2) == y).float().mean() > 0.8:
            return
        optimizer.zero_grad()
        loss_function(output.flatten(0, 1), y.flatten()).backward()
        optimizer.step()
    raise AssertionError("500 steps did not help")
