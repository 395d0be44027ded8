"""Monitoring: the alarms of a model, and what a drift check publishes for them.

A rule is ``{"name", "metric", "above", "says"}``: ALARM while the metric is above the number,
INSUFFICIENT_DATA while there is no value. On the clouds the rules are alarms of the service.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from training import clock
from training.backends import backend
from training.journal import Journal
from training.monitoring.rules import Severity
from training.store import Store

if TYPE_CHECKING:
    from training.platform import Platform

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
# The verdict of a check that had too few rows to decide on (`training.drift.verdict`).
UNDECIDED = "insufficient_data"
# Fields of a measurement that it has from its check.
MEASURED = ("version", "metric", "status", "value", "low", "high", "holdout", "labeled")


@dataclass(frozen=True)
class Alarm:
    """The state of one rule; `value` is None where there is no data.

    `check` is the record of the drift check that the state rests on, where it rests on one.
    """

    name: str
    state: str
    value: float | None
    above: float
    says: str
    severity: str = Severity.WARNING.value
    check: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The alarm as plain data; of a check only what it is about."""
        fields = ("number", "run", "version", "when", "drifted")
        about = self.check and {name: self.check[name] for name in fields}
        return {**asdict(replace(self, check=None)), "check": about}


class Monitoring(Protocol):
    """A back end is a module per target with these functions."""

    def alarms(self, platform: Platform, model: str) -> list[Alarm]:
        """The state of all alarms of `model`, now."""
        ...

    def publish(self, platform: Platform, model: str, check: dict[str, Any]) -> None:
        """Send a drift check to the service's metrics: drifted features, effects, that it ran."""
        ...


def monitoring_of(platform: Platform) -> Monitoring:
    """The back end of the stack's target."""
    return backend("monitoring", platform.target)


def record_check(platform: Platform, model: str, check: dict[str, Any]) -> dict[str, Any]:
    """Keep a drift check in the journal, send it to the service's metrics, and return it."""
    print(f"{check['verdict']}: {check['rows']} rows, drifted: {check['drifted'] or 'none'}")
    stamped = {**check, "when": clock.text(clock.now())}
    record = drift_checks(platform.store, model).append(stamped)
    monitoring_of(platform).publish(platform, model, record)
    return record


def alarm(
    rule: dict[str, Any], value: float | None, check: Mapping[str, Any] | None = None
) -> Alarm:
    """The alarm of `rule` at `value`, which `check` gave if it is one of a drift check."""
    state = INSUFFICIENT if value is None else ALARM if value > rule["above"] else OK
    severity = rule.get("severity", Severity.WARNING.value)
    return Alarm(rule["name"], state, value, rule["above"], rule["says"], severity, check)


def drift_checks(store: Store, model: str) -> Journal:
    """The record of every drift check: when, window, verdict, drifted features, report."""
    return Journal(store, f"models/{model}/drift-checks")


def alarm_events(store: Store, model: str) -> Journal:
    """The record of every notice of an alarm."""
    return Journal(store, f"models/{model}/alarm-events")


def alarms_since(events: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The moment since which each alarm that was told is on; `events` are oldest first."""
    since: dict[str, str] = {}
    for event in events:
        if event["state"] != ALARM:
            since.pop(event["alarm"], None)
        else:
            since.setdefault(event["alarm"], event["at"])
    return since


def alarm_deliveries(store: Store, model: str) -> Journal:
    """The record of every notice that a receiver took, or refused for good."""
    return Journal(store, f"models/{model}/alarm-deliveries", ("event", "receiver"))


def measurements(checks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The model's metric in production, a measurement a version and check, oldest first.

    Args:
        checks: Records of drift checks, oldest first.

    Returns:
        ``{"when", "run", "version", "metric", "status", "value", "low", "high", "holdout",
        "labeled"}`` of each version of whose requests labels had arrived.
    """
    return [
        {"when": check["when"], "run": check["run"], **{name: entry[name] for name in MEASURED}}
        for check in checks
        for entry in performances(check)
        if entry["value"] is not None
    ]


def latest_measurement(checks: Iterable[Mapping[str, Any]], version: int) -> dict[str, Any] | None:
    """The newest of the `measurements` of a version; `checks` are records, newest first."""
    entries = (entry for check in checks for entry in measurements([check]))
    return next((entry for entry in entries if entry["version"] == version), None)


def performances(check: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The measurements of a check: of versions before the champion, then of the champion."""
    performance = check.get("performance")
    champion = [{**performance, "version": check["version"]}] if performance else []
    return [*check.get("earlier", []), *champion]


def drifted_features(check: Mapping[str, Any] | None) -> float | None:
    """How many features and metrics drifted; None of no check, or one with too few rows."""
    if check is None or check["verdict"] == UNDECIDED:
        return None
    return float(len(check["drifted"]))


def effects(check: Mapping[str, Any]) -> dict[str, float]:
    """The size of each feature's change, 0 to 1; none of a check with too few rows to decide on.

    A feature that may not be compared by its values has no number, and is left out.
    """
    if check["verdict"] == UNDECIDED:
        return {}
    return {
        name: float(effect)
        for name, effect in check["effects"].items()
        if effect is not None and math.isfinite(effect)
    }


def last_decided(store: Store, model: str) -> dict[str, Any] | None:
    """The newest drift check that had enough rows: what is known of drift rests on it."""
    checks = drift_checks(store, model).newest_first()
    return next((check for check in checks if check["verdict"] != UNDECIDED), None)
