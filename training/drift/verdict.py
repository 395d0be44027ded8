"""What a drift check says: thresholds that go in, and the report that comes out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from training.drift.performance import PerformanceDrift
from training.errors import UserError

NO_DRIFT = "no_drift"
DRIFT = "drift"
INSUFFICIENT_DATA = "insufficient_data"
REPORT_VERSION = 1


@dataclass(frozen=True)
class Thresholds:
    """When a difference counts as drift: it is significant *and* large enough to matter.

    Args:
        alpha: False discovery rate over all tests of a check: where nothing drifts, the chance of
            any alarm.
        min_effect: Smallest difference that matters, 0 to 1: Kolmogorov-Smirnov distance of
            numbers, total variation of categories, difference of the shares of missing rows.
        effects: `min_effect` of single columns, by name.
        min_rows: Rows that both sides need, and values that both sides of a column need; fewer are
            insufficient data.
        block: Column whose values mark rows that depend on each other (a day, an entity), or None
            if rows are independent. Both profiles must have been made with it.

    Raises:
        UserError: A value outside its range.
    """

    alpha: float = 0.05
    min_effect: float = 0.02
    effects: Mapping[str, float] = field(default_factory=dict)
    min_rows: int = 100
    block: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise UserError(f"alpha is {self.alpha}; it must be above 0 and below 1")
        for name, effect in {"min_effect": self.min_effect, **self.effects}.items():
            if not 0 <= effect <= 1:
                raise UserError(f"the smallest effect {name!r} is {effect}; it must be from 0 to 1")
        if self.min_rows < 1:
            raise UserError(f"min_rows is {self.min_rows}; it must be 1 or more")

    def effect_of(self, name: str) -> float:
        """Smallest difference that matters in a column."""
        return self.effects.get(name, self.min_effect)


DEFAULTS = Thresholds()


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
    """

    verdict: str
    reason: str
    reference: Side
    window: Side
    features: Mapping[str, FeatureDrift]
    findings: Sequence[Finding]
    thresholds: Thresholds
    performance: PerformanceDrift | None = None

    @property
    def drifted(self) -> list[str]:
        """Names of the columns that drifted, by falling effect."""
        names = [name for name, feature in self.features.items() if feature.drifted]
        return sorted(names, key=lambda name: (-magnitude(self.features[name]), name))

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
        performance = data["performance"]
        return DriftReport(
            verdict=data["verdict"],
            reason=data["reason"],
            reference=Side(**data["reference"]),
            window=Side(**data["window"]),
            features={name: _feature(feature) for name, feature in data["features"].items()},
            findings=[Finding(**finding) for finding in data["findings"]],
            thresholds=Thresholds(**data["thresholds"]),
            performance=None if performance is None else PerformanceDrift(**performance),
        )

    def to_html(
        self,
        title: str = "Drift report",
        history: Sequence[DriftReport] = (),
        next_steps: Sequence[str] = (),
    ) -> str:
        """As one self-contained page for people.

        Args:
            title: Heading of the page.
            history: Reports of earlier windows, oldest first, for the trend.
            next_steps: What will happen now (alarm, retraining), a sentence each.
        """
        from training.drift.report import page

        return page(self, title, history, next_steps)

    def save_html(self, path: str | Path, **options: Any) -> None:
        """Write `to_html` to a file."""
        Path(path).write_text(self.to_html(**options), encoding="utf-8")


def magnitude(feature: FeatureDrift) -> float:
    """The larger of a column's effects, for sorting."""
    return max(feature.effect or 0.0, feature.missing.effect)


def _feature(data: dict[str, Any]) -> FeatureDrift:
    return FeatureDrift(**{**data, "missing": MissingDrift(**data["missing"])})
