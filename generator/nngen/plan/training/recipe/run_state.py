"""What a run keeps in its checkpoints, and how a resumed run takes it up again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..optimizer import Optimization
from .core import Core
from .data import DataPlan
from .evaluation import EvaluationPlan


@dataclass(frozen=True, slots=True)
class Kept:
    """An object with a state of its own.

    Attributes:
        key: its name in a checkpoint.
        saved: its state, as code.
        restored: the statements that load it.
    """

    key: str
    saved: str
    restored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunState:
    """The entries of a checkpoint, as code.

    Attributes:
        keeps_rates: a resumed run has the learning rates of its checkpoint; otherwise those of the flags.
    """

    core: Core
    data: DataPlan
    evaluation: EvaluationPlan
    optimization: Optimization
    keeps_rates: bool

    @property
    def _stops_early(self) -> bool:
        return self.core.options.early_stopping is not None

    @property
    def begun(self) -> list[str]:
        """The statements that begin a run."""
        return [
            "epochs_done = step = 0",
            "best: float | None = None",
            *(["best_epoch = 0"] if self._stops_early else []),
            "history: list[dict[str, float]] = []",
        ]

    @property
    def improved(self) -> list[str]:
        """The statements that remember the best epoch."""
        best = f'best = metrics["{self.evaluation.metric}"]'
        return [best, *(["best_epoch = epoch"] if self._stops_early else [])]

    @property
    def entries(self) -> list[str]:
        """The entries of a checkpoint."""
        return [
            *(f'"{kept.key}": {kept.saved}' for kept in self._objects()),
            '"epoch": epoch',
            '"step": step',
            '"best": best',
            *(['"best_epoch": best_epoch'] if self._stops_early else []),
            '"config": asdict(config)',
            '"rng": torch.get_rng_state()',
            '"history": history',
            *(['"preprocessing": preprocessing._asdict()'] if self.data.has_preprocessing else []),
        ]

    @property
    def restored(self) -> list[str]:
        """The statements that take up a run where its checkpoint was written."""
        return [
            *(statement for kept in self._objects() for statement in kept.restored),
            'torch.set_rng_state(checkpoint["rng"])',
            'epochs_done, step = checkpoint["epoch"], checkpoint["step"]',
            'best, history = checkpoint["best"], checkpoint["history"]',
            *(['best_epoch = checkpoint["best_epoch"]'] if self._stops_early else []),
        ]

    def _objects(self) -> Iterator[Kept]:
        optimization = self.optimization
        yield _state("model", "model")
        if self.core.loss_code.learns:
            yield _state("loss", "loss_function")
        if self.core.options.ema is not None or optimization.average_from:
            yield _state("averaged", "averaged")
        yield _optimizer(optimization.several, self.keeps_rates)
        if optimization.scheduler:
            yield _states("scheduler") if optimization.several else _state("scheduler", "scheduler")
        if optimization.average_from:
            yield _state("swa_scheduler", "swa_scheduler")


def _state(key: str, name: str) -> Kept:
    return Kept(key, f"{name}.state_dict()", (f'{name}.load_state_dict(checkpoint["{key}"])',))


def _states(name: str) -> Kept:
    restored = (f'for {name}, saved in zip({name}s, checkpoint["{name}"]):', f"    {name}.load_state_dict(saved)")
    return Kept(name, f"[{name}.state_dict() for {name} in {name}s]", restored)


def _optimizer(several: bool, keeps_rates: bool) -> Kept:
    kept = _states("optimizer") if several else _state("optimizer", "optimizer")
    if keeps_rates:
        return kept
    if several:
        restored = (
            'for optimizer, old in zip(optimizers, checkpoint["optimizer"]):  # not its lr',
            '    optimizer.load_state_dict(optimizer.state_dict() | {"state": old["state"]})',
        )
    else:
        restored = (
            'settings = optimizer.state_dict()["param_groups"]  # those of the flags',
            'optimizer.load_state_dict(checkpoint["optimizer"] | {"param_groups": settings})',
        )
    return Kept(kept.key, kept.saved, restored)
