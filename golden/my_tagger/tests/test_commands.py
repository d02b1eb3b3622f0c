"""A trained model can be loaded, evaluated, used and exported."""

import math
from pathlib import Path

import pytest
import torch

from my_tagger import evaluate, export, predict
from my_tagger.checkpoint import load_checkpoint, load_model, save_checkpoint
from my_tagger.model import MyTagger


def test_a_loaded_model_is_the_saved_one(tmp_path: Path) -> None:
    model = MyTagger().eval()
    save_checkpoint(tmp_path / "best.pt", {"model": model.state_dict()})
    loaded, _ = load_model(tmp_path / "best.pt")
    x = export.example(3)
    assert torch.equal(loaded.eval()(x), model(x))


def test_evaluate_prints_metrics(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate.main([f"--checkpoint={finished / 'best.pt'}", "--device=cpu"])
    printed = dict(line.split(": ") for line in capsys.readouterr().out.splitlines())
    assert {"loss", "accuracy"} <= printed.keys()
    assert not any(math.isnan(float(value)) for value in printed.values())
    assert (finished / "confusion.png").stat().st_size > 0


def test_predict_prints_samples(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predict.main([f"--checkpoint={finished / 'best.pt'}"])
    assert capsys.readouterr().out.splitlines()


def test_each_word_of_a_sentence_is_printed_with_its_tag(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = finished / "best.pt"
    tags = load_checkpoint(checkpoint)["preprocessing"]["classes"]
    predict.main([f"--checkpoint={checkpoint}", "--text", "a longer one", "short"])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[:1] for line in lines] == [
        ["a"],
        ["longer"],
        ["one"],
        [],
        ["short"],
        [],
    ]
    assert all(line[1] in tags for line in lines if line)


def test_the_exported_file_gives_the_same_output(
    finished: Path, tmp_path: Path
) -> None:
    model, _ = load_model(finished / "best.pt")
    export.export(model, tmp_path / "model.pt")
    exported = torch.jit.load(tmp_path / "model.pt")
    x = export.example(7, time=24)
    torch.testing.assert_close(exported(x), model(x), rtol=1e-4, atol=1e-5)
