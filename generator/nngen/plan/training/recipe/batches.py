"""How samples reach a step of the training: from tensors in memory, or through loaders that collate them."""

from __future__ import annotations

from dataclasses import dataclass

from ...statements import Code, when
from .core import Core
from .data import DataPlan

_SHOWN = 8  # samples in a picture of the training


@dataclass(frozen=True, slots=True)
class Passed:
    """A parameter of ``train_one_epoch``, and what ``main`` passes for it."""

    name: str
    annotation: str
    argument: str

    def __str__(self) -> str:
        return f"{self.name}: {self.annotation}"


@dataclass(frozen=True, slots=True)
class Batches:
    """The batches of an epoch as code.

    Attributes:
        name: the variable that holds them.
        item: the variable of the loop over them.
        annotation: the type of a batch.
        parameter: what ``train_one_epoch`` makes them from.
        count: how many there are; a fraction of one counts as a whole one.
        prepared: the statements of ``main`` that prepare the samples.
        ordered: the statements of ``train_one_epoch`` before its loop.
        on_device: the batch of a round of the loop, on the device.
        comment: why it is made like that.
        validated: the arguments of ``evaluate`` after the model.
        shown: the statements that make ``shown`` of the first samples of the validation set, as one tensor.
        shown_with_targets: the same with their targets, as pairs.
    """

    name: str
    item: str
    annotation: str
    parameter: Passed
    count: str
    prepared: tuple[str, ...]
    ordered: tuple[Code, ...]
    on_device: str
    comment: str
    validated: tuple[str, ...]
    shown: tuple[str, ...]
    shown_with_targets: tuple[str, ...]

    def taken(self, name: str, field: str = "") -> str:
        """Return the statement that assigns a batch, or a field of it."""
        return f"{name} = {self.on_device}{field}{self.comment}"


def plan_batches(core: Core, data: DataPlan) -> Batches:
    """Return the batches of a source of data."""
    return _in_memory(core) if data.settings.in_memory else _loaded(core, data)


def _in_memory(core: Core) -> Batches:
    length = f"len(train.{core.fields[0].name})"
    single = when("len(batches[-1]) == 1", "batches = batches[:-1]", comment="batch norm needs more than one sample")
    return Batches(
        name="batches",
        item="index",
        annotation="Split",
        parameter=Passed("train", "Split", "train"),
        count=f"{length} / config.batch_size",
        prepared=("train, validation = train.to(config.device), validation.to(config.device)",),
        ordered=(
            f"order = torch.randperm({length}).to(config.device)",
            "batches = torch.split(order, config.batch_size)",
            *([single] if core.network.has_batchnorm else []),
        ),
        on_device="train.select(index)",
        comment="  # much faster than collating samples",
        validated=("validation",),
        shown=(f"shown = validation.x[:{_SHOWN}]",),
        shown_with_targets=(f"shown = list(zip(validation.x[:{_SHOWN}], validation.y[:{_SHOWN}]))",),
    )


def _loaded(core: Core, data: DataPlan) -> Batches:
    first = f"for index in range(min({_SHOWN}, len(validation)))"
    single = "drop_last=len(train) % config.batch_size == 1,  # batch norm needs two samples\n"
    dropped = single if core.network.has_batchnorm else ""
    return Batches(
        name="loader",
        item="batch",
        annotation="Batch",
        parameter=Passed("loader", "DataLoader[Batch]", "train_loader"),
        count="len(train_loader)",
        prepared=(
            f"train_loader = DataLoader(train, config.batch_size, shuffle=True, {data.loading}{dropped})",
            f"validation_loader = DataLoader(validation, config.batch_size, {data.loading})",
        ),
        ordered=(),
        on_device="batch.to(config.device)",
        comment="",
        validated=("validation_loader", "config.device"),
        shown=(
            f"first = [validation[index].x {first}]",
            "shown = torch.stack(first).to(config.device)",
        ),
        shown_with_targets=(f"shown = [validation[index].to(config.device) {first}]",),
    )
