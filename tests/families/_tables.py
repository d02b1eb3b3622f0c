"""Tables with numbers and categories: one where a linear model is not enough, and the linear model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

CITIES = ("athens", "berlin", "cairo", "dublin", "essen", "faro", "ghent", "havana")
TYPES = ("flat", "house", "loft", "studio", "villa")
SEASONS = ("autumn", "spring", "summer", "winter")


def write_table(path: Path, rows: int = 4000) -> None:
    """Writes a table of two numbers and three categories; the target depends on pairs of them.

    Whether an offer is ``taken``: each city has a taste of its own in types and in seasons, and the price counts the
    other way in some types. A linear model of the columns sees none of that.
    """
    rng = np.random.default_rng(7)
    city, kind, season = (rng.integers(0, len(names), rows) for names in (CITIES, TYPES, SEASONS))
    price, area = rng.normal(size=rows), rng.normal(size=rows)
    taste_of_type = rng.normal(size=(len(CITIES), len(TYPES)))
    taste_of_season = rng.normal(size=(len(CITIES), len(SEASONS)))
    sign = np.array([1.0, -1.0, 1.0, -1.0, 0.0])
    score = 1.5 * taste_of_type[city, kind] + taste_of_season[city, season] - 1.5 * sign[kind] * price + 0.5 * area
    taken = rng.random(rows) < 1 / (1 + np.exp(-2 * score))
    columns = {
        "price": np.round(120 + 40 * price, 2),
        "area": np.round(80 + 25 * area, 1),
        "city": np.array(CITIES)[city],
        "type": np.array(TYPES)[kind],
        "season": np.array(SEASONS)[season],
        "taken": np.where(taken, "yes", "no"),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(columns).to_csv(path, index=False)


def logistic_regression(table: pd.DataFrame, target: str, train: NDArray[np.int64], test: NDArray[np.int64]) -> float:
    """The accuracy of scikit-learn's logistic regression, with one-hot categories and standardised numbers."""
    columns = table.drop(columns=target)
    words = [name for name in columns if not pd.api.types.is_numeric_dtype(columns[name])]
    numbers = [name for name in columns if name not in words]
    encode = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), words), (StandardScaler(), numbers))
    model = make_pipeline(encode, LogisticRegression(max_iter=1000))
    model.fit(columns.iloc[train], table[target].iloc[train])
    return float(model.score(columns.iloc[test], table[target].iloc[test]))
