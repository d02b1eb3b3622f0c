"""An LSTM tells digits that it reads row by row."""

from ._project import Project
from ._result import Result

SHORT = ("--epochs=5",)


def run(project: Project) -> list[Result]:
    project.train()
    return [project.result("accuracy", project.evaluate()["accuracy"], 0.95, short=0.75)]
