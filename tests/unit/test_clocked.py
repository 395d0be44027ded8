"""What ends with time, at its limit and just before it, by a clock that is moved: captures and runs
that are kept for days, silences of alarms. Leases and cooldowns: `test_retraining_admission`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.serving.platforms import make_platform
from training import clock
from training.errors import UserError
from training.monitoring import ALARM, Alarm, silences
from training.platform import Platform
from training.runs import records
from training.serving import retention

NOON = clock.parse("2026-03-31T12:00:00Z")


class Time:
    """A time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def passes(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(clock, "now", lambda: time.now)
    return time


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return make_platform(tmp_path)


def make(platform: Platform, kind: str, *names: str) -> None:
    for name in names:
        path = Path(platform.store.uri) / "models/toys" / kind / name
        path.mkdir(parents=True)
        (path / "file").touch()


def names_in(platform: Platform, kind: str) -> set[str]:
    return {path.name for path in (Path(platform.store.uri) / "models/toys" / kind).iterdir()}


def test_captures_go_when_the_whole_of_their_day_is_older(platform: Platform, time: Time) -> None:
    make(platform, "captures", "2026-02-27", "2026-02-28", "2026-03-01", "2026-03-31", "notes")
    time.now = clock.parse("2026-03-30T23:59:59Z")
    # Thirty days before is 28 February, one second before its end.
    retention.clean(platform, "toys", 30)
    assert names_in(platform, "captures") == {"2026-02-28", "2026-03-01", "2026-03-31", "notes"}
    time.passes(seconds=1)
    retention.clean(platform, "toys", 30)
    assert names_in(platform, "captures") == {"2026-03-01", "2026-03-31", "notes"}
    retention.clean(platform, "toys", 1)
    assert names_in(platform, "captures") == {"2026-03-31", "notes"}


def test_runs_go_by_their_start_unless_they_still_run(
    platform: Platform, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = NOON - timedelta(days=30)

    def name(moment: datetime, pipeline: str) -> str:
        return f"{moment:%Y%m%dt%H%M%S%f}-{pipeline}-0000"

    at, after = name(start, "training"), name(start + timedelta(microseconds=1), "training")
    running = name(start - timedelta(days=9), "drift-check")
    make(platform, "runs", at, after, running, "by-hand")
    monkeypatch.setattr(records, "alive", lambda store, model, run: run == running)
    retention.clean(platform, "toys", 30)
    assert names_in(platform, "runs") == {after, running, "by-hand"}
    time.passes(microseconds=1)
    monkeypatch.setattr(records, "alive", lambda store, model, run: False)
    retention.clean(platform, "toys", 30)
    assert names_in(platform, "runs") == {"by-hand"}


def test_what_is_kept_without_a_limit_of_anybody_else_stays(platform: Platform, time: Time) -> None:
    """Versions, releases and journals are not captures: they stay for good."""
    for kind in ("versions", "releases", "artifacts"):
        make(platform, kind, "2020-01-01")
    retention.clean(platform, "toys", 1)
    assert all(names_in(platform, kind) for kind in ("versions", "releases", "artifacts"))


def silence(platform: Platform, alarm: str, hours: float, **more: Any) -> dict[str, Any]:
    return silences.silence(platform, "toys", alarm, hours, why="known", by="ada", **more)


@contextmanager
def assert_refused(text: str) -> Iterator[None]:
    with pytest.raises(UserError) as error:
        yield
    assert str(error.value) == text


def test_a_silence_ends_with_its_hours(platform: Platform, time: Time) -> None:
    record = silence(platform, "errors", 2)
    assert record == {
        "number": 1, "alarm": "errors", "until": "2026-03-31T14:00:00Z", "by": "ada",
        "why": "known", "when": "2026-03-31T12:00:00Z",
    }  # fmt: skip
    time.passes(hours=1, minutes=59, seconds=59)
    assert set(silences.active(platform.store, "toys")) == {"errors"}
    time.passes(seconds=1)
    assert silences.active(platform.store, "toys") == {}


def test_the_newest_silence_of_an_alarm_counts(platform: Platform, time: Time) -> None:
    silence(platform, "errors", 24)
    time.passes(hours=1)
    silence(platform, "errors", 1)
    assert silences.active(platform.store, "toys")["errors"]["until"] == "2026-03-31T14:00:00Z"
    silence(platform, "errors", 0)
    assert silences.active(platform.store, "toys") == {}
    with assert_refused("alarm 'errors' of model 'toys' is not silenced"):
        silence(platform, "errors", 0)


def test_a_silence_lasts_a_week_at_most(platform: Platform, time: Time) -> None:
    silence(platform, "errors", 168)
    with assert_refused("hours: 168.5 is not allowed; allowed: 0 to 168"):
        silence(platform, "errors", 168.5)
    with assert_refused("hours: -1 is not allowed; allowed: 0 to 168"):
        silence(platform, "errors", -1)
    time.passes(hours=167, minutes=59)
    assert set(silences.active(platform.store, "toys")) == {"errors"}
    time.passes(minutes=1)
    assert silences.active(platform.store, "toys") == {}


def test_only_alarms_of_a_stack_on_this_computer_are_silenced(platform: Platform) -> None:
    names = [rule["name"] for rule in platform.part("toys", "alarms.json")["rules"]]
    with assert_refused(f"alarm 'error': there is none; allowed: {', '.join(names)}"):
        silence(platform, "error", 1)
    platform.document["target"] = "aws"
    with pytest.raises(UserError, match="notices of stack 'local' are sent by the service"):
        silence(platform, "errors", 1)


def test_an_alarm_is_told_with_its_silence(platform: Platform, time: Time) -> None:
    silence(platform, "errors", 1)
    names = ("errors", "latency")
    alarms = [Alarm(name, ALARM, 2.0, 1.0, "too many") for name in names]
    descriptions = silences.described(platform, "toys", alarms)
    assert [alarm["name"] for alarm in descriptions] == ["errors", "latency"]
    assert descriptions[0]["silenced"]["by"] == "ada" and descriptions[1]["silenced"] is None
    platform.document["target"] = "aws"
    assert all(a["silenced"] is None for a in silences.described(platform, "toys", alarms))


@pytest.mark.parametrize("field", ["alarm", "until", "by", "why", "when"])
def test_half_a_silence_is_none(platform: Platform, time: Time, field: str) -> None:
    record = silence(platform, "errors", 1)
    rest = {name: value for name, value in record.items() if name not in (field, "number")}
    platform.store.write("models/toys/silences/000001.json", b"[]")
    silences.journal(platform.store, "toys").append(rest)
    assert silences.active(platform.store, "toys") == {}
