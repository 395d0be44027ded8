"""Performance drift: the model's metric on the window against its value on the holdout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.drift.metrics import Metric, metric_of
from training.errors import UserError

_RESAMPLES = 500
_LARGEST_RESAMPLE = 10_000
_MEANINGFUL = 0.9  # share of resamples that must have a metric


@dataclass(frozen=True)
class PerformanceDrift:
    """The model's metric on the window.

    Args:
        metric: Name of the metric; greater is better.
        status: ``drift`` (worse than the holdout by more than chance), ``no_drift``,
            ``insufficient_data``, or ``no_labels``: no true value has arrived.
        holdout: The metric on the holdout.
        value: The metric on the labeled rows of the window; None without labels.
        low: Lower end of the bootstrap interval of `value`.
        high: Upper end.
        confidence: Confidence of the interval.
        rows: Rows of the window.
        labeled: Rows whose true value is known.
    """

    metric: str
    status: str
    holdout: float
    value: float | None
    low: float | None
    high: float | None
    confidence: float
    rows: int
    labeled: int


def performance_drift(
    y_true: Sequence[Any] | np.ndarray | None,
    y_score: Sequence[Any] | np.ndarray,
    metric: str | Metric,
    holdout_value: float,
    *,
    holdout_error: float = 0.0,
    tolerance: float = 0.0,
    confidence: float = 0.95,
    min_rows: int = 100,
) -> PerformanceDrift:
    """Compare the model's metric on a window with its value on the holdout.

    The interval is the bootstrap's over 500 resamples. Above 10,000 labeled rows the resamples
    have 10,000 rows and their spread is scaled by the root of the sizes' ratio (m out of n
    bootstrap, for metrics whose error falls with the root of the rows).

    Args:
        y_true: True value of each row, shape (n,); null (None, nan) where it has not arrived; None
            if none has.
        y_score: What the model says, shape (n,): the probability of class 1, a label or a number,
            as the metric takes it.
        metric: A name in `training.drift.metrics.METRICS`, or a function of (y_true, y_score);
            greater is better.
        holdout_value: The metric on the holdout.
        holdout_error: Standard error of `holdout_value`; 0 takes it as exact.
        tolerance: Smallest loss that matters, in the metric's unit.
        confidence: Confidence of the interval, above 0 and below 1.
        min_rows: Labeled rows that are needed.

    Raises:
        UserError: An unknown metric, lengths that differ, or a value outside its range.
    """
    name, function = metric_of(metric)
    if not 0 < confidence < 1:
        raise UserError(f"confidence is {confidence}; it must be above 0 and below 1")
    scores = np.asarray(y_score)
    known = np.empty(0, np.intp) if y_true is None else _labeled(y_true, len(scores))

    def outcome(status: str, value: float | None = None, ends: tuple[float, float] | None = None):
        low, high = ends or (None, None)
        rows, labeled = len(scores), len(known)
        return PerformanceDrift(
            name, status, holdout_value, value, low, high, confidence, rows, labeled
        )

    if y_true is None or not len(known):
        return outcome("no_labels")
    truth, scores_known = np.asarray(y_true)[known], scores[known]
    if truth.dtype == object:
        truth = np.array(truth.tolist())
    value = function(truth, scores_known)
    spread = None if len(known) < min_rows else _spread(function, truth, scores_known)
    if spread is None or not np.isfinite(value):
        return outcome("insufficient_data", float(value) if np.isfinite(value) else None)
    tail = (1 - confidence) / 2
    low, high = (float(value + quantile) for quantile in np.quantile(spread, [tail, 1 - tail]))
    from statistics import NormalDist

    # The errors of two independent samples add up in squares.
    reach = float(np.hypot(high - value, NormalDist().inv_cdf(1 - tail) * holdout_error))
    is_worse = holdout_value - value > max(tolerance, reach)
    return outcome("drift" if is_worse else "no_drift", float(value), (low, high))


def _labeled(y_true: Any, rows: int) -> np.ndarray:
    truth = np.asarray(y_true)
    if truth.shape != (rows,):
        raise UserError(
            f"y_true has shape {truth.shape} and y_score {rows} rows; both need one value a row"
        )
    if truth.dtype == object:
        return np.flatnonzero([value is not None and value == value for value in truth])
    return np.flatnonzero(truth == truth)


def _spread(function: Metric, truth: np.ndarray, scores: np.ndarray) -> np.ndarray | None:
    """Resampled metrics less their mean, scaled to all rows; None if too few have a metric."""
    rows = truth.size
    size = min(rows, _LARGEST_RESAMPLE)
    random = np.random.default_rng(0)
    resampled = np.empty(_RESAMPLES)
    for index in range(_RESAMPLES):
        chosen = random.integers(0, rows, size)
        resampled[index] = function(truth[chosen], scores[chosen])
    resampled = resampled[np.isfinite(resampled)]
    if resampled.size < _MEANINGFUL * _RESAMPLES:
        return None
    return (resampled - resampled.mean()) * np.sqrt(size / rows)
