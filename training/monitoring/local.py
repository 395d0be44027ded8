"""Monitoring on this computer: alarm rules held against what the store says happened."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from training import clock, release
from training.monitoring import Alarm, alarm, drift_checks
from training.platform import Platform
from training.runs import records
from training.store import Store

# A running endpoint writes its health this often; three beats missed are an outage.
HEARTBEAT_SECONDS = 2.0
STALE_SECONDS = 3 * HEARTBEAT_SECONDS
DOCUMENT = "alarms.json"


def alarms(platform: Platform, model: str) -> list[Alarm]:
    """The state of all alarms of `model`, now."""
    rules = platform.part(model, DOCUMENT)["rules"]
    values = _values(platform.store, model, clock.now())
    return [alarm(rule, values[rule["metric"]]) for rule in rules]


def publish(platform: Platform, model: str, check: dict[str, Any]) -> None:
    """Do nothing: the record of the check is the metric."""


def health_key(model: str) -> str:
    """Key of a running endpoint's health document, which is removed at an orderly stop."""
    return f"models/{model}/endpoint/health.json"


def health(store: Store, model: str) -> dict[str, Any] | None:
    """The health that the endpoint wrote last; None if it was stopped or never ran."""
    try:
        return json.loads(store.read(health_key(model)))
    except KeyError:
        return None


def is_fresh(beat: dict[str, Any], now: datetime) -> bool:
    """True if the endpoint that wrote this of itself still runs, as far as one can tell."""
    return _age(beat["at"], now) <= STALE_SECONDS


def _values(store: Store, model: str, now: datetime) -> dict[str, float | None]:
    check = drift_checks(store, model).last()
    last_run = next((r for r in records.recent(store, model) if r["status"] != "running"), None)
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
