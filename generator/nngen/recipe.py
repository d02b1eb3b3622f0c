"""How a network is trained: everything that the templates need beside the network itself.

The description is checked by now. What is decided here is which lines the emitted project needs, so that the
templates hold text and simple choices only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

from .calls import Call, Optimizer, Schedule
from .losses import LOSSES, Loss, target_kind
from .optimization import Optimization, plan_optimization
from .parameters import Weight
from .printing import assignment, call_arguments, literal
from .settings import BINARY, INDEX, REAL, DataSettings, Training


@dataclass(frozen=True, slots=True)
class Network:
    """What training must know of the network."""

    input_shape: tuple[int, ...]  # without the batch
    output_shape: tuple[int, ...]
    input_dtype: str = "float32"
    input_high: int | None = None  # inputs of int64 are below it
    has_conv2d: bool = False
    has_batchnorm: bool = False
    has_sparse: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A field of the emitted ``Config``, as lines of code."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """The choices of the templates; strings are code that was printed from checked values."""

    task: str
    target: str  # INDEX, BINARY, MULTILABEL or REAL
    data: DataSettings
    training: Training
    network: Network
    settings: tuple[Setting, ...]
    loss: Loss
    loss_arguments: tuple[str, ...]
    optimization: Optimization

    @property
    def source(self) -> str:
        return self.data.source

    @property
    def outputs(self) -> int:
        """Classes for INDEX, otherwise numbers that the network gives for a sample."""
        return self.network.output_shape[0] if self.network.output_shape else 1

    @property
    def metric(self) -> str:
        """The metric that picks the best epoch."""
        return "mse" if self.target == REAL else "accuracy"

    @property
    def better(self) -> str:
        """How the metric of a better epoch compares; a tie goes to the later one, unless it would go on for ever."""
        sign = "<" if self.target == REAL else ">"
        return sign if self.training.early_stopping else f"{sign}="

    @property
    def scales_target(self) -> bool:
        """Targets are standardised: a network learns numbers near zero."""
        return self.target == REAL and self.loss.name != "PoissonNLLLoss" and self.source != "synthetic"

    @property
    def has_preprocessing(self) -> bool:
        """Something is learnt from the training set that predictions need later."""
        return self.scales_target or self.source in ("diabetes", "csv", "images")

    @property
    def has_path(self) -> bool:
        return hasattr(self.data, "path")

    @property
    def reads_images(self) -> bool:
        """Predictions are made for image files."""
        return self.source in ("images", "mnist", "fashion_mnist", "cifar10")

    @property
    def classes_from_data(self) -> bool:
        """The classes have names that are known when the data are read."""
        return self.source in ("csv", "images") and self.target in (INDEX, BINARY)

    @property
    def class_names(self) -> bool:
        """The classes have names that data.py lists."""
        return self.source in ("fashion_mnist", "cifar10")

    @property
    def loss_tensors(self) -> bool:
        """The loss holds tensors, which must go to the device."""
        return any("torch.tensor(" in argument for argument in self.loss_arguments)

    @property
    def prediction(self) -> str:
        """What turns an output into a probability or a value, as the end of an expression."""
        return self.loss.prediction

    @property
    def prediction_words(self) -> str:
        if self.target == REAL:
            return "the predicted values, standardised," if self.scales_target else "the predicted values"
        if not self.loss.probabilities:
            return "the scores of the classes"
        return "the probability of class 1" if self.target == BINARY else "the probabilities of the classes"

    @property
    def predict_imports(self) -> tuple[str, ...]:
        """What predict.py needs of data.py."""
        names = ["load_data"]
        if self.has_preprocessing:
            names.append("Preprocessing")
        if self.class_names:
            names.append("CLASSES")
        if self.reads_images:
            names.append("read_image")
        elif self.source not in ("csv", "diabetes"):  # there, Preprocessing encodes
            names.append("encode")
        return tuple(sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name)))

    @property
    def classes(self) -> int:
        """How many classes one output tells apart."""
        return 2 if self.target == BINARY else self.outputs

    @property
    def input_size(self) -> int:
        """Numbers in a sample."""
        return prod(self.network.input_shape)

    @property
    def reshape(self) -> str:
        """The shape of a batch of inputs, as arguments of ``reshape``."""
        return ", ".join(map(str, (-1, *self.network.input_shape)))

    @property
    def reshape_target(self) -> str:
        return ", ".join(map(str, (-1, *self.network.output_shape)))

    @property
    def x_shape(self) -> str:
        return _batch_of(self.network.input_shape)

    @property
    def batch_of_outputs(self) -> str:
        return _batch_of(self.network.output_shape)

    @property
    def predict_words(self) -> str:
        """What predict.py takes, for a README."""
        if self.source == "csv":
            return "some samples of the test set, or a .csv file"
        return f"some samples of the test set, or {'image files' if self.reads_images else 'an .npy file'}"

    @property
    def y_shape(self) -> str:
        """The shape of a batch of targets."""
        return "(N,)" if self.target == INDEX else _batch_of(self.network.output_shape)

    @property
    def y_words(self) -> str:
        """What a target is."""
        if self.target == INDEX:
            return f"classes 0 to {self.outputs - 1}"
        if self.target == REAL:
            return "standardised" if self.scales_target else "real numbers"
        return "0 or 1"

    @property
    def dependencies(self) -> tuple[str, ...]:
        """What the emitted project installs."""
        common = ("matplotlib>=3.8", "numpy>=1.26", "torch>=2.4", "tqdm>=4.66")
        return tuple(sorted((*common, *self.data.dependencies)))

    @property
    def untyped_modules(self) -> tuple[str, ...]:
        """Modules that mypy finds no types for."""
        return tuple(sorted({"tqdm.*", *self.data.untyped}))

    @property
    def scheduler_metric(self) -> str:
        """What ReduceLROnPlateau watches: it waits for a low value unless told otherwise."""
        scheduler = self.optimization.scheduler
        return self.metric if scheduler and 'mode="max"' in scheduler.arguments else "loss"

    def literal(self, value: object) -> str:
        return literal(value)


def build_recipe(
    *,
    task: str,
    data: DataSettings,
    loss: Call,
    optimizer: Optimizer,
    scheduler: Schedule | None,
    training: Training,
    network: Network,
    weights: tuple[Weight, ...] = (),
) -> Recipe:
    """Decides what the emitted project needs to train a network.

    Args:
        task: ``classification`` or ``regression``.
        data: where the samples come from.
        loss: a loss of ``LOSSES``, with its arguments.
        optimizer: with its arguments.
        scheduler: likewise, if any.
        training: the rest of the settings.
        network: facts of the network that is trained.
        weights: its parameters, where the optimizer asks for them.
    """
    facts = LOSSES[loss.name]
    if loss.arguments.get("log_input") is False:  # of PoissonNLLLoss: the outputs are no logarithms
        facts = replace(facts, prediction="")
    optimization = plan_optimization(optimizer, scheduler, weights, network.has_sparse)
    settings = _settings(data, optimizer, scheduler, optimization, training)
    return Recipe(
        task=task,
        target=target_kind(loss.name, network.output_shape, task),
        data=data,
        training=training,
        network=network,
        settings=settings,
        loss=facts,
        loss_arguments=call_arguments(loss.arguments, tensors=facts.tensors),
        optimization=optimization,
    )


def _batch_of(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, ('N', *shape)))}{'' if shape else ','})"


def _settings(
    data: DataSettings,
    optimizer: Call,
    scheduler: Schedule | None,
    optimization: Optimization,
    training: Training,
) -> tuple[Setting, ...]:
    weight_decay = optimizer.arguments.get("weight_decay")
    rows: list[tuple[str, str, object, str]] = [
        ("epochs", "int", training.epochs, "passes over the training set"),
        ("batch_size", "int", training.batch_size, "samples in one step"),
        *((name, "float", value, comment) for name, value, comment in optimization.rates),
    ]
    if weight_decay is not None:
        rows.append(("weight_decay", "float", float(weight_decay), "pulls the weights to zero"))
    if scheduler is not None and scheduler.warmup is not None:
        rows.append(("warmup", "int", scheduler.warmup, "steps on the way up to the learning rate"))
    if scheduler is not None and scheduler.start is not None:
        rows.append(("swa_start", "int", scheduler.start, "epoch after which weights are averaged"))
    if training.clip_grad_norm is not None:
        rows.append(("clip_grad_norm", "float", float(training.clip_grad_norm), "longest gradient"))
    if training.accumulate > 1:
        rows.append(("accumulate", "int", training.accumulate, "batches for one step of the optimizer"))
    if training.ema is not None:
        rows.append(("ema", "float", training.ema, "decay of the averaged weights"))
    if training.early_stopping is not None:
        rows.append(("patience", "int", training.early_stopping, "epochs to wait for a better one"))
    if training.compile:
        rows.append(("compile", "bool", True, "with torch.compile; --no-compile to debug"))
    rows.append(("seed", "int", training.seed, "of the first weights and the order of samples"))
    path = getattr(data, "path", None)
    if path is not None:
        rows.append(("data", "str", path, "where the data are"))
    workers = getattr(data, "workers", None)
    if workers is not None:
        rows.append(("workers", "int", workers, "processes that read images; 0: this one"))
    return tuple(
        Setting(name, assignment(f"{name}: {kind}", literal(value), comment)) for name, kind, value, comment in rows
    )
