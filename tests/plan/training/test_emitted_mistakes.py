"""What goes wrong in a generated project ends in one line, and what changes around a run does no harm."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import emitted

ARRAYS = (
    "name: arrays_net\ntask: classification\ninput: [1, 4, 4]\nlayers: [Flatten, Linear: 3]\ndata: {arrays: a.npz}\n"
)
TABLE = (
    "name: table_net\ntask: regression\n"
    "inputs: {numbers: [2], words: {shape: [1], dtype: int64, high: 4}}\n"
    "layers: [{Embedding: 3, from: words}, {flatten: 1}, {cat: [x, numbers]}, {Linear: 1}]\n"
    "data: {csv: {path: t.csv, target: y}}\n"
)


def module(description: str, folder: Path, name: str) -> tuple[ModuleType, ...]:
    """The modules train, data, evaluate and predict of a project."""
    train = emitted.package(description, folder, name)
    return train, *(importlib.import_module(f"{name}.{each}") for each in ("data", "evaluate", "predict"))


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, ...]:
    return module(ARRAYS, tmp_path_factory.mktemp("arrays"), "arrays_net")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, ...]:
    return module(TABLE, tmp_path_factory.mktemp("table"), "table_net")


def write_arrays(path: Path, **more: Any) -> str:
    rng = np.random.default_rng(0)
    np.savez(path, **({"x": rng.normal(size=(60, 1, 4, 4)), "y": np.arange(60) % 3} | more))
    return str(path)


def write_table(path: Path, rows: int = 60, shift: float = 0.0) -> str:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, rows)) + shift
    columns = {"a": a, "b": b, "word": [("red", "green", "blue")[row % 3] for row in range(rows)], "y": 3 * a - b}
    pd.DataFrame(columns).to_csv(path, index=False)
    return str(path)


def one_line(error: pytest.ExceptionInfo[SystemExit]) -> str:
    assert isinstance(error.value.code, str) and "\n" not in error.value.code
    return error.value.code


@pytest.mark.parametrize(
    ("shape", "fits"),
    [
        ((1, 4, 4), True),
        ((4, 4), True),  # a channel of one is added
        ((16,), True),  # flat samples are shaped
        ((2, 8), False),
        ((4, 4, 1), False),
        ((8, 2), False),
        ((1, 1, 16), False),
    ],
)
def test_arrays_differ_from_the_input_by_flattening_or_a_channel_alone(
    arrays: tuple[ModuleType, ...], tmp_path: Path, shape: tuple[int, ...], fits: bool
) -> None:
    path = write_arrays(tmp_path / "a.npz", x=np.arange(60 * 16.0).reshape(60, *shape))
    if fits:
        train, _, _ = arrays[1].load_data(path)
        assert train.x.shape[1:] == (1, 4, 4)
        assert torch.equal(train.x[0].flatten().diff(), torch.ones(15))
    else:
        with pytest.raises(SystemExit) as error:
            arrays[1].load_data(path)
        assert "x must have shape (N, 1, 4, 4)" in one_line(error)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"y": np.arange(50) % 3}, "one array has 50 samples, another has 60"),
        ({"y": np.arange(60)}, "y must hold classes from 0 to 2"),
        ({"y": np.linspace(0, 1, 60)}, "y must hold integers"),
        ({"x": np.array(["a"] * 60)}, "'x' does not hold numbers"),
        ({"x": np.array(3.0)}, "x must have shape"),
        ({"x": np.zeros((3, 16)), "y": np.arange(3)}, "3 samples are too few"),
        ({"x_test": np.zeros((3, 16))}, "no array 'y_test'"),
    ],
)
def test_wrong_arrays_are_told(arrays: tuple[ModuleType, ...], tmp_path: Path, more: dict[str, Any], said: str) -> None:
    with pytest.raises(SystemExit) as error:
        arrays[1].load_data(write_arrays(tmp_path / "a.npz", **more))
    assert said in one_line(error)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY", b"text\n"])
def test_files_that_are_no_arrays_are_told(arrays: tuple[ModuleType, ...], tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.npz"
    path.write_bytes(content)
    with pytest.raises(SystemExit) as error:
        arrays[1].load_data(str(path))
    assert str(path) in one_line(error)
    with pytest.raises(SystemExit) as error:
        arrays[3].read_samples(str(path))
    assert str(path) in one_line(error)


def test_a_folder_and_an_archive_are_no_samples(arrays: tuple[ModuleType, ...], tmp_path: Path) -> None:
    for path in (tmp_path, write_arrays(tmp_path / "a.npz")):
        with pytest.raises(SystemExit) as error:
            arrays[3].read_samples(str(path))
        assert str(path) in one_line(error)


@pytest.mark.parametrize("flag", ["--batch-size=0", "--epochs=-1", "--lr=0", "--lr=-1", "--lr=nan"])
def test_numbers_that_cannot_be_are_told(
    arrays: tuple[ModuleType, ...], capsys: pytest.CaptureFixture[str], flag: str
) -> None:
    with pytest.raises(SystemExit) as error:
        arrays[0].main([flag])
    assert error.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"{flag.split('=')[0]} must be above 0")


@pytest.mark.parametrize(
    ("rows", "drop", "said"),
    [(4, [], "4 samples are too few"), (60, ["y"], "no column 'y'"), (60, ["a"], "the model takes 2 numbers")],
)
def test_wrong_tables_are_told(
    table: tuple[ModuleType, ...], tmp_path: Path, rows: int, drop: list[str], said: str
) -> None:
    path = write_table(tmp_path / "t.csv", rows)
    pd.read_csv(path).drop(columns=drop).to_csv(path, index=False)
    with pytest.raises(SystemExit) as error:
        table[1].load_data(path)
    assert said in one_line(error)


def test_new_values_have_the_number_of_missing_ones(table: tuple[ModuleType, ...], tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv")
    _, _, _, preprocessing = table[1].load_data(path)
    rows = pd.DataFrame({"a": [0.0, None, "x"], "b": 0.0, "word": ["pink", None, "blue"]})
    numbers, words = preprocessing.encode(rows)
    assert words.tolist() == [[0], [0], [1]]
    assert numbers[1:, 0].tolist() == [0.0, 0.0]  # the mean


def test_a_changed_table_is_scaled_as_that_of_the_training(
    table: tuple[ModuleType, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_table(tmp_path / "t.csv")
    out = tmp_path / "run"
    train, data, evaluate, _ = table
    train.main([f"--data={path}", f"--out={out}", "--epochs=30", "--device=cpu", "--lr=0.05"])
    _, _, _, learnt = data.load_data(path)
    write_table(Path(path), shift=100.0)  # the same rows, far away
    capsys.readouterr()
    evaluate.main([f"--checkpoint={out / 'best.pt'}", "--device=cpu"])
    printed = dict(line.split(": ") for line in capsys.readouterr().out.splitlines())
    _, _, test, _ = data.load_data(path, learnt)
    assert test.numbers.mean() > 50
    assert float(printed["mae"]) > 10  # scaled anew, the rows would look as before


def test_a_run_goes_on_in_a_folder_that_was_renamed(arrays: tuple[ModuleType, ...], tmp_path: Path) -> None:
    path = write_arrays(tmp_path / "a.npz")
    flags = [f"--data={path}", "--device=cpu"]
    arrays[0].main([*flags, "--epochs=1", f"--out={tmp_path / 'old'}"])
    (tmp_path / "old").rename(tmp_path / "new")
    arrays[0].main(["--resume", "--epochs=2", f"--out={tmp_path / 'new'}"])
    assert not (tmp_path / "old").exists()
    assert (tmp_path / "new" / "metrics.jsonl").read_text().count("\n") == 2


def test_the_last_step_of_an_epoch_is_as_large_as_the_others(tmp_path: Path) -> None:
    """Five batches, two a step: the third step has one batch, and must not be halved."""
    text = ARRAYS.replace("arrays_net", "steps_net") + "optimizer: {SGD: {lr: 0.5}}\ntraining: {accumulate: 2}\n"
    train, data, evaluate, _ = module(text, tmp_path, "steps_net")
    samples, _, _ = data.load_data(write_arrays(tmp_path / "a.npz"))
    torch.manual_seed(0)
    model = importlib.import_module("steps_net.model").StepsNet()
    weight, bias = (parameter.detach().clone().requires_grad_() for parameter in model.parameters())
    size = -(-len(samples.x) // 5)
    torch.manual_seed(1)
    config = train.Config(batch_size=size, accumulate=2, device="cpu")
    train.train_one_epoch(model, samples, torch.optim.SGD(model.parameters(), lr=0.5), config)
    torch.manual_seed(1)
    batches = torch.randperm(len(samples.x)).split(size)
    assert len(batches) == 5
    for step in (batches[:2], batches[2:4], batches[4:]):
        losses = [evaluate.loss_function(samples.x[i].flatten(1) @ weight.T + bias, samples.y[i]) for i in step]
        gradients = torch.autograd.grad(torch.stack(losses).mean(), (weight, bias))
        with torch.no_grad():
            for parameter, gradient in zip((weight, bias), gradients):
                parameter -= 0.5 * gradient
    torch.testing.assert_close(next(model.parameters()), weight)
