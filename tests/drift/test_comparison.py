"""Verdicts: what is drift, what is not, and what cannot be told."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from tests.drift.tables import mixed, plain, require
from training.drift import DriftReport, PerformanceDrift, Thresholds, compare, profile_table
from training.errors import UserError

DEFAULTS = Thresholds()


def report(reference: pa.Table, window: pa.Table, thresholds=DEFAULTS, **options) -> DriftReport:
    profile = profile_table(reference)
    return compare(profile, profile_table(window, reference=profile), thresholds, **options)


def column_drift(before, now, thresholds=DEFAULTS):
    """The drift of a single column."""
    return report(pa.table({"x": before}), pa.table({"x": now}), thresholds).features["x"]


def test_nothing_drifts():
    result = report(plain(10_000), plain(5000, seed=1))
    assert result.verdict == "no_drift" and not result.drifted and not result.findings
    assert all(require(feature.p_adjusted) > 0.05 for feature in result.features.values())


def test_only_the_shifted_column_drifts():
    result = report(plain(10_000), plain(5000, seed=1, shift=0.3))
    assert result.verdict == "drift" and result.drifted == ["a"]
    drift = result.features["a"]
    assert drift.effect == pytest.approx(0.12, abs=0.03) and require(drift.p_adjusted) < 1e-6
    assert drift.wasserstein == pytest.approx(0.3, abs=0.05) and require(drift.psi) > 0.05
    assert drift.linf == drift.effect and 0 < require(drift.jensen_shannon) < 0.3


def test_a_table_has_not_drifted_from_itself():
    table = mixed(3000)
    result = report(table, table)
    assert result.verdict == "no_drift" and not result.findings
    for name, feature in result.features.items():
        assert feature.effect in (0.0, None), name
        assert feature.wasserstein in (0.0, None), name


def test_a_significant_difference_may_be_too_small_to_matter():
    before, now = plain(200_000), plain(200_000, seed=1, shift=0.03)
    assert require(report(before, now).features["a"].p_adjusted) < 0.05
    assert report(before, now).verdict == "no_drift"
    assert report(before, now, Thresholds(effects={"a": 0.005})).drifted == ["a"]
    assert report(before, now, Thresholds(min_effect=0.005)).drifted == ["a"]


def test_categories_and_missing_rows_drift():
    before = ["x"] * 500 + ["y"] * 500
    moved = column_drift(before, ["x"] * 600 + ["y"] * 400)
    assert moved.drifted and moved.effect == pytest.approx(0.1) and moved.test == "chi-square"
    with_nulls = column_drift(before, [None] * 100 + before[100:])
    assert (
        with_nulls.drifted
        and with_nulls.missing.drifted
        and with_nulls.missing.effect == pytest.approx(0.1)
    )
    nans = column_drift(
        np.arange(1000.0), np.where(np.arange(1000) % 10 == 0, np.nan, np.arange(1000.0))
    )
    assert nans.drifted and nans.missing.drifted and require(nans.p_adjusted) > 0.05


@pytest.mark.parametrize(
    ("before", "now", "drifted"),
    [
        (np.full(500, 2.0), np.full(500, 2.0), False),
        (np.full(500, 2.0), np.full(500, 3.0), True),
        (np.full(500, 2.0), np.full(500, 1.0), True),
        (np.full(500, 1e300), np.full(500, -1e300), True),
        (np.full(500, np.finfo(float).max), np.full(500, 1e308), True),
        (np.zeros(500), -np.zeros(500), False),
        (np.array([0, 1] * 500), np.array([0, 1] * 300 + [1] * 400), True),
        (np.array([0.0, 1.0] * 500), np.array([0.5, 1.0] * 500), True),
        (np.arange(500.0), np.where(np.arange(500) < 100, np.inf, np.arange(500.0)), True),
        (np.arange(500.0), np.where(np.arange(500) > 400, -np.inf, np.arange(500.0)), True),
        (np.full(500, np.inf), np.full(500, np.inf), False),
        (np.full(500, np.inf), np.full(500, -np.inf), True),
        (np.arange(500) + 2**62, np.arange(500) + 2**62, False),
        (np.arange(500) * 2**40 + 2**62, np.arange(500) * 2**40 - 2**62, True),
        ([True, False] * 250, [True, False] * 250, False),
        ([True, False] * 250, [True] * 400 + [False] * 100, True),
        (np.arange(500).astype("datetime64[D]"), np.arange(500).astype("datetime64[D]"), False),
        (
            np.arange(500).astype("datetime64[s]"),
            np.arange(900, 1400).astype("datetime64[s]"),
            True,
        ),
        (["a"] * 500, ["b"] * 500, True),
        ([None] * 500, [None] * 500, False),
        ([None] * 500, np.arange(500.0), True),
        (np.arange(500.0), [None] * 500, True),
        (["a"] * 500, [None] * 500, True),
        (pa.array([[1]] * 500), pa.array([None] * 500, pa.list_(pa.int64())), True),
    ],
)
def test_edge_cases(before, now, drifted):
    feature = column_drift(before, now)
    assert feature.drifted is drifted
    assert json.dumps(feature.chart, allow_nan=False)


def test_all_rows_missing_is_insufficient_for_values_but_a_drift_of_nulls():
    feature = column_drift(np.arange(500.0), pa.array([None] * 500, pa.float64()))
    assert not feature.sufficient and feature.effect is None and feature.missing.effect == 1.0


def test_too_few_rows_are_insufficient_data():
    shifted = plain(99, seed=1, shift=3.0)
    assert report(plain(1000), shifted).verdict == "insufficient_data"
    assert "the window has 99 rows; 100 are needed" in report(plain(1000), shifted).reason
    assert report(plain(99), plain(1000)).verdict == "insufficient_data"
    assert report(plain(1000), plain(0)).verdict == "insufficient_data"
    assert report(plain(1000), shifted, Thresholds(min_rows=50)).verdict == "drift"


def test_too_few_values_are_insufficient_data():
    sparse = pa.array([1.0] * 50 + [None] * 950)
    result = report(pa.table({"x": sparse}), pa.table({"x": sparse}))
    assert not result.features["x"].sufficient and result.features["x"].effect is None
    assert result.features["x"].missing.p_value is not None
    no_values = pa.table({"x": pa.nulls(1000)})
    assert report(no_values, no_values).verdict == "insufficient_data"


def test_schema_changes_are_findings():
    before = plain(500).append_column("gone", pa.array([1] * 500))
    now = plain(500, seed=1).append_column("new", pa.array([1] * 500))
    now = now.set_column(1, "b", pa.array(["text"] * 500))
    now = now.set_column(2, "c", pa.array(["x", "y", "z"] * 166 + ["u", "v"]))
    result = report(before, now)
    findings = {(finding.kind, finding.column): finding for finding in result.findings}
    assert set(findings) == {
        ("column_gone", "gone"),
        ("column_new", "new"),
        ("type_changed", "b"),
        ("unseen_categories", "c"),
    }
    assert (
        "was numeric (double) and is categorical (string)" in findings["type_changed", "b"].detail
    )
    assert "0.40% of rows: 'u', 'v'" in findings["unseen_categories", "c"].detail
    assert result.verdict == "drift" and "'gone' is gone" in result.reason
    assert list(result.features) == ["a", "c"]


def test_new_columns_and_unseen_categories_alone_are_no_drift():
    before = pa.table({"c": ["x", "y"] * 5000})
    now = pa.table({"c": ["x", "y"] * 4999 + ["z", "z"], "d": [1] * 10_000})
    result = report(before, now)
    assert len(result.findings) == 2 and result.verdict == "no_drift"


def test_integers_that_become_floats_are_no_type_change():
    before = pa.table({"x": np.arange(1000)})
    now = pa.table({"x": np.arange(1000.0)})
    assert not report(before, now).findings and report(before, now).verdict == "no_drift"


def test_a_score_has_its_role():
    result = report(plain(500), plain(500, seed=1), scores=["a"])
    assert {name: feature.role for name, feature in result.features.items()} == {
        "a": "score",
        "b": "feature",
        "c": "feature",
    }


def test_profiles_made_apart_are_compared_in_common_bins():
    before, now = profile_table(plain(50_000)), profile_table(plain(50_000, seed=1, shift=0.1))
    apart = compare(before, now)
    together = compare(before, profile_table(plain(50_000, seed=1, shift=0.1), reference=before))
    assert apart.drifted == together.drifted == ["a"]
    assert apart.features["a"].effect == pytest.approx(together.features["a"].effect, abs=0.002)


def test_a_window_of_another_reference_is_an_error():
    window = profile_table(plain(500), reference=profile_table(plain(500, seed=1)))
    with pytest.raises(UserError, match="bins of another reference"):
        compare(profile_table(plain(500, seed=2)), window)


def test_identifiers_are_compared_in_buckets():
    names = [f"user {index}" for index in range(30_000)]
    random = np.random.default_rng(0)
    before = random.choice(names, 50_000)
    same_names, other = random.choice(names, 20_000), random.choice(names[:3000], 20_000)
    assert not column_drift(before, same_names).drifted
    assert column_drift(before, other).drifted


def test_worse_performance_is_drift():
    worse = PerformanceDrift("roc_auc", "drift", 0.8, 0.7, 0.68, 0.72, 0.95, 500, 500)
    result = report(plain(500), plain(500, seed=1), performance=worse)
    assert result.verdict == "drift" and "roc_auc is 0.7 and was 0.8" in result.reason


def test_report_round_trip():
    result = report(mixed(2000), mixed(1000, seed=1), scores=["normal"])
    parsed_report = DriftReport.from_json(result.to_json())
    assert parsed_report.to_json() == result.to_json() and parsed_report == result
    document = json.loads(result.to_json())
    assert document["verdict"] == result.verdict
    assert {"drifted", "effect", "p_adjusted"} <= set(document["features"]["normal"])
    with pytest.raises(UserError, match="not a drift report"):
        DriftReport.from_json("{}")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"alpha": 0}, "alpha is 0; it must be above 0 and below 1"),
        ({"min_effect": 2}, "'min_effect' is 2; it must be from 0 to 1"),
        ({"effects": {"age": -1}}, "'age' is -1"),
        ({"min_rows": 0}, "min_rows is 0"),
    ],
)
def test_bad_thresholds(settings, message):
    with pytest.raises(UserError, match=message):
        Thresholds(**settings)
