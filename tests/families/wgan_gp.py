"""A Wasserstein GAN with gradient penalty draws digits, as an independent classifier judges them."""

from . import _samples
from ._project import Project
from ._result import Result

SHORT = None  # the golden of this network is trained and judged in test_golden_runs


def run(project: Project) -> list[Result]:
    project.train()
    return _samples.results(project)
