"""A run that is stopped at any moment and resumed ends like one that never stopped."""

import json
import os
from pathlib import Path

import pytest
import torch

from my_tagger import train
from my_tagger.checkpoint import (
    load_checkpoint,
    load_matching,
    save_checkpoint,
)
from my_tagger.model import MyTagger


class Killed(Exception):
    pass


@pytest.mark.parametrize("renames", [0, 1, 2])
def test_resumed_run_ends_with_the_same_weights(
    renames: int,
    flags: list[str],
    finished: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # drawing would take longer than training, and `finished` has its pictures
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", lambda *_: None)
    replace = os.replace
    done: list[Path] = []

    def replace_or_die(source: Path, target: Path) -> None:
        if len(done) == renames:
            raise Killed
        replace(source, target)
        done.append(target)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(os, "replace", replace_or_die)
        train.main([*flags, f"--out={tmp_path}"])
    torch.rand(1)  # what happens in between must not matter
    train.main([*flags, f"--out={tmp_path}", "--resume"])

    for name in ("last.pt", "best.pt"):
        expected = load_checkpoint(finished / name)
        resumed = load_checkpoint(tmp_path / name)
        torch.testing.assert_close(
            resumed["model"], expected["model"], rtol=0, atol=0, equal_nan=True
        )
    metrics = (tmp_path / "metrics.jsonl").read_text()
    assert metrics == (finished / "metrics.jsonl").read_text()


def test_a_run_leaves_metrics_and_curves(finished: Path) -> None:
    lines = (finished / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2]
    assert (finished / "curves.png").stat().st_size > 0


def test_weights_of_another_architecture_are_loaded_where_they_fit(
    tmp_path: Path,
) -> None:
    state = MyTagger().state_dict()
    first, *others = state
    old = {f"old.{name}": tensor for name, tensor in state.items()}
    old |= {f"old.{first}": torch.zeros(1, 2, 3, 4, 5, 6), "gone": torch.zeros(1)}
    save_checkpoint(tmp_path / "old.pt", {"model": old})

    model = MyTagger()
    rename = ",".join(f"old.{name}={name}" for name in state)
    report = load_matching(tmp_path / "old.pt", model, rename)
    assert f"other shape: {first} (1, 2, 3, 4, 5, 6), now" in report
    assert "not used: gone" in report
    loaded = model.state_dict()
    for name in others:
        torch.testing.assert_close(loaded[name], state[name], equal_nan=True)
