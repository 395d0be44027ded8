"""How often the interval of a metric covers the truth, over many windows."""

from __future__ import annotations

import numpy as np
import pytest

from tests.drift.tables import require
from training.drift import performance_drift


def mean(y_true: np.ndarray, y_score: np.ndarray) -> float:
    return float(np.mean(y_true))


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


@pytest.mark.parametrize("rows", [1500, 40_000])
def test_the_interval_covers_the_truth(rows):
    covered = []
    for seed in range(100):
        errors = np.random.default_rng(seed).normal(size=rows)
        result = performance_drift(errors, np.zeros(rows), "neg_mean_absolute_error", 0.0)
        covered.append(require(result.low) <= -np.sqrt(2 / np.pi) <= require(result.high))
    assert 0.88 <= np.mean(covered) <= 0.995
