"""What an emitted tagger makes of a table of sentences: each word keeps its tag, and padding counts for nothing."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
import torch
from sklearn.metrics import f1_score
from torch import nn

from emitted import package

DESCRIPTION = """\
name: tagger
task: sequence_labeling
input: {shape: [time], dtype: int64, high: 8}
layers: [{Embedding: 8}, {LSTM: 8}, {Linear: 3}]
data: {csv: {path: t.csv, text: words, target: tags, length: 5}}
loss: {CrossEntropyLoss: {weight: [1, 2, 3]}}
"""


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ModuleType]:
    package(DESCRIPTION, tmp_path_factory.mktemp("project"), "tagger")
    return {name: importlib.import_module(f"tagger.{name}") for name in ("data", "evaluate", "model")}


def rows(count: int = 40) -> list[tuple[str, str]]:
    """Sentences of one to seven words."""
    words, tags = ("NA", "Dogs", "run", "null", "1.0"), "XYZ"
    return [
        (
            " ".join(words[(row + place) % 5] for place in range(1 + row % 7)),
            " ".join(tags[(row * place) % 3] for place in range(1 + row % 7)),
        )
        for row in range(count)
    ]


def write(folder: Path, sentences: list[tuple[str, str]]) -> str:
    path = folder / "t.csv"
    pd.DataFrame(sentences, columns=["words", "tags"]).to_csv(path, index=False)
    return str(path)


def test_words_and_tags_are_those_of_the_table(tagger: dict[str, ModuleType], tmp_path: Path) -> None:
    data = tagger["data"]
    *parts, known = data.load_data(write(tmp_path, rows()))
    assert known.classes == ["X", "Y", "Z"] and set(known.words) == {"NA", "Dogs", "run", "null", "1.0"}
    for part, numbers in zip(parts, data.split_indices(40)):
        for x, y, number in zip(part.x.tolist(), part.y.tolist(), numbers.tolist()):
            words, tags = (text.split()[:5] for text in rows()[number])
            padding = 5 - len(words)
            assert x == [known.words.index(word) + 2 for word in words] + [0] * padding
            assert y == ["XYZ".index(tag) for tag in tags] + [-100] * padding


def test_words_are_those_of_the_training_part(tagger: dict[str, ModuleType], tmp_path: Path) -> None:
    data = tagger["data"]
    sentences, parts = rows(), data.split_indices(40)
    for number, part in enumerate(parts):
        for row in part.tolist():
            tags = sentences[row][1]
            sentences[row] = (" ".join("abc"[number] for _ in tags.split()), tags)
    *splits, known = data.load_data(write(tmp_path, sentences))
    assert known.words == ["a"]
    assert [part.x[part.x > 0].unique().tolist() for part in splits] == [[2], [1], [1]]


def test_metrics_are_those_of_the_words_without_padding(tagger: dict[str, ModuleType], tmp_path: Path) -> None:
    torch.manual_seed(0)
    _, _, test, _ = tagger["data"].load_data(write(tmp_path, rows(100)))
    model = tagger["model"].Tagger()
    metrics = tagger["evaluate"].evaluate(model, test, batch_size=3)
    scores, truth = [], []
    for x, y in zip(test.x, test.y):
        length = int((x != 0).sum())
        scores.append(model(x[None, :length])[0].detach())
        truth.append(y[:length])
    output, y = torch.cat(scores), torch.cat(truth)
    assert 0 < len(y) < test.y.numel()
    assert metrics["accuracy"] == pytest.approx((output.argmax(dim=1) == y).float().mean().item())
    assert metrics["f1"] == pytest.approx(f1_score(y, output.argmax(dim=1), average="macro"))
    expected = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 3.0]))(output, y).item()
    assert metrics["loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("a b c d e f", "X Y X Y X"), "row 3 below the header has 6 words and 5 tags"),
        (("a b", "X"), "row 3 below the header has 2 words and 1 tags"),
        (("a b", "X Y X"), "row 3 below the header has 2 words and 3 tags"),
        (("a b", ""), "row 3 below the header has 2 words and 0 tags"),
        (("", ""), "row 3 below the header has 0 words and 0 tags"),
        (("a", "W"), "'tags' has 4 different tags, but the model has scores for 3"),
    ],
)
def test_a_table_with_a_mistake_is_refused(
    tagger: dict[str, ModuleType], row: tuple[str, str], message: str, tmp_path: Path
) -> None:
    sentences = rows()
    sentences[2] = row
    with pytest.raises(SystemExit, match=message):
        tagger["data"].load_data(write(tmp_path, sentences))


def test_a_tag_that_the_trained_model_does_not_know_is_named(tagger: dict[str, ModuleType], tmp_path: Path) -> None:
    data = tagger["data"]
    known = data.load_data(write(tmp_path, rows()))[-1]
    with pytest.raises(SystemExit, match="'tags' has 'W', not a tag of the model"):
        data.load_data(write(tmp_path, [("a", "W"), *rows()]), known)
