"""The alarms of this computer, held against what the store says happened, at their limits.

Each rule's meaning is docs/monitoring's: an endpoint writes its health every 2 s and is down after
three beats missed; hours count from the last check, before the first from the first release.
"""

from __future__ import annotations

import getpass
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.serving.platforms import make_platform, write_part
from training import clock, release
from training.errors import UserError
from training.monitoring import ALARM, INSUFFICIENT, OK, Alarm, drift_checks, local, silences
from training.platform import Platform
from training.runs import records

NOON = clock.parse("2026-03-31T12:00:00Z")
LIMITS = {
    "drifted_features": 0, "hours_since_drift_check": 24, "failed_runs": 0, "endpoint_down": 0,
    "error_share": 0.05, "latency_p95_ms": 200,
}  # fmt: skip
CHECK = {"run": "r", "version": 1, "rows": 500, "verdict": "no_drift", "drifted": [], "effects": {}}


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A stack at noon, with a rule of each metric, named by it."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    platform = make_platform(tmp_path)
    rules = [
        {"name": name, "metric": name, "above": above, "says": f"{name} is too high"}
        for name, above in LIMITS.items()
    ]
    write_part(platform, "toys", "alarms.json", {"rules": rules, "webhooks": []})
    return platform


def alarms(platform: Platform) -> dict[str, Alarm]:
    return {alarm.name: alarm for alarm in local.alarms(platform, "toys")}


def state(platform: Platform, metric: str) -> tuple[str, float | None]:
    alarm = alarms(platform)[metric]
    return alarm.state, alarm.value


def beat(platform: Platform, at: datetime = NOON, **fields: Any) -> None:
    content = {"at": clock.text(at), "in_service": True, "error_share": 0.01,
               "latency_p95_ms": 20.0, **fields}  # fmt: skip
    platform.store.write("models/toys/endpoint/health.json", json.dumps(content).encode())


def check(platform: Platform, at: datetime = NOON, **fields: Any) -> dict[str, Any]:
    return drift_checks(platform.store, "toys").append({**CHECK, "when": clock.text(at), **fields})


def release_version(platform: Platform, version: int, at: datetime = NOON) -> None:
    release.journal(platform.store, "toys").append({
        "kind": "promote", "version": version, "digest": "d", "previous": None, "by": "ada",
        "why": "first", "when": clock.text(at),
    })  # fmt: skip


def run(platform: Platform, monkeypatch: pytest.MonkeyPatch, *states: str) -> None:
    """Runs that began one after the other."""
    monkeypatch.setattr(records, "alive", lambda store, model, name: True)
    for number, status in enumerate(states):
        folder = Path(platform.store.uri) / f"models/toys/runs/2026033{number}t0-training-0000"
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps({"run": folder.name, "status": status}))


def test_where_nothing_has_happened_nothing_is_known(platform: Platform) -> None:
    assert set(alarms(platform)) == set(LIMITS)
    for alarm in alarms(platform).values():
        assert (alarm.state, alarm.value) == (INSUFFICIENT, None)
        assert alarm.above == LIMITS[alarm.name] and alarm.says == f"{alarm.name} is too high"


def test_an_endpoint_that_answers_is_not_down(platform: Platform) -> None:
    beat(platform)
    assert state(platform, "endpoint_down") == (OK, 0.0)
    assert state(platform, "error_share") == (OK, 0.01)
    assert state(platform, "latency_p95_ms") == (OK, 20.0)
    beat(platform, error_share=0.06, latency_p95_ms=201.0)
    assert state(platform, "error_share") == (ALARM, 0.06)
    assert state(platform, "latency_p95_ms") == (ALARM, 201.0)
    # At the limit is not above it.
    beat(platform, error_share=0.05, latency_p95_ms=200)
    assert state(platform, "error_share")[0] == state(platform, "latency_p95_ms")[0] == OK
    beat(platform, in_service=False)
    assert state(platform, "endpoint_down") == (ALARM, 1.0)


def test_three_beats_missed_are_an_outage(platform: Platform) -> None:
    beat(platform, NOON - timedelta(seconds=6))
    assert state(platform, "endpoint_down") == (OK, 0.0)
    beat(platform, NOON - timedelta(seconds=7))
    assert state(platform, "endpoint_down") == (ALARM, 1.0)
    # What it said of itself is no news then.
    assert state(platform, "error_share") == state(platform, "latency_p95_ms")
    assert state(platform, "error_share") == (INSUFFICIENT, None)


def test_a_server_that_is_gone_is_down_at_once(platform: Platform) -> None:
    beat(platform, error_share=0.02)
    local.mark_dead(platform.store, "toys")
    assert state(platform, "endpoint_down") == (ALARM, 1.0)
    health = local.health(platform.store, "toys")
    assert health is not None and health["error_share"] == 0.02 and health["at"] == clock.text(NOON)


def test_of_a_server_that_never_ran_nothing_is_marked(platform: Platform) -> None:
    local.mark_dead(platform.store, "toys")
    assert local.health(platform.store, "toys") is None


def test_hours_count_from_the_last_check(platform: Platform) -> None:
    release_version(platform, 1, NOON - timedelta(hours=90))
    check(platform, NOON - timedelta(hours=60))
    # One with too few rows has run as well.
    check(platform, NOON - timedelta(hours=24), verdict="insufficient_data")
    assert state(platform, "hours_since_drift_check") == (OK, 24.0)
    check(platform, NOON - timedelta(hours=24, minutes=30))
    assert state(platform, "hours_since_drift_check") == (ALARM, 24.5)


def test_before_the_first_check_hours_count_from_the_release(platform: Platform) -> None:
    release_version(platform, 1, NOON - timedelta(hours=25))
    assert state(platform, "hours_since_drift_check") == (ALARM, 25.0)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["completed", "failed"], (ALARM, 1.0)),
        (["failed", "completed"], (OK, 0.0)),
        # One that runs has not ended: what ended before counts.
        (["failed", "running"], (ALARM, 1.0)),
        (["completed", "running"], (OK, 0.0)),
        (["running"], (INSUFFICIENT, None)),
        (["failed", "stopped"], (OK, 0.0)),
    ],
)
def test_the_last_run_that_ended_counts(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, states: list[str], expected: Any
) -> None:
    run(platform, monkeypatch, *states)
    assert state(platform, "failed_runs") == expected


def test_drift_is_that_of_the_champion_s_newest_check_that_decided(platform: Platform) -> None:
    found = check(platform, verdict="drift", drifted=["size", "age"])
    # Before a release there is no other version it could be of.
    assert state(platform, "drifted_features") == (ALARM, 2.0)
    release_version(platform, 1)
    assert state(platform, "drifted_features") == (ALARM, 2.0)
    assert alarms(platform)["drifted_features"].check == found
    assert {a.name for a in alarms(platform).values() if a.check} == {"drifted_features"}
    check(platform, verdict="insufficient_data")
    assert state(platform, "drifted_features") == (ALARM, 2.0)
    release_version(platform, 2)
    assert state(platform, "drifted_features") == (INSUFFICIENT, None)
    assert alarms(platform)["drifted_features"].check is None
    check(platform, version=2)
    assert state(platform, "drifted_features") == (OK, 0.0)


def test_a_silence_says_by_whom_and_is_shown_with_its_alarm(platform: Platform) -> None:
    record = silences.silence(platform, "toys", "failed_runs", 168, why="known")
    assert record["by"] == getpass.getuser()
    shown = silences.described(platform, "toys", local.alarms(platform, "toys"))
    assert {alarm["name"]: alarm["silenced"] for alarm in shown} == {
        **dict.fromkeys(LIMITS), "failed_runs": record,
    }  # fmt: skip
    assert all(set(alarm) >= {"state", "value", "above", "says", "check"} for alarm in shown)
    again = silences.silence(platform, "toys", "failed_runs", 1, why="sooner", by="ada")
    assert silences.active(platform.store, "toys") == {"failed_runs": again}
    silences.silence(platform, "toys", "error_share", 1, why="too", by="ada")
    assert set(silences.active(platform.store, "toys")) == {"failed_runs", "error_share"}


def test_on_a_cloud_the_service_sends_the_notices(platform: Platform) -> None:
    silences.silence(platform, "toys", "failed_runs", 1, why="known")
    cloud = Platform(platform.root, {**platform.document, "target": "aws", "stack": "aws-dev"})
    with pytest.raises(UserError, match="stack 'aws-dev' are sent by the service"):
        silences.silence(cloud, "toys", "failed_runs", 1, why="known")
    shown = silences.described(cloud, "toys", local.alarms(platform, "toys"))
    assert [alarm["silenced"] for alarm in shown] == [None] * len(LIMITS)
