"""Monitoring: alarms on the endpoint, the drift check and the pipelines, and who hears them."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.capability import Capability
from components.endpoint import Endpoint
from components.pipeline import Pipeline
from components.registry import Registry
from components.settings import Model, Settings
from training.monitoring import rules as names
from training.monitoring.rules import AlarmRule, Metric, Missing, Severity


@dataclass(frozen=True)
class MonitoringArgs:
    """Arguments of the alarms."""

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
    """The same alarms on every target.

    What it makes on a target stands in `components/monitoring/<target>.py`.
    """


def alarm_rules(model: Model) -> list[AlarmRule]:
    """The alarms of a model, the same on every target."""
    endpoint, drift = model.endpoint, model.drift
    rules = [
        AlarmRule(
            names.DRIFT,
            Metric.DRIFTED_FEATURES,
            0,
            "production differs from the training data",
            missing=Missing.UNKNOWN,
        ),
        AlarmRule(names.PIPELINE_FAILED, Metric.FAILED_RUNS, 0, "the last pipeline run failed"),
        AlarmRule(
            names.ENDPOINT_DOWN,
            Metric.ENDPOINT_DOWN,
            0,
            "the endpoint is not in service",
            missing=Missing.FIRES,
            severity=Severity.CRITICAL,
        ),
        AlarmRule(
            names.ENDPOINT_ERRORS,
            Metric.ERROR_SHARE,
            endpoint.max_error_share,
            "too many 5XX answers",
            severity=Severity.CRITICAL,
        ),
        AlarmRule(
            names.ENDPOINT_LATENCY,
            Metric.LATENCY_P95_MS,
            endpoint.max_latency_ms,
            "p95 is too high",
        ),
    ]
    if drift.schedule is not None:
        rules.append(
            AlarmRule(
                names.DRIFT_CHECK_MISSED,
                Metric.HOURS_SINCE_DRIFT_CHECK,
                drift.max_age_hours,
                "the drift check did not run",
                window_minutes=round(drift.max_age_hours * 60),
                missing=Missing.FIRES,
            )
        )
    return rules
