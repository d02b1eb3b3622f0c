"""How fast the emitted loops of the families train, beside a tutorial's. Run: .venv/bin/python benchmarks/families.py

The example networks on their own data, one thread. Both sides make the same model, the same batches' sizes and the same
optimizer with the same settings; what is compared is CPU time (user and system) of one epoch:

    tutorial  TensorDataset and DataLoader, the optimizer as it comes, the loss read every step
    emitted   the project's `train_one_epoch`, called by its own `main`

A GAN's tutorial is torch's of DCGAN: one run of the generator serves both turns, and with several steps of the critic
the generator's turn draws anew. Both sides average the weights.

Fresh processes take turns, and their order changes with every turn. A figure is the median over the turns of the ratio
within one turn.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, TensorDataset
from training import middle, timed

HERE = Path(__file__).resolve()
LONG = ("unet_shapes", "char_lstm", "tiny_gpt", "bilstm_tagger")  # an epoch of others takes 5 to 200 ms
LOOPS = ("tutorial", "emitted")

# what a tutorial's step has beyond the loss of the model's output
Step = Callable[[Any, nn.Module, list[torch.Tensor], int], torch.Tensor]


def supervised(emitted: Any, model: nn.Module, batch: list[torch.Tensor], _: int) -> torch.Tensor:
    *inputs, y = batch
    loss: torch.Tensor = emitted.loss_function(model(*inputs), y)
    return loss


def of_tokens(emitted: Any, model: nn.Module, batch: list[torch.Tensor], _: int) -> torch.Tensor:
    x, y = batch
    loss: torch.Tensor = emitted.loss_function(model(x).flatten(0, 1), y.flatten())
    return loss


def reconstruction(emitted: Any, model: nn.Module, batch: list[torch.Tensor], _: int) -> torch.Tensor:
    (x,) = batch
    loss: torch.Tensor = emitted.loss_function(model(x), x)
    return loss


def denoising(emitted: Any, model: nn.Module, batch: list[torch.Tensor], _: int) -> torch.Tensor:
    (x,) = batch
    loss: torch.Tensor = emitted.loss_function(model(x + 0.3 * torch.randn_like(x)), x)
    return loss


def variational(emitted: Any, model: nn.Module, batch: list[torch.Tensor], epoch: int) -> torch.Tensor:
    (x,) = batch
    loss: torch.Tensor = emitted.loss_function(*model(x), x, min(1.0, epoch / 20))
    return loss


def binary_turns(discriminator: nn.Module, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """As in torch's DCGAN tutorial: the cross entropy of each half, with labels."""
    score = nn.BCEWithLogitsLoss()
    on_real, on_fake = discriminator(real), discriminator(fake)
    loss: torch.Tensor = score(on_real, torch.ones_like(on_real)) + score(on_fake, torch.zeros_like(on_fake))
    return loss


def binary_generator(scores: torch.Tensor) -> torch.Tensor:
    loss: torch.Tensor = nn.BCEWithLogitsLoss()(scores, torch.ones_like(scores))
    return loss


def wasserstein(discriminator: nn.Module, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """With the penalty of the slope between real samples and made ones."""
    share = torch.rand(len(real), 1, 1, 1)
    between = (share * real + (1 - share) * fake).requires_grad_(True)
    scores = discriminator(between)
    (slope,) = torch.autograd.grad(scores, between, torch.ones_like(scores), create_graph=True)
    penalty = ((slope.view(len(slope), -1).norm(2, dim=1) - 1) ** 2).mean()
    loss: torch.Tensor = discriminator(fake).mean() - discriminator(real).mean() + penalty
    return loss


FAMILIES: dict[str, Step] = {
    "lstm_classifier": supervised,
    "gru_classifier": supervised,
    "wide_deep": supervised,
    "regression": supervised,
    "lstm_forecaster": supervised,
    "tcn_forecaster": supervised,
    "unet_shapes": supervised,
    "dense_autoencoder": reconstruction,
    "conv_autoencoder": denoising,
    "vae": variational,
    "char_lstm": of_tokens,
    "tiny_gpt": of_tokens,
    "bilstm_tagger": of_tokens,
}


@dataclass(frozen=True)
class Adversaries:
    """What a tutorial of a GAN has beside the settings of a run: the two losses, the latent size, Adam's betas."""

    discriminator_loss: Callable[[nn.Module, torch.Tensor, torch.Tensor], torch.Tensor]
    generator_loss: Callable[[torch.Tensor], torch.Tensor]
    latent: int
    betas: tuple[float, float]


ADVERSARIES = {
    "dcgan": Adversaries(binary_turns, binary_generator, 32, (0.5, 0.999)),
    "wgan_gp": Adversaries(wasserstein, lambda scores: -scores.mean(), 16, (0.0, 0.9)),
}


def main() -> None:
    """Measures all, or those that are named, and prints a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join([*FAMILIES, *ADVERSARIES])}")
    parser.add_argument("--turns", type=int, default=5)
    args = parser.parse_args()
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, one thread; tutorial = 1.00\n")
    with tempfile.TemporaryDirectory() as folder:
        for name in args.names or [*FAMILIES, *ADVERSARIES]:
            project = generated(name, Path(folder))
            ratios = []
            for turn in range(args.turns):
                order = LOOPS if turn % 2 else LOOPS[::-1]
                times = {loop: run_apart(loop, name, project) for loop in order}
                ratios.append(middle(times["tutorial"]) / middle(times["emitted"]))
            print(
                f"{name:18}{statistics.median(ratios):6.2f}   from {min(ratios):.2f} to {max(ratios):.2f}", flush=True
            )


def generated(name: str, folder: Path) -> Path:
    """Writes the project of an example, with a table where it reads one."""
    description = folder / f"{name}.yaml"
    nngen = [sys.executable, "-m", "nngen"]
    subprocess.run([*nngen, "init", name, str(description)], check=True, capture_output=True)
    project = folder / name
    subprocess.run([*nngen, "new", str(description), str(project)], check=True, capture_output=True)
    if name == "wide_deep":
        draw = torch.Generator().manual_seed(0)
        table = pd.DataFrame(torch.randn(6000, 2, generator=draw).numpy()).add_prefix("number")
        for column in range(3):
            table[f"category{column}"] = [f"v{value}" for value in torch.randint(10, (6000,), generator=draw).tolist()]
        table["taken"] = torch.randint(2, (6000,), generator=draw).numpy()
        (project / "data").mkdir()
        table.to_csv(project / "data" / "offers.csv", index=False)
    if name == "bilstm_tagger":
        draw = torch.Generator().manual_seed(0)
        lengths = torch.randint(3, 15, (3000,), generator=draw).tolist()
        sentences = [torch.randint(180, (length,), generator=draw).tolist() for length in lengths]
        table = pd.DataFrame({"words": [" ".join(f"w{word}" for word in words) for words in sentences]})
        table["tags"] = [" ".join(f"t{word % 9}" for word in words) for words in sentences]
        (project / "data").mkdir()
        table.to_csv(project / "data" / "sentences.csv", index=False)
    return project


def run_apart(loop: str, name: str, project: Path) -> list[float]:
    """Runs one loop in a process of its own; the times of its epochs."""
    command = [sys.executable, str(HERE), "--run", loop, name, str(project)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment, cwd=project)
    times: list[float] = json.loads(done.stdout.splitlines()[-1])
    return times


def run(loop: str, name: str, project: Path) -> list[float]:
    """Trains for some epochs."""
    sys.path.insert(0, str(project))
    (package,) = (path.parent.name for path in project.glob("*/train.py"))
    emitted: Any = importlib.import_module(f"{package}.train")
    epochs = 3 if name in LONG else 30  # the first one warms up
    times: list[float] = []
    if loop == "emitted":
        emitted.train_one_epoch = timed(emitted.train_one_epoch, times)
        emitted.main(["--epochs", str(epochs), "--device", "cpu", "--out", str(project / "runs")])
        return times

    config = emitted.Config(epochs=epochs, device="cpu")
    torch.manual_seed(0)
    train = emitted.load_data(*[config.data] if hasattr(config, "data") else [])[0]
    (model_class,) = (
        value
        for value in vars(emitted).values()
        if isinstance(value, type) and issubclass(value, nn.Module) and value is not AveragedModel
    )
    model = model_class()
    loader = DataLoader(TensorDataset(*train), batch_size=config.batch_size, shuffle=True)
    if name in ADVERSARIES:
        adversarial_epochs(ADVERSARIES[name], config, model, loader, times)
        return times
    decay = {"weight_decay": config.weight_decay} if hasattr(config, "weight_decay") else {}
    kind = torch.optim.AdamW if decay else torch.optim.Adam
    optimizer = kind(model.parameters(), lr=config.lr, **decay)
    scheduler = None
    if "OneCycleLR" in Path(emitted.__file__).read_text():
        scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=config.lr, total_steps=epochs * len(loader))
    clip = getattr(config, "clip_grad_norm", None)

    def tutorial_epoch(epoch: int) -> float:
        model.train()
        total = 0.0
        for batch in loader:
            optimizer.zero_grad()
            loss = FAMILIES[name](emitted, model, batch, epoch)
            loss.backward()  # type: ignore[no-untyped-call]
            if clip is not None:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            if scheduler:
                scheduler.step()
            total += loss.item()
        return total / len(loader)

    for epoch in range(1, epochs + 1):
        timed(tutorial_epoch, times)(epoch)
    return times


def adversarial_epochs(gan: Adversaries, config: Any, model: Any, loader: DataLoader[Any], times: list[float]) -> None:
    """Trains a GAN as torch's DCGAN tutorial does, with the moving average that the examples ask for."""
    generator, discriminator = model.generator, model.discriminator
    of_generator = torch.optim.Adam(generator.parameters(), lr=config.generator_lr, betas=gan.betas)
    of_discriminator = torch.optim.Adam(discriminator.parameters(), lr=config.discriminator_lr, betas=gan.betas)
    critic_steps = getattr(config, "critic_steps", 1)
    average = get_ema_multi_avg_fn(config.ema)  # type: ignore[no-untyped-call]
    averaged = AveragedModel(model, multi_avg_fn=average, use_buffers=True)

    def epoch() -> float:
        model.train()
        total = 0.0
        for number, (real,) in enumerate(loader, start=1):
            fake = generator(torch.randn(len(real), gan.latent))
            of_discriminator.zero_grad()
            loss = gan.discriminator_loss(discriminator, real, fake.detach())
            loss.backward()  # type: ignore[no-untyped-call]
            of_discriminator.step()
            total += loss.item()
            if number % critic_steps and number < len(loader):
                continue
            if critic_steps > 1:
                fake = generator(torch.randn(len(real), gan.latent))
            of_generator.zero_grad()
            loss = gan.generator_loss(discriminator(fake))
            loss.backward()  # type: ignore[no-untyped-call]
            of_generator.step()
            averaged.update_parameters(model)
            total += loss.item()
        return total

    for _ in range(config.epochs):
        timed(epoch, times)()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        print(json.dumps(run(sys.argv[2], sys.argv[3], Path(sys.argv[4]))))
    else:
        main()
