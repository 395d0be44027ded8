"""The report of a drift check."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from training.drift.performance import PerformanceDrift
from training.drift.thresholds import Thresholds
from training.errors import UserError

NO_DRIFT = "no_drift"
DRIFT = "drift"
INSUFFICIENT_DATA = "insufficient_data"
REPORT_VERSION = 1


@dataclass(frozen=True)
class MissingDrift:
    """Drift of the share of rows without a value (null or not a number).

    Args:
        reference: Share in the reference, 0 to 1.
        window: Share in the window.
        effect: Their difference.
        p_value: Of the hypothesis that the shares are the same; None if not tested.
        p_adjusted: The same, adjusted for all tests of the check.
        drifted: Whether it is significant and large enough.
    """

    reference: float
    window: float
    effect: float
    p_value: float | None
    p_adjusted: float | None
    drifted: bool


@dataclass(frozen=True)
class FeatureDrift:
    """Drift of one column.

    Args:
        kind: ``numeric``, ``datetime``, ``categorical``, ``boolean``, ``empty`` or ``other``.
        role: ``feature`` or ``score`` (what the model says).
        drifted: Whether its values or its share of missing rows drifted.
        sufficient: Whether both sides have values enough to be compared.
        test: ``kolmogorov-smirnov``, ``chi-square``, ``exact``, ``monte-carlo``,
            ``block-bootstrap`` or None.
        effect: Kolmogorov-Smirnov distance or total variation, 0 to 1; None if values were not
            compared.
        min_effect: What `effect` must reach.
        p_value: Of the hypothesis that the distribution is the same.
        p_adjusted: The same, adjusted for all tests of the check.
        psi: Population stability index; numbers in ten bins of equal reference counts.
        jensen_shannon: Jensen-Shannon distance, 0 to 1, in the same bins.
        wasserstein: Wasserstein distance in standard deviations of the reference; numbers only.
        linf: Largest difference of the cumulative share of numbers, or of the share of a category.
        missing: Drift of the share of missing rows.
        chart: Shares to draw: ``edges`` or ``labels``, ``reference``, ``window``.
        quantities: Of numbers, mean and quantiles: the name to the values of reference and window.
    """

    kind: str
    role: str
    drifted: bool
    sufficient: bool
    test: str | None
    effect: float | None
    min_effect: float
    p_value: float | None
    p_adjusted: float | None
    psi: float | None
    jensen_shannon: float | None
    wasserstein: float | None
    linf: float | None
    missing: MissingDrift
    chart: Mapping[str, Any] | None
    quantities: Mapping[str, Sequence[float | None]] | None = None


@dataclass(frozen=True)
class Finding:
    """A change of the schema.

    Args:
        kind: ``column_gone``, ``column_new``, ``type_changed`` or ``unseen_categories``.
        column: The column.
        detail: What changed, in words.
        breaking: Whether a model made for the reference cannot read the window: a verdict of its
            own.
    """

    kind: str
    column: str
    detail: str
    breaking: bool


@dataclass(frozen=True)
class Side:
    """One of the two tables.

    Args:
        rows: Its rows.
        start: Time of the earliest row, if known.
        end: Time of the latest row, if known.
    """

    rows: int
    start: str | None
    end: str | None


@dataclass(frozen=True)
class Periods:
    """The course of drifted columns within a window, hour by hour or in longer or shorter periods.

    Args:
        seconds: Length of a period.
        starts: Begin of each period that has rows, ISO 8601 in UTC, oldest first.
        rows: Rows of each.
        effects: `magnitude` of each column in each period; None of too few rows.
        drifted: Whether each column drifted in each period by itself.
    """

    seconds: int
    starts: Sequence[str]
    rows: Sequence[int]
    effects: Mapping[str, Sequence[float | None]]
    drifted: Mapping[str, Sequence[bool]]

    def drift_start(self, column: str) -> str | None:
        """Begin of the first period from which on a column drifted in all; None if in none."""
        start = None
        for moment, effect, drifted in zip(
            self.starts, self.effects[column], self.drifted[column], strict=True
        ):
            if drifted:
                start = start or moment
            elif effect is not None:
                start = None
        return start


@dataclass(frozen=True)
class Examples:
    """Rows of the window in which a column's drift shows.

    Args:
        says: What they have in common, such as ``3 and more``, and their shares.
        ids: Ids of the newest, newest first; no values.
    """

    says: str
    ids: Sequence[str]


@dataclass(frozen=True)
class DriftReport:
    """Outcome of a drift check.

    Args:
        verdict: ``no_drift``, ``drift`` or ``insufficient_data``.
        reason: Why, in a sentence.
        reference: The reference's rows and time range.
        window: The window's.
        features: Drift of every column that both have, by name.
        findings: Changes of the schema.
        thresholds: What was applied.
        performance: The model's metric on the window, if it was asked for.
        periods: The course of drifted columns within the window, if its rows have times.
        examples: Rows to look at of drifted columns, by the column, if rows have ids.
    """

    verdict: str
    reason: str
    reference: Side
    window: Side
    features: Mapping[str, FeatureDrift]
    findings: Sequence[Finding]
    thresholds: Thresholds
    performance: PerformanceDrift | None = None
    periods: Periods | None = None
    examples: Mapping[str, Examples] | None = None

    @property
    def drifted(self) -> list[str]:
        """Names of the columns that drifted, by falling effect."""
        names = [name for name, feature in self.features.items() if feature.drifted]
        return sorted(names, key=lambda name: (-magnitude(self.features[name]), name))

    @property
    def causes(self) -> list[str]:
        """Causes of the verdict ``drift``: broken columns, the metric, drifted columns."""
        broken_columns = [finding.column for finding in self.findings if finding.breaking]
        worse = self.performance is not None and self.performance.status == DRIFT
        metric = [self.performance.metric] if self.performance is not None and worse else []
        return [*broken_columns, *metric, *self.drifted]

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {"schema_version": REPORT_VERSION, **asdict(self)}

    def to_json(self, indent: int | None = None) -> str:
        """As JSON."""
        return json.dumps(self.to_dict(), indent=indent, allow_nan=False)

    @staticmethod
    def from_json(text: str) -> DriftReport:
        """The inverse of `to_json`.

        Raises:
            UserError: Not a drift report of this version.
        """
        data = json.loads(text)
        if not isinstance(data, dict) or data.pop("schema_version", None) != REPORT_VERSION:
            raise UserError(f"not a drift report of version {REPORT_VERSION}")
        performance, periods = data["performance"], data.get("periods")
        examples = data.get("examples")
        return DriftReport(
            verdict=data["verdict"],
            reason=data["reason"],
            reference=Side(**data["reference"]),
            window=Side(**data["window"]),
            features={name: _feature(feature) for name, feature in data["features"].items()},
            findings=[Finding(**finding) for finding in data["findings"]],
            thresholds=Thresholds(**data["thresholds"]),
            performance=None if performance is None else PerformanceDrift(**performance),
            periods=None if periods is None else Periods(**periods),
            examples=None
            if examples is None
            else {name: Examples(**rows) for name, rows in examples.items()},
        )


def readable_reports(documents: Iterable[Mapping[str, Any]]) -> list[DriftReport]:
    """The documents that are drift reports of this version; others (of another check) are left."""
    reports = []
    for document in documents:
        with suppress(UserError, KeyError, TypeError):
            reports.append(DriftReport.from_json(json.dumps(document)))
    return reports


def magnitude(feature: FeatureDrift) -> float:
    """The larger of a column's effects, for sorting."""
    return max(feature.effect or 0.0, feature.missing.effect)


def _feature(data: dict[str, Any]) -> FeatureDrift:
    return FeatureDrift(**{**data, "missing": MissingDrift(**data["missing"])})
