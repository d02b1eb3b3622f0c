"""Train TwoHeads on samples made by a formula.

    python -m two_heads.train
    python -m two_heads.train --epochs 20 --lr 0.01
    python -m two_heads.train --resume  # continues a run that was stopped

Writes to the folder `runs` (or --out):

    last.pt        the checkpoint of the last epoch, to resume from
    best.pt        the checkpoint with the best validation loss, to use
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
from .data import Split, load_data
from .evaluate import evaluate, loss_function
from .model import TwoHeads
from .plots import plot_curves


@dataclass
class Config:
    """Settings of a run; each is also a flag, such as --batch-size for batch_size."""

    epochs: int = 15  # passes over the training set
    # samples per step
    batch_size: int = 32
    # learning rate
    lr: float = 0.003
    weight_decay: float = 0.01  # pulls the weights towards zero
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
        parser.set_defaults(**load_checkpoint(last)["config"] | {"out": config.out})
        config = Config(**vars(parser.parse_args(argv)))
    for name in ("epochs", "batch_size", "lr"):
        if not getattr(config, name) > 0:
            parser.error(f"--{name.replace('_', '-')} must be above 0")
    return config


def train_one_epoch(
    model: nn.Module,
    train: Split,
    optimizer: torch.optim.Optimizer,
    config: Config,
) -> float:
    """Train on every sample once, in random order, and return the mean loss."""
    model.train()
    losses = []
    order = torch.randperm(len(train.measurements)).to(config.device)
    batches = torch.split(order, config.batch_size)
    for index in tqdm(batches, leave=False, disable=None):  # a bar on terminals only
        batch = train.select(index)  # much faster than collating samples
        loss = loss_function(
            *model(batch.measurements, batch.kinds), batch.label, batch.amounts
        )
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()  # frees their memory for the next batch
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
    steps_per_epoch = math.ceil(len(train.measurements) / config.batch_size)

    model = TwoHeads().to(config.device)
    if config.init_from and not config.resume:
        print(load_matching(Path(config.init_from), model, config.rename))
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=config.lr,
        weight_decay=config.weight_decay,
        fused=True,
    )

    epochs_done = step = 0
    best: float | None = None
    history: list[dict[str, float]] = []
    if config.resume and (out / "last.pt").is_file():
        checkpoint = load_checkpoint(out / "last.pt")
        model.load_state_dict(checkpoint["model"])
        settings = optimizer.state_dict()["param_groups"]  # from the flags
        optimizer.load_state_dict(checkpoint["optimizer"] | {"param_groups": settings})
        torch.set_rng_state(checkpoint["rng"])
        epochs_done, step = checkpoint["epoch"], checkpoint["step"]
        best, history = checkpoint["best"], checkpoint["history"]
    else:  # checkpoints of an earlier run must not be taken for this one's
        (out / "last.pt").unlink(missing_ok=True)
        (out / "best.pt").unlink(missing_ok=True)
    metrics_file = out / "metrics.jsonl"
    metrics_file.write_text("".join(json.dumps(row) + "\n" for row in history))

    for epoch in tqdm(range(epochs_done + 1, config.epochs + 1), disable=None):
        train_loss = train_one_epoch(model, train, optimizer, config)
        metrics = evaluate(model, validation)
        step += steps_per_epoch
        row = {"epoch": epoch, "train_loss": train_loss}
        row |= {f"validation_{name}": value for name, value in metrics.items()}
        history.append(row)
        tqdm.write(", ".join(f"{name} {value:.4g}" for name, value in row.items()))

        is_best = best is None or metrics["loss"] <= best
        if is_best:
            best = metrics["loss"]
        checkpoint = {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
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
    print(f"best validation loss: {best:.4f}, in {out / 'best.pt'}")


if __name__ == "__main__":
    main()
