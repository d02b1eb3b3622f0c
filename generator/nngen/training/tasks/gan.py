"""Generative adversarial networks: a generator of samples, and a discriminator that tells them from real ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...description.calls import Optimizer
from ...description.target_kinds import INPUT
from ...language.catalogue.registry import catalogue
from ...network.model_facts import generator_of
from ...network.tensors import shape_text
from ..metrics import Metric
from .base import SAMPLES, Fit, Task


@dataclass(frozen=True, slots=True)
class AdversarialLoss:
    """What the two networks minimise, as code: of the scores of real samples, ``real``, and of made ones, ``fake``."""

    words: str
    discriminator: str
    generator: str


ADVERSARIAL_LOSSES: Mapping[str, AdversarialLoss] = {
    # softplus(-x) is the cross-entropy of a logit whose class is 1, softplus(x) of one whose class is 0
    "BCEWithLogitsLoss": AdversarialLoss(
        "Binary cross-entropy; the generator maximises the probability of being taken for real.",
        "nn.functional.softplus(-real).mean() + nn.functional.softplus(fake).mean()",
        "nn.functional.softplus(-fake).mean()",
    ),
    "wasserstein": AdversarialLoss(
        "The Wasserstein distance as the discriminator estimates it; see gradient_penalty.",
        "fake.mean() - real.mean()",
        "-fake.mean()",
    ),
    "hinge": AdversarialLoss(
        "Scores count until they are beyond 1 and -1.",
        "(1 - real).relu().mean() + (1 + fake).relu().mean()",
        "-fake.mean()",
    ),
    "least_squares": AdversarialLoss(
        "Squared errors of scores that should be 1 for real samples and 0 for made ones.",
        "(real - 1).square().mean() + fake.square().mean()",
        "(fake - 1).square().mean()",
    ),
}
_TARGETS = frozenset({INPUT})
_BOUNDED = ("Sigmoid", "Softmax", "LogSoftmax", "Tanh")


def check(fit: Fit) -> None:
    """Notes networks that are no generator and discriminator."""
    _check_loop(fit)
    if len(fit.models) != 2:
        if len(fit.models) == 1:
            only = fit.models[0].class_name
            message = f"gan trains a generator and a discriminator, and there is one network, {only}"
            fit.problems.add(message, fit.description.models[0].items[0].position, "write 'models:' with two networks")
        return
    made = generator_of([model.ends for model in fit.models])
    discriminator, judge = fit.models[1 - made], fit.description.models[1 - made]
    for model, written in zip(fit.models, fit.description.models, strict=True):
        if len(model.inputs) > 1 or len(model.outputs) > 1:
            message = f"{model.class_name} takes {len(model.inputs)} tensors and gives {len(model.outputs)}"
            fit.problems.add(f"{message}: a network of a gan has one of each", written.position)
            return
        if model.inputs[0].varies or model.outputs[0].varies or model.inputs[0].is_whole:
            text = f"{shape_text(model.inputs[0].shape)} of {model.inputs[0].dtype}"
            message = f"{model.class_name} takes {text}, and gan needs real numbers in a shape that is known"
            fit.problems.add(message, written.inputs[0].position)
            return
    if discriminator.outputs[0].shape != (1,):
        shape = shape_text(discriminator.outputs[0].shape)
        message = f"{discriminator.class_name} ends in {shape}, and a discriminator ends in one number, (1,)"
        fit.problems.add(message, judge.items[-1].position, "such as Flatten and Linear: 1")
    elif discriminator.last in _BOUNDED and fit.description.losses:
        loss = fit.description.losses[0].call.name
        message = f"{loss} takes a score that can be any number, and {discriminator.class_name} ends in"
        hint = f"leave {discriminator.last} out"
        fit.problems.add(f"{message} {discriminator.last}", judge.items[-1].position, hint)
    elif fit.description.training.gradient_penalty is not None and discriminator.has_batchnorm:
        message = f"{discriminator.class_name} has batch norm, which mixes samples"
        message += ", and the gradient penalty is of each sample alone"
        fit.problems.warn(message, judge.position, "LayerNorm, GroupNorm and InstanceNorm keep samples apart")


def _check_loop(fit: Fit) -> None:
    """Notes what cannot be set where two models are trained by turns."""
    description, problems = fit.description, fit.problems
    if description.scheduler is not None:
        message = f"gan trains two models by turns, and {description.scheduler.name} is for one optimizer"
        problems.add(message, description.scheduler.position, "leave it out; training: {ema: 0.999} steadies samples")
    own = [model.optimizer for model in description.models if model.optimizer]
    if len(own) == len(description.models) and description.root.get("optimizer"):
        message = "each model has an optimizer of its own, so this one trains nothing"
        problems.add(message, description.optimizer.position, "leave it out")
    for optimizer in own if len(own) == len(description.models) else [*own, description.optimizer]:
        traits = catalogue().optimizers[optimizer.name].traits
        if any(traits.get(trait) for trait in ("needs_closure", "matrices_only", "sparse_gradients")):
            problems.add(f"{optimizer.name} is no optimizer for gan", optimizer.position, "such as Adam")
        elif optimizer.no_decay or optimizer.groups or optimizer.rest:
            message = "gan has an optimizer for each of its models, and no groups of parameters beside that"
            problems.add(message, optimizer.position, "leave out groups, no_decay and rest")


GAN = Task(
    "gan",
    default_loss="BCEWithLogitsLoss",
    metrics=(
        Metric(
            "frechet_distance", "distance of the distributions of samples and real ones", _TARGETS, "distance", True
        ),
    ),
    usual=("frechet_distance",),
    check=check,
    targets=_TARGETS,
    networks=2,
    reconstructs=True,
    sampler=True,
    adversarial=True,
    losses={name: loss.words for name, loss in ADVERSARIAL_LOSSES.items()},
    optimizer=Optimizer("Adam", {"lr": 2e-4, "betas": [0.5, 0.999]}),
    composition="adversaries",
    parts="a generator and a discriminator",
    pictures=(SAMPLES,),
    predicted="samples.npy",
    loss_functions=("discriminator_loss", "generator_loss"),
    predict_words="draws new samples",
)
