"""What TensorBoard's own reader finds after a run of an emitted project."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from emitted import package

FORECASTER = """\
name: board_net
task: forecasting
input: [12]
layers: [{Linear: 3}]
data: {sunspots: {window: 12, horizon: 3}}
training: {epochs: 3, tensorboard: true}
"""


def read(folder: Path) -> EventAccumulator:
    found = EventAccumulator(str(folder), size_guidance={"images": 0})
    found.Reload()
    return found


def test_numbers_of_a_resumed_run_and_its_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train = package(FORECASTER, tmp_path, "board_net")
    save = train.save_checkpoint

    def die(path: Path, checkpoint: dict[str, object]) -> None:
        if path.name == "last.pt" and checkpoint["epoch"] == 2:
            raise KeyboardInterrupt
        save(path, checkpoint)

    flags = ["--device=cpu", f"--out={tmp_path / 'runs'}"]
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(train, "save_checkpoint", die)
        train.main(flags)
    train.main([*flags, "--resume"])
    importlib.import_module("board_net.evaluate").main([f"--checkpoint={tmp_path / 'runs' / 'best.pt'}"])

    board = read(tmp_path / "runs" / "tensorboard")
    rows = [json.loads(line) for line in (tmp_path / "runs" / "metrics.jsonl").read_text().splitlines()]
    for name in ("train_loss", "validation_mae"):
        expected = [(row["epoch"], pytest.approx(row[name])) for row in rows]
        assert [(event.step, event.value) for event in board.Scalars(name)] == expected
    assert {"curves", "forecast"} <= set(board.Tags()["images"])


def test_it_can_be_left_out(tmp_path: Path) -> None:
    train = package(FORECASTER, tmp_path, "board_net")
    train.main(["--device=cpu", f"--out={tmp_path / 'runs'}", "--no-tensorboard", "--epochs=1"])
    assert not (tmp_path / "runs" / "tensorboard").exists()
