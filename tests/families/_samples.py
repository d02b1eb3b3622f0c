"""What a person would say of pictures of digits, from a classifier that never saw the network that made them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from ._project import Project
from ._result import Result

Images = NDArray[np.float64]  # (N, 64), from 0 to 1


class Judge:
    """A classifier of scikit-learn's, trained on half of the digits; the other half is what real ones look like."""

    def __init__(self) -> None:
        digits = load_digits()
        images = digits.data / 16
        self.real: Images = images[1::2]
        self.real_targets = digits.target[1::2]
        self.classifier = MLPClassifier((64,), max_iter=400, random_state=0)
        self.classifier.fit(images[::2], digits.target[::2])

    def features(self, images: Images) -> NDArray[np.float64]:
        """The hidden layer of the classifier."""
        return np.maximum(images @ self.classifier.coefs_[0] + self.classifier.intercepts_[0], 0)

    def distance(self, images: Images) -> float:
        """The Frechet distance of the features to those of real digits."""
        return frechet_distance(self.features(images), self._real_features)

    def look(self, samples: Images) -> tuple[float, float, float]:
        """The rarest class's share of samples, the mean confidence, and the distance as a share of that of noise."""
        noise = np.random.default_rng(0).random(samples.shape)
        likely = self.classifier.predict_proba(samples)
        shares = np.bincount(likely.argmax(axis=1), minlength=10) / len(samples)
        return shares.min(), likely.max(axis=1).mean(), self.distance(samples) / self.distance(noise)

    @cached_property
    def _real_features(self) -> NDArray[np.float64]:
        return self.features(self.real)


def frechet_distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """The squared Frechet distance of two sets of points, (N, features), taken for normally distributed.

    Heusel et al., "GANs trained by a two time-scale update rule converge to a local Nash equilibrium" (2017),
    equation 6: |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)). The trace of the root is the sum of the roots of the
    eigenvalues of C1 C2, which are real and not negative.
    """
    covariances = [np.cov(points, rowvar=False) for points in (first, second)]
    eigenvalues = np.linalg.eigvals(covariances[0] @ covariances[1]).real.clip(min=0)
    means = np.square(first.mean(axis=0) - second.mean(axis=0)).sum()
    return float(means + sum(map(np.trace, covariances)) - 2 * np.sqrt(eigenvalues).sum())


def results(project: Project) -> list[Result]:
    """How 1,000 samples that the project's own ``predict`` draws look to the judge."""
    project.predict("--count=1000", "--out=samples.npy")
    samples = np.load(project.folder / "samples.npy").reshape(1000, 64).clip(0, 1)
    rarest, confidence, distance = Judge().look(samples)
    return [
        project.result("rarest class's share of samples", rarest, 0.02, short=0.01),
        project.result("mean confidence of a classifier", confidence, 0.75, short=0.6),
        project.result("Frechet distance over noise's", distance, 0.1, short=0.4, below=True),
    ]
