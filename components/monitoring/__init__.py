"""Monitoring: alarms on the endpoint, the drift check and the pipelines, and who hears them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi

from components.capability import Capability
from components.endpoint import Endpoint
from components.pipeline import Pipeline
from components.registry import Registry
from components.settings import Model, Settings


@dataclass(frozen=True)
class MonitoringArgs:
    """What the alarms are made from."""

    settings: Settings
    registry: Registry
    pipeline: Pipeline
    endpoint: Endpoint


@dataclass(frozen=True)
class MonitoringShared:
    """Of the whole stack: where alarms are sent."""

    receivers: pulumi.Output[list[str]]


@dataclass(frozen=True)
class MonitoringModel:
    """Of one model: its alarms, and the one that means drift."""

    alarms: pulumi.Output[str]
    drift_alarm: str


class Monitoring(Capability[MonitoringShared, MonitoringModel]):
    """The same alarms on every target."""

    title = "Monitoring"


DRIFT_ALARM, MISSED = "drift", "drift-check-missed"


def rules(model: Model) -> list[dict[str, Any]]:
    """The alarms of a model: each fires while its metric is above the number."""
    endpoint, drift = model.endpoint, model.drift
    found = [
        _rule(DRIFT_ALARM, "drifted_features", 0, "production differs from the training data"),
        _rule("pipeline-failed", "failed_runs", 0, "the last pipeline run failed"),
        _rule("endpoint-down", "endpoint_down", 0, "the endpoint is not in service"),
        _rule("endpoint-errors", "error_share", endpoint.max_error_share, "too many 5XX answers"),
        _rule("endpoint-latency", "latency_p95_ms", endpoint.max_latency_ms, "p95 is too high"),
    ]
    if drift.schedule is not None:
        age = drift.max_age_hours
        found.append(_rule(MISSED, "hours_since_drift_check", age, "the drift check did not run"))
    return found


def _rule(name: str, metric: str, above: float, says: str) -> dict[str, Any]:
    return {"name": name, "metric": metric, "above": above, "says": says}
