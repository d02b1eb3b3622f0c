"""The parts of the data are disjoint, always the same, and fit the network."""

import torch

from tiny_gpt.data import WINDOW, load_data, windows
from tiny_gpt.evaluate import loss_function
from tiny_gpt.model import TinyGpt


def test_windows_follow_each_other_and_targets_come_next() -> None:
    tokens = torch.arange(2 * WINDOW + 1)
    x, y = windows(tokens)
    assert torch.equal(x.flatten(), tokens[:-1])
    assert torch.equal(y.flatten(), tokens[1:])


def test_samples_fit_the_network_and_the_loss() -> None:
    train, validation, test = load_data()
    model = TinyGpt().eval()
    for part in (train, validation, test):
        batch = part.select(torch.tensor([0, len(part.x) - 1]))
        assert loss_function(model(batch.x).flatten(0, 1), batch.y.flatten()).isfinite()
