"""Retraining admission: lease, cooldown, minimum of new rows."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from training import clock, release, retraining_admission, versions
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


def test_a_lease_lasts_for_minutes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    assert ask(store, "a", rules=Rules(10, 24, max_run_minutes=60)) is None
    moment += timedelta(minutes=59)
    assert "run a is under way" in (ask(store, "b", MANUAL) or "")
    moment += timedelta(minutes=2)
    assert ask(store, "c", MANUAL) is None


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
    assert "cooldown of 24 h" in (ask(store, "b", trigger, hours=23.9) or "")
    # A refusal does not begin a cooldown of its own.
    assert ask(store, "c", trigger, hours=24) is None


def test_a_replay_of_the_past_is_not_held_up_by_what_comes_after(store: Store) -> None:
    assert ask(store, "a", hours=1000) is None
    retraining_admission.finish(store, "m", "a")
    assert ask(store, "b", hours=0) is None


def test_too_few_new_rows_are_refused_but_not_by_hand(store: Store) -> None:
    assert "9 new labeled rows" in (ask(store, "a", rows=9) or "")
    assert ask(store, "b", MANUAL, rows=9) is None
