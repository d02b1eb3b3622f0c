"""A GRU tells digits that it reads row by row."""

from ._project import Project
from ._result import Result

SHORT = None  # lstm_classifier shows the same


def run(project: Project) -> list[Result]:
    project.train()
    return [project.result("accuracy", project.evaluate()["accuracy"], 0.95, short=0.75)]
