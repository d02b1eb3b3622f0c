"""The parts of the data are disjoint, always the same, and fit the network."""

from pathlib import Path

import pandas as pd
import pytest
import torch

from my_tagger.data import IGNORED, TARGET, load_data, split_indices
from my_tagger.evaluate import loss_function
from my_tagger.model import MyTagger


def test_parts_are_disjoint_and_always_the_same() -> None:
    parts = split_indices(1000)
    assert sorted(torch.cat(parts).tolist()) == list(range(1000))
    again = split_indices(1000)
    assert all(torch.equal(a, b) for a, b in zip(parts, again))


def test_samples_fit_the_network_and_the_loss(flags: list[str]) -> None:
    path = next(flag for flag in flags if flag.startswith("--data="))
    train, validation, test, _ = load_data(path.removeprefix("--data="))
    model = MyTagger().eval()
    for part in (train, validation, test):
        batch = part.select(torch.tensor([0, len(part.x) - 1]))
        assert loss_function(model(batch.x).flatten(0, 1), batch.y.flatten()).isfinite()


def test_each_word_has_a_tag_and_padding_has_none(flags: list[str]) -> None:
    path = next(flag for flag in flags if flag.startswith("--data="))
    train, _, _, _ = load_data(path.removeprefix("--data="))
    assert torch.equal(train.x == 0, train.y == IGNORED)
    assert (train.y == IGNORED).any()


def test_a_row_with_a_tag_too_few_is_named(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    table = pd.DataFrame({"words": ["a b", "c d"], TARGET: ["x y", "x"]})
    table.to_csv(path, index=False)
    with pytest.raises(SystemExit, match="row 2 .* 2 words and 1 tags"):
        load_data(str(path))
