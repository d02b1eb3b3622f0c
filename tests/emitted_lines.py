"""What tests of the language look at: the lines of an emitted network, its instance, and what is wrong with one."""

from __future__ import annotations

from typing import Any

import pytest

from networks import Emitted, emit
from nngen.language.errors import DescriptionError

torch = pytest.importorskip("torch")


def network(text: str) -> Emitted:
    return emit(f"name: net\n{text}")


def lines(emitted: Emitted) -> list[str]:
    """The lines without indentation and comments."""
    return [line.split("  #")[0].strip() for line in emitted.source.splitlines()]


def forward_of(emitted: Emitted, name: str = "Net") -> list[str]:
    """The lines of a class's forward, without comments."""
    of_class = emitted.source.split(f"class {name}(")[1].split("\nclass ")[0]
    body = of_class.split("def forward")[1].splitlines()[1:]
    return [line.split("  #")[0].strip() for line in body if line.strip()]  # up to the next class


def model_of(emitted: Emitted, **arguments: Any) -> Any:
    torch.manual_seed(0)
    return emitted.build(**arguments).eval()


def problems(text: str) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        network(text)
    return [problem.message for problem in caught.value.problems]
