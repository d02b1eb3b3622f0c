"""Train MyWganGp on the handwritten digits of scikit-learn.

    python -m my_wgan_gp.train
    python -m my_wgan_gp.train --epochs 20 --generator-lr 0.01
    python -m my_wgan_gp.train --resume  # continues a run that was stopped

Writes to the folder `runs` (or --out):

    last.pt        the checkpoint of the last epoch, to resume from
    best.pt        the checkpoint with the best validation Frechet distance, to use
    metrics.jsonl  one line per epoch
    curves.png     the same, plotted
    samples/       samples from the same random points after each epoch
"""

import argparse
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from .checkpoint import load_checkpoint, load_matching, save_checkpoint
from .data import Split, load_data
from .evaluate import discriminator_loss, evaluate, generator_loss, gradient_penalty
from .model import MyWganGp
from .plots import draw_samples, plot_curves


@dataclass
class Config:
    """Settings of a run; each is also a flag, such as --batch-size for batch_size."""

    epochs: int = 40  # passes over the training set
    # samples per step
    batch_size: int = 64
    generator_lr: float = 0.0005  # learning rate
    discriminator_lr: float = 0.0005  # learning rate
    ema: float = 0.99  # decay of the moving average of the weights
    critic_steps: int = 3  # steps of the discriminator per step of the generator
    gradient_penalty: float = 1.0  # weight of the gradient penalty
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
    for name in (
        "epochs",
        "batch_size",
        "generator_lr",
        "discriminator_lr",
        "critic_steps",
    ):
        if not getattr(config, name) > 0:
            parser.error(f"--{name.replace('_', '-')} must be above 0")
    return config


def train_one_epoch(
    model: MyWganGp,
    train: Split,
    optimizers: list[torch.optim.Optimizer],
    averaged: AveragedModel,
    config: Config,
) -> dict[str, float]:
    """Train on every sample once, in random order, and return the mean losses."""
    model.train()
    generator, discriminator = model.generator, model.discriminator
    generator_optimizer, discriminator_optimizer = optimizers
    parameters = [each for each in generator.parameters() if each.requires_grad]
    generator_losses, discriminator_losses = [], []
    order = torch.randperm(len(train.x)).to(config.device)
    batches = torch.split(order, config.batch_size)
    for number, index in enumerate(tqdm(batches, leave=False, disable=None), start=1):
        real = train.select(index).x  # much faster than collating samples
        # the discriminator's turn
        latent = torch.randn(len(real), 16, device=config.device)
        with torch.no_grad():
            fake = generator(latent)
        loss = discriminator_loss(discriminator(real), discriminator(fake))
        discriminator_losses.append(loss.detach())  # no .item(): it would wait
        penalty = gradient_penalty(discriminator, real, fake)
        loss = loss + config.gradient_penalty * penalty
        discriminator_optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        discriminator_optimizer.step()
        # the last batch always trains the generator, so every epoch does
        if number % config.critic_steps and number < len(batches):
            continue

        # the generator's turn
        latent = torch.randn(len(real), 16, device=config.device)
        loss = generator_loss(discriminator(generator(latent)))
        generator_optimizer.zero_grad()
        loss.backward(inputs=parameters)  # type: ignore[no-untyped-call]
        generator_optimizer.step()
        averaged.update_parameters(model)
        generator_losses.append(loss.detach())
    return {
        "generator_loss": torch.stack(generator_losses).mean().item(),
        "discriminator_loss": torch.stack(discriminator_losses).mean().item(),
    }


def main(argv: list[str] | None = None) -> None:
    config = parse_config(argv)
    torch.manual_seed(config.seed)
    torch.set_flush_denormal(True)  # denormal numbers slow a CPU down
    out = Path(config.out)
    out.mkdir(parents=True, exist_ok=True)

    train, validation, _ = load_data()
    train, validation = train.to(config.device), validation.to(config.device)
    steps_per_epoch = math.ceil(len(train.x) / config.batch_size)

    model = MyWganGp().to(config.device)
    if config.init_from and not config.resume:
        print(load_matching(Path(config.init_from), model, config.rename))
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.Adam(
            model.generator.parameters(),
            lr=config.generator_lr,
            betas=(0.0, 0.9),
            fused=True,
        ),
        torch.optim.Adam(
            model.discriminator.parameters(),
            lr=config.discriminator_lr,
            betas=(0.0, 0.9),
            fused=True,
        ),
    ]
    averaging = get_ema_multi_avg_fn(config.ema)  # type: ignore[no-untyped-call]
    averaged = AveragedModel(model, multi_avg_fn=averaging)

    epochs_done = step = 0
    best: float | None = None
    history: list[dict[str, float]] = []
    if config.resume and (out / "last.pt").is_file():
        checkpoint = load_checkpoint(out / "last.pt")
        model.load_state_dict(checkpoint["model"])
        averaged.load_state_dict(checkpoint["averaged"])
        for optimizer, old in zip(optimizers, checkpoint["optimizer"]):  # not its lr
            optimizer.load_state_dict(optimizer.state_dict() | {"state": old["state"]})
        torch.set_rng_state(checkpoint["rng"])
        epochs_done, step = checkpoint["epoch"], checkpoint["step"]
        best, history = checkpoint["best"], checkpoint["history"]
    else:  # checkpoints of an earlier run must not be taken for this one's
        (out / "last.pt").unlink(missing_ok=True)
        (out / "best.pt").unlink(missing_ok=True)
    metrics_file = out / "metrics.jsonl"
    metrics_file.write_text("".join(json.dumps(row) + "\n" for row in history))
    points = torch.Generator().manual_seed(0)  # the same in every epoch and run
    latent = torch.randn(64, 16, generator=points).to(config.device)
    (out / "samples").mkdir(exist_ok=True)

    for epoch in tqdm(range(epochs_done + 1, config.epochs + 1), disable=None):
        losses = train_one_epoch(model, train, optimizers, averaged, config)
        metrics = evaluate(averaged.module, validation)
        step += steps_per_epoch
        row: dict[str, float] = {"epoch": epoch}
        row |= {f"train_{name}": value for name, value in losses.items()}
        row |= {f"validation_{name}": value for name, value in metrics.items()}
        history.append(row)
        tqdm.write(", ".join(f"{name} {value:.4g}" for name, value in row.items()))

        is_best = best is None or metrics["frechet_distance"] <= best
        if is_best:
            best = metrics["frechet_distance"]
        checkpoint = {
            "model": model.state_dict(),
            "averaged": averaged.state_dict(),
            "optimizer": [optimizer.state_dict() for optimizer in optimizers],
            "epoch": epoch,
            "step": step,
            "best": best,
            "config": asdict(config),
            "rng": torch.get_rng_state(),
            "history": history,
        }
        # last.pt is written last: a run killed before that repeats the whole epoch
        if is_best:
            averaged_weights = {"model": averaged.module.state_dict()}
            save_checkpoint(out / "best.pt", checkpoint | averaged_weights)
        with open(metrics_file, "a") as file:
            file.write(json.dumps(row) + "\n")
        generator = averaged.module.get_submodule("generator")
        draw_samples(generator, latent, out / "samples" / f"{epoch:04}.png")
        save_checkpoint(out / "last.pt", checkpoint)

    plot_curves(history, out / "curves.png")
    print(f"best validation Frechet distance: {best:.4f}, in {out / 'best.pt'}")


if __name__ == "__main__":
    main()
