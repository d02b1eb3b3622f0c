"""An LSTM writes Python's documentation, character by character."""

from . import _texts
from ._project import Project
from ._result import Result

SHORT = None  # an epoch takes seconds


def run(project: Project) -> list[Result]:
    project.train()
    return _texts.results(project, 4, "interpolated 4-gram")
