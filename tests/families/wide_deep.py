"""A linear model and a deep one together learn a table whose columns count in pairs."""

import pandas as pd

from . import _tables
from ._project import Project
from ._result import Result

SHORT = ("--epochs=10",)


def run(project: Project) -> list[Result]:
    path = project.folder / "data" / "offers.csv"
    _tables.write_table(path)
    table = pd.read_csv(path)
    project.train()
    parts = project.arrays(f"train, _, test = data.split_indices({len(table)})\nresult = dict(train=train, test=test)")
    linear = _tables.logistic_regression(table, "taken", parts["train"], parts["test"])
    accuracy = project.evaluate()["accuracy"]
    return [project.result("accuracy", accuracy, linear, short=linear, of="logistic regression")]
