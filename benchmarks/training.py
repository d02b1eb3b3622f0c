"""How fast an emitted project trains, beside a tutorial's loop. Run: .venv/bin/python benchmarks/training.py

Random data in the shape of MNIST, in memory; batches of 64, Adam, one thread. What is compared:

    tutorial  TensorDataset and DataLoader, Adam as it comes, the loss read every step
    emitted   the project's own `main`, whole: its model, optimizer, `train_one_epoch`, `evaluate`, checkpoints
    limit     one batch over and over with fused Adam, and glibc told to keep freed memory instead of handing it back
              to the system: no loop that reads data can be faster

All run in fresh processes, in turns. A figure is the median over the turns of a ratio within one turn; what is
measured is CPU time (user and system) of an epoch, and for checkpoints the time of the clock.
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

HERE = Path(__file__).resolve().parent
SAMPLES = {"mlp": 12_800, "cnn": 3_200}  # of the training set
BATCH_SIZE = 64
EPOCHS = 5  # of one process; the first one warms up
TURNS = 9
LOOPS = ("tutorial", "emitted", "limit")
KEEP_MEMORY = {"MALLOC_TRIM_THRESHOLD_": "1000000000", "MALLOC_MMAP_THRESHOLD_": "1000000000"}

Times = dict[str, list[float]]  # of each epoch, by what was measured


def main() -> None:
    """Measures everything in turns and prints a table."""
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, one thread; tutorial = 1.00\n")
    print("    " + "".join(f"{title:>11}" for title in (*LOOPS[1:], "evaluation")) + "   checkpoint / epoch")
    with tempfile.TemporaryDirectory() as folder:
        for name in SAMPLES:
            project = Path(folder) / name
            command = [sys.executable, "-m", "nngen", "new", str(HERE / f"{name}.yaml"), str(project)]
            subprocess.run(command, check=True, capture_output=True)
            turns = [{loop: run_apart(loop, project) for loop in LOOPS} for _ in range(TURNS)]
            ratios = [speedup(turns, loop, "train") for loop in LOOPS[1:]]
            ratios.append(speedup(turns, "emitted", "evaluate"))
            saves = [middle(turn["emitted"]["save"]) / middle(turn["emitted"]["clock"]) for turn in turns]
            figures = "".join(f"{ratio:11.2f}" for ratio in ratios)
            print(f"{name:4}{figures}{statistics.median(saves):21.3f}", flush=True)


def speedup(turns: list[dict[str, Times]], loop: str, what: str) -> float:
    """How many times as fast as the tutorial's a loop is."""
    return statistics.median(middle(turn["tutorial"][what]) / middle(turn[loop][what]) for turn in turns)


def middle(times: list[float]) -> float:
    """The median of all but the first."""
    return statistics.median(times[1:])


def run_apart(loop: str, project: Path) -> Times:
    """Runs one loop in a process of its own."""
    command = [sys.executable, __file__, loop, str(project)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"} | (KEEP_MEMORY if loop == "limit" else {})
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    times: Times = json.loads(done.stdout.splitlines()[-1])
    return times


def run(loop: str, project: Path) -> Times:
    """Trains for some epochs."""
    sys.path.insert(0, str(project))
    times: Times = {"train": [], "evaluate": [], "save": [], "clock": []}
    torch.manual_seed(0)
    data: Any = importlib.import_module(f"{project.name}.data")
    train, test = (
        data.Split(torch.randn(count, 1, 28, 28), torch.randint(10, (count,)))
        for count in (SAMPLES[project.name], SAMPLES[project.name] // 4)
    )
    emitted: Any = importlib.import_module(f"{project.name}.train")
    if loop == "emitted":
        emitted.load_data = lambda: (train, test, test)
        emitted.train_one_epoch = timed(emitted.train_one_epoch, times["train"])
        emitted.train_one_epoch = timed(emitted.train_one_epoch, times["clock"], time.perf_counter)
        emitted.evaluate = timed(emitted.evaluate, times["evaluate"])
        emitted.save_checkpoint = timed(emitted.save_checkpoint, times["save"], time.perf_counter)
        emitted.main(["--epochs", str(EPOCHS), "--device", "cpu", "--out", str(project / "runs")])
        return times

    model: nn.Module = getattr(emitted, project.name.capitalize())()
    if loop == "limit":
        torch.set_flush_denormal(True)
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, fused=True if loop == "limit" else None)
    for _ in range(EPOCHS):
        timed(limit_epoch if loop == "limit" else tutorial_epoch, times["train"])(model, optimizer, *train)
        timed(tutorial_evaluation, times["evaluate"])(model, *test)
    return times


def timed(
    function: Callable[..., Any], times: list[float], clock: Callable[[], float] = time.process_time
) -> Callable[..., Any]:
    """The same function, but it notes how long it takes."""

    def call(*args: Any) -> Any:
        start = clock()
        result = function(*args)
        times.append(clock() - start)
        return result

    return call


def tutorial_epoch(model: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor) -> float:
    loader = DataLoader(TensorDataset(x, y), batch_size=BATCH_SIZE, shuffle=True)
    loss_function = nn.CrossEntropyLoss()
    model.train()
    total = 0.0
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_function(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


def tutorial_evaluation(model: nn.Module, x: Tensor, y: Tensor) -> tuple[float, float]:
    loader = DataLoader(TensorDataset(x, y), batch_size=BATCH_SIZE)
    loss_function = nn.CrossEntropyLoss()
    model.eval()
    total, correct = 0.0, 0.0
    with torch.no_grad():
        for inputs, targets in loader:
            outputs = model(inputs)
            total += loss_function(outputs, targets).item()
            correct += (outputs.argmax(dim=1) == targets).sum().item()
    return total / len(loader), correct / len(y)


def limit_epoch(model: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor) -> None:
    loss_function = nn.CrossEntropyLoss()
    inputs, targets = x[:BATCH_SIZE].clone(), y[:BATCH_SIZE].clone()
    model.train()
    for _ in range(len(x) // BATCH_SIZE):
        loss_function(model(inputs), targets).backward()
        optimizer.step()
        optimizer.zero_grad()


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(run(sys.argv[1], Path(sys.argv[2]))))
    else:
        main()
