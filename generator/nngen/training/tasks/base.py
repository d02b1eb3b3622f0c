"""What a task is: what the recipe needs to know of it beside its templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ...description.calls import Optimizer
from ...description.description import Description, Layer
from ...description.tensor import Tensor
from ...language.errors import Position
from ...language.problems import Problems
from ...network.graph import Node
from ...network.model_facts import ModelFacts
from ..loss_terms import Term
from ..losses import Loss, target_kind
from ..metrics import Metric
from ..sample_fields import Field, target_fields


@dataclass(frozen=True, slots=True)
class Fit:
    """What a task's check is given: does the network fit its losses and its data?"""

    description: Description
    models: tuple[ModelFacts, ...]
    terms: tuple[Term, ...]  # of the loss
    targets: tuple[Field, ...]  # that these compare outputs with
    last: Node | None  # that gives the output of the last network
    problems: Problems

    @property
    def output(self) -> Tensor:
        """The first of the last network."""
        return self.models[-1].outputs[0]

    @property
    def end(self) -> Position | None:
        """Where the size of the output was written: the last layer that has a say in it."""
        items = self.description.models[-1].items
        for item in reversed(items):
            match item.action:
                case Layer(entry, arguments) if arguments and entry.family in ("linear", "conv", "adaptive_pool"):
                    return item.position
        return items[-1].position


@dataclass(frozen=True, slots=True)
class Picture:
    """What training draws."""

    name: str  # a file, or a folder with a file for each epoch
    words: str

    @property
    def stem(self) -> str:
        """The name without its ending, which the templates that draw it have."""
        return self.name.removesuffix("/").removesuffix(".png")


SAMPLES = Picture("samples/", "samples from the same random points after each epoch")


@dataclass(frozen=True, slots=True)
class Task:
    """One recipe; its templates have its name."""

    name: str
    default_loss: str  # empty: one has to be written
    metrics: tuple[Metric, ...]  # that it offers beside the loss
    usual: tuple[str, ...]  # those that are taken where none is written; the first picks the best epoch
    check: Callable[[Fit], None]
    targets: frozenset[str]  # the kinds of target that it can have
    target: Callable[[str, Tensor], str] = target_kind  # of a loss and the output that it takes
    classes: Callable[[Description], int | None] = lambda description: None  # where outputs have no score for each
    scales_target: bool = False  # targets are standardised: a network learns numbers near zero
    several: bool = False  # outputs and targets: it says which loss takes which
    networks: int | None = None  # how many there must be; any number are a chain, each taking what the one before gives
    reconstructs: bool = False  # what a sample is compared with is the sample itself
    adversarial: bool = False  # its models are trained by turns, each with an optimizer of its own
    # classes of torch that it can be trained with, with what it knows of each, in the order in which messages list them
    torch_losses: Mapping[str, Loss] = field(default_factory=dict)
    # the names of losses of its own with what each is, where they are no classes of torch but emitted code
    losses: Mapping[str, str] = field(default_factory=dict)
    optimizer: Optimizer = field(default_factory=lambda: Optimizer("Adam"))  # where none is written
    sampler: bool = False  # the last model makes samples of random points
    composition: Literal["chain", "latent", "adversaries"] = "chain"  # how several models make one
    parts: str = ""  # what its two models are, in a message
    pictures: tuple[Picture, ...] = ()  # that training draws beside the curves, where samples are pictures
    predicted: str = ""  # what predict.py writes beside the checkpoint: a file, or a folder of pictures
    loss_functions: tuple[str, ...] = ("loss_function",)  # of evaluate.py, which tests call
    baseline: bool = False  # evaluate.py gives the error of the mean of the training set, which is to be beaten
    predict_words: str = ""  # what predict.py does with a {source}, for a README; by default it takes samples

    @property
    def samples_latent(self) -> bool:
        """Whether the network draws points from the distributions that its first model gives, and sums a loss."""
        return self.composition == "latent"

    def targets_of(self, terms: tuple[Term, ...], description: Description, problems: Problems) -> tuple[Field, ...]:
        """What the losses compare outputs with, as samples have it."""
        return target_fields(terms, self.target, self.classes(description), problems)


UNKNOWN = Task("", "", (), (), lambda fit: None, frozenset())  # stands in after a mistake, so that the rest is checked
