"""A variational autoencoder draws digits, as an independent classifier judges them."""

import math

from . import _samples
from ._project import Project
from ._result import Result

SHORT = None  # the golden of this network is trained and judged in test_golden_runs


def run(project: Project) -> list[Result]:
    project.train()
    # that it is reported, as a number; what it must be is told by the samples
    elbo = project.evaluate()["elbo"]
    return [
        project.result("ELBO, nats", elbo, -math.inf, short=-math.inf, of="to be reported"),
        *_samples.results(project),
    ]
