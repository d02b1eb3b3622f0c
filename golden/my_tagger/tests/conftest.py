"""A short run that the tests share, on made-up data."""

from itertools import cycle
from pathlib import Path

import pandas as pd
import pytest

from my_tagger import data, train


@pytest.fixture(scope="session")
def flags(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Flags of train.py for a short run."""
    path = tmp_path_factory.mktemp("data") / "table.csv"
    texts = ["Word " * (1 + number % 9) + f"no{number}" for number in range(200)]
    tags = cycle(f"tag{number}" for number in range(data.CLASSES))
    table = pd.DataFrame({"words": texts})
    table[data.TARGET] = [" ".join(next(tags) for _ in text.split()) for text in texts]
    table.to_csv(path, index=False)
    return [
        "--epochs=2",
        "--device=cpu",
        f"--data={path}",
    ]


@pytest.fixture(scope="session")
def finished(flags: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was never stopped."""
    out = tmp_path_factory.mktemp("finished")
    train.main([*flags, f"--out={out}"])
    return out
