"""The network has the shape and the size that it was generated for, and it learns."""

import torch

from tiny_gpt.evaluate import loss_function
from tiny_gpt.export import example
from tiny_gpt.model import TinyGpt


def test_output_has_the_described_shape() -> None:
    output = TinyGpt()(example(4))
    assert output.shape == (4, 8, 96)


def test_number_of_parameters() -> None:
    parameters = TinyGpt().parameters()
    assert sum(parameter.numel() for parameter in parameters) == 110_336


def test_no_output_sees_a_later_token() -> None:
    torch.manual_seed(0)
    model = TinyGpt().eval()
    x = example(4)
    changed = x.clone()
    changed[:, 4:] = (x[:, 4:] + 1) % 96
    before, after = model(x), model(changed)
    torch.testing.assert_close(after[:, :4], before[:, :4])
    assert not torch.equal(after[:, 4:], before[:, 4:])


def test_learns_one_batch_by_heart() -> None:
    torch.manual_seed(0)
    model = TinyGpt()
    x = example(4)
    y = x.flip(0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    losses = []
    for _ in range(200):
        optimizer.zero_grad()
        loss = loss_function(model(x).flatten(0, 1), y.flatten())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if losses[-1] < losses[0] / 2:
            return
    raise AssertionError("200 steps did not halve the loss")
