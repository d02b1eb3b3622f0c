"""A trained model can be loaded, evaluated, used and exported."""

import math
from pathlib import Path

import pytest
import torch

from regression_mlp import evaluate, export, predict
from regression_mlp.checkpoint import load_model, save_checkpoint
from regression_mlp.model import RegressionMlp


def test_a_loaded_model_is_the_saved_one(tmp_path: Path) -> None:
    model = RegressionMlp().eval()
    save_checkpoint(tmp_path / "best.pt", {"model": model.state_dict()})
    loaded, _ = load_model(tmp_path / "best.pt")
    x = export.example(3)
    assert torch.equal(loaded.eval()(x), model(x))


def test_evaluate_prints_metrics(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate.main([f"--checkpoint={finished / 'best.pt'}", "--device=cpu"])
    printed = dict(line.split(": ") for line in capsys.readouterr().out.splitlines())
    assert {"loss", "mse"} <= printed.keys()
    assert not any(math.isnan(float(value)) for value in printed.values())


def test_predict_prints_samples(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predict.main([f"--checkpoint={finished / 'best.pt'}"])
    assert capsys.readouterr().out.splitlines()


def test_the_exported_file_gives_the_same_output(
    finished: Path, tmp_path: Path
) -> None:
    model, _ = load_model(finished / "best.pt")
    export.export(model, tmp_path / "model.pt2")
    exported = torch.export.load(tmp_path / "model.pt2").module()
    x = export.example(7)
    torch.testing.assert_close(exported(x), model(x), rtol=1e-4, atol=1e-5)
