"""What a run keeps in its checkpoints, and how a resumed run takes it up again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...statements import Code, loop
from ..optimizer import Optimization
from .additions import Addition
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
    restored: tuple[Code, ...]


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
    additions: Addition
    keeps_rates: bool

    @property
    def begun(self) -> list[Code]:
        """The statements that begin a run."""
        return [
            "epochs_done = step = 0",
            "best: float | None = None",
            *self.additions.begun,
            "history: list[dict[str, float]] = []",
        ]

    @property
    def improved(self) -> list[Code]:
        """The statements that remember the best epoch."""
        return [f'best = metrics["{self.evaluation.metric}"]', *self.additions.improved]

    @property
    def entries(self) -> list[Code]:
        """The entries of a checkpoint."""
        return [
            *(f'"{kept.key}": {kept.saved}' for kept in self._objects()),
            '"epoch": epoch',
            '"step": step',
            '"best": best',
            *self.additions.entries,
            '"config": asdict(config)',
            '"rng": torch.get_rng_state()',
            '"history": history',
            *(['"preprocessing": preprocessing._asdict()'] if self.data.has_preprocessing else []),
        ]

    @property
    def restored(self) -> list[Code]:
        """The statements that take up a run where its checkpoint was written."""
        return [
            *(statement for kept in self._objects() for statement in kept.restored),
            'torch.set_rng_state(checkpoint["rng"])',
            'epochs_done, step = checkpoint["epoch"], checkpoint["step"]',
            'best, history = checkpoint["best"], checkpoint["history"]',
            *self.additions.restored,
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
    restored = loop(f"{name}, saved", f'zip({name}s, checkpoint["{name}"])', f"{name}.load_state_dict(saved)")
    return Kept(name, f"[{name}.state_dict() for {name} in {name}s]", (restored,))


def _optimizer(several: bool, keeps_rates: bool) -> Kept:
    kept = _states("optimizer") if several else _state("optimizer", "optimizer")
    if keeps_rates:
        return kept
    restored: tuple[Code, ...] = (
        'settings = optimizer.state_dict()["param_groups"]  # from the flags',
        'optimizer.load_state_dict(checkpoint["optimizer"] | {"param_groups": settings})',
    )
    if several:
        load = 'optimizer.load_state_dict(optimizer.state_dict() | {"state": old["state"]})'
        pairs = 'zip(optimizers, checkpoint["optimizer"])'
        restored = (loop("optimizer, old", pairs, load, comment="not its lr"),)
    return Kept(kept.key, kept.saved, restored)
