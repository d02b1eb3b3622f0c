"""The losses of torch that can be trained with: which targets they take, and what their outputs mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..description.target_kinds import (
    BINARY,
    CLASS_LIST,
    INDEX,
    LABELS,
    LAST,
    LENGTH,
    MASK,
    MULTILABEL,
    NONE,
    REAL,
    SIGNED,
)
from ..description.tensor import Tensor
from ..language.catalogue.registry import catalogue

Shape = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """What the recipe must know of a loss of torch."""

    name: str
    targets: frozenset[str]
    prediction: str = ""  # from an output to a probability or to the predicted number: ``.softmax(dim=1)``
    threshold: float = 0.0  # of an output, between the two classes of a binary target
    target: str = "{}"  # what the loss gets as the target, where the braces stand for it
    tensors: frozenset[str] = frozenset()  # arguments that are tensors
    probabilities: bool = True  # its predictions are probabilities
    reduces: int = 0  # dimensions at the end of an output that its target does not have
    kinds: Mapping[str, str] = field(
        default_factory=dict
    )  # of the arguments that come with the data, where they differ
    inputs: Mapping[str, str] = field(
        default_factory=dict
    )  # what it gets as an argument, where the braces stand for it
    result: str = "{}"  # the number that training makes small
    predicts: str = ""  # the probabilities of its own classes, as code with the loss and the output
    classes: str = ""  # its argument that is their number: the classes are its own, and it has parameters
    fills: Mapping[str, str] = field(default_factory=dict)  # arguments that are written where they are not given

    @property
    def arguments(self) -> tuple[str, ...]:
        """What its ``forward`` takes."""
        return tuple(catalogue().losses[self.name].traits["forward"])

    def is_target(self, argument: str) -> bool:
        """Whether an argument of ``forward`` comes with the data."""
        return "target" in argument or argument in self.kinds

    @property
    def learns(self) -> bool:
        """It has parameters of its own."""
        return bool(self.classes)

    def target_shape(self, kind: str, output: Tensor) -> Shape:
        """The shape of a target of that kind, without the batch, that it compares an output with."""
        if kind in LAST or self.learns:
            return output.shape[:-1]
        if kind in (INDEX, MASK):
            return output.shape[1:]
        return output.shape[: len(output.shape) - self.reduces]


_INDEX = frozenset({INDEX})
_BINARY = frozenset({BINARY, MULTILABEL})
_REAL = frozenset({REAL})
_SIGNED = frozenset({SIGNED})
_WEIGHT = frozenset({"weight"})

LOSSES: Mapping[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("CrossEntropyLoss", _INDEX, ".softmax(dim=1)", tensors=_WEIGHT),
        Loss("NLLLoss", _INDEX, ".exp()", tensors=_WEIGHT),
        Loss("MultiMarginLoss", _INDEX, tensors=_WEIGHT, probabilities=False),
        Loss("BCEWithLogitsLoss", _BINARY, ".sigmoid()", tensors=frozenset({"weight", "pos_weight"})),
        Loss("BCELoss", _BINARY, "", threshold=0.5, tensors=_WEIGHT),
        Loss("SoftMarginLoss", _BINARY, ".sigmoid()", target="2 * {} - 1"),
        Loss("MultiLabelSoftMarginLoss", frozenset({MULTILABEL}), ".sigmoid()", tensors=_WEIGHT),
        Loss("MSELoss", _REAL),
        Loss("L1Loss", _REAL),
        Loss("SmoothL1Loss", _REAL),
        Loss("HuberLoss", _REAL),
        Loss("PoissonNLLLoss", _REAL, ".exp()"),
        Loss("GaussianNLLLoss", _REAL),
        Loss("KLDivLoss", _REAL, ".exp()", fills={"reduction": "batchmean"}),
        Loss("CosineEmbeddingLoss", _SIGNED, reduces=1),
        Loss("MarginRankingLoss", _SIGNED),
        Loss("HingeEmbeddingLoss", _SIGNED),
        Loss("TripletMarginLoss", frozenset({NONE})),
        Loss("TripletMarginWithDistanceLoss", frozenset({NONE})),
        Loss("MultiLabelMarginLoss", frozenset({CLASS_LIST}), probabilities=False),
        Loss(
            "CTCLoss",
            frozenset({LABELS}),
            ".exp()",
            kinds={"targets": LABELS, "input_lengths": LENGTH, "target_lengths": LENGTH},
            inputs={"log_probs": "{}.transpose(0, 1)"},
        ),
        Loss(
            "AdaptiveLogSoftmaxWithLoss",
            _INDEX,
            result="{}.loss",
            classes="n_classes",
            predicts="{loss}.log_prob({output}).exp()",
        ),
        Loss(
            "LinearCrossEntropyLoss",
            _INDEX,
            tensors=_WEIGHT,
            classes="num_classes",
            predicts="{loss}.linear({output}).softmax(dim=-1)",
        ),
    )
}


def losses(*names: str) -> Mapping[str, Loss]:
    """Losses by name, for a task to be trained with."""
    return {name: LOSSES[name] for name in names}


def target_kind(loss: str, output: Tensor) -> str:
    """The kind of target that a loss compares an output with."""
    targets = LOSSES[loss].targets
    if targets == _BINARY:
        return BINARY if output.shape == (1,) else MULTILABEL
    return next(iter(targets))


def classes_of(kind: str, output: Tensor) -> int | str | None:
    """How many classes an output has a score for; None without any."""
    if not output.shape:
        return None
    return output.shape[-1 if kind in LAST else 0]
