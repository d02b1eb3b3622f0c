"""What the emitted ``train.py`` and ``plots.py`` need."""

from __future__ import annotations

from dataclasses import dataclass

from ....description.settings import Training
from ....language.python import literal, tuple_of
from ....training.tasks import Picture
from ...statements import Code, loop, when
from ..config import Setting
from ..construction import averages, constructions, constructions_by_turns
from ..optimizer import Optimization
from .additions import Addition, plan_additions
from .batches import Batches, plan_batches
from .core import Core
from .data import DataPlan
from .epoch import EpochPlan
from .evaluation import EvaluationPlan
from .run_state import RunState

_CHANNELS_LAST = (
    "# makes convolutions faster; torch's type hints lack this argument",
    "model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]",
)
_RESET_LOSS = loop(
    "module",
    "loss_function.modules()",
    when("isinstance(module, nn.Linear)", "module.reset_parameters()"),
    comment="the loss is trained, too",
)


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Choices of the training."""

    core: Core
    data: DataPlan
    evaluation: EvaluationPlan
    config: tuple[Setting, ...]  # the fields of ``Config``
    optimization: Optimization

    @property
    def settings(self) -> Training:
        """The settings under ``training``."""
        return self.core.options

    @property
    def batches(self) -> Batches:
        """How samples reach a step."""
        return plan_batches(self.core, self.data)

    @property
    def additions(self) -> Addition:
        """What the options that are asked for add to ``train.py``."""
        last = [picture.stem for picture in self.pictures if picture.name.endswith(".png")]
        return plan_additions(self.settings, ["curves", *last], self.core.loss_code.learns)

    @property
    def epoch(self) -> EpochPlan:
        """The loop over the batches of an epoch."""
        return EpochPlan(self.core, self.batches, self.optimization, self.additions)

    @property
    def state(self) -> RunState:
        """What a run keeps in its checkpoints."""
        keeps_rates = bool(self.scheduled)
        return RunState(self.core, self.data, self.evaluation, self.optimization, self.additions, keeps_rates)

    @property
    def resumed(self) -> list[Code]:
        """The statements of ``parse_config`` that begin with the settings of the run that goes on."""
        kept, again = 'load_checkpoint(last)["config"] | {"out": config.out}', "Config(**vars(parser.parse_args(argv)))"
        if not self.scheduled:
            return [f"parser.set_defaults(**{kept})", f"config = {again}"]
        return [f"before = {kept}", "parser.set_defaults(**before)", f"config = {again}", self._refused]

    @property
    def _refused(self) -> Code:
        """The statement that refuses other values of settings that a schedule was made for."""
        if len(self.scheduled) == 1:
            (name,) = self.scheduled
            refusal = f'parser.error("{name} cannot change: the schedule was made for it")'
            return when(f'config.{name} != before["{name}"]', refusal)
        refusal = 'parser.error(f"{name} cannot change: the schedule was made for it")'
        names = tuple_of(map(literal, self.scheduled))
        return loop("name", names, when("getattr(config, name) != before[name]", refusal))

    @property
    def samples(self) -> list[str]:
        """The statements of ``main`` that prepare the samples and count the steps of an epoch."""
        steps = f"steps_per_epoch = {self.epoch.steps}"
        scale = [f"y_std = {self.data.y_std}.to(config.device)"] if self.data.scales_target else []
        return [*self.batches.prepared, steps, *scale]

    @property
    def model(self) -> list[Code]:
        """The statements that prepare the model and the loss, and make all that trains them."""
        network, loss = self.core.network, self.core.loss_code
        return [
            *(_CHANNELS_LAST if network.has_conv2d else ()),
            *(["loss_function.to(config.device)"] if loss.has_tensors else []),
            *([_RESET_LOSS] if loss.learns else []),
            *self._construction,
            *self.additions.made,
        ]

    @property
    def _construction(self) -> tuple[str, ...]:
        """The statements that make the optimizer, the scheduler and the averaged model."""
        optimization, adversaries = self.optimization, self.core.adversaries
        averaged = averages(optimization, self.settings.ema is not None, self.core.network.has_batchnorm)
        if adversaries:
            return (constructions_by_turns(adversaries), *averaged)
        return (*constructions(optimization, self.core.loss_code.learns), *averaged)

    @property
    def after_epoch(self) -> list[Code]:
        """The statements after an evaluation that count the steps, and that move the learning rate once an epoch."""
        count = "step += steps_per_epoch"
        scheduler = self.optimization.scheduler
        if scheduler is None or scheduler.steps == "step" or self.optimization.average_from:
            return [count]
        metric = f'metrics["{self.scheduler_metric}"]' if scheduler.steps == "metric" else ""
        return [*self.optimization.each("scheduler", f"scheduler.step({metric})"), count]

    @property
    def best_saved(self) -> list[str]:
        """The statements that save the best epoch, with the weights that it was evaluated with."""
        name = "averaged" if self.settings.ema is not None else "evaluated" if self.optimization.average_from else ""
        if not name:
            return ['save_checkpoint(out / "best.pt", checkpoint)']
        return [
            f'{name}_weights = {{"model": {self.evaluated}.state_dict()}}',
            f'save_checkpoint(out / "best.pt", checkpoint | {name}_weights)',
        ]

    @property
    def evaluated(self) -> str:
        """The model that is evaluated after an epoch, as code."""
        if self.settings.ema is not None:
            return "averaged.module"
        return "evaluated" if self.optimization.average_from else "model"

    @property
    def trained(self) -> str:
        """The model at the end of a run, as code."""
        return "averaged.module" if self.settings.ema is not None else "model"

    @property
    def validated(self) -> list[str]:
        """What ``main`` passes to ``evaluate``, as code."""
        scale = ["y_std"] if self.data.scales_target else []
        return [self.evaluated, *self.batches.validated, *scale, *self.evaluation.taken_from("config.{}")]

    @property
    def scheduler_metric(self) -> str:
        """What ReduceLROnPlateau watches: it waits for a low value unless told otherwise."""
        scheduler = self.optimization.scheduler
        watches_high = scheduler is not None and 'mode="max"' in scheduler.arguments
        return self.evaluation.metric if watches_high and not self.evaluation.lower_is_better else "loss"

    @property
    def loss_curves(self) -> tuple[str, ...]:
        """The losses of an epoch that are drawn."""
        if self.core.adversaries:
            return tuple(f"train_{each.role}_loss" for each in self.core.adversaries.both)
        return ("train_loss", "validation_loss")

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """What ``train`` draws beside the curves."""
        return self.core.task.pictures if self.data.picture else ()

    def drawing(self, moment: str) -> list[str]:
        """Return the templates that draw pictures ``before`` the training, in an ``epoch``, or ``after`` it."""
        return [f"templates/_train/{moment}_{picture.stem}.py.jinja" for picture in self.pictures]

    @property
    def written(self) -> tuple[tuple[str, str], ...]:
        """What ``train`` writes, each name as wide as the widest, and what it is."""
        board = (("tensorboard/", "the same for `tensorboard --logdir runs`"),) if self.core.options.tensorboard else ()
        rows = (
            ("last.pt", "the checkpoint of the last epoch, to resume from"),
            ("best.pt", f"the checkpoint with the best validation {self.evaluation.metric_words}, to use"),
            ("metrics.jsonl", "one line per epoch"),
            ("curves.png", "the same, plotted"),
            *board,
            *((picture.name, picture.words) for picture in self.pictures),
        )
        width = max(len(name) for name, _ in rows) + 2
        return tuple((name.ljust(width), what) for name, what in rows)

    @property
    def positive(self) -> tuple[str, ...]:
        """The settings that must be above 0, as code."""
        return tuple(literal(setting.name) for setting in self.config if setting.positive)

    @property
    def scheduled(self) -> tuple[str, ...]:
        """The settings that a schedule of the learning rate is made for; a run that goes on keeps them."""
        optimization = self.optimization
        scheduler = optimization.scheduler
        if not scheduler and not optimization.average_from:
            return ()
        kept = {"weight_decay", *(name for name, _, _ in optimization.rates)}
        kept |= scheduler.made_for if scheduler else set()
        return tuple(setting.name for setting in self.config if setting.name in kept)
