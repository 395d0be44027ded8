"""The alarms of a model: when each fires, by the model's settings, and what its absence means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.config import parse
from components.monitoring import alarm_rules
from training.monitoring.rules import AlarmRule, Missing, Severity, unit

DATA = {"location": "data/rows.csv", "target": "y"}


def rules(**settings: Any) -> dict[str, AlarmRule]:
    config = {"data": DATA, **settings}
    model = parse(
        {"target": "local", "model": "m", **{k: json.dumps(v) for k, v in config.items()}}
    )
    return {rule.name: rule for rule in alarm_rules(model.models[0])}


def test_an_alarm_fires_above_the_setting_of_its_model() -> None:
    by_name = rules(
        endpoint={"maxErrorShare": 0.05, "maxLatencyMs": 250}, drift={"maxAgeHours": 30}
    )
    assert {name: (rule.metric.value, rule.threshold) for name, rule in by_name.items()} == {
        "drift": ("drifted_features", 0),
        "pipeline-failed": ("failed_runs", 0),
        "endpoint-down": ("endpoint_down", 0),
        "endpoint-errors": ("error_share", 0.05),
        "endpoint-latency": ("latency_p95_ms", 250),
        "drift-check-missed": ("hours_since_drift_check", 30),
    }


def test_what_nobody_hears_of_means_something_else_for_each() -> None:
    by_name = rules()
    assert {name: rule.missing for name, rule in by_name.items()} == {
        # Between two checks nothing is known.
        "drift": Missing.UNKNOWN,
        # No run, no request: nothing is wrong.
        "pipeline-failed": Missing.OK, "endpoint-errors": Missing.OK,
        "endpoint-latency": Missing.OK,
        # An endpoint or a check that says nothing is the very thing.
        "endpoint-down": Missing.FIRES, "drift-check-missed": Missing.FIRES,
    }  # fmt: skip


def test_what_users_feel_is_urgent() -> None:
    urgent = {name for name, rule in rules().items() if rule.severity is Severity.CRITICAL}
    assert urgent == {"endpoint-down", "endpoint-errors"}


def test_without_a_schedule_no_check_is_missed() -> None:
    assert "drift-check-missed" not in rules(drift={"schedule": None})


def test_a_window_is_five_minutes_or_the_age_of_a_check() -> None:
    by_name = rules(drift={"maxAgeHours": 1.5})
    assert by_name["drift-check-missed"].window_minutes == 90
    assert {r.window_minutes for n, r in by_name.items() if n != "drift-check-missed"} == {5}


def test_a_rule_s_document_says_all_that_status_needs() -> None:
    assert rules()["endpoint-errors"].as_document() == {
        "name": "endpoint-errors", "metric": "error_share", "above": 0.01,
        "says": "too many 5XX answers", "severity": "critical",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("alarm", "expected"),
    [
        ("drift", "features"), ("drift-check-missed", "hours"), ("pipeline-failed", "failed runs"),
        ("endpoint-errors", "of requests"), ("endpoint-latency", "ms"), ("endpoint-down", ""),
    ],
)  # fmt: skip
def test_a_value_has_the_unit_of_its_metric(alarm: str, expected: str) -> None:
    assert unit(alarm) == expected
