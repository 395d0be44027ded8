"""Monitoring on this computer: alarm rules held against what the store says happened."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from training import clock, release
from training.monitoring import Alarm, alarm, drift_checks, drifted_features, last_decided
from training.platform import Platform
from training.runs import records
from training.store import Store

# A running endpoint writes its health this often; three beats missed are an outage.
HEARTBEAT_SECONDS = 2.0
STALE_SECONDS = 3 * HEARTBEAT_SECONDS
DOCUMENT = "alarms.json"
DRIFTED = "drifted_features"


def alarms(platform: Platform, model: str) -> list[Alarm]:
    """The state of all alarms of `model`, now."""
    rules = platform.part(model, DOCUMENT)["rules"]
    check = _present_check(platform.store, model)
    values = _values(platform.store, model, check, clock.now())
    return [
        alarm(rule, values[rule["metric"]], check if rule["metric"] == DRIFTED else None)
        for rule in rules
    ]


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


def mark_dead(store: Store, model: str) -> None:
    """Have the health say that the endpoint is down: its server is gone, and not in order.

    Else its last heartbeat would be believed as long as it is fresh.
    """
    beat = health(store, model)
    if beat is not None and beat["in_service"]:
        down = {**beat, "in_service": False}
        store.write(health_key(model), json.dumps(down, indent=1).encode())


def is_fresh(beat: dict[str, Any], now: datetime) -> bool:
    """True if the endpoint that wrote this of itself still runs, as far as one can tell."""
    return _age(beat["at"], now) <= STALE_SECONDS


def _present_check(store: Store, model: str) -> dict[str, Any] | None:
    """The check that says whether the champion's requests have drifted.

    It is the newest with enough rows to decide on. One of another version says nothing of this
    one: a release ends what was known.
    """
    check, champion = last_decided(store, model), release.champion(store, model)
    if check is None or champion is None or check["version"] == champion.version:
        return check
    return None


def _values(
    store: Store, model: str, decided: dict[str, Any] | None, now: datetime
) -> dict[str, float | None]:
    check = drift_checks(store, model).last()
    ended_runs = (r for r in records.newest(store, model) if r["status"] != "running")
    last_run = next(ended_runs, None)
    beat = health(store, model)
    fresh = beat is not None and is_fresh(beat, now)
    champion = release.champion(store, model)
    return {
        DRIFTED: drifted_features(decided),
        "hours_since_drift_check": _hours_since_check(check, champion, now),
        "failed_runs": None if last_run is None else float(last_run["status"] == "failed"),
        "endpoint_down": None if beat is None else float(not fresh or not beat["in_service"]),
        "error_share": beat["error_share"] if beat and fresh else None,
        "latency_p95_ms": beat["latency_p95_ms"] if beat and fresh else None,
    }


def _hours_since_check(
    check: dict[str, Any] | None, champion: release.Release | None, now: datetime
) -> float | None:
    # Before the first check, the first release starts the clock: nothing served, nothing missed.
    since = check["when"] if check else champion.when if champion else None
    return None if since is None else _age(since, now) / 3600


def _age(stamp: str, now: datetime) -> float:
    return (now - clock.parse(stamp)).total_seconds()
