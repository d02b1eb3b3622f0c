"""How a network is trained: everything that the templates need beside the network itself.

The description is checked by now. What is decided here is which lines the emitted project needs, so that the
templates hold text and simple choices only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .adversaries import Adversaries, plan_adversaries
from .calls import Call, LossTerm
from .description import Description
from .fields import Field, input_fields, target_fields
from .imports import import_lines, import_lines_of_test
from .interface import ModelFacts, Tensor
from .loss_code import LossCode, loss_code
from .losses import Loss
from .metrics import METRICS, Metric
from .names import snake
from .optimization import Optimization
from .printing import literal
from .problems import Problems
from .run_settings import POSITIVE, Setting, run_settings
from .settings import Training
from .sources import DataSettings, Text, TimeSeries, Tokens
from .tables import Table, table_of
from .targets import (
    BINARY,
    BINARY_MASK,
    CLASS_LIST,
    FORECAST,
    INDEX,
    INPUT,
    LABELS,
    LENGTH,
    MASK,
    MULTILABEL,
    NEXT,
    NONE,
    REAL,
    SIGNED,
)
from .tasks import TASKS, Task
from .tasks.language_model import WINDOW
from .terms import Term, resolve_terms

SMALL_WINDOW = 16  # tokens at once, for the tests of a large network
_LABELS = "(({output} > {threshold}) == ({target} > 0.5)).float().mean().item()"
_WORDS = {
    SIGNED: "1 or -1",
    CLASS_LIST: "the classes of a sample, then -1",
    LABELS: "padded at the end",
    LENGTH: "how many count",
}
_MEASURES = {
    INDEX: ("accuracy", "({output}.argmax(dim=1) == {target}).float().mean().item()"),
    BINARY: ("accuracy", _LABELS),
    MULTILABEL: ("accuracy", _LABELS),
    REAL: ("mae", "({output}{prediction} - {target}).abs().mean().item()"),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that ``evaluate`` gives for one target."""

    name: str
    code: str
    field: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """The choices of the templates; strings are code that was printed from checked values."""

    task: Task
    data: DataSettings
    training: Training
    models: tuple[ModelFacts, ...]
    network: ModelFacts  # the model, or all of them as one
    oldest_torch: str  # that has all that is used
    inputs: tuple[Field, ...]
    targets: tuple[Field, ...]
    settings: tuple[Setting, ...]
    terms: tuple[Term, ...]  # of the loss
    loss: Loss  # the first of them
    loss_code: LossCode
    optimization: Optimization
    adversaries: Adversaries | None  # of a gan
    metrics: tuple[Metric, ...]  # beside the loss

    # the network and its samples

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
    def outputs(self) -> int:
        """Classes for INDEX, otherwise numbers that the network gives for a sample."""
        return self.output.example[0] if self.output.example else 1

    @property
    def classes(self) -> int:
        """How many classes one output tells apart."""
        return 2 if self.target in (BINARY, BINARY_MASK) else self.outputs

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

    @property
    def own_names(self) -> bool:
        """Lines hold names of the description, so that only black knows where they break."""
        return not self.plain or self.task.name == "segmentation"

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

    # the data

    @property
    def source(self) -> str:
        return self.data.source

    @property
    def scales_target(self) -> bool:
        """Targets are standardised: a network learns numbers near zero."""
        return self.task.scales_target and self.loss.name != "PoissonNLLLoss" and self.source != "synthetic"

    @property
    def has_preprocessing(self) -> bool:
        """Something is learnt from the training set that predictions need later."""
        if self.reconstructs:
            return False
        learnt = self.by_time or self._learns_characters
        return self.scales_target or learnt or self.source in ("diabetes", "csv", "images")

    @property
    def takes_preprocessing(self) -> bool:
        """Data that may have changed since the training are read with what was learnt then."""
        scaled = self.source == "arrays" and self.scales_target
        return scaled or self._learns_characters or self.source in ("csv", "series")

    @property
    def _learns_characters(self) -> bool:
        return isinstance(self.data, Text) and self.data.tokenizer == "char"

    @property
    def by_time(self) -> bool:
        """The samples are windows of a series, and the parts follow each other in time."""
        return isinstance(self.data, TimeSeries)

    @property
    def y_std(self) -> str:
        """The standard deviations of the targets, as code."""
        one = isinstance(self.data, TimeSeries) and len(self.data.names) == 1
        return "preprocessing.std" if one else "preprocessing.y_std"

    @property
    def table(self) -> Table:
        """Of csv: which input takes which columns."""
        return table_of(self.inputs)

    @property
    def has_path(self) -> bool:
        return hasattr(self.data, "path")

    @property
    def in_order(self) -> bool:
        """The parts of the data follow each other; otherwise samples are drawn for them."""
        return isinstance(self.data, Tokens)

    @property
    def paths(self) -> tuple[str, ...]:
        """The settings of a run that say where the data are."""
        return ("data",) if self.has_path else ("images", "masks") if self.source == "masks" else ()

    def paths_from(self, where: str) -> str:
        """Those settings, as arguments of ``load_data``; the braces stand for the name."""
        return ", ".join(where.format(name) for name in self.paths)

    @property
    def collates(self) -> bool:
        """Images of several sizes are put into one batch."""
        return self.source == "masks" and self.input.varies

    @property
    def unit_pixels(self) -> bool:
        """Pixels are scaled to 0 to 1, and otherwise to -1 to 1."""
        return self.source == "shapes" or (self.reconstructs and not self.symmetric)

    @property
    def ignores(self) -> bool:
        """Some pixels do not count: those that masks say, or those that batches are padded with."""
        return self.source == "masks" and self.target == MASK and (self.collates or self.classes > 2)

    @property
    def ignored(self) -> int:
        """The class of pixels that do not count."""
        value = self.terms[0].call.arguments.get("ignore_index", -100)
        return value if isinstance(value, int) else -100

    @property
    def reads_images(self) -> bool:
        """Predictions are made for image files."""
        return self.source in ("images", "mnist", "fashion_mnist", "cifar10", "masks", "shapes")

    @property
    def classes_from_data(self) -> bool:
        """The classes have names that are known when the data are read."""
        return self.source in ("csv", "images") and self.target in (INDEX, BINARY)

    @property
    def class_names(self) -> bool:
        """The classes have names that data.py lists."""
        return self.source in ("fashion_mnist", "cifar10")

    @property
    def reshape(self) -> str:
        """The shape of a batch of inputs, as arguments of ``reshape``."""
        return ", ".join(map(str, (-1, *self.input.shape)))

    @property
    def reshape_target(self) -> str:
        return ", ".join(map(str, (-1, *self.targets[0].tensor.shape)))

    def words(self, field: Field) -> str:
        """What the numbers of a tensor are."""
        if field.kind == INPUT and isinstance(self.data, Tokens):
            return "tokens"
        if field.kind == NEXT:
            return "the next token of each"
        if self.by_time and field.kind == INPUT:
            return "standardised"
        if field.kind == INPUT:
            return f"whole numbers below {field.tensor.high}" if field.tensor.high else ""
        if field.kind in (INDEX, MASK):
            return f"classes 0 to {(field.tensor.high or 1) - 1}"
        if field.kind in (REAL, FORECAST):
            return "standardised" if self.scales_target else "real numbers"
        return _WORDS.get(field.kind, "0 or 1")

    @property
    def y_words(self) -> str:
        return self.words(self.targets[0])

    # texts

    @property
    def window(self) -> int:
        """How many tokens of a text the network sees at once."""
        given = self.data.window if isinstance(self.data, Tokens) else None
        return given or self.network.longest or WINDOW

    @property
    def evaluation_batch(self) -> int:
        """Samples that are evaluated at once; their scores take a gigabyte at most."""
        scores = self.window * (self.network.inputs[0].high or 1)
        return max(1, min(256, 2**28 // scores))

    # small networks, for tests

    @property
    def small_arguments(self) -> str:
        """Arguments that make a large network small, as code."""
        return ", ".join(f"{name}={value}" for name, value in self.network.small)

    @property
    def small_window(self) -> int:
        return min(self.window, SMALL_WINDOW)

    # samples that networks give back or make

    @property
    def reconstructs(self) -> bool:
        """Samples have no targets; pixels are scaled to what the network can give."""
        return self.task.reconstructs

    @property
    def symmetric(self) -> bool:
        """Pixels are scaled to -1 to 1, as the network ends in Tanh; otherwise they are 0 to 1."""
        return self.data.pixels and self.exported.last == "Tanh"

    @property
    def picture(self) -> tuple[int, ...] | None:
        """Channels, height and width of a sample as a picture; None where it is none."""
        for shape in (self.input.example, self.data.sample_shape or ()):
            if len(shape) == 2 and not self.input.varies:
                return (1, *shape)
            if len(shape) == 3 and shape[0] in (1, 3):
                return shape
        return None

    @property
    def drawn(self) -> str:
        """What turns samples into pixels from 0 to 1, as the end of an expression."""
        return " / 2 + 0.5" if self.symmetric else ""

    @property
    def takes_shares(self) -> bool:
        """The loss compares probabilities with samples, so these must be 0 to 1."""
        return self.reconstructs and self.loss.name in ("BCELoss", "BCEWithLogitsLoss")

    @property
    def range_words(self) -> str:
        """Where pixels lie, at the end of a sentence."""
        if not (self.reconstructs and self.data.pixels):
            return ""
        return ": from -1 to 1" if self.symmetric else ": from 0 to 1"

    def drawn_of(self, samples: str) -> str:
        """Samples, given as an expression, with pixels from 0 to 1, as code."""
        return f"{samples}{self.drawn}"

    def in_pixels(self, output: str) -> str:
        """Samples that a network gives, with pixels from 0 to 1, as code."""
        return f"{output}{self.prediction}"

    # training and evaluation

    @property
    def evaluate_settings(self) -> tuple[str, ...]:
        """Settings of a run that evaluation needs."""
        asked = {"noise": self.training.noise, "kl_weight": self.training.kl_weight}
        return tuple(name for name, value in asked.items() if value is not None)

    def taken_from(self, where: str) -> list[str]:
        """Those settings, as code; the braces stand for the name."""
        return [where.format(name) for name in self.evaluate_settings]

    @property
    def more(self) -> tuple[str, ...]:
        """What the loss takes beside outputs and samples in a step of the training, as code."""
        if self.training.kl_warmup is not None:
            return ("kl_weight",)
        return ("config.kl_weight",) if self.training.kl_weight is not None else ()

    @property
    def training_loss(self) -> str:
        """The loss of ``model`` in a step of the training, as code."""
        return self.loss_of(self.training_call, more=self.more)

    @property
    def training_call(self) -> str:
        """``model`` called in a step of the training, as code."""
        return "model(noisy)" if self.training.noise is not None else self.call("model")

    @property
    def metric(self) -> str:
        """The metric that picks the best epoch."""
        if self.training.kl_weight is not None:  # what is lowered then is not the ELBO
            return "loss"
        return next((metric.name for metric in self.metrics if metric.code), "loss")

    @property
    def lower_is_better(self) -> bool:
        return self.metric == "loss" or METRICS[self.metric].lower_is_better

    @property
    def better(self) -> str:
        """How the metric of a better epoch compares; a tie goes to the later one, unless it would go on for ever."""
        sign = "<" if self.lower_is_better else ">"
        return sign if self.training.early_stopping else f"{sign}="

    @property
    def scheduler_metric(self) -> str:
        """What ReduceLROnPlateau watches: it waits for a low value unless told otherwise."""
        scheduler = self.optimization.scheduler
        watches_high = scheduler is not None and 'mode="max"' in scheduler.arguments
        return self.metric if watches_high and not self.lower_is_better else "loss"

    @property
    def loss_curves(self) -> tuple[str, ...]:
        """The losses of an epoch that are drawn."""
        if self.adversaries:
            return tuple(f"train_{each.role}_loss" for each in self.adversaries.both)
        return ("train_loss", "validation_loss")

    def has_metric(self, name: str) -> bool:
        return any(metric.name == name for metric in self.metrics)

    @property
    def training_pictures(self) -> list[str]:
        """What ``train`` draws at its end beside the curves."""
        if self.task.name == "segmentation":
            return ["masks"]
        return ["reconstructions"] if self.task.name == "autoencoder" and self.picture else []

    @property
    def evaluation_picture(self) -> str:
        """What ``evaluate`` draws beside the checkpoint; empty where it is nothing."""
        return "confusion" if self.draws_confusion else "forecast" if self.by_time else ""

    @property
    def draws_confusion(self) -> bool:
        return self.has_metric("confusion")

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What can be said of each target beside the loss, where the task has no metrics of its own."""
        several = len(self.network.outputs) > 1
        names = [output.name for output in self.network.outputs]
        found: list[Measure] = []
        for term in self.terms:
            field = next((each for each in self.targets if term.target and each.tensor.name == term.target.name), None)
            if field is None or term.output is None or any(measure.field == field.name for measure in found):
                continue
            output = f"output[{names.index(term.output.name)}]" if several else "output"
            target = f"data.{field.name}" if self.data.in_memory else "target"
            code = _MEASURES.get(field.kind)
            if code and not term.loss.learns and [operand.is_target for operand in term.operands] == [False, True]:
                metric, text = code
                text = text.format(
                    output=output, target=target, threshold=term.loss.threshold, prediction=term.loss.prediction
                )
                prefix = f"{field.name}_" if len(self.targets) > 1 else ""
                found.append(Measure(prefix + metric, text, field.name))
        return tuple(found)

    @property
    def positive(self) -> tuple[str, ...]:
        """The settings that must be 1 or more, as code."""
        return tuple(literal(setting.name) for setting in self.settings if setting.name in POSITIVE)

    # predictions and export

    @property
    def input_names(self) -> tuple[str, ...]:
        return tuple(field.name for field in input_fields(self.exported))

    @property
    def export_file(self) -> str:
        return "model.pt" if self.exported.unrolls else "model.pt2"

    def load_exported(self, path: str) -> str:
        """The exported model from its file, as code."""
        return f"torch.jit.load({path})" if self.exported.unrolls else f"torch.export.load({path}).module()"

    @property
    def simple_input(self) -> bool:
        """The exported model takes one tensor of a size that is known."""
        return len(self.exported.inputs) == 1 and not self.exported.inputs[0].varies

    @property
    def varying_words(self) -> Mapping[str, int]:
        """The sizes of inputs that vary, with those of an example."""
        pairs = [(size, known) for each in self.exported.inputs for size, known in zip(each.shape, each.example)]
        return {size: known for size, known in pairs if isinstance(size, str)}

    def larger(self, factor: int) -> str:
        """Arguments of ``example`` for samples that are so many times as large where sizes vary, as code."""
        longest = self.network.longest
        sizes = {word: min(factor * size, longest or factor * size) for word, size in self.varying_words.items()}
        return "".join(f", {word}={size}" for word, size in sizes.items())

    @property
    def other_sizes(self) -> str:
        """Arguments of ``example`` for samples of other sizes than those that are exported with, as code."""
        return self.larger(3)

    def sizes_of(self, tensor: Tensor) -> list[str]:
        """The shape as code, where words are variables."""
        return [str(size) for size in tensor.shape]

    def dynamic_dims(self, tensor: Tensor) -> str:
        """The dimensions that vary, for ``torch.export``, as code."""
        dims = [0, *(dim for dim, size in enumerate(tensor.shape, 1) if isinstance(size, str))]
        return f"{{{', '.join(f'{dim}: auto' for dim in dims)}}}"

    def predicted(self, output: str, code: str) -> str:
        """What is predicted by an output, given as code: the first loss that takes it says that."""
        for term in self.terms:
            if term.output is not None and term.output.name == output and term.loss.predicts:
                parts = [part.name for part in self.loss_code.parts if part.class_name == term.call.name]
                if term.call.arguments.get("out_features"):
                    return code  # one class for each of several features
                return term.loss.predicts.format(loss=".".join(["loss_function", *parts[:1]]), output=code)
            if term.output is not None and term.output.name == output:
                return code + term.loss.prediction
        return code

    @property
    def loss_predicts(self) -> bool:
        """Predictions need the weights of the loss."""
        return any("loss_function" in self.predicted(each.name, "") for each in self.network.outputs)

    @property
    def prediction(self) -> str:
        """What turns an output into a probability or a value, as the end of an expression."""
        return self.drawn or self.loss.prediction

    @property
    def prediction_words(self) -> str:
        if self.target == REAL:
            return "the predicted values, standardised," if self.scales_target else "the predicted values"
        if not self.loss.probabilities:
            return "the scores of the classes"
        return "the probability of class 1" if self.target == BINARY else "the probabilities of the classes"

    @property
    def predict_words(self) -> str:
        """What predict.py takes, for a README."""
        if self.task.predict_words:
            return self.task.predict_words
        if self.source == "csv":
            return "some samples of the test set, or a .csv file"
        kind = "image files" if self.reads_images else "an .npy file" if len(self.inputs) == 1 else "an .npz file"
        return f"some samples of the test set, or {kind}"

    # the project

    @property
    def dependencies(self) -> tuple[str, ...]:
        """What the emitted project installs."""
        common = {"matplotlib>=3.8", "numpy>=1.26", f"torch>={self.oldest_torch}", "tqdm>=4.66"}
        common.update(*(metric.dependencies for metric in self.metrics))
        common |= {"tensorboard>=2.16"} if self.training.tensorboard else set()
        return tuple(sorted({*common, *self.data.libraries}))

    @property
    def untyped_modules(self) -> tuple[str, ...]:
        """Modules that mypy finds no types for."""
        of_metrics = {"sklearn.*"} if "scikit-learn>=1.3" in self.dependencies else set()
        return tuple(sorted({"tqdm.*", *of_metrics, *self.data.untyped}))

    def literal(self, value: object) -> str:
        return literal(value)

    def imports(self, code: str, module: str) -> str:
        """The imports that a module's code needs."""
        functions = {name: where for where, name in self.loss_code.functions}
        return import_lines(code, module, self.network.class_name, functions)

    def test_imports(self, code: str, package: str) -> str:
        """The imports that a module of the tests needs."""
        return import_lines_of_test(code, package)


def build_recipe(
    description: Description, models: tuple[ModelFacts, ...], oldest_torch: str, optimization: Optimization
) -> Recipe:
    """Decides what the emitted project needs to train a network.

    Args:
        description: without mistakes.
        models: its networks.
        oldest_torch: that has all that is used.
        optimization: the optimizer and the scheduler.
    """
    task = TASKS[description.task]
    adversaries = plan_adversaries(description, models) if task.adversarial else None
    if adversaries:
        models = (adversaries.discriminator.facts, adversaries.generator.facts)
    network = models[0] if len(models) == 1 else _together(description.class_name, models, task)
    problems = Problems()
    losses = () if adversaries else tuple(map(_summed, description.losses)) if task.sampler else description.losses
    terms = resolve_terms(losses, models[-1], problems)
    targets = target_fields(terms, task.target, task.target_shape, problems)
    if task.reconstructs:
        targets = tuple(replace(field, name=input_fields(network)[0].name) for field in targets)
    return Recipe(
        task=task,
        data=description.data,
        training=description.training,
        models=models,
        network=network,
        oldest_torch=oldest_torch,
        inputs=input_fields(network),
        targets=() if task.reconstructs else targets,
        settings=run_settings(description, _optimizations(optimization, adversaries)),
        terms=terms,
        loss=_facts(terms[0].loss, terms[0].call) if terms else Loss("", frozenset()),
        loss_code=(
            loss_code(terms, tuple(output.name for output in network.outputs), targets, sums=task.sampler)
            if terms
            else LossCode("", ())
        ),
        optimization=replace(optimization, by_network=True) if adversaries else optimization,
        adversaries=adversaries,
        metrics=_metrics(description, task, targets),
    )


def _optimizations(optimization: Optimization, adversaries: Adversaries | None) -> tuple[Optimization, ...]:
    return tuple(each.optimization for each in adversaries.both) if adversaries else (optimization,)


def _facts(loss: Loss, call: Call) -> Loss:
    if call.arguments.get("log_input") is False:  # of PoissonNLLLoss: the outputs are no logarithms
        return replace(loss, prediction="")
    return loss


def _summed(term: LossTerm) -> LossTerm:
    """A loss that is summed over a batch, as the terms of an ELBO are."""
    return replace(term, call=replace(term.call, arguments={**term.call.arguments, "reduction": "sum"}))


def _together(name: str, models: tuple[ModelFacts, ...], task: Task) -> ModelFacts:
    """Several models as one network: from the inputs of the first to the outputs of the last."""
    moments: tuple[Tensor, ...] = ()
    if task.sampler and not task.adversarial:
        moments = tuple(map(lambda each, name: replace(each, name=name), models[0].outputs, ("mu", "logvar")))
    return ModelFacts(
        class_name=name,
        inputs=models[0].inputs,
        outputs=models[-1].outputs + moments,
        parameters=sum(model.parameters for model in models),
        last=models[-1].last,
        layers=frozenset[str]().union(*(model.layers for model in models)),
        operations=frozenset[str]().union(*(model.operations for model in models)),
    )


def _metrics(description: Description, task: Task, targets: tuple[Field, ...]) -> tuple[Metric, ...]:
    """Those that are asked for, in that order, otherwise the usual ones for the target."""
    if description.metrics:
        return tuple(METRICS[each.name] for each in description.metrics)
    usual = [METRICS[name] for name in task.usual]
    return tuple(metric for metric in usual if not targets or targets[0].kind in metric.kinds)
