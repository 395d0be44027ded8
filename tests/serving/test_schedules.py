"""Schedules start the command a person would type; retention deletes only what is older."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from apscheduler.events import EVENT_JOB_EXECUTED, EVENT_JOB_MISSED
from hypothesis import given
from hypothesis import strategies as st

from tests.serving.conftest import Start
from tests.serving.platforms import record_drift_check, write_part
from tests.serving.servers import until
from training import clock, runs
from training.monitoring import local as monitoring
from training.platform import Platform
from training.runs import local
from training.runs.alive import hold
from training.serving import cron, retention
from training.serving.monitor import Monitor
from training.serving.schedule import Schedules
from training.serving.webhooks import Webhooks

NIGHTLY = {"cron": "0 3 * * *", "timezone": "America/New_York"}
RECORDER = """#!/bin/sh
echo "$@" >> {record}
"""


def schedule(platform: Platform, **parts: object) -> None:
    document = {"retraining": None, "drift_check": None, "on_drift": False, "retention_days": 30}
    write_part(platform, "toys", "schedules.json", {**document, **parts})


@dataclass(frozen=True)
class Commands:
    """Records the processes that schedules start, in place of Python."""

    record: Path

    def lines(self) -> list[str]:
        return self.record.read_text().splitlines() if self.record.exists() else []


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    script, record = tmp_path / "python", tmp_path / "commands"
    script.write_text(RECORDER.format(record=record))
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    return Commands(record)


@pytest.fixture
def schedules(platform: Platform, commands: Commands) -> Iterator[Schedules]:
    schedule(platform, retraining=NIGHTLY, on_drift=True)
    schedules = Schedules(platform)
    schedules.start()
    yield schedules
    schedules.stop()


def fire(schedules: Schedules, name: str) -> None:
    """Let the job's time be now."""
    schedules._scheduler.modify_job(f"toys {name}", next_run_time=clock.now())


def test_a_job_starts_its_command(schedules: Schedules, commands: Commands) -> None:
    fire(schedules, "retraining")
    (line,) = until(commands.lines)
    assert line == "-m training.cli -s local retrain -m toys --trigger schedule"


def test_settings_change_the_jobs(
    platform: Platform, schedules: Schedules, commands: Commands
) -> None:
    (job,) = schedules.described("toys")
    assert {name: job[name] for name in ("name", "cron", "timezone")} == {
        "name": "retraining",
        **NIGHTLY,
    }
    local = clock.parse(job["next"]).astimezone(ZoneInfo("America/New_York"))
    assert (local.hour, local.minute) == (3, 0)
    schedule(platform, drift_check={**NIGHTLY, "cron": "30 6 * * *"})
    schedules.refresh("toys")
    (job,) = schedules.described("toys")
    assert (job["name"], job["cron"]) == ("drift_check", "30 6 * * *")
    fire(schedules, "drift_check")
    assert until(commands.lines) == ["-m training.cli -s local drift -m toys"]


def test_schedules_that_a_server_does_not_fire_are_off(platform: Platform, start: Start) -> None:
    schedule(platform, drift_check=NIGHTLY)
    (before,) = local.schedules(platform, "toys")
    start(platform, "--no-schedules")
    until(lambda: monitoring.health(platform.store, "toys") is not None)
    (running,) = local.schedules(platform, "toys")
    assert before["on"] is running["on"] is False and running["next"] is None


def test_each_check_that_finds_drift_asks_for_one_retraining(
    platform: Platform, schedules: Schedules, commands: Commands
) -> None:
    watch = Monitor(platform, "toys", Webhooks(), schedules.retrain_on_drift)
    record_drift_check(platform, [])
    watch.check()
    for count in (1, 2):
        record_drift_check(platform, ["size"])
        for _ in range(3):
            watch.check()
        until(lambda count=count: len(commands.lines()) >= count)
    fire(schedules, "retraining")
    until(lambda: len(commands.lines()) >= 3)
    command = "-m training.cli -s local retrain -m toys --trigger"
    assert commands.lines() == [f"{command} drift", f"{command} drift", f"{command} schedule"]


def test_without_on_drift_only_the_alarm_tells(
    platform: Platform, schedules: Schedules, commands: Commands
) -> None:
    schedule(platform, retraining=NIGHTLY)
    schedules.refresh("toys")
    watch = Monitor(platform, "toys", Webhooks(), schedules.retrain_on_drift)
    record_drift_check(platform, ["size"])
    watch.check()
    fire(schedules, "retraining")
    (line,) = until(commands.lines)
    assert line.endswith("--trigger schedule")


def test_a_training_after_the_check_is_not_repeated(platform: Platform) -> None:
    calls: list[str] = []
    record_drift_check(platform, ["size"])
    start = clock.text(clock.now() + timedelta(seconds=1))
    record = f'{{"run": "r", "pipeline": "training", "status": "failed", "started": "{start}"}}'
    platform.store.write(f"{runs.folder('toys', 'r')}/run.json", record.encode())
    Monitor(platform, "toys", Webhooks(), calls.append).check()
    assert calls == []


def test_retention_deletes_only_what_is_older(platform: Platform) -> None:
    root, now = Path(platform.store.uri) / "models/toys", clock.now()

    def file(folder: str) -> Path:
        path = root / folder / "file"
        path.parent.mkdir(parents=True)
        path.write_text("x")
        return path

    def day(age: int) -> Path:
        return file(f"captures/{now - timedelta(days=age):%Y-%m-%d}")

    def run(age: float) -> Path:
        return file(f"runs/{now - timedelta(days=age):%Y%m%dt%H%M%S%f}-training-0000")

    recent = [day(0), day(29), day(30), run(0), run(29.9), file("runs/by-hand"), file("captures/x")]
    old = [day(32), day(400), run(30.1), run(400)]
    under_way = run(50)
    with hold(under_way.parent):
        retention.clean(platform, "toys", 30)
        assert all(path.exists() for path in [*recent, under_way])
        assert not any(path.parent.exists() for path in old)
    retention.clean(platform, "toys", 30)
    assert not under_way.parent.exists()
    assert all(path.exists() for path in recent)


WEEKDAYS = st.sampled_from(["*", "0", "7", "1-5", "sun", "mon,wed", "sat-sun", "5-1", "*/2", "1/3"])
# What crontab(5) says each of these means, 0 for Sunday.
# A weekday may be 7, Sunday: "1/3" is 1, 4 and 7, as cronsim has it too.
MEANT = {
    "*": {0, 1, 2, 3, 4, 5, 6}, "0": {0}, "7": {0}, "1-5": {1, 2, 3, 4, 5}, "sun": {0},
    "mon,wed": {1, 3}, "sat-sun": {6, 0}, "5-1": {5, 6, 0, 1}, "*/2": {0, 2, 4, 6},
    "1/3": {1, 4, 0},
}  # fmt: skip


@given(
    WEEKDAYS,
    st.none() | st.integers(1, 28),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(ZoneInfo("UTC"))),
)
def test_cron_fires_on_the_days_that_crontab_means(
    weekday: str, day: int | None, moment: datetime
) -> None:
    trigger = cron.trigger(f"0 12 {day or '*'} * {weekday}", "UTC")
    noon = moment.replace(hour=12, minute=0, second=0, microsecond=0)
    days = [noon + timedelta(days=number) for number in range(400)]

    def fires(at: datetime) -> bool:
        is_weekday = at.isoweekday() % 7 in MEANT[weekday]
        if day is None:
            return is_weekday
        # As Debian's cron has it: what begins with a star restricts the other field.
        return is_weekday and at.day == day if weekday[0] == "*" else is_weekday or at.day == day

    expectation = next(at for at in days if fires(at) and at >= moment)
    assert trigger.get_next_fire_time(None, moment) == expectation


@pytest.mark.parametrize("expression", ["* * * *", "* * * * 8", "* * * * someday", "61 * * * *"])
def test_what_is_no_cron_expression_is_refused(expression: str) -> None:
    with pytest.raises(ValueError):
        cron.trigger(expression, "UTC")


def test_a_schedule_that_is_null_is_no_schedule(platform: Platform, schedules: Schedules) -> None:
    # A document of Pulumi's has no key at all for a setting that is null.
    platform.store.write("models/toys/schedules.json", b'{"on_drift": false, "retention_days": 90}')
    schedules.refresh("toys")
    assert schedules.described("toys") == []


def test_a_clock_that_was_far_ahead_and_is_set_back_misses_nothing(
    platform: Platform, schedules: Schedules, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule(platform, retraining={"cron": "0 3 * * *", "timezone": "UTC"})
    schedules.refresh("toys")
    job = schedules._scheduler.get_job("toys retraining")
    schedules._scheduler.modify_job(job.id, next_run_time=clock.now() + timedelta(days=900))
    schedules.refresh("toys")
    moment = schedules._scheduler.get_job("toys retraining").next_run_time
    assert moment < clock.now() + timedelta(days=1, hours=1)


@pytest.mark.parametrize(("hours", "commands_run"), [(23.9, 1), (24.1, 0)])
def test_a_computer_that_slept_makes_up_for_a_fire_time_within_a_day(
    hours: float, commands_run: int, platform: Platform, schedules: Schedules, commands: Commands
) -> None:
    # Once a year, half a year from now.
    yearly = {"cron": f"0 3 1 {(clock.now().month + 5) % 12 + 1} *", "timezone": "UTC"}
    schedule(platform, retraining=yearly)
    schedules.refresh("toys")
    ends: list[int] = []
    schedules._scheduler.add_listener(
        lambda event: ends.append(event.code), EVENT_JOB_EXECUTED | EVENT_JOB_MISSED
    )
    moment = clock.now() - timedelta(hours=hours)
    schedules._scheduler.modify_job("toys retraining", next_run_time=moment)
    until(lambda: ends)
    assert len(commands.lines()) == commands_run
