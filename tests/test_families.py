"""The families: each oracle is right, and a short training of each reaches what can be reached in seconds.

``make families`` is the whole of it: the examples as they are, and the bars that they must reach.
"""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import sqrtm
from sklearn.datasets import load_digits

import families
from families import _components, _samples, _series, _tables, _tags
from families._ngram import NGram
from families._result import Result, table

SHORT = [name for name in families.EXAMPLES if families.short(name) is not None]


@pytest.mark.parametrize("example", SHORT)
def test_a_short_training_learns(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # other tests run beside
    results = families.run(example, tmp_path / example, families.short(example))
    print(f"\n{table(results)}")
    assert results and all(each.held for each in results), f"\n{table(results)}"


def test_a_result_is_held_at_its_bound_and_never_by_nan() -> None:
    def held(reached: float, bound: float, below: bool) -> bool:
        return Result("task", "example", "measure", reached, bound, below, "", 1.0).held

    assert held(0.95, 0.95, False) and not held(0.9499, 0.95, False) and not held(math.nan, 0.95, False)
    assert held(0.94, 0.95, True) and not held(0.95, 0.95, True) and not held(math.nan, 0.95, True)


def test_the_table_marks_what_failed_or_took_too_long() -> None:
    good = Result("gan", "dcgan", "confidence", 0.9, 0.75, False, "", 20.0)
    bad = Result("vae", "vae", "distance", 0.5, 0.1, True, "noise", 181.0)
    lines = table([good, bad]).splitlines()
    assert [line.split() for line in lines[2:]] == [
        ["gan", "dcgan", "confidence", "0.9", ">=", "0.75", "20"],
        ["vae", "vae", "distance", "0.5", "<", "0.1", "(noise)", "FAILED", "181", "TOO", "LONG"],
    ]


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_the_probabilities_of_an_ngram_sum_to_one(order: int) -> None:
    rng = np.random.default_rng(0)
    model = NGram(rng.integers(0, 4, 60), 5, order)  # the token 4 is never seen
    for _ in range(20):
        context = rng.integers(0, 5, order - 1)
        after = [model.probabilities(np.array([*context, token]))[0] for token in range(5)]
        assert sum(after) == pytest.approx(1) and min(after) > 0


def test_an_ngram_is_what_its_formula_gives_slowly() -> None:
    rng = np.random.default_rng(1)
    train, test = rng.integers(0, 3, 200).tolist(), rng.integers(0, 3, 50).tolist()

    def probability(context: tuple[int, ...], token: int) -> float:
        shorter = probability(context[1:], token) if context else 1 / 3
        size = len(context)
        after = Counter(
            train[place + size] for place in range(len(train) - size) if tuple(train[place : place + size]) == context
        )
        return (after[token] + len(after) * shorter) / (after.total() + len(after)) if after else shorter

    slow = [probability(tuple(test[place - 3 : place]), test[place]) for place in range(3, 50)]
    found = NGram(np.array(train), 3, 4)
    np.testing.assert_allclose(found.probabilities(np.array(test)), slow, rtol=1e-12)
    assert found.bits(np.array(test)) == pytest.approx(-np.log2(slow).mean())


def test_the_frechet_distance_is_scipys_and_none_of_a_set_to_itself() -> None:
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=(300, 5)), rng.normal(1, 2, (200, 5)) @ rng.normal(size=(5, 5))
    covariances = [np.cov(points, rowvar=False) for points in (first, second)]
    means = np.square(first.mean(axis=0) - second.mean(axis=0)).sum()
    root = sqrtm(covariances[0] @ covariances[1]).real
    expected = means + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert _samples.frechet_distance(first, second) == pytest.approx(expected, rel=1e-6)
    assert _samples.frechet_distance(first, first) == pytest.approx(0, abs=1e-6)
    assert _samples.frechet_distance(first, first + 3) == pytest.approx(5 * 9)


def test_the_judge_knows_digits_from_one_digit_from_noise() -> None:
    judge = _samples.Judge()
    assert judge.classifier.score(judge.real, judge.real_targets) > 0.95
    others = load_digits().data[::2] / 16  # real ones that it is not compared with
    rarest, confidence, distance = judge.look(others)
    assert rarest > 0.08 and confidence > 0.9 and distance < 0.05
    rarest, confidence, distance = judge.look(judge.real[judge.real_targets == 3])
    assert rarest == 0 and confidence > 0.9 and distance > 0.1
    assert judge.look(np.random.default_rng(3).random((1000, 64)))[2] == pytest.approx(1, abs=0.05)


def test_seasonal_naive_repeats_the_last_period() -> None:
    windows = np.array([[9, 1, 2, 3], [8, 4, 5, 6]])
    assert _series.seasonal_naive(windows, 5, 3).tolist() == [[1, 2, 3, 1, 2], [4, 5, 6, 4, 5]]
    season = np.tile(np.arange(12.0), 20)
    windows, truth = _series.windows_of_test(season, 24, 6)
    assert len(windows) == 240 - 192 - 5 and not np.abs(_series.seasonal_naive(windows, 6, 12) - truth).any()


def test_the_error_of_principal_components_is_what_the_others_hold() -> None:
    samples = np.random.default_rng(4).normal(size=(50, 6)) * [5, 4, 3, 1, 1, 1]
    singular = np.linalg.svd(samples - samples.mean(axis=0), compute_uv=False)
    left = np.square(singular[2:]).sum() / samples.size
    assert _components.pca_error(samples, samples, 2) == pytest.approx(left)
    assert _components.pca_error(samples, samples, 6) == pytest.approx(0, abs=1e-12)


def test_logistic_regression_learns_columns_and_not_their_pairs(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    number, word = rng.normal(size=600), rng.integers(0, 3, 600)
    columns = pd.DataFrame({"number": number, "word": np.array(["a", "b", "c"])[word]})
    parts = np.arange(400), np.arange(400, 600)
    columns["target"] = number + np.array([-2, 0, 2])[word] > 0
    assert _tables.logistic_regression(columns, "target", *parts) > 0.97
    columns["target"] = number * np.array([-1, 1, 1])[word] > 0
    assert _tables.logistic_regression(columns, "target", *parts) < 0.8
    _tables.write_table(tmp_path / "data" / "offers.csv")
    offers = pd.read_csv(tmp_path / "data" / "offers.csv")
    share = (offers["taken"] == "yes").mean()
    accuracy = _tables.logistic_regression(offers, "taken", np.arange(3000), np.arange(3000, 4000))
    assert max(share, 1 - share) < accuracy < 0.72


def test_the_most_frequent_tags() -> None:
    train = [[("the", "DET"), ("walk", "NOUN")], [("we", "PRON"), ("walk", "VERB")], [("a", "DET"), ("walk", "NOUN")]]
    test = [[("the", "DET"), ("walk", "NOUN"), ("so", "DET"), ("walk", "VERB")]]
    assert _tags.most_frequent_tag(train, test) == 2 / 4
    assert _tags.most_frequent_tag_of_word(train, test) == 3 / 4


def test_the_tags_of_sentences_depend_on_both_sides(tmp_path: Path) -> None:
    """Knowing the neighbour on either side helps, and knowing both helps most."""
    _tags.write_sentences(tmp_path / "sentences.csv", 4000)
    rows = pd.read_csv(tmp_path / "sentences.csv")
    sentences = _tags.read_sentences(rows["words"], rows["tags"])
    train, test = sentences[:3000], sentences[3000:]

    def accuracy(left: bool, right: bool) -> float:
        def seen(part: list[list[tuple[str, str]]]) -> list[list[tuple[str, str]]]:
            return [
                [
                    (f"{words[i] if left else ''} {words[i + 1]} {words[i + 2] if right else ''}", tag)
                    for i, (_, tag) in enumerate(sentence)
                ]
                for sentence in part
                for words in [["", *(word for word, _ in sentence), ""]]
            ]

        return _tags.most_frequent_tag_of_word(seen(train), seen(test))

    alone = accuracy(left=False, right=False)
    assert alone < 0.87 and accuracy(left=True, right=False) > alone + 0.02
    assert accuracy(left=False, right=True) > alone + 0.02
