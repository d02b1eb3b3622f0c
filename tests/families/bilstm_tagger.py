"""A bidirectional LSTM tags words whose tag depends on what stands left and right of them."""

import pandas as pd

from . import _tags
from ._project import Project
from ._result import Result

SHORT = None  # the golden of this network is trained and judged in test_golden_runs


def run(project: Project) -> list[Result]:
    path = project.folder / "data" / "sentences.csv"
    _tags.write_sentences(path)
    table = pd.read_csv(path)
    project.train()
    accuracy = project.evaluate()["accuracy"]
    parts = project.arrays(f"train, _, test = data.split_indices({len(table)})\nresult = dict(train=train, test=test)")
    train, test = (
        _tags.read_sentences(*(table.iloc[parts[part]][column] for column in ("words", "tags")))
        for part in ("train", "test")
    )
    of_all, of_word = _tags.most_frequent_tag(train, test), _tags.most_frequent_tag_of_word(train, test)
    # "well over": half of the errors that knowing each word's most frequent tag leaves
    halfway = (1 + of_word) / 2
    return [
        project.result("accuracy", accuracy, 2 * of_all, short=2 * of_all, of="twice the most frequent tag"),
        project.result("accuracy", accuracy, halfway, short=of_word, of=f"tag of word {of_word:.3f}"),
    ]
