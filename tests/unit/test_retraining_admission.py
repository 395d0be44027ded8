"""Retraining admission: lease, cooldown, minimum of new rows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from training import clock, release, retraining_admission, versions
from training.journal import Journal
from training.retraining_admission import DRIFT, MANUAL, SCHEDULE, Request, Rules
from training.store import Store, open_store

RULES = Rules(min_rows=10, cooldown_hours=24, max_run_minutes=60)
START = clock.parse("2026-01-01")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path))


def ask(
    store: Store,
    run: str,
    trigger: str = SCHEDULE,
    rows: int = 100,
    hours: float = 0,
    alive: bool = True,
    rules: Rules = RULES,
) -> str | None:
    request = Request(run, trigger, rows, START + timedelta(hours=hours))
    return retraining_admission.admit(store, "m", rules, request, alive=lambda _: alive)


def test_one_run_at_a_time(store: Store) -> None:
    assert ask(store, "a") is None
    assert "run a is under way" in (ask(store, "b", MANUAL) or "")
    retraining_admission.finish(store, "m", "b")
    assert "run a is under way" in (ask(store, "c", MANUAL) or "")
    retraining_admission.finish(store, "m", "a")
    assert ask(store, "d", MANUAL) is None


def test_a_killed_run_frees_the_lease(store: Store) -> None:
    assert ask(store, "a") is None
    assert ask(store, "b", MANUAL, alive=False) is None


def test_a_lease_ends_by_itself(store: Store) -> None:
    assert ask(store, "a", rules=Rules(10, 24, max_run_minutes=0)) is None
    assert ask(store, "b", MANUAL) is None


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """A clock that stands until it is moved."""
    time = Time()
    monkeypatch.setattr(clock, "now", lambda: time.now)
    return time


@dataclass
class Time:
    now: datetime = START

    def passes(self, **duration: float) -> None:
        self.now += timedelta(**duration)


def test_a_lease_lasts_for_as_many_minutes_as_a_run_may(store: Store, time: Time) -> None:
    assert ask(store, "a", rules=Rules(10, 24, max_run_minutes=60)) is None
    time.passes(minutes=59, seconds=59)
    assert "run a is under way" in (ask(store, "b", MANUAL) or "")
    time.passes(seconds=1)
    assert ask(store, "c", MANUAL) is None
    # And the new holder's counts from its own beginning.
    time.passes(minutes=59, seconds=59)
    assert "run c is under way" in (ask(store, "d", MANUAL) or "")


def test_a_lease_that_somebody_takes_meanwhile_is_lost(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now
    rivals = iter("bc")

    def meanwhile() -> datetime:
        """Between a run's look at the lease and its own, another run takes it."""
        monkeypatch.setattr(clock, "now", now)
        assert ask(store, next(rivals), MANUAL, alive=False) is None
        return now()

    reason = "another run took the lease at the same moment"
    for run in ("a", "d"):
        monkeypatch.setattr(clock, "now", meanwhile)
        assert reason in (ask(store, run, MANUAL, alive=False) or ""), "of two runs one is admitted"
    assert "run c is under way" in (ask(store, "e", MANUAL) or "")


def test_only_the_holder_frees_the_lease_and_once(store: Store) -> None:
    leases = retraining_admission._leases(store, "m")
    retraining_admission.finish(store, "m", "a")
    assert ask(store, "a") is None
    for _ in range(2):
        retraining_admission.finish(store, "m", "a")
    assert [record["held"] for record in leases.records()] == [True, False]


def test_every_request_is_kept_with_its_answer(store: Store) -> None:
    assert ask(store, "a", SCHEDULE, rows=100) is None
    refusal = ask(store, "b", DRIFT, rows=101, hours=1)
    assert refusal
    records = Journal(store, "models/m/admissions").records()
    first, second = ({**record, "number": 0} for record in records)
    assert first == {
        "number": 0, "run": "a", "trigger": "schedule", "admitted": True, "reason": "",
        "rows": 100, "as_of": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    assert second == {
        "number": 0, "run": "b", "trigger": "drift", "admitted": False, "reason": refusal,
        "rows": 101, "as_of": "2026-01-01T01:00:00Z",
    }  # fmt: skip


def test_who_asks_by_hand_is_kept_with_the_reason(
    store: Store, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retraining_admission, "caller", lambda: "somebody")
    retraining_admission.ask(store, "m", "new data")
    time.passes(hours=1)
    retraining_admission.ask(store, "m", "again", by="ci")
    records = Journal(store, "models/m/retraining-requests").records()
    assert records == retraining_admission.requests(store, "m").records() == [
        {"number": 1, "by": "somebody", "why": "new data", "when": "2026-01-01T00:00:00Z"},
        {"number": 2, "by": "ci", "why": "again", "when": "2026-01-01T01:00:00Z"},
    ]  # fmt: skip


@pytest.mark.parametrize("field", ["by", "why", "when"])
def test_half_a_request_is_none(store: Store, field: str) -> None:
    record = {"by": "ci", "why": "again", "when": "2026-01-01T00:00:00Z"}
    requests = retraining_admission.requests(store, "m")
    requests.append({name: value for name, value in record.items() if name != field})
    assert requests.records() == []


def test_rows_that_the_champion_has_seen_are_not_new(store: Store) -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    entry = {"key": "k", "sha256": digest}
    versions.journal(store, "m").append(
        {
            "model": "m",
            "run": "r",
            "created": "2026-01-01T00:00:00Z",
            "code": "0" * 64,
            "task": "regression",
            "target": "y",
            "inputs": [],
            "libraries": {},
            "data": {"rows": 95, "window": None},
            "metrics": {"metric": "r2", "challenger": 0.5},
            "artifact": entry,
            "profile": entry,
        }
    )
    store.write("k", b"x")
    release.promote(store, "m", 1, why="test", by="test")
    assert "5 new labeled rows" in (ask(store, "a", rows=100) or "")
    assert ask(store, "b", rows=105) is None


def test_a_resumed_run_takes_its_own_lease_again(store: Store) -> None:
    assert ask(store, "a") is None
    assert ask(store, "a", MANUAL) is None


@pytest.mark.parametrize("trigger", [SCHEDULE, DRIFT])
def test_the_cooldown_counts_from_the_last_admission(store: Store, trigger: str) -> None:
    assert ask(store, "a") is None
    retraining_admission.finish(store, "m", "a")
    refusal = ask(store, "b", trigger, hours=23.9)
    assert refusal == (
        "cooldown of 24 h: the last retraining was admitted at 2026-01-01T00:00:00Z, "
        "the next can be from 2026-01-02T00:00:00Z"
    )
    # At the very time of the last one too: two triggers at once are haste.
    assert "cooldown of 24 h" in (ask(store, "b", trigger, hours=0) or "")
    # A refusal does not begin a cooldown of its own.
    assert ask(store, "c", trigger, hours=24) is None


def test_a_replay_of_the_past_is_not_held_up_by_what_comes_after(store: Store) -> None:
    assert ask(store, "a", hours=1000) is None
    retraining_admission.finish(store, "m", "a")
    assert ask(store, "b", hours=0) is None


def test_too_few_new_rows_are_refused_but_not_by_hand(store: Store) -> None:
    assert "9 new labeled rows" in (ask(store, "a", rows=9) or "")
    assert ask(store, "b", MANUAL, rows=9) is None
    retraining_admission.finish(store, "m", "b")
    assert ask(store, "c", rows=10, hours=24) is None
