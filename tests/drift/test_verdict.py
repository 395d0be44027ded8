"""A report's own answers: what it names first, when a drift began, and what it is read from."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.drift.tables import plain, require
from training.drift import DriftReport, PerformanceDrift, Thresholds, compare, profile_table
from training.drift.verdict import (
    Examples,
    FeatureDrift,
    Finding,
    MissingDrift,
    Periods,
    magnitude,
    readable_reports,
)
from training.errors import UserError

HOURS = ["00:00", "01:00", "02:00", "03:00"]
WORSE = PerformanceDrift("roc_auc", "drift", 0.8, 0.7, 0.68, 0.72, 0.95, 500, 400)


def report() -> DriftReport:
    reference = profile_table(plain(300))
    return compare(reference, profile_table(plain(300, seed=1), reference=reference))


def feature(effect: float | None, missing: float = 0.0, drifted: bool = True) -> FeatureDrift:
    absent = MissingDrift(0.0, missing, missing, None, None, False)
    return FeatureDrift(
        "numeric", "feature", drifted, True, None, effect, 0.02, None, None, None, None, None, None,
        absent, None,
    )  # fmt: skip


def periods(effects: list[float | None], drifted: list[bool]) -> Periods:
    return Periods(3600, HOURS, [100] * 4, {"x": effects}, {"x": drifted})


@pytest.mark.parametrize(
    ("effects", "drifted", "expected"),
    [
        ([0.1] * 4, [True] * 4, "00:00"),
        ([0.1] * 4, [False, False, True, True], "02:00"),
        # It has gone and come again: the last time counts.
        ([0.1] * 4, [True, False, False, True], "03:00"),
        ([0.1] * 4, [True, True, True, False], None),
        ([0.1] * 4, [False] * 4, None),
        # An hour of too few rows says nothing, so it does not end a drift.
        ([0.1, 0.1, None, 0.1], [False, True, False, True], "01:00"),
        ([0.1, 0.1, None, None], [False, True, False, False], "01:00"),
        # No difference at all is one that is known.
        ([0.1, 0.0, 0.1, 0.1], [True, False, True, True], "02:00"),
    ],
)
def test_a_drift_began_with_the_first_period_that_none_without_it_follows(
    effects: list[float | None], drifted: list[bool], expected: str | None
) -> None:
    assert periods(effects, drifted).drift_start("x") == expected


def test_the_largest_effect_is_named_first_be_it_of_values_or_of_gaps() -> None:
    features = {
        "b": feature(0.2), "a": feature(0.2), "quiet": feature(0.9, drifted=False),
        "gaps": feature(0.1, missing=0.5), "only gaps": feature(None, missing=0.3),
    }  # fmt: skip
    assert replace(report(), features=features).drifted == ["gaps", "only gaps", "a", "b"]
    assert magnitude(feature(0.4, missing=0.1)) == 0.4
    assert magnitude(feature(None)) == 0.0


def test_causes_are_broken_columns_then_the_metric_then_what_drifted() -> None:
    findings = [
        Finding("column_gone", "gone", "it is gone", True),
        Finding("column_new", "new", "it is new", False),
    ]
    whole = replace(report(), features={"x": feature(0.5)}, findings=findings, performance=WORSE)
    assert whole.causes == ["gone", "roc_auc", "x"]
    for status in ("no_drift", "no_labels", "insufficient_data"):
        assert replace(whole, performance=replace(WORSE, status=status)).causes == ["gone", "x"]
    assert replace(whole, performance=None).causes == ["gone", "x"]


def test_a_report_is_read_back_whole_and_without_what_it_lacks() -> None:
    plain_report = report()
    full = replace(
        plain_report,
        findings=[Finding("column_new", "new", "it is new", False)],
        performance=WORSE,
        periods=periods([0.1, None, 0.1, 0.1], [True, False, True, True]),
        examples={"x": Examples("3 and more", ["r1", "r2"])},
    )
    for case in (plain_report, full):
        assert json.loads(case.to_json())["schema_version"] == 1
        assert DriftReport.from_json(case.to_json()) == case
    assert DriftReport.from_json(full.to_json()).features["a"].missing.effect == 0.0
    # Of a check made before reports had them.
    document = plain_report.to_dict()
    del document["periods"], document["examples"]
    assert DriftReport.from_json(json.dumps(document)) == plain_report


def test_a_report_has_no_number_that_json_lacks() -> None:
    with_nan = replace(report(), features={"x": feature(float("nan"))})
    with pytest.raises(ValueError, match="not JSON compliant"):
        with_nan.to_json()


@pytest.mark.parametrize("document", [[], "text", 1, {}, {"schema_version": 2}])
def test_what_is_no_report_of_this_version_is_refused(document: Any) -> None:
    with pytest.raises(UserError, match="not a drift report of version 1"):
        DriftReport.from_json(json.dumps(document))


def test_reports_of_another_check_are_left_out() -> None:
    good = report().to_dict()
    lacks = {name: value for name, value in good.items() if name != "verdict"}
    other = {**good, "reference": {"lines": 3}}
    documents = [{**good, "schema_version": 2}, good, lacks, other, {}]
    assert readable_reports(documents) == [report()]


def test_thresholds_take_the_ends_of_their_range_that_mean_something() -> None:
    """As docs/drift.md has them: 5 %, 0.02, 100 rows; an effect of 0 is any, one of 1 is all."""
    defaults = Thresholds()
    assert (defaults.alpha, defaults.min_effect, defaults.min_rows) == (0.05, 0.02, 100)
    assert defaults.block is None and defaults.effects == {}
    thresholds = Thresholds(min_effect=0, effects={"age": 1}, min_rows=1)
    assert (thresholds.effect_of("age"), thresholds.effect_of("size")) == (1, 0)
    for alpha in (0, 1, -0.1, 1.1):
        with pytest.raises(UserError, match="alpha is "):
            Thresholds(alpha=alpha)
    for effect in (-0.01, 1.01):
        with pytest.raises(UserError, match="it must be from 0 to 1"):
            Thresholds(min_effect=effect)
        with pytest.raises(UserError, match="'age' is"):
            Thresholds(effects={"age": effect})


def quantities_of(before: Any, now: Any) -> dict[str, tuple[float | None, float | None]]:
    """Quantities of the reference and of the window."""
    reference = profile_table(pa.table({"x": before}))
    window = profile_table(pa.table({"x": now}), reference=reference)
    features = compare(reference, window).features
    return {name: (a, b) for name, (a, b) in require(features["x"].quantities).items()}


def test_quantities_of_few_numbers_are_exact() -> None:
    """To six digits; a quantile is the smallest number that so many are at most."""
    before, now = (
        np.repeat([1, 2, 7, 40, 100], 100),
        np.repeat([1, 2, 7, 40, 100], [5, 5, 5, 5, 80]),
    )
    quantities = quantities_of(before, now)
    assert list(quantities) == ["mean", "5 %", "25 %", "median", "75 %", "95 %"]
    assert quantities["mean"] == pytest.approx((30.0, 82.5))
    for name, share in {"25 %": 0.25, "median": 0.5, "75 %": 0.75, "95 %": 0.95}.items():
        expected = [np.quantile(side, share, method="inverted_cdf") for side in (before, now)]
        assert quantities[name] == pytest.approx(expected), name


@pytest.mark.parametrize("scale", [1.0, -3.5, 1e6])
def test_quantities_of_many_numbers_are_those_of_numpy(scale: float) -> None:
    random = np.random.default_rng(0)
    sides = random.lognormal(2.0, 1.0, 40_000) * scale, random.lognormal(2.1, 0.8, 30_000) * scale
    quantities = quantities_of(*sides)
    for index, side in enumerate(sides):
        assert quantities["mean"][index] == pytest.approx(side.mean(), rel=4e-4)
        for name, share in {"5 %": 0.05, "25 %": 0.25, "median": 0.5, "95 %": 0.95}.items():
            assert quantities[name][index] == pytest.approx(np.quantile(side, share), rel=0.01)


def test_what_numbers_of_a_window_lie_outside_count_with_its_ends() -> None:
    """Beyond the reference there is one bin, to the window's largest number."""
    quantities = quantities_of(np.arange(500.0), np.full(400, 5000.0))
    assert quantities["median"][0] == pytest.approx(249.5, abs=1)
    assert 499 < require(quantities["median"][1]) <= 5000
    assert 499 < require(quantities["mean"][1]) <= 5000
