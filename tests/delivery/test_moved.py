"""Layers that another position or name has come to: what nngen says of them, and what the emitted code loads where."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from nngen import pipeline
from nngen.delivery.weights import compare, report
from rendering import render_text
from stories.merging import record_in

torch = pytest.importorskip("torch")

HEAD = "name: net\ntask: classification\ninput: [16]\ndata: synthetic\n"
GROUP = """\
layers:
  - layers: [Linear: 16, ReLU, Linear: 16, Tanh, Linear: 16, ReLU]
    name: main
  - Linear: 10
"""
STACK = """\
blocks:
  Block:
    args: {width: }
    layers:
      - residual:
          - layers: [Linear: $width, ReLU, Linear: 16]
            name: main
layers:
  - layers:
      - Linear: 16
      - Block: 8
        repeat: 2
      - Linear: 12
    name: trunk
  - Linear: 10
"""
NAMED = "layers:\n  - Linear: 16\n  - ReLU\n  - Linear: 16\n  - Tanh\n  - Linear: 10\n"
FIRST = "layers: [Linear: 16, ReLU"

CASES = {
    "a layer between": (
        GROUP,
        ("ReLU, Linear: 16, Tanh, ", "ReLU, Linear: 16, Sigmoid, Linear: 16, Tanh, "),
        {"main.0": "main.0", "main.2": "main.2", "main.4": "main.6", "fc": "fc"},
    ),
    "a layer without weights": (
        GROUP,
        (FIRST, "layers: [Linear: 16, ReLU, Dropout: 0.1"),
        {"main.0": "main.0", "main.2": "main.3", "main.4": "main.5", "fc": "fc"},
    ),
    "an activation removed": (
        GROUP,
        (f"{FIRST}, ", "layers: [Linear: 16, "),
        {"main.0": "main.0", "main.2": "main.1", "main.4": "main.3", "fc": "fc"},
    ),
    "a layer removed": (GROUP, ("Tanh, Linear: 16, ", "Tanh, "), {"main.0": "main.0", "main.2": "main.2", "fc": "fc"}),
    "a block more, behind which a layer moves": (
        STACK,
        ("repeat: 2", "repeat: 3"),
        {"trunk.0": "trunk.0", "trunk.1": "trunk.1", "trunk.2": "trunk.2", "trunk.3": "trunk.4", "fc": "fc"},
    ),
    "a layer in a block": (
        STACK,
        ("[Linear: $width, ", "[LayerNorm, Linear: $width, "),
        {
            "trunk.1.main.0": "trunk.1.main.1",
            "trunk.1.main.2": "trunk.1.main.3",
            "trunk.2.main.0": "trunk.2.main.1",
            "trunk.2.main.2": "trunk.2.main.3",
            "trunk.0": "trunk.0",
            "trunk.3": "trunk.3",
            "fc": "fc",
        },
    ),
    "a name of the author's": (
        NAMED,
        ("  - Tanh\n  - Linear: 10\n", "  - Tanh\n  - Linear: 10\n    name: head\n"),
        {"fc1": "fc1", "fc2": "fc2", "fc3": "head"},
    ),
    "layers that become a group": (
        NAMED,
        ("  - Linear: 16\n  - ReLU\n  - Linear: 16\n", "  - layers: [Linear: 16, ReLU, Linear: 16]\n    name: stem\n"),
        {"fc1": "stem.0", "fc2": "stem.2", "fc3": "fc3"},
    ),
}


def _package(text: str, folder: Path, record: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any, Any]:
    """The files of a description, its model with weights of their own, and its module of checkpoints."""
    files = render_text(text, record)
    for path in ("net/__init__.py", "net/model.py", "net/checkpoint.py"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(files.get(path, ""), encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "net"]:
        monkeypatch.delitem(sys.modules, name)
    checkpoint = importlib.import_module("net.checkpoint")
    model = checkpoint.Net()
    state = {name: torch.rand_like(value) for name, value in model.state_dict().items()}
    model.load_state_dict(state)
    return files, model, checkpoint


@pytest.mark.parametrize("case", CASES)
def test_weights_go_where_their_layer_is_now_and_nowhere_else(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, change, layers = CASES[case]
    before, after = HEAD + text, HEAD + text.replace(*change)
    assert before != after
    files, old, saving = _package(before, tmp_path / "before", None, monkeypatch)
    saving.save_checkpoint(tmp_path / "old.pt", {"model": old.state_dict()})
    record = record_in(files)
    _, new, loading = _package(after, tmp_path / "after", record, monkeypatch)

    said = report(compare(pipeline.read(before).network, pipeline.read(after, record).network), "net")
    rename = re.search(r"--rename (\S+)", said)
    fresh = {name: value.clone() for name, value in new.state_dict().items()}
    expected = dict(fresh)
    for one, other in layers.items():
        inside = {name: value for name, value in old.state_dict().items() if f"{name}.".startswith(f"{one}.")}
        assert inside
        expected |= {other + name.removeprefix(one): value for name, value in inside.items()}

    # a position alone is no reason to load what may be another layer
    loading.load_matching(tmp_path / "old.pt", new)
    for name, value in new.state_dict().items():
        assert torch.equal(value, fresh[name]) or torch.equal(value, expected[name]), name
    told = loading.load_matching(tmp_path / "old.pt", new, rename[1] if rename else "")
    assert new.state_dict().keys() == expected.keys()
    for name, value in new.state_dict().items():
        assert torch.equal(value, expected[name]), f"{name}\n{said}\n{told}"
    for one, other in layers.items():
        assert (one == other) or re.search(rf"^    {one}\b.* is {other}\b", told, re.MULTILINE)


def test_a_layer_that_the_checkpoint_lacks_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, model, checkpoint = _package(HEAD + GROUP, tmp_path, None, monkeypatch)
    checkpoint.save_checkpoint(tmp_path / "old.pt", {"model": model.state_dict()})
    for rename in ("mian.0=main.2", "main.0", "main.0="):
        with pytest.raises(SystemExit, match=f"--rename {rename}: "):
            checkpoint.load_matching(tmp_path / "old.pt", model, rename)


def test_what_moved_is_said_with_the_command_that_takes_it() -> None:
    text, change, _ = CASES["a layer between"]
    before = pipeline.read(HEAD + text)
    after = pipeline.read(HEAD + text.replace(*change), record_in(render_text(HEAD + text)))
    assert report(compare(before.network, after.network), "net").splitlines() == [
        "Weights in a checkpoint of before: 6 stay, 2 moved, 2 new, 0 gone, 0 of another shape.",
        "    moved       main.4.weight -> main.6.weight",
        "                main.4.bias -> main.6.bias",
        "    new         main.4.weight",
        "                main.4.bias",
        "To begin with those that moved or stay:",
        "    python -m net.train --init-from OLD.pt --rename main.4=main.6,main=main",
    ]
