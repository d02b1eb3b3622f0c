"""What an emitted classifier of texts makes of a table: words of the training part, and what they say together."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
import torch

from emitted import package

DESCRIPTION = """\
name: texts
task: classification
input: {shape: [time], dtype: int64, high: 12}
layers:
  - ne: 0
  - sum: 1
    as: lengths
  - Embedding: {embedding_dim: 8, padding_idx: 0}
    from: input
  - pack_padded_sequence: {lengths: lengths, enforce_sorted: false}
  - LSTM: 16
    as: [_, h_n, _]
  - select: [0, -1]
    from: h_n
  - Linear: 2
data: {csv: {path: t.csv, target: label, length: 6}}
optimizer: {Adam: {lr: 0.01}}
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    package(DESCRIPTION, tmp_path_factory.mktemp("project"), "texts")
    return importlib.import_module("texts.data")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Judgements that one word alone does not tell: half of them are negated."""
    draw = np.random.default_rng(0)
    rows = []
    for _ in range(600):
        good, negated = draw.integers(2, size=2)
        words = [("not " if negated else "so ") + ("good" if good else "bad"), "A film"]
        rows.append(
            (", ".join(words[:: draw.choice([1, -1])]) + "!" * draw.integers(3), "no yes".split()[good ^ negated])
        )
    file = tmp_path_factory.mktemp("data") / "t.csv"
    pd.DataFrame(rows, columns=["review", "label"]).to_csv(file, index=False)
    return str(file)


def test_words_are_those_of_the_training_part(data: ModuleType, path: str, tmp_path: Path) -> None:
    table = pd.read_csv(path)
    parts = data.split_indices(len(table))
    for number, index in enumerate(parts):  # a word that only one part has, more often than any other word
        table.loc[index.numpy(), "review"] += f" {'xyz'[number]}" * 9
    table.to_csv(tmp_path / "t.csv", index=False)
    train, _, test, known = data.load_data(str(tmp_path / "t.csv"))
    counts: Counter[str] = Counter()
    for text in table.loc[parts[0].numpy(), "review"]:
        counts.update(re.findall("[a-z]+|[,!]", text.lower()))
    assert known.words[0] == "x" and set(known.words) == set(counts)
    assert train.x.max() == len(known.words) + 1 < 12
    assert train.x.shape[1] == test.x.shape[1] == 6  # longer texts are cut
    few = known._replace(words=known.words[:3])
    assert few.encode_texts([f"{known.words[2]} Unheard {known.words[0].upper()}"]).tolist() == [[4, 1, 2]]


def test_texts_are_padded_and_an_empty_one_has_a_word(data: ModuleType) -> None:
    known = data.Preprocessing(words=["a", "don", "'", "t"], classes=["no", "yes"])
    assert known.encode_texts(["A don't", "", "a"]).tolist() == [[2, 3, 4, 5], [1, 0, 0, 0], [2, 0, 0, 0]]
    assert known.encode(pd.DataFrame({"review": ["a a", None]})).tolist() == [[2, 2], [1, 0]]


def test_a_table_with_two_columns_of_texts_needs_a_name(data: ModuleType, path: str, tmp_path: Path) -> None:
    pd.read_csv(path).assign(title="A film").to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(SystemExit, match=r"one column should hold the texts, but there are \['review', 'title'\]"):
        data.load_data(str(tmp_path / "t.csv"))
    named = DESCRIPTION.replace("name: texts", "name: named").replace("length: 6", "text: review")
    package(named, tmp_path, "named")
    other = importlib.import_module("named.data")
    assert torch.equal(other.load_data(str(tmp_path / "t.csv"))[0].y, data.load_data(path)[0].y)
    with pytest.raises(SystemExit, match="no column 'review' among"):
        other.Preprocessing(words=[], classes=[]).encode(pd.DataFrame({"title": ["a"]}))


def test_a_network_learns_what_words_say_together(
    data: ModuleType, path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, evaluate, predict = (importlib.import_module(f"texts.{name}") for name in ("train", "evaluate", "predict"))
    train.main(["--device=cpu", "--epochs=12", f"--data={path}", f"--out={tmp_path}"])
    capsys.readouterr()
    checkpoint = f"--checkpoint={tmp_path / 'best.pt'}"
    evaluate.main(["--device=cpu", checkpoint])
    printed = dict(line.split(": ") for line in capsys.readouterr().out.splitlines())
    assert float(printed["accuracy"]) > 0.95  # words that are only counted give a half
    predict.main([checkpoint, "--text", "Not bad, a film!", "A film, so bad"])
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["yes,", "no,"]
    new = tmp_path / "new.csv"
    new.write_text("review\nnot good\n")
    predict.main([checkpoint, str(new)])
    assert capsys.readouterr().out.startswith("0: no, probability")
