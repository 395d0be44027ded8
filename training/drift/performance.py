"""Performance drift: the model's metric on the window against its value on the holdout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.drift.metrics import Metric, metric_of
from training.errors import UserError

_RESAMPLES = 500
_LARGEST_RESAMPLE = 10_000
_MEANINGFUL = 0.9  # share of resamples that must have a metric
_MIN_BLOCKS = 10

# The positions of a resample's rows.
Draw = Callable[[np.random.Generator], np.ndarray]


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
        note: Why the true values cannot be known, if that is so.
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
    note: str = ""


def performance_drift(
    y_true: Sequence[Any] | np.ndarray | None,
    y_score: Sequence[Any] | np.ndarray,
    metric: str | Metric,
    holdout_value: float,
    *,
    holdout_rows: int | None = None,
    tolerance: float = 0.0,
    confidence: float = 0.95,
    min_rows: int = 100,
    blocks: np.ndarray | None = None,
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
        holdout_rows: Rows of the holdout, whose error is taken to be that of as many rows of the
            window; None takes `holdout_value` as exact.
        tolerance: Smallest loss that matters, in the metric's unit.
        confidence: Confidence of the interval, above 0 and below 1.
        min_rows: Labeled rows that are needed.
        blocks: Block of each row, shape (n,), if rows of a block (a day, an entity) depend on each
            other: whole blocks are drawn. Fewer than 10 are insufficient data.

    Raises:
        UserError: An unknown metric, lengths that differ, or a value outside its range.
    """
    name, function = metric_of(metric)
    if not 0 < confidence < 1:
        raise UserError(f"confidence is {confidence}; it must be above 0 and below 1")
    scores = np.asarray(y_score)
    labeled_rows = np.empty(0, np.intp) if y_true is None else _labeled(y_true, len(scores))

    def outcome(status: str, value: float | None = None, ends: tuple[float, float] | None = None):
        low, high = ends or (None, None)
        rows, labeled = len(scores), len(labeled_rows)
        return PerformanceDrift(
            name, status, holdout_value, value, low, high, confidence, rows, labeled
        )

    if y_true is None or not len(labeled_rows):
        return outcome("no_labels")
    truth, scores_known = np.asarray(y_true)[labeled_rows], scores[labeled_rows]
    if truth.dtype == object:
        truth = np.array(truth.tolist())
    value = function(truth, scores_known)
    spread = None
    if len(labeled_rows) >= min_rows:
        spread = _spread(
            function, truth, scores_known, None if blocks is None else blocks[labeled_rows]
        )
    if spread is None or not np.isfinite(value):
        return outcome("insufficient_data", float(value) if np.isfinite(value) else None)
    tail = (1 - confidence) / 2
    low, high = (float(value + quantile) for quantile in np.quantile(spread, [tail, 1 - tail]))
    from statistics import NormalDist

    # The errors of two independent samples add up in squares.
    ratio = 0.0 if holdout_rows is None else len(labeled_rows) / holdout_rows
    holdout_error = float(spread.std() * np.sqrt(ratio))
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


def _spread(
    function: Metric, truth: np.ndarray, scores: np.ndarray, blocks: np.ndarray | None
) -> np.ndarray | None:
    """Resampled metrics less their mean, scaled to all rows; None if too few have a metric."""
    rows = truth.size
    share = min(1.0, _LARGEST_RESAMPLE / rows)
    draws = _row_draws(rows, share) if blocks is None else _block_draws(blocks, share)
    if draws is None:
        return None
    draw, share = draws
    random = np.random.default_rng(0)
    resampled = np.empty(_RESAMPLES)
    for index in range(_RESAMPLES):
        sample = draw(random)
        resampled[index] = function(truth[sample], scores[sample])
    resampled = resampled[np.isfinite(resampled)]
    if resampled.size < _MEANINGFUL * _RESAMPLES:
        return None
    return (resampled - resampled.mean()) * np.sqrt(share)


def _row_draws(rows: int, share: float) -> tuple[Draw, float]:
    size = round(rows * share)
    return lambda random: random.integers(0, rows, size), size / rows


def _block_draws(blocks: np.ndarray, share: float) -> tuple[Draw, float] | None:
    """Draws of whole blocks, and the share of all that each draws; None if there are too few."""
    distinct, block = np.unique(blocks, return_inverse=True)
    if distinct.size < _MIN_BLOCKS:
        return None
    order, sizes = np.argsort(block, kind="stable"), np.bincount(block)
    starts = np.cumsum(sizes) - sizes
    count = max(_MIN_BLOCKS, round(distinct.size * share))

    def draw(random: np.random.Generator) -> np.ndarray:
        sample = random.integers(0, distinct.size, count)
        block_sizes = sizes[sample]
        places = np.arange(block_sizes.sum()) - np.repeat(
            np.cumsum(block_sizes) - block_sizes, block_sizes
        )
        return order[np.repeat(starts[sample], block_sizes) + places]

    return draw, count / distinct.size
