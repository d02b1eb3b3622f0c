"""The network has the shape and the size that it was generated for, and it learns."""

import torch

from two_heads.evaluate import loss_function
from two_heads.export import example
from two_heads.model import TwoHeads


def test_output_has_the_described_shape() -> None:
    outputs = TwoHeads()(*example(4))
    assert [output.shape for output in outputs] == [
        (4, 4),
        (4, 3),
    ]


def test_number_of_parameters() -> None:
    parameters = TwoHeads().parameters()
    assert sum(parameter.numel() for parameter in parameters) == 5_983


def test_learns_one_batch() -> None:
    torch.manual_seed(0)
    model = TwoHeads()
    x = example(4)
    targets = [
        torch.randint(4, (4,)),
        torch.rand((4, 3)),
    ]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = loss_function(*model(*x), *targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert min(losses) < losses[0]
