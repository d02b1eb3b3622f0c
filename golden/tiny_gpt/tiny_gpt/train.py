"""Train TinyGpt on Python's own documentation.

    python -m tiny_gpt.train
    python -m tiny_gpt.train --epochs 20 --lr 0.01
    python -m tiny_gpt.train --resume  # continues a run that was stopped

Writes to the folder `runs` (or --out):

    last.pt        the checkpoint of the last epoch, to resume from
    best.pt        the checkpoint with the best validation bits per character, to use
    metrics.jsonl  one line per epoch
    curves.png     the same, plotted
"""

import argparse
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm

from .checkpoint import load_checkpoint, load_matching, save_checkpoint
from .data import Split, decode, load_data
from .evaluate import evaluate, loss_function
from .model import TinyGpt
from .plots import plot_curves
from .predict import generate


@dataclass
class Config:
    """Settings of a run; each is also a flag, such as --batch-size for batch_size."""

    epochs: int = 1  # passes over the training set
    # samples per step
    batch_size: int = 32
    # highest learning rate
    lr: float = 0.005
    weight_decay: float = 0.01  # pulls the weights towards zero
    clip_grad_norm: float = 1.0  # maximum norm of the gradients
    # for the initial weights and the order of the samples
    seed: int = 0
    device: str = "cuda" if torch.cuda.is_available() else "cpu"  # where to train
    out: str = "runs"  # folder that a run writes to
    resume: bool = False  # continue from last.pt in that folder
    init_from: str = ""  # checkpoint of an earlier architecture to start from
    rename: str = ""  # layers of it that have a new name: old=new,old=new


def parse_config(argv: list[str] | None = None) -> Config:
    """Parse the flags; a resumed run keeps the settings that it was started with."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    for name, default in asdict(Config()).items():
        flag = "--" + name.replace("_", "-")
        if isinstance(default, bool):
            add(flag, action=argparse.BooleanOptionalAction, default=default)
        else:
            add(flag, type=type(default), default=default, help="default: %(default)s")
    config = Config(**vars(parser.parse_args(argv)))
    last = Path(config.out) / "last.pt"
    if config.resume and last.is_file():  # the folder may have been renamed
        before = load_checkpoint(last)["config"] | {"out": config.out}
        parser.set_defaults(**before)
        config = Config(**vars(parser.parse_args(argv)))
        for name in ("epochs", "batch_size", "lr", "weight_decay"):
            if getattr(config, name) != before[name]:
                parser.error(f"{name} cannot change: the schedule was made for it")
    for name in ("epochs", "batch_size", "lr"):
        if not getattr(config, name) > 0:
            parser.error(f"--{name.replace('_', '-')} must be above 0")
    return config


def train_one_epoch(
    model: nn.Module,
    train: Split,
    optimizer: torch.optim.Optimizer,
    scheduler: torch.optim.lr_scheduler.LRScheduler,
    config: Config,
) -> float:
    """Train on every sample once, in random order, and return the mean loss."""
    model.train()
    losses = []
    order = torch.randperm(len(train.x)).to(config.device)
    batches = torch.split(order, config.batch_size)
    for index in tqdm(batches, leave=False, disable=None):  # a bar on terminals only
        batch = train.select(index)  # much faster than collating samples
        loss = loss_function(model(batch.x).flatten(0, 1), batch.y.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), config.clip_grad_norm)
        optimizer.step()
        optimizer.zero_grad()  # frees their memory for the next batch
        scheduler.step()
        losses.append(loss.detach())  # no .item() here: it would wait for the device
    return torch.stack(losses).mean().item()


def main(argv: list[str] | None = None) -> None:
    config = parse_config(argv)
    torch.manual_seed(config.seed)
    torch.set_flush_denormal(True)  # denormal numbers slow a CPU down
    out = Path(config.out)
    out.mkdir(parents=True, exist_ok=True)

    train, validation, _ = load_data()
    train, validation = train.to(config.device), validation.to(config.device)
    steps_per_epoch = math.ceil(len(train.x) / config.batch_size)

    model = TinyGpt().to(config.device)
    if config.init_from and not config.resume:
        print(load_matching(Path(config.init_from), model, config.rename))
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=config.lr,
        weight_decay=config.weight_decay,
        betas=(0.9, 0.99),
        fused=True,
    )
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=config.lr,
        total_steps=config.epochs * steps_per_epoch,
    )

    epochs_done = step = 0
    best: float | None = None
    history: list[dict[str, float]] = []
    if config.resume and (out / "last.pt").is_file():
        checkpoint = load_checkpoint(out / "last.pt")
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        scheduler.load_state_dict(checkpoint["scheduler"])
        torch.set_rng_state(checkpoint["rng"])
        epochs_done, step = checkpoint["epoch"], checkpoint["step"]
        best, history = checkpoint["best"], checkpoint["history"]
    else:  # checkpoints of an earlier run must not be taken for this one's
        (out / "last.pt").unlink(missing_ok=True)
        (out / "best.pt").unlink(missing_ok=True)
    metrics_file = out / "metrics.jsonl"
    metrics_file.write_text("".join(json.dumps(row) + "\n" for row in history))

    for epoch in tqdm(range(epochs_done + 1, config.epochs + 1), disable=None):
        train_loss = train_one_epoch(model, train, optimizer, scheduler, config)
        metrics = evaluate(model, validation)
        step += steps_per_epoch
        row = {"epoch": epoch, "train_loss": train_loss}
        row |= {f"validation_{name}": value for name, value in metrics.items()}
        history.append(row)
        tqdm.write(", ".join(f"{name} {value:.4g}" for name, value in row.items()))
        tokens = generate(model, validation.x[0, :16], 100)
        tqdm.write(f"sample: {decode(tokens)!r}")

        is_best = best is None or metrics["bits_per_character"] <= best
        if is_best:
            best = metrics["bits_per_character"]
        checkpoint = {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
            "epoch": epoch,
            "step": step,
            "best": best,
            "config": asdict(config),
            "rng": torch.get_rng_state(),
            "history": history,
        }
        # last.pt is written last: a run killed before that repeats the whole epoch
        if is_best:
            save_checkpoint(out / "best.pt", checkpoint)
        with open(metrics_file, "a") as file:
            file.write(json.dumps(row) + "\n")
        save_checkpoint(out / "last.pt", checkpoint)

    plot_curves(history, out / "curves.png")
    print(f"best validation bits per character: {best:.4f}, in {out / 'best.pt'}")


if __name__ == "__main__":
    main()
