"""What an emitted tagger makes of a table of sentences: words and tags side by side, padding that nothing counts."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
import torch

from emitted import package

DESCRIPTION = """\
name: tagger
task: sequence_labeling
input: {shape: [time], dtype: int64, high: 12}
layers: [{Embedding: 8}, {GRU: 8}, {Linear: 2}]
data: {csv: {path: t.csv, text: words, target: tags, length: 3}}
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    package(DESCRIPTION, tmp_path_factory.mktemp("project"), "tagger")
    return importlib.import_module("tagger.data")


def table(folder: Path, tags: str = "X Y X Y") -> str:
    rows = [("a b a b", tags), ("B", "Y"), ("a", "X"), ("a b", "X Y")] + [("a a", "X X")] * 8
    pd.DataFrame(rows, columns=["words", "tags"]).to_csv(folder / "t.csv", index=False)
    return str(folder / "t.csv")


def test_words_and_tags_beyond_the_length_do_not_count(data: ModuleType, tmp_path: Path) -> None:
    parts = data.load_data(table(tmp_path))
    rows = [row for part in parts[:3] for row in zip(part.x.tolist(), part.y.tolist())]
    known = {word: number for number, word in enumerate(parts[3].words, 2)}
    a, b = known["a"], known.get("b", 1)
    assert ([a, b, a], [0, 1, 0]) in rows and ([a, 0, 0], [0, -100, -100]) in rows


@pytest.mark.parametrize("tags", ["X Y X", "X Y X Y X", ""])
def test_as_many_tags_as_words_even_beyond_the_length(data: ModuleType, tmp_path: Path, tags: str) -> None:
    with pytest.raises(SystemExit, match=f"sentence 1 has 4 words and {len(tags.split())} tags"):
        data.load_data(table(tmp_path, tags))


def test_padding_counts_neither_in_the_loss_nor_in_the_accuracy(data: ModuleType) -> None:
    evaluate, model = (importlib.import_module(f"tagger.{name}") for name in ("evaluate", "model"))
    torch.manual_seed(0)
    network = model.Tagger()
    x, y = torch.tensor([[2, 3, 4], [5, 0, 0]]), torch.tensor([[0, 1, 1], [0, -100, -100]])
    found = evaluate.evaluate(network, data.Split(x, y))
    scores = [network(x)[row, place].log_softmax(0).tolist() for row, place in ((0, 0), (0, 1), (0, 2), (1, 0))]
    truth = [0, 1, 1, 0]
    assert found["loss"] == pytest.approx(-sum(each[tag] for each, tag in zip(scores, truth)) / 4)
    assert found["accuracy"] == sum(each.index(max(each)) == tag for each, tag in zip(scores, truth)) / 4
