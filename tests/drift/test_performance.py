"""Performance drift: labels that are there, late or absent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from tests.drift.tables import require
from training.drift import performance_drift
from training.drift.metrics import METRICS
from training.errors import UserError


def mean(y_true: np.ndarray, y_score: np.ndarray) -> float:
    return float(np.mean(y_true))


def labeled(rows: int, strength: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = random.random(rows) < 0.4
    return truth.astype(float), 1 / (1 + np.exp(-random.normal(strength * truth, 1.0)))


@given(st.integers(0, 2**32), st.sampled_from([1, 2, 8]))
def test_metrics_are_scikit_learns(seed, digits):
    random = np.random.default_rng(seed)
    truth = np.append(random.integers(0, 2, 50), [0, 1])
    chance = np.round(random.uniform(0.01, 0.99, 52), digits)
    references = {
        "roc_auc": sklearn_metrics.roc_auc_score(truth, chance),
        "accuracy": sklearn_metrics.accuracy_score(truth, chance > 0.5),
        "balanced_accuracy": sklearn_metrics.balanced_accuracy_score(truth, chance > 0.5),
        "neg_log_loss": -sklearn_metrics.log_loss(truth, np.clip(chance, 1e-15, 1 - 1e-15)),
        "neg_brier_score": -sklearn_metrics.brier_score_loss(truth, chance),
        "neg_mean_absolute_error": -sklearn_metrics.mean_absolute_error(truth, chance),
        "neg_root_mean_squared_error": -np.sqrt(sklearn_metrics.mean_squared_error(truth, chance)),
        "r2": sklearn_metrics.r2_score(truth, chance),
    }
    assert set(references) == set(METRICS)
    for name, value in references.items():
        predicted = chance > 0.5 if "accuracy" in name else chance
        assert METRICS[name](truth, predicted) == pytest.approx(value), name


def test_worse_than_the_holdout_is_drift():
    truth, score = labeled(4000, 0.5)
    result = performance_drift(truth, score, "roc_auc", 0.75)
    assert (
        result.status == "drift"
        and require(result.low) < require(result.value) < require(result.high) < 0.75
    )
    assert (result.rows, result.labeled) == (4000, 4000)


def test_better_or_equal_is_no_drift():
    truth, score = labeled(4000, 0.5)
    value = require(performance_drift(truth, score, "roc_auc", 0.5).value)
    assert performance_drift(truth, score, "roc_auc", 0.5).status == "no_drift"
    assert performance_drift(truth, score, "roc_auc", value).status == "no_drift"


def test_a_tolerance_and_an_inexact_holdout_keep_it_quiet():
    truth, score = labeled(4000, 0.5)
    value = require(performance_drift(truth, score, "roc_auc", 0.5).value)
    assert performance_drift(truth, score, "roc_auc", value + 0.03).status == "drift"
    assert (
        performance_drift(truth, score, "roc_auc", value + 0.03, tolerance=0.05).status
        == "no_drift"
    )
    small = performance_drift(truth, score, "roc_auc", value + 0.03, holdout_rows=100)
    assert small.status == "no_drift"


def test_rows_that_depend_on_each_other_are_drawn_by_block():
    covered, naive = [], []
    for seed in range(60):
        random = np.random.default_rng(seed)
        day = np.repeat(np.arange(40), 250)
        errors = random.normal(size=40)[day] + random.normal(size=day.size)
        for blocks, coverage in ((day, covered), (None, naive)):
            result = performance_drift(errors, np.zeros(day.size), mean, 0.0, blocks=blocks)
            coverage.append(require(result.low) <= 0.0 <= require(result.high))
    assert np.mean(covered) >= 0.85 and np.mean(naive) <= 0.3
    weeks = np.repeat(np.arange(8), 1250)
    by_week = performance_drift(errors, np.zeros(day.size), mean, 0.0, blocks=weeks)
    assert by_week.status == "insufficient_data"


@pytest.mark.parametrize("absent", [None, np.full(500, np.nan), [None] * 500])
def test_without_labels_it_says_so(absent):
    result = performance_drift(absent, np.zeros(500), "roc_auc", 0.8)
    assert (result.status, result.value, result.labeled) == ("no_labels", None, 0)


def test_labels_that_are_late_are_left_out():
    truth, score = labeled(3000, 1.0)
    in_time = performance_drift(truth[:2000], score[:2000], "roc_auc", 0.75)
    late = performance_drift(np.append(truth[:2000], [np.nan] * 1000), score, "roc_auc", 0.75)
    assert (late.value, late.low, late.high) == (in_time.value, in_time.low, in_time.high)
    assert (late.rows, late.labeled) == (3000, 2000)
    words = performance_drift(["a", "b", None] * 100, ["a", "b", "b"] * 100, "accuracy", 1.0)
    assert (words.status, words.value, words.labeled) == ("no_drift", 1.0, 200)


def test_too_few_labels_are_insufficient():
    truth, score = labeled(99, 1.0)
    assert performance_drift(truth, score, "roc_auc", 0.9).status == "insufficient_data"
    one_class = performance_drift(
        np.ones(500), np.random.default_rng(0).random(500), "roc_auc", 0.9
    )
    assert (one_class.status, one_class.value) == ("insufficient_data", None)


@pytest.mark.parametrize("rows", [1500, 40_000])
def test_the_interval_covers_the_truth(rows):
    covered = []
    for seed in range(100):
        errors = np.random.default_rng(seed).normal(size=rows)
        result = performance_drift(errors, np.zeros(rows), "neg_mean_absolute_error", 0.0)
        covered.append(require(result.low) <= -np.sqrt(2 / np.pi) <= require(result.high))
    assert 0.88 <= np.mean(covered) <= 0.995


def test_a_function_is_a_metric():
    def hits(y_true, y_score):
        return float(np.mean(y_true == y_score))

    result = performance_drift(np.ones(500), np.ones(500), hits, 1.0)
    assert (result.metric, result.value, result.status) == ("hits", 1.0, "no_drift")


def test_bad_arguments():
    with pytest.raises(UserError, match=r"metric 'auc' is not built in; .* roc_auc"):
        performance_drift([1], [1], "auc", 1.0)
    with pytest.raises(UserError, match=r"y_true has shape \(1,\) and y_score 2 rows"):
        performance_drift([1], [1, 2], "accuracy", 1.0)
    with pytest.raises(UserError, match="confidence is 1"):
        performance_drift([1], [1], "accuracy", 1.0, confidence=1)
