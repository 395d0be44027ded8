"""The course of drift within a window, and mean and quantiles before and after, on known data."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pytest

from tests.drift.tables import require
from training.drift import Thresholds, compare, profile_table
from training.drift.periods import MIN_ROWS, drift_by_period
from training.table_reader import open_tables

BEGIN = datetime(2026, 11, 28, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


def requests(rows: int, seed: int, step: timedelta, breaks: datetime | None = None) -> pa.Table:
    """Rows a `step` apart; from `breaks` on, `x` is moved, `word` is new, `gap` is missing."""
    random = np.random.default_rng(seed)
    when = [BEGIN + index * step for index in range(rows)]
    is_moved = np.array([breaks is not None and moment >= breaks for moment in when])
    return pa.table(
        {
            "when": pa.array(when, pa.timestamp("us", "UTC")),
            "x": random.normal(size=rows) + 2 * is_moved,
            "calm": random.normal(size=rows),
            "word": np.where(is_moved, "new", random.choice(["red", "blue"], rows)),
            "gap": pa.array(random.normal(size=rows), mask=is_moved),
        }
    )


def course(table: pa.Table, step: timedelta, parts: int = 1):
    reference = profile_table(requests(4000, 1, step), time_column="when")
    size = -(-len(table) // parts)
    pieces = [table.slice(n * size, size) for n in range(parts)]
    return drift_by_period(
        reference,
        [part for piece in pieces for part in open_tables(piece)],
        ["x", "calm", "word", "gap"],
        "when",
        (BEGIN, BEGIN + len(table) * step),
        len(table),
        Thresholds(min_rows=500),
    )


@pytest.mark.parametrize("parts", [1, 3])
def test_the_hour_in_which_it_began_is_found(parts: int) -> None:
    step = timedelta(seconds=30)
    hours = course(requests(1440, 2, step, BEGIN + 7 * HOUR), step, parts)
    assert (hours.seconds, len(hours.starts), hours.rows[0]) == (3600, 12, 120)
    assert hours.starts[0] == "2026-11-28T00:00:00Z"
    for name in ("x", "word", "gap"):
        assert hours.drift_start(name) == "2026-11-28T07:00:00Z"
        assert (
            max(map(require, hours.effects[name][:7]))
            < 0.2
            < min(map(require, hours.effects[name][7:]))
        )
    assert hours.drift_start("calm") is None
    # A word that nobody knew is all of an hour's rows: the effect is the largest there is.
    assert hours.effects["word"][8] == pytest.approx(1.0)
    assert hours.effects["gap"][8] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("step", "seconds"),
    [
        (timedelta(milliseconds=50), 60),
        (timedelta(seconds=5), 600),
        (timedelta(minutes=2), 6 * 3600),
        (timedelta(minutes=14), 86_400),
        (timedelta(days=1), 7 * 86_400),
    ],
)
def test_a_period_has_rows_enough(step: timedelta, seconds: int) -> None:
    periods = course(requests(2000, 2, step), step)
    assert periods.seconds == seconds and sum(periods.rows) == 2000


def test_of_too_few_rows_nothing_is_said() -> None:
    step = timedelta(seconds=30)
    for extra, is_judged in ((MIN_ROWS - 1, False), (MIN_ROWS, True)):
        periods = course(requests(1200 + extra, 2, step, BEGIN + 10 * HOUR), step)
        assert periods.rows[-1] == extra
        assert (periods.effects["x"][-1] is not None) == periods.drifted["x"][-1] == is_judged


def test_mean_and_quantiles_are_those_of_the_rows() -> None:
    random = np.random.default_rng(0)
    reference_rows = {"wide": random.lognormal(0, 2, 50_000), "whole": random.poisson(4, 50_000)}
    window_rows = {"wide": random.lognormal(0.3, 2, 20_000), "whole": random.poisson(6, 20_000)}
    reference = profile_table(pa.table(reference_rows))
    window = profile_table(pa.table(window_rows), reference=reference)
    for features in (
        compare(reference, window).features,
        compare(reference, profile_table(pa.table(window_rows))).features,
    ):
        for name, tolerance in (("wide", 0.05), ("whole", 1e-5)):
            quantities = require(features[name].quantities)
            for side, rows in enumerate((reference_rows[name], window_rows[name])):
                expected = {"mean": rows.mean(), "5 %": np.quantile(rows, 0.05),
                            "median": np.median(rows), "95 %": np.quantile(rows, 0.95)}  # fmt: skip
                values = {key: quantities[key][side] for key in expected}
                assert values == pytest.approx(expected, rel=tolerance), name


def test_a_side_without_numbers_has_no_quantities() -> None:
    reference = profile_table(pa.table({"x": [1.0, 3.0] * 300, "c": ["a"] * 600}))
    window = profile_table(pa.table({"x": pa.nulls(600, pa.float64())}), reference=reference)
    quantities = require(compare(reference, window).features["x"].quantities)
    assert quantities["mean"] == [2.0, None] and quantities["5 %"] == [1.0, None]


def test_the_largest_numbers_have_finite_quantities() -> None:
    rows = pa.table({"x": [-1.7e308, 0.0, 1.7e308] * 300})
    profile = profile_table(rows)
    quantities = require(compare(profile, profile).features["x"].quantities)
    assert all(np.isfinite(value) for pair in quantities.values() for value in map(require, pair))
    assert quantities["95 %"] == [1.7e308, 1.7e308]
