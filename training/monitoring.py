"""Alarms: rules of the stack held against what the store says happened.

A rule is ``{"name", "metric", "above", "says"}``: ALARM while the metric is above the number,
INSUFFICIENT_DATA while there is no value. The same rules are alarms of the cloud's own service
on the other targets.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from training import clock, release, runs
from training.journal import Journal
from training.store import Store

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"

# A running endpoint writes its health this often; three beats missed are an outage.
HEARTBEAT_SECONDS = 2.0
STALE_SECONDS = 3 * HEARTBEAT_SECONDS


@dataclass(frozen=True)
class Alarm:
    """The state of one rule; `value` is None where there is no data."""

    name: str
    state: str
    value: float | None
    above: float
    says: str

    def as_json(self) -> dict[str, Any]:
        """The alarm as plain data."""
        return asdict(self)


def drift_checks(store: Store, model: str) -> Journal:
    """The record of every drift check: when, window, verdict, drifted features, report."""
    return Journal(store, f"models/{model}/drift-checks")


def health_key(model: str) -> str:
    """Where a running endpoint writes its health; removed at an orderly stop."""
    return f"models/{model}/endpoint/health.json"


def health(store: Store, model: str) -> dict[str, Any] | None:
    """What the endpoint last wrote of itself; None if it was stopped or never ran."""
    try:
        return json.loads(store.read(health_key(model)))
    except KeyError:
        return None


def is_fresh(beat: dict[str, Any], now: datetime) -> bool:
    """Whether the endpoint that wrote this of itself still runs, as far as one can tell."""
    return _age(beat["at"], now) <= STALE_SECONDS


def alarms(store: Store, model: str, rules: list[dict[str, Any]], now: datetime) -> list[Alarm]:
    """The state of all rules of `model` at the time `now`."""
    values = _values(store, model, now)
    return [_alarm(rule, values[rule["metric"]]) for rule in rules]


def _alarm(rule: dict[str, Any], value: float | None) -> Alarm:
    state = INSUFFICIENT if value is None else ALARM if value > rule["above"] else OK
    return Alarm(rule["name"], state, value, rule["above"], rule["says"])


def _values(store: Store, model: str, now: datetime) -> dict[str, float | None]:
    check = drift_checks(store, model).last()
    last_run = next((r for r in runs.recent(store, model) if r["status"] != "running"), None)
    beat = health(store, model)
    fresh = beat is not None and is_fresh(beat, now)
    champion = release.champion(store, model)
    return {
        "drifted_features": _drifted(check),
        "hours_since_drift_check": _hours_since_check(check, champion, now),
        "failed_runs": None if last_run is None else float(last_run["status"] == "failed"),
        "endpoint_down": None if beat is None else float(not fresh or not beat["in_service"]),
        "error_share": beat["error_share"] if beat and fresh else None,
        "latency_p95_ms": beat["latency_p95_ms"] if beat and fresh else None,
    }


def _drifted(check: dict[str, Any] | None) -> float | None:
    if check is None or check["verdict"] == "insufficient_data":
        return None
    return float(len(check["drifted"]))


def _hours_since_check(
    check: dict[str, Any] | None, champion: release.Release | None, now: datetime
) -> float | None:
    # Before the first check, the first release starts the clock: nothing served, nothing missed.
    since = check["when"] if check else champion.when if champion else None
    return None if since is None else _age(since, now) / 3600


def _age(stamp: str, now: datetime) -> float:
    return (now - clock.parse(stamp)).total_seconds()
