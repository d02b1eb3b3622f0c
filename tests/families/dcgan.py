"""A GAN of convolutions draws digits, as an independent classifier judges them."""

from . import _samples
from ._project import Project
from ._result import Result

SHORT = None  # the golden of wgan_gp shows the same


def run(project: Project) -> list[Result]:
    project.train()
    return _samples.results(project)
