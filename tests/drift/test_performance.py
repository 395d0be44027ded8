"""Performance drift: labels that are there, late or absent."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from tests.drift.tables import require
from training.drift import PerformanceDrift, performance_drift
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


def test_without_variance_there_is_none_to_explain():
    """And of one class alone there is no curve."""
    same, other = np.full(5, 2.0), np.arange(5.0)
    for scores in (same, other):
        assert np.isnan(METRICS["r2"](same, scores))
    for truth in (np.zeros(5), np.ones(5)):
        assert np.isnan(METRICS["roc_auc"](truth, other))


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


def spread(result: PerformanceDrift) -> float:
    """Half the width of the interval in its standard errors, if errors are normal."""
    quantile = NormalDist().inv_cdf((1 + result.confidence) / 2)
    return (require(result.high) - require(result.low)) / 2 / quantile


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("rows", [100, 4000, 40_000])
def test_the_interval_is_the_mean_s_own(rows: int, confidence: float) -> None:
    """The error of a mean is sigma over the root of the rows, also above 10,000 of them."""
    values = np.random.default_rng(0).normal(5.0, 2.0, rows)
    result = performance_drift(values, np.zeros(rows), mean, 0.0, confidence=confidence)
    error = values.std() / np.sqrt(rows)
    assert result.value == pytest.approx(values.mean())
    assert spread(result) == pytest.approx(error, rel=0.15)
    middle = (require(result.low) + require(result.high)) / 2
    assert middle == pytest.approx(values.mean(), abs=0.4 * error)


@pytest.mark.parametrize("rows_a_block", [20, 800])
def test_the_interval_of_blocks_is_that_of_their_means(rows_a_block: int) -> None:
    """Rows of a block that are all alike tell no more than one: 40 blocks are 40 values."""
    levels = np.random.default_rng(0).normal(size=40)
    order = np.random.default_rng(1).permutation(40 * rows_a_block)
    block = np.repeat(np.arange(40), rows_a_block)[order]
    values = levels[block]
    result = performance_drift(values, np.zeros(values.size), mean, 0.0, blocks=block)
    assert result.value == pytest.approx(levels.mean())
    assert spread(result) == pytest.approx(levels.std() / np.sqrt(40), rel=0.15)
    by_row = performance_drift(values, np.zeros(values.size), mean, 0.0)
    assert spread(by_row) == pytest.approx(levels.std() / np.sqrt(values.size), rel=0.15)


def test_blocks_of_unlike_sizes_count_by_their_rows() -> None:
    sizes = np.array([10, 400] * 20)
    block = np.repeat(np.arange(40), sizes)
    values = np.repeat([0.0, 1.0] * 20, sizes)
    result = performance_drift(values, np.zeros(values.size), mean, 0.0, blocks=block)
    assert result.value == pytest.approx(400 / 410)
    # A draw of 40 blocks has now more small ones, now fewer: the ratio's error by the delta method.
    share = 400 / 410
    residuals = sizes * (np.array([0.0, 1.0] * 20) - share)
    assert spread(result) == pytest.approx(residuals.std() * np.sqrt(40) / sizes.sum(), rel=0.3)


def test_ten_blocks_are_the_fewest() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    for count, status in ((9, "insufficient_data"), (10, "no_drift")):
        block = np.arange(1000) % count
        result = performance_drift(values, np.zeros(1000), mean, -9.0, blocks=block)
        assert (result.status, result.value) == (status, pytest.approx(values.mean()))


def test_blocks_of_rows_without_a_label_do_not_count() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    block = np.arange(1000) % 20
    values[block >= 9] = np.nan
    late = performance_drift(values, np.zeros(1000), mean, -9.0, blocks=block)
    assert (late.status, late.labeled) == ("insufficient_data", 450)


def test_a_metric_that_most_resamples_lack_says_nothing() -> None:
    """Of one positive in a hundred rows 37 % of the resamples have none."""
    truth, score = np.zeros(100), np.linspace(0, 1, 100)
    truth[50] = 1
    rare = performance_drift(truth, score, "roc_auc", 0.9)
    assert rare.status == "insufficient_data" and rare.value == pytest.approx(50 / 99)
    truth[40:45] = 1  # of six a quarter of a percent
    assert performance_drift(truth, score, "roc_auc", 0.4).status == "no_drift"


@pytest.mark.parametrize(("without", "status"), [(50, "no_drift"), (51, "insufficient_data")])
def test_nine_of_ten_resamples_are_enough(without: int, status: str) -> None:
    values = iter([1.0, *[float("nan")] * without, *[1.0] * (500 - without)])
    result = performance_drift(np.ones(200), np.ones(200), lambda *_: next(values), 0.5)
    assert (result.status, result.value) == (status, 1.0)


def test_what_is_not_a_number_is_no_label_among_words_either() -> None:
    truth = np.array(["a", float("nan"), None, "b"] * 100, object)
    result = performance_drift(truth, ["a", "a", "a", "a"] * 100, "accuracy", 0.5)
    assert (result.labeled, result.value) == (200, 0.5)


def test_the_limit_of_a_loss_is_the_larger_of_tolerance_and_chance() -> None:
    values = np.random.default_rng(0).normal(5.0, 2.0, 400)
    value, error = values.mean(), values.std() / 20

    def status(loss: float, **options: Any) -> str:
        return performance_drift(values, np.zeros(400), mean, value + loss, **options).status

    # 1.96 standard errors, as 95 % is; with a holdout as large its error comes in squares.
    limits: list[tuple[float, dict[str, Any]]] = [
        (1.96, {}),
        (1.96, {"tolerance": error}),
        (5.0, {"tolerance": 5 * error}),
        (1.96 * 2**0.5, {"holdout_rows": 400}),
        (1.96 * 5**0.5, {"holdout_rows": 100}),
        (1.96 * 1.01**0.5, {"holdout_rows": 40_000}),
        (2.576, {"confidence": 0.99}),
    ]
    for errors, options in limits:
        limit = errors * error
        assert status(0.8 * limit, **options) == "no_drift", options
        assert status(1.2 * limit, **options) == "drift", options
    assert status(-1.0) == "no_drift"


@pytest.mark.parametrize("least", [1, 100, 150])
def test_labeled_rows_are_enough_or_one_is_missing(least: int) -> None:
    for rows, status in ((least, "no_drift"), (least - 1, "insufficient_data")):
        truth = np.append(np.ones(rows), [np.nan] * 5)
        result = performance_drift(truth, np.zeros(rows + 5), mean, 0.5, min_rows=least)
        assert result.status == ("no_labels" if rows == 0 else status)
        assert (result.rows, result.labeled) == (rows + 5, rows)


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
