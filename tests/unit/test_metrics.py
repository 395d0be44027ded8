"""The metric of a model: its name, whether it fits the target, and its value."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from training import metrics
from training.errors import UserError

TABLE = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0]})
BOTH, ONE = pd.Series([0, 1, 0, 1]), pd.Series([1, 1, 1, 1])


@pytest.mark.filterwarnings("ignore:Only one class is present")
def test_a_holdout_with_one_class_has_no_roc_auc() -> None:
    assert metrics.baseline("roc_auc", "classification", (TABLE, BOTH), (TABLE, BOTH)) == 0.5
    with pytest.raises(UserError, match=r"'roc_auc' of 4 holdout rows is nan: .* 1 different"):
        metrics.baseline("roc_auc", "classification", (TABLE, BOTH), (TABLE, ONE))


@pytest.mark.parametrize(
    ("scorer", "task", "target", "expected"),
    [
        ("f1", "classification", [0, 1], "f1"),
        ("neg_mean_absolute_error", "regression", [0, 1], "neg_mean_absolute_error"),
        (None, "regression", [0, 1], "r2"),
        (None, "regression", [0, 1, 2], "r2"),
        (None, "classification", [0, 1, 0], "roc_auc"),
        (None, "classification", ["a", "b", "c"], "balanced_accuracy"),
    ],
)
def test_the_task_and_the_classes_choose_the_metric(
    scorer: str | None, task: str, target: list[object], expected: str
) -> None:
    assert metrics.name(scorer, task, pd.Series(target)) == expected


def test_a_metric_that_scikit_learn_does_not_have_is_refused() -> None:
    with pytest.raises(UserError) as error:
        metrics.name("R2", "regression", BOTH)
    text = str(error.value)
    assert text.startswith("metric 'R2' is no scikit-learn scorer; allowed: accuracy, ")
    assert ", r2, " in text


@pytest.mark.parametrize(
    ("metric", "task", "target"),
    [
        ("roc_auc", "classification", [0, 1, 0, 1]),
        ("roc_auc", "classification", ["a", "b", "a", "b"]),
        ("neg_log_loss", "classification", ["a", "b", "c", "c"]),
        ("balanced_accuracy", "classification", ["a", "b", "c", "c"]),
        ("r2", "regression", [0.5, 1, 2, 3]),
        ("neg_mean_poisson_deviance", "regression", [1, 2, 3, 4]),
    ],
)
def test_a_metric_that_fits_passes(metric: str, task: str, target: list[object]) -> None:
    metrics.check(metric, task, pd.Series(target, name="y"))


@pytest.mark.parametrize(
    ("metric", "task", "target", "told"),
    [
        ("roc_auc", "classification", ["c", "a", "b", "d"],
         "metric 'roc_auc' does not fit a classification of 'y' ('a', 'b', 'c', ...): "),
        ("f1", "regression", [0.5, 10.0, 9.0, 10.0],
         "metric 'f1' does not fit a regression of 'y' (0.5, 10.0, 9.0, ...): "),
        ("roc_auc", "classification", [1, "b", 1, "c"],
         "metric 'roc_auc' does not fit a classification of 'y' (1, 'b', 'c', ...): "),
    ],
)  # fmt: skip
def test_a_metric_that_does_not_fit_the_target_is_told_before_any_training(
    metric: str, task: str, target: list[object], told: str
) -> None:
    with pytest.raises(UserError) as error:
        metrics.check(metric, task, pd.Series(target, name="y"))
    assert str(error.value).startswith(told) and "\n" not in str(error.value)


def test_the_metric_of_a_model_is_that_of_its_answers() -> None:
    model = LinearRegression().fit(TABLE, pd.Series([1.0, 3.0, 5.0, 7.0]))
    far = pd.Series([2.0, 4.0, 6.0, 8.0])
    assert metrics.score("neg_mean_absolute_error", model, TABLE, far) == pytest.approx(-1)


def test_the_baseline_is_the_shares_of_the_classes_or_the_mean() -> None:
    target = pd.Series([1, 1, 1, 0])
    shares = metrics.baseline("neg_log_loss", "classification", (TABLE, target), (TABLE, BOTH))
    assert shares == pytest.approx((math.log(0.75) + math.log(0.25)) / 2)
    mean = metrics.baseline(
        "neg_mean_absolute_error", "regression", (TABLE, pd.Series([0.0, 0, 0, 4])), (TABLE, BOTH)
    )
    assert mean == pytest.approx(-0.5)
