"""What options of ``training`` add to ``train.py``: the lines of an option stand together, by their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from ....description.settings import Training
from ...statements import Code, when
from .batches import Passed


@dataclass(frozen=True, slots=True)
class Addition:
    """The lines of an option.

    Attributes:
        made: in ``main``, after the model and its optimizer are made.
        begun: there, with what a run begins with.
        improved: there, after an epoch that is the best so far.
        entries: there, of a checkpoint.
        restored: there, after a checkpoint is loaded.
        before: there, before the first epoch.
        epoch_begun: there, before an epoch.
        epoch_done: there, after an epoch.
        after: there, after the last epoch.
        parameters: of ``train_one_epoch``.
        step_begun: there, after a batch is taken.
        gradients: there, between the gradients and the step of the optimizer.
        step_done: there, after a step of the optimizer.
    """

    made: tuple[Code, ...] = ()
    begun: tuple[Code, ...] = ()
    improved: tuple[Code, ...] = ()
    entries: tuple[Code, ...] = ()
    restored: tuple[Code, ...] = ()
    before: tuple[Code, ...] = ()
    epoch_begun: tuple[Code, ...] = ()
    epoch_done: tuple[Code, ...] = ()
    after: tuple[Code, ...] = ()
    parameters: tuple[Passed, ...] = ()
    step_begun: tuple[Code, ...] = ()
    gradients: tuple[Code, ...] = ()
    step_done: tuple[Code, ...] = ()


_PLAIN: Mapping[str, Addition] = {
    "ema": Addition(
        parameters=(Passed("averaged", "AveragedModel", "averaged"),),
        step_done=("averaged.update_parameters(model)",),
    ),
    "early_stopping": Addition(
        begun=("best_epoch = 0",),
        restored=('best_epoch = checkpoint["best_epoch"]',),
        epoch_begun=(
            when(
                "epoch > best_epoch + config.patience",
                'tqdm.write(f"stopped early: no improvement since epoch {best_epoch}")',
                "break",
            ),
        ),
        improved=("best_epoch = epoch",),
        entries=('"best_epoch": best_epoch',),
    ),
    "noise": Addition(step_begun=("noisy = batch.x + config.noise * torch.randn_like(batch.x)",)),
    "compile": Addition(made=(when("config.compile", "model.compile()"),)),
}


def plan_additions(options: Training, pictures: Sequence[str], loss_learns: bool) -> Addition:
    """Return what all options that are asked for add, in the order of the options.

    Args:
        options: the settings under ``training``.
        pictures: the names of the pictures of a run, without endings.
        loss_learns: whether the loss has parameters of its own.
    """
    known = {
        **_PLAIN,
        "clip_grad_norm": _clipping(loss_learns),
        "kl_warmup": _kl_warmup(weighted=options.kl_weight is not None),
        "tensorboard": _tensorboard(pictures),
    }
    asked = [known[name] for name in options.asked() if name in known]
    places = [field.name for field in fields(Addition)]
    return Addition(**{place: tuple(line for one in asked for line in getattr(one, place)) for place in places})


def _clipping(loss_learns: bool) -> Addition:
    if not loss_learns:
        return Addition(gradients=("nn.utils.clip_grad_norm_(model.parameters(), config.clip_grad_norm)",))
    return Addition(
        gradients=(
            "parameters = [*model.parameters(), *loss_function.parameters()]",
            "nn.utils.clip_grad_norm_(parameters, config.clip_grad_norm)",
        )
    )


def _kl_warmup(weighted: bool) -> Addition:
    whole = "config.kl_weight * " if weighted else ""
    return Addition(
        epoch_begun=(f"kl_weight = {whole}min(1.0, epoch / config.kl_warmup)",),
        parameters=(Passed("kl_weight", "float", "kl_weight"),),
    )


def _tensorboard(pictures: Sequence[str]) -> Addition:
    shown = (f'board.add_picture(out / "{name}.png", "{name}", len(history))' for name in pictures)
    return Addition(
        before=('board = Board(out / "tensorboard", epochs_done) if config.tensorboard else None',),
        epoch_done=(when("board", "board.add_numbers(row)"),),
        after=(when("board", *shown),),
    )
