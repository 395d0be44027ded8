"""Monitoring on Google Cloud: alert policies, and the metrics that a drift check sends them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from training import clock
from training.clients import gcp
from training.monitoring import (
    ALARM,
    INSUFFICIENT,
    OK,
    Alarm,
    drifted_features,
    effects,
    measurements,
)
from training.platform import Platform
from training.registry.gcp import open_at

DOCUMENT = "alarms.json"
API = "https://monitoring.googleapis.com/v3/projects"
# What timeSeries.create takes at once.
MOST_SERIES = 200
# How far back a value counts: that of a drift check until the next one, all else an hour.
LOOKBACK = {"drifted_features": timedelta(days=28), "hours_since_drift_check": timedelta(days=28)}
HOUR = timedelta(hours=1)
COMPLETED, DRIFTED, EFFECT = "drift_check_completed", "drifted_features", "drift_effect"
VERSION, MODEL_METRIC = "champion_version", "model_metric"


def alarms(platform: Platform, model: str) -> list[Alarm]:
    """The state of all alarms of `model`, as Cloud Monitoring says.

    The service tells which are open; one that is not has no data if its metric has none.
    """
    project = open_at(platform.registry_uri).project
    rules = platform.part(model, DOCUMENT)["rules"]
    opened = gcp.pages(f"{API}/{project}/alerts", "alerts", filter='state="OPEN"')
    firing = {alert.get("policy", {}).get("name") for alert in opened}
    return [_alarm(project, rule, rule["policy"] in firing) for rule in rules]


def publish(platform: Platform, model: str, check: dict[str, Any]) -> None:
    """Send a drift check to the stack's own metrics."""
    _send(platform, model, list(_values(check)), check["when"])


def begin(platform: Platform, model: str) -> None:
    """Let the clock of the drift check start: from the first release on one is expected."""
    _send(platform, model, [(COMPLETED, {}, 0.0)], clock.text(clock.now()))


def _values(check: dict[str, Any]) -> Iterator[tuple[str, dict[str, str], float]]:
    # What was not enough to decide on says nothing of drift, only that the check ran.
    yield COMPLETED, {}, 1.0
    if check["version"] is not None:
        yield VERSION, {}, float(check["version"])
    if (drifted := drifted_features(check)) is not None:
        yield DRIFTED, {}, drifted
    for entry in measurements([check]):
        yield MODEL_METRIC, {"version": str(entry["version"])}, float(entry["value"])
    for feature, effect in effects(check).items():
        yield EFFECT, {"feature": feature}, effect


def _send(
    platform: Platform, model: str, values: list[tuple[str, dict[str, str], float]], when: str
) -> None:
    project = open_at(platform.registry_uri).project
    types = platform.part(model, DOCUMENT)["metrics"]
    series = [
        {
            "metric": {"type": types[name], "labels": {"model": model, **labels}},
            "resource": {"type": "global", "labels": {"project_id": project}},
            "points": [{"interval": {"endTime": when}, "value": {"doubleValue": value}}],
        }
        for name, labels, value in values
        if name in types  # a stack that is not brought up again yet has no descriptor of it
    ]
    for first in range(0, len(series), MOST_SERIES):
        body = {"timeSeries": series[first : first + MOST_SERIES]}
        gcp.call("POST", f"{API}/{project}/timeSeries", body)


def _alarm(project: str, rule: dict[str, Any], firing: bool) -> Alarm:
    point = _newest(project, rule)
    quiet = INSUFFICIENT if point is None else OK
    state = ALARM if firing else quiet
    return Alarm(rule["name"], state, _value(rule, point), rule["above"], rule["says"])


def _value(rule: dict[str, Any], point: dict[str, Any] | None) -> float | None:
    """The rule's metric at its newest point; None where the service computes it of several."""
    if point is None:
        return None
    if rule["metric"] == "hours_since_drift_check":
        age = clock.now() - clock.parse(point["interval"]["endTime"])
        return age.total_seconds() / 3600
    if rule["metric"] == DRIFTED:
        return point["value"]["doubleValue"]
    return None


def _newest(project: str, rule: dict[str, Any]) -> dict[str, Any] | None:
    """The newest point of the time series that the rule is about."""
    now = clock.now()
    all_series = gcp.pages(
        f"{API}/{project}/timeSeries",
        "timeSeries",
        filter=rule["filter"],
        **{
            "interval.startTime": clock.text(now - LOOKBACK.get(rule["metric"], HOUR)),
            "interval.endTime": clock.text(now + timedelta(seconds=1)),
        },
    )
    points = [series["points"][0] for series in all_series if series.get("points")]
    return max(points, key=lambda point: point["interval"]["endTime"], default=None)
