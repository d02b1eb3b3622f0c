"""The parts of the data are disjoint, always the same, and fit the network."""

import torch

from two_heads.data import load_data, split_indices
from two_heads.evaluate import loss_function
from two_heads.model import TwoHeads


def test_parts_are_disjoint_and_always_the_same() -> None:
    parts = split_indices(1000)
    assert sorted(torch.cat(parts).tolist()) == list(range(1000))
    again = split_indices(1000)
    assert all(torch.equal(a, b) for a, b in zip(parts, again))


def test_samples_fit_the_network_and_the_loss() -> None:
    train, validation, test = load_data()
    model = TwoHeads().eval()
    for part in (train, validation, test):
        batch = part.select(torch.tensor([0, len(part.measurements) - 1]))
        assert loss_function(
            *model(batch.measurements, batch.kinds), batch.label, batch.amounts
        ).isfinite()
