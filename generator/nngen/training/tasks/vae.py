"""Variational autoencoders: an encoder to normal distributions, and a decoder that makes samples of random points."""

from __future__ import annotations

from ...description.target_kinds import INPUT
from ..metrics import Metric
from . import _reconstruction
from .base import SAMPLES, Fit, Task

_TARGETS = frozenset({INPUT})


def check(fit: Fit) -> None:
    """Notes what is no encoder and decoder, and an output that is not shaped as a sample."""
    if len(fit.models) == 1:
        message = f"vae trains an encoder and a decoder, and there is one network, {fit.models[0].class_name}"
        fit.problems.add(message, fit.description.models[0].items[0].position, "write 'models:' with two networks")
    elif len(fit.models) == 2:
        _reconstruction.check(fit)
    if fit.output.name in ("mu", "logvar", "x"):
        message = f"an output of {fit.models[-1].class_name} is called {fit.output.name}, as another tensor of a vae is"
        fit.problems.add(message, fit.end, "such as 'outputs: [pixels]'")
    for term in fit.terms:
        if term.call.arguments.get("reduction", "sum") != "sum":
            message = f"the ELBO of a sample is a sum, so {term.call.name} has the reduction sum"
            fit.problems.add(message, term.position, "leave reduction out")


VAE = Task(
    "vae",
    default_loss="BCEWithLogitsLoss",
    torch_losses=_reconstruction.LOSSES,
    metrics=(
        Metric("elbo", "evidence lower bound, in nats per sample", _TARGETS, "elbo.item()"),
        Metric("kl", "divergence of the latent points from N(0, 1), in nats per sample", _TARGETS, "kl.item()", True),
    ),
    usual=("elbo", "kl"),
    check=check,
    targets=_TARGETS,
    target=_reconstruction.target,
    reconstructs=True,
    sampler=True,
    networks=2,
    composition="latent",
    parts="an encoder and a decoder",
    pictures=(SAMPLES,),
    predicted="samples.npy",
    loss_functions=("kl_divergence", "loss_function"),
    predict_words="draws new samples",
)
