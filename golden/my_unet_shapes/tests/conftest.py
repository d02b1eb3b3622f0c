"""A short run that the tests share."""

from pathlib import Path

import pytest

from my_unet_shapes import data, train


@pytest.fixture(scope="session")
def flags() -> list[str]:
    """Flags of train.py for a short run."""
    data.COUNT = 60  # makes runs short
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
