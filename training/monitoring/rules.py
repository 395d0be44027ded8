"""Alarm rules: the same on every target, compiled to the service's alarms in `components`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Metric(str, Enum):
    """The number that a rule is about; the value is its name in documents and in metrics."""

    DRIFTED_FEATURES = "drifted_features"
    FAILED_RUNS = "failed_runs"
    ENDPOINT_DOWN = "endpoint_down"
    ERROR_SHARE = "error_share"
    LATENCY_P95_MS = "latency_p95_ms"
    HOURS_SINCE_DRIFT_CHECK = "hours_since_drift_check"


class Missing(str, Enum):
    """The meaning of a time without data: nothing is wrong, the alarm fires, nothing is known."""

    OK = "ok"
    FIRES = "fires"
    UNKNOWN = "unknown"


class Severity(str, Enum):
    """Urgency of an alarm: to act on now, or within the day."""

    CRITICAL = "critical"
    WARNING = "warning"


@dataclass(frozen=True)
class AlarmRule:
    """An alarm that fires while `metric`, looked at over `window_minutes`, is above `threshold`.

    Where a service can only tell that something has not happened, as of a drift check that is
    missed, the compiler of the target turns the comparison around; the threshold keeps its unit.
    """

    name: str
    metric: Metric
    threshold: float
    description: str
    window_minutes: int = 5
    missing: Missing = Missing.OK
    severity: Severity = Severity.WARNING

    def as_document(self) -> dict[str, Any]:
        """The rule as plain data, as `alarms.json` in the store has it."""
        return {
            "name": self.name,
            "metric": self.metric.value,
            "above": self.threshold,
            "says": self.description,
            "severity": self.severity.value,
        }


def unit(alarm: str) -> str:
    """The unit of an alarm's value and threshold, for people; empty where it has none."""
    return UNITS.get(alarm, "")


DRIFT = "drift"
DRIFT_CHECK_MISSED = "drift-check-missed"
PIPELINE_FAILED = "pipeline-failed"
ENDPOINT_DOWN = "endpoint-down"
ENDPOINT_ERRORS = "endpoint-errors"
ENDPOINT_LATENCY = "endpoint-latency"
UNITS = {
    DRIFT: "features",
    DRIFT_CHECK_MISSED: "hours",
    PIPELINE_FAILED: "failed runs",
    ENDPOINT_ERRORS: "of requests",
    ENDPOINT_LATENCY: "ms",
}
