"""Data sources: their settings under ``data``, and the properties that are known before data are read.

A source consists of a class here, in the file of its family, and the templates of its name: see CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .arrays import Arrays, Synthetic, UnreadSource
from .base import DataSettings
from .images import Cifar10, Digits, FashionMnist, Images, Mnist
from .masks import Masks, Shapes
from .series import Elnino, Series, Sunspots, TimeSeries
from .tables import Csv, Diabetes
from .texts import PythonDocs, Text, Tokens

__all__ = [
    "DATA_SOURCES",
    "Arrays",
    "Csv",
    "DataSettings",
    "Masks",
    "Mnist",
    "Text",
    "TimeSeries",
    "Tokens",
    "UnreadSource",
    "sources_where",
]

DATA_SOURCES: Mapping[str, type[DataSettings]] = {
    cls.source: cls
    for cls in (
        *(Digits, Diabetes, Csv, Arrays, Images, Mnist, FashionMnist, Cifar10),
        *(Masks, Shapes),
        *(Sunspots, Elnino, Series, PythonDocs, Text, Synthetic),
    )
}


def sources_where(fact: Callable[[type[DataSettings]], bool]) -> str:
    """Return the names of the sources for which a predicate holds, for a message: ``arrays and synthetic``.

    Args:
        fact: the predicate, which has to hold for two sources or more.
    """
    names = sorted(name for name, source in DATA_SOURCES.items() if fact(source))
    return f"{', '.join(names[:-1])} and {names[-1]}"
