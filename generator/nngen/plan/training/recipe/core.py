"""What a project is made for: the network, its samples and its loss."""

from __future__ import annotations

from dataclasses import dataclass

from ....description.settings import Training
from ....description.sources import DataSettings
from ....description.target_kinds import BINARY, BINARY_MASK, LAST, NONE, WHOLE
from ....description.tensor import Tensor
from ....language.identifiers import snake
from ....network.model_facts import ModelFacts
from ....training.loss_terms import Term
from ....training.losses import Loss
from ....training.metrics import Metric
from ....training.sample_fields import Field
from ....training.tasks import Task
from ..adversaries import Adversaries
from ..loss import LossCode


@dataclass(frozen=True, slots=True)
class Core:
    """The facts that the rest is decided by; strings are code that was printed from checked values."""

    task: Task
    source: DataSettings
    options: Training
    models: tuple[ModelFacts, ...]
    network: ModelFacts  # the model, or all of them as one
    inputs: tuple[Field, ...]
    targets: tuple[Field, ...]
    terms: tuple[Term, ...]  # of the loss
    loss: Loss  # the first of them
    loss_code: LossCode
    adversaries: Adversaries | None  # of a gan
    metrics: tuple[Metric, ...]  # beside the loss

    @property
    def fields(self) -> tuple[Field, ...]:
        """All tensors of a sample, inputs first."""
        return self.inputs + self.targets

    @property
    def input(self) -> Tensor:
        return self.network.inputs[0]

    @property
    def output(self) -> Tensor:
        return self.network.outputs[0]

    @property
    def target(self) -> str:
        """The kind of the first target."""
        return self.targets[0].kind if self.targets else NONE

    @property
    def classes(self) -> int:
        """How many classes the first target is one of; of another target, how many numbers the network gives for it."""
        if self.target in (BINARY, BINARY_MASK):
            return 2
        known = self.targets[0].tensor.high if self.target in WHOLE else None
        return known or (self.output.example[-1 if self.target in LAST else 0] if self.output.example else 1)

    @property
    def exported(self) -> ModelFacts:
        """The model that predictions are made with: one that makes samples is used alone."""
        return self.models[-1] if self.task.sampler else self.network

    @property
    def sampler(self) -> str:
        """The attribute that holds the model that makes samples; empty where there is none."""
        return snake(self.exported.class_name) if self.task.sampler else ""

    @property
    def plain(self) -> bool:
        """One input, one output and one target."""
        return len(self.fields) == 2 and len(self.network.outputs) == 1 and bool(self.targets)

    def call(self, model: str, batch: str = "batch") -> str:
        """The network called with the inputs of a batch, as code."""
        return f"{model}({', '.join(f'{batch}.{field.name}' for field in self.inputs)})"

    @property
    def compared(self) -> tuple[Field, ...]:
        """What the loss compares outputs with: targets, or the sample itself."""
        return self.inputs if self.task.reconstructs else self.targets

    def loss_of(self, outputs: str, batch: str = "batch", more: tuple[str, ...] = ()) -> str:
        """The loss of outputs, given as an expression, and what a batch has to compare them with, as code."""
        star = "*" if len(self.network.outputs) > 1 else ""
        return self.loss_code.call(star + outputs, (*(f"{batch}.{field.name}" for field in self.compared), *more))

    @property
    def loss_of_y(self) -> str:
        """The loss of ``output`` and the one target ``y``, as code."""
        return self.loss_code.call("output", ("y",))

    def loss_of_list(self, outputs: str) -> str:
        """The loss of outputs and the targets in the list ``targets``, as code."""
        star = "*" if len(self.network.outputs) > 1 else ""
        one_by_one = tuple(f"targets[{index}]" for index in range(len(self.targets)))
        return self.loss_code.call(
            star + outputs, ("*targets",) if self.loss_code.parts and self.targets else one_by_one
        )

    @property
    def small_arguments(self) -> str:
        """Arguments that make a large network small, as code."""
        return ", ".join(f"{name}={value}" for name, value in self.network.small)
