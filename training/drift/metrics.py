"""Metrics of a model, named as in scikit-learn and greater is better, without needing
scikit-learn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from training.errors import UserError

Metric = Callable[[np.ndarray, np.ndarray], float]
_LEAST = 1e-15


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Area under the ROC curve, of true values 0 and 1; nan if only one of them occurs."""
    _, level, counts = np.unique(y_score, return_inverse=True, return_counts=True)
    middle_rank = np.cumsum(counts) - (counts - 1) / 2
    positive = y_true > 0
    ones, zeros = float(positive.sum()), float((~positive).sum())
    if ones == 0 or zeros == 0:
        return float("nan")
    return float((middle_rank[level][positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def accuracy(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Share of labels that are right."""
    return float(np.mean(y_true == y_score))


def balanced_accuracy(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Mean over the classes of the share of their labels that are right."""
    classes, level = np.unique(y_true, return_inverse=True)
    hits = np.bincount(level, y_true == y_score, classes.size)
    return float(np.mean(hits / np.bincount(level)))


def neg_log_loss(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Mean log likelihood of the probabilities of class 1, in nats."""
    chance = np.clip(y_score, _LEAST, 1 - _LEAST)
    return float(np.mean(np.where(y_true > 0, np.log(chance), np.log1p(-chance))))


def neg_brier_score(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Minus the mean squared error of the probabilities of class 1."""
    return float(-np.mean(((y_true > 0) - y_score) ** 2))


def neg_mean_absolute_error(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Minus the mean absolute error, in the target's unit."""
    return float(-np.mean(np.abs(y_true - y_score)))


def neg_root_mean_squared_error(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Minus the root of the mean squared error, in the target's unit."""
    return float(-np.sqrt(np.mean((y_true - y_score) ** 2)))


def r2(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Share of the variance explained; nan if the true values are all the same."""
    total = float(((y_true - y_true.mean()) ** 2).sum())
    return float(1 - ((y_true - y_score) ** 2).sum() / total) if total > 0 else float("nan")


METRICS: dict[str, Metric] = {
    function.__name__: function
    for function in (
        roc_auc,
        accuracy,
        balanced_accuracy,
        neg_log_loss,
        neg_brier_score,
        neg_mean_absolute_error,
        neg_root_mean_squared_error,
        r2,
    )
}


def metric_of(metric: str | Metric) -> tuple[str, Metric]:
    """The name of a metric and its function.

    Raises:
        UserError: An unknown name.
    """
    if callable(metric):
        return getattr(metric, "__name__", "metric"), metric
    if metric not in METRICS:
        raise UserError(
            f"metric {metric!r} is not built in; give a function, or one of {', '.join(METRICS)}"
        )
    return metric, METRICS[metric]
