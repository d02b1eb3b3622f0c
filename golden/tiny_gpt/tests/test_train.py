"""A run that was stopped at any moment ends as one that never stopped."""

import json
import os
from pathlib import Path

import pytest
import torch

from tiny_gpt import train
from tiny_gpt.checkpoint import load_checkpoint


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
    torch.rand(1)  # what happens in between does not matter
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
