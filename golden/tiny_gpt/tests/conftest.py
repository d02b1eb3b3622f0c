"""A short run that the tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tiny_gpt import data, train


@pytest.fixture(scope="session", autouse=True)
def short_text() -> Iterator[None]:
    """Make runs see only a little of the text, so that they are short."""
    text = "".join(data.topics.values())[: 100 * (data.WINDOW + 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "topics", {"all": text})
        yield


@pytest.fixture(scope="session")
def flags() -> list[str]:
    """Flags of train.py for a short run."""
    return [
        "--epochs=2",
        "--device=cpu",
    ]


@pytest.fixture(scope="session")
def finished(flags: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was never stopped."""
    out = tmp_path_factory.mktemp("finished")
    train.main([*flags, f"--out={out}"])
    return out
