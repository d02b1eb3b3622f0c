"""A trained model can be loaded, evaluated, used and exported."""

import math
from pathlib import Path

import pytest
import torch

from tiny_gpt import evaluate, export, predict
from tiny_gpt.checkpoint import load_model, save_checkpoint
from tiny_gpt.model import TinyGpt


def test_a_loaded_model_is_the_saved_one(tmp_path: Path) -> None:
    model = TinyGpt().eval()
    save_checkpoint(tmp_path / "best.pt", {"model": model.state_dict()})
    loaded, _ = load_model(tmp_path / "best.pt")
    x = export.example(3)
    assert torch.equal(loaded.eval()(x), model(x))


def test_evaluate_prints_metrics(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate.main([f"--checkpoint={finished / 'best.pt'}", "--device=cpu"])
    printed = dict(line.split(": ") for line in capsys.readouterr().out.splitlines())
    assert {"loss", "bits_per_character"} <= printed.keys()
    assert not any(math.isnan(float(value)) for value in printed.values())


def test_predict_prints_samples(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predict.main([f"--checkpoint={finished / 'best.pt'}"])
    assert capsys.readouterr().out.splitlines()


def test_tokens_are_drawn_by_the_seed_and_the_likeliest_is_not_drawn(
    finished: Path,
) -> None:
    model, _ = load_model(finished / "best.pt")
    prompt = export.example(1)[0]

    def written(**how: float) -> list[int]:
        return predict.generate(model, prompt, 20, **how).tolist()

    assert written(seed=1) == written(seed=1) != written(seed=2)
    assert written(top_k=1, seed=1) == written(temperature=0, seed=2)
    assert written()[: len(prompt)] == prompt.tolist()


def test_the_exported_file_gives_the_same_output(
    finished: Path, tmp_path: Path
) -> None:
    model, _ = load_model(finished / "best.pt")
    export.export(model, tmp_path / "model.pt2")
    exported = torch.export.load(tmp_path / "model.pt2").module()
    x = export.example(7, time=24)
    torch.testing.assert_close(exported(x), model(x), rtol=1e-4, atol=1e-5)
