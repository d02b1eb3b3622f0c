"""Principal components: what an autoencoder has to beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from ._project import Project

# the parts of the data as the project has them, a sample a row
PARTS = """
train, _, test = data.load_data()
result = {"train": train.x.flatten(1).numpy(), "test": test.x.flatten(1).numpy()}
"""


def pca_error(train: NDArray[np.float64], test: NDArray[np.float64], components: int) -> float:
    """The mean squared error of test samples that went through so many principal components of the training samples."""
    pca = PCA(components).fit(train)
    return float(np.square(pca.inverse_transform(pca.transform(test)) - test).mean())


def pca_error_of(project: Project) -> float:
    """That error with the project's data and as many components as its latent dimensions."""
    parts = project.arrays(PARTS)
    return pca_error(parts["train"], parts["test"], project.description["args"]["latent_dim"])
