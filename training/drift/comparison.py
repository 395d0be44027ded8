"""Comparing a window's profile with a reference's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from training.drift.bootstrap import tested_by_block
from training.drift.column_drift import compare_values
from training.drift.columns import Column
from training.drift.performance import PerformanceDrift
from training.drift.profile import Profile
from training.drift.schema import schema_findings
from training.drift.statistics import benjamini_hochberg, homogeneity_test
from training.drift.thresholds import DEFAULTS, Thresholds
from training.drift.verdict import (
    DRIFT,
    INSUFFICIENT_DATA,
    NO_DRIFT,
    DriftReport,
    FeatureDrift,
    Finding,
    MissingDrift,
    Side,
)

# Monte Carlo tables are this many times tests / alpha, so that one small p-value can still count.
_DRAWS_PER_TEST = 4


def compare(
    reference: Profile,
    window: Profile,
    thresholds: Thresholds = DEFAULTS,
    *,
    scores: Collection[str] = (),
    performance: PerformanceDrift | None = None,
) -> DriftReport:
    """The drift of a window from a reference.

    A column has drifted if the test of its values, or that of its share of missing rows, is
    significant after the Benjamini-Hochberg adjustment over all tests *and* its effect reaches the
    smallest one that matters. A column that is gone or has changed its type is drift without a
    test.

    Args:
        reference: Profile of the data the model was made from.
        window: Profile of the data to check, best made with ``profile_table(...,
            reference=reference)``.
        thresholds: When a difference counts.
        scores: Columns that hold what the model says rather than what it is given.
        performance: The model's metric on the window, to be part of the report; its drift is drift.

    Raises:
        UserError: The window was counted into the bins of another reference, or a profile has no
            counts by the block of `thresholds`.
    """
    findings = schema_findings(reference, window)
    changed = {finding.column for finding in findings if finding.kind == "type_changed"}
    shared = [name for name in reference.columns if name in window.columns and name not in changed]
    draws = int(np.ceil(_DRAWS_PER_TEST * max(50, 2 * len(shared)) / thresholds.alpha))
    features = {
        name: _feature(
            name, reference.columns[name], window.columns[name], thresholds, name in scores, draws
        )
        for name in shared
    }
    if thresholds.block is not None:
        features = tested_by_block(features, reference, window, thresholds.block, draws)
    features = _adjusted(features, thresholds)
    verdict, reason = _verdict(reference, window, features, findings, thresholds, performance)
    return DriftReport(
        verdict,
        reason,
        _side(reference),
        _side(window),
        features,
        findings,
        thresholds,
        performance,
    )


def _feature(
    name: str, reference: Column, window: Column, thresholds: Thresholds, is_score: bool, draws: int
) -> FeatureDrift:
    least = min(side.rows - side.missing for side in (reference, window))
    values, chart, quantities = compare_values(name, reference, window, draws)
    if least < thresholds.min_rows:
        values = None
    return FeatureDrift(
        kind=reference.kind,
        role="score" if is_score else "feature",
        drifted=False,
        sufficient=values is not None,
        test=values and values.test,
        effect=values and values.effect,
        min_effect=thresholds.effect_of(name),
        p_value=values and values.p_value,
        p_adjusted=None,
        psi=values and values.psi,
        jensen_shannon=values and values.jensen_shannon,
        wasserstein=values and values.wasserstein,
        linf=values and values.linf,
        missing=_missing(reference, window, thresholds, draws),
        chart=chart,
        quantities=quantities,
    )


def _missing(reference: Column, window: Column, thresholds: Thresholds, draws: int) -> MissingDrift:
    shares = [side.missing / side.rows if side.rows else 0.0 for side in (reference, window)]
    missing, rows = reference.missing + window.missing, reference.rows + window.rows
    p_value = None
    if 0 < missing < rows and min(reference.rows, window.rows) >= thresholds.min_rows:
        before, now = (
            np.array([side.missing, side.rows - side.missing], np.int64)
            for side in (reference, window)
        )
        p_value, _ = homogeneity_test(before, now, draws)
    return MissingDrift(shares[0], shares[1], abs(shares[0] - shares[1]), p_value, None, False)


def _adjusted(features: dict[str, FeatureDrift], thresholds: Thresholds) -> dict[str, FeatureDrift]:
    """The features with adjusted p-values, and with it whether they drifted."""
    tests: list[FeatureDrift | MissingDrift] = [*features.values()]
    tests += [feature.missing for feature in features.values()]
    p_values = np.array([np.nan if test.p_value is None else test.p_value for test in tests])
    is_tested = ~np.isnan(p_values)
    adjusted = np.full(p_values.size, np.nan)
    adjusted[is_tested] = benjamini_hochberg(p_values[is_tested])
    result = {}
    for index, (name, feature) in enumerate(features.items()):
        of_values, of_missing = adjusted[index], adjusted[index + len(features)]
        least = feature.min_effect
        missing = replace(
            feature.missing,
            p_adjusted=_or_none(of_missing),
            drifted=bool(of_missing <= thresholds.alpha and feature.missing.effect >= least),
        )
        values_drifted = bool(of_values <= thresholds.alpha and (feature.effect or 0.0) >= least)
        result[name] = replace(
            feature,
            p_adjusted=_or_none(of_values),
            missing=missing,
            drifted=values_drifted or missing.drifted,
        )
    return result


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _verdict(
    reference: Profile,
    window: Profile,
    features: dict[str, FeatureDrift],
    findings: list[Finding],
    thresholds: Thresholds,
    performance: PerformanceDrift | None,
) -> tuple[str, str]:
    for name, side in {"reference": reference, "window": window}.items():
        if side.rows < thresholds.min_rows:
            return (
                INSUFFICIENT_DATA,
                f"the {name} has {side.rows} rows; {thresholds.min_rows} are needed",
            )
    drifted = sorted(name for name, feature in features.items() if feature.drifted)
    reasons = [f"{len(drifted)} of {len(features)} columns drifted"] if drifted else []
    reasons += [
        f"column {finding.column!r} {finding.detail}" for finding in findings if finding.breaking
    ]
    if performance is not None and performance.status == "drift":
        reasons.append(
            f"{performance.metric} is {performance.value:.4g} and "
            f"was {performance.holdout:.4g} on the holdout"
        )
    if reasons:
        return DRIFT, "; ".join(reasons)
    tested = [
        f for f in features.values() if f.p_value is not None or f.missing.p_value is not None
    ]
    if not tested:
        return INSUFFICIENT_DATA, f"no column has {thresholds.min_rows} values on both sides"
    return NO_DRIFT, f"none of {len(tested)} tested columns drifted"


def _side(profile: Profile) -> Side:
    time = profile.time_range
    return Side(profile.rows, time and time.start, time and time.end)
