"""A server's schedules and its watcher without a server: what ends, what is told, and when."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.serving.platforms import make_platform, register_champion, write_part
from tests.serving.servers import until, variables
from training import clock
from training.errors import UserError
from training.monitoring import alarm_events, drift_checks, local
from training.monitoring.local import STALE_SECONDS
from training.platform import Platform
from training.serving import logs, retention, schedule, watcher, webhooks
from training.serving.schedule import Schedules

NOW = datetime(2030, 1, 1, 12, tzinfo=timezone.utc)
NOON = {"cron": "0 12 * * *", "timezone": "UTC"}
DOWN = {"name": "endpoint-down", "metric": "endpoint_down", "above": 0, "says": "not in service"}


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return make_platform(tmp_path)


@pytest.fixture
def watched(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[watcher.Watched]:
    """The watcher of a server that hangs: its last heartbeat is a minute old."""
    monkeypatch.setenv("PYTHONPATH", variables()["PYTHONPATH"])
    write_part(platform, "toys", "alarms.json", {"rules": [DOWN], "webhooks": []})
    beat = {
        "at": clock.text(clock.now() - timedelta(minutes=1)),
        "in_service": True,
        "url": "http://x",
    }
    platform.store.write(local.health_key("toys"), json.dumps(beat).encode())
    result = watcher.Watched(platform.stack, str(platform.root))
    result.ensure()
    yield result
    process = result._process
    assert process is not None
    process.kill()
    process.wait()


# The watcher --------------------------------------------------------------------------------------


def test_a_watcher_that_ends_is_started_again(watched: watcher.Watched) -> None:
    first = watched._process
    assert first is not None and os.getsid(first.pid) == first.pid, "not of the server's group"
    pipe = Path(f"/proc/self/fd/{watched._reading}").readlink()
    assert Path(f"/proc/{first.pid}/fd/0").readlink() == pipe, "it sees the server's end"
    watched.ensure()
    assert watched._process is first
    first.kill()
    first.wait()
    watched.ensure()
    assert watched._process is not None and watched._process.pid != first.pid
    watched.stop()


def test_a_watcher_tells_that_its_server_hangs_and_ends_in_order(
    watched: watcher.Watched, platform: Platform
) -> None:
    (event,) = until(lambda: alarm_events(platform.store, "toys").records())
    assert (event["alarm"], event["state"]) == ("endpoint-down", "ALARM")
    process, ends = watched._process, (watched._reading, watched._writing)
    watched.stop()
    assert process is not None and process.returncode == 0
    for end in ends:
        with pytest.raises(OSError):
            os.fstat(end)


def test_a_watcher_that_hangs_holds_up_no_stop(
    watched: watcher.Watched, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "STOP_SECONDS", 0.1)
    process = watched._process
    until(lambda: alarm_events(platform.store, "toys").records())
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    watched.stop()
    assert process.returncode == -signal.SIGKILL


def test_a_watcher_has_the_time_to_post_what_waits() -> None:
    assert watcher.STOP_SECONDS >= webhooks.STOP_SECONDS


def test_the_end_of_the_server_is_told_and_looked_at_until_its_heartbeat_is_old(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[Any] = []
    reading, writing = os.pipe()

    class Webhooks:
        def start(self) -> None:
            events.append("start")

        def stop(self) -> None:
            events.append("stop")

    class Monitor:
        def __init__(self, platform: Platform, model: str, *rest: Any) -> None:
            assert rest[-1] == {"endpoint_down"} and rest[-2] is None
            self.model = model

        def check(self) -> None:
            events.append(self.model)
            if events.count(self.model) == 2:
                os.close(writing)
                raise UserError("the store is away")

    monkeypatch.setattr(watcher, "SECONDS", 0.0)
    monkeypatch.setattr(watcher, "Webhooks", Webhooks)
    monkeypatch.setattr(watcher, "Monitor", Monitor)
    monkeypatch.setattr(watcher, "time", SimpleNamespace(sleep=lambda s: events.append(s)))
    watcher.watch(platform, reading)
    os.close(reading)
    last_looks = [0.0, "toys"] * watcher.LAST_LOOKS
    assert events == ["start", "toys", "toys", *last_looks, "stop"]


def test_the_watcher_s_command_line_names_its_stack_and_the_form_of_logs(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = watcher.Watched("dev", "/root")._command
    assert command == [sys.executable, "-m", "training.serving.watcher", "dev", logs.form()]
    calls: list[Any] = []
    monkeypatch.setattr(sys, "argv", command[2:])
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(fileno=lambda: 7))
    monkeypatch.setattr(signal, "signal", lambda number, act: calls.append((number, act)))
    monkeypatch.setattr(logs, "configure", calls.append)
    monkeypatch.setattr(logs, "keep", lambda *arguments: calls.append(arguments))
    monkeypatch.setattr(watcher, "open_platform", {"dev": platform}.__getitem__)
    monkeypatch.setattr(watcher, "watch", lambda *arguments: calls.append(arguments))
    assert watcher.main() == 0
    kept = (Path(platform.store.uri), logs.WATCHER)
    assert calls == [(signal.SIGTERM, watcher._end), logs.form(), kept, (platform, 7)]
    with pytest.raises(SystemExit) as ended:
        watcher._end(signal.SIGTERM, None)
    assert ended.value.code == 0


def test_the_last_looks_last_longer_than_a_heartbeat_is_fresh() -> None:
    assert watcher.LAST_LOOKS * watcher.SECONDS > STALE_SECONDS
    assert (watcher.LAST_LOOKS - 2) * watcher.SECONDS <= STALE_SECONDS + watcher.SECONDS


# Jobs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "code", "level"),
    [
        ("retrain", 0, logging.INFO),
        ("retrain", 3, logging.ERROR),
        ("drift", 0, logging.INFO),
        ("drift", 3, logging.INFO),
        ("drift", 4, logging.INFO),
        ("drift", 1, logging.ERROR),
        ("drift", 2, logging.ERROR),
    ],
)
def test_a_command_that_fails_is_an_error_in_the_log(
    command: str, code: int, level: int, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    process = subprocess.Popen(["sh", "-c", f"exit {code}"])
    Schedules(platform)._report("toys", command, process, Path("its.log"))
    (record,) = caplog.records
    assert record.levelno == level and "its.log" in record.getMessage()


def test_what_runs_while_the_server_stops_goes_on(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(schedule, "POLL_SECONDS", 0.001)
    schedules = Schedules(platform)
    schedules._stopping.set()
    process = subprocess.Popen(["sleep", "60"])
    try:
        schedules._report("toys", "drift", process, Path("its.log"))
        assert process.poll() is None
        assert f"drift goes on as process {process.pid}" in caplog.text
    finally:
        process.kill()
        process.wait()


RUN = """#!/bin/sh
echo out
pwd >&2
cat
[ "$(cut -d ' ' -f 6 /proc/$$/stat)" = $$ ] && echo a session of its own
"""


@pytest.fixture
def typed_text(tmp_path: Path) -> Iterator[None]:
    """Standard input that has something to read."""
    path = tmp_path / "typed"
    path.write_text("typed\n")
    kept = os.dup(0)
    with path.open() as file:
        os.dup2(file.fileno(), 0)
    yield
    os.dup2(kept, 0)
    os.close(kept)


def test_the_output_of_a_run_follows_its_command_line(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, typed_text: None
) -> None:
    """Errors as well; the run reads nothing of the server's, and its Ctrl-C is not the run's."""
    script = platform.root / "python"
    script.write_text(RUN)
    script.chmod(0o755)
    monkeypatch.setattr(schedule, "sys", SimpleNamespace(executable=str(script)))
    monkeypatch.setattr(clock, "now", lambda: NOW)
    for _ in range(2):
        Schedules(platform)._run("toys", "drift", "--now")
    text = (Path(platform.store.uri) / "logs" / "toys-drift.log").read_text()
    line = f"--- {clock.text(NOW)} mlops -s {platform.stack} drift -m toys --now\n"
    assert text == (line + f"out\n{platform.root}\na session of its own\n") * 2


def test_the_settings_name_the_jobs_and_their_first_times(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    parts = {"retraining": NOON, "drift_check": None, "on_drift": False, "retention_days": 30}
    write_part(platform, "toys", "schedules.json", parts)
    schedules = Schedules(platform)
    schedules._scheduler.start(paused=True)
    schedules.refresh("toys")

    def jobs() -> dict[str, Any]:
        return {job.id: job for job in schedules._scheduler.get_jobs()}

    try:
        cleaning = jobs()
        assert set(cleaning) == {"toys retraining", "toys compaction", "toys retention"}
        for name, interval in (("compaction", 3600), ("retention", 86400)):
            job = cleaning[f"toys {name}"]
            assert job.next_run_time == NOW + timedelta(seconds=60)
            assert job.trigger.interval.total_seconds() == interval
        assert cleaning["toys retention"].args[2] == 30
        job = cleaning["toys retraining"]
        assert (job.coalesce, job.max_instances) == (True, 1)
        # What is the same is left as it is; another number of days is another job.
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))
        schedules.refresh("toys")
        assert jobs()["toys retention"].next_run_time == NOW + timedelta(seconds=60)
        parts |= {"retraining": None, "retention_days": 7}
        write_part(platform, "toys", "schedules.json", parts)
        schedules.refresh("toys")
        assert set(jobs()) == {"toys compaction", "toys retention"}
        assert jobs()["toys retention"].args[2] == 7
        assert jobs()["toys compaction"].next_run_time == NOW + timedelta(seconds=60)
    finally:
        schedules.stop()


@pytest.fixture
def daily(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Schedules]:
    """Schedules that do not fire, with a job at each noon; it is noon now."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    parts = {"retraining": NOON, "drift_check": None, "on_drift": False, "retention_days": 30}
    write_part(platform, "toys", "schedules.json", parts)
    schedules = Schedules(platform)
    schedules.refresh("toys")
    schedules.refresh("toys")
    assert len(schedules._scheduler.get_jobs()) == 3, "once each, also before the start"
    schedules._scheduler.start(paused=True)
    yield schedules
    schedules.stop()


@pytest.mark.parametrize(
    ("days", "following"),
    [
        # The look comes when the job is due, and just before it fires.
        (-0.001, -0.001), (0, 0), (1, 1),
        # It fired an hour ago, and the clock was set back: tomorrow's time is the second from now.
        (2, 2),
        # Set back by a day or more: tomorrow's time would be missed.
        (2.001, 1), (3, 1), (900, 1),
    ],
)  # fmt: skip
def test_a_look_leaves_a_job_that_misses_nothing(
    days: float, following: float, daily: Schedules
) -> None:
    daily._scheduler.modify_job("toys retraining", next_run_time=NOW + timedelta(days=days))
    daily.refresh("toys")
    moment = daily._scheduler.get_job("toys retraining").next_run_time
    # What is replaced gets its time by the library's own clock.
    trigger_time = daily._scheduler.get_job("toys retraining").trigger.get_next_fire_time
    is_left = moment == NOW + timedelta(days=days)
    assert is_left is (days == following)
    assert is_left or moment == trigger_time(None, datetime.now(timezone.utc))


def test_a_clock_that_is_set_wakes_the_scheduler_once(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    clocks = {"time": 1000.0, "monotonic": 50.0}
    functions = {name: lambda name=name: clocks[name] for name in clocks}
    monkeypatch.setattr(schedule, "time", SimpleNamespace(**functions))
    schedules, wakes = Schedules(platform), []
    monkeypatch.setattr(schedules._scheduler, "wakeup", lambda: wakes.append(clocks["time"]))
    for seconds, jump, wake in [
        (3600.0, 0.0, False), (2.0, 5.0, False), (2.0, 6.0, True), (2.0, 0.0, False),
        (0.0, -6.0, True), (2.0, -5.0, False), (0.0, 900.0, True),
    ]:  # fmt: skip
        clocks["monotonic"] += seconds
        clocks["time"] += seconds + jump
        wakes.clear()
        schedules.refresh("toys")
        assert bool(wakes) is wake, (seconds, jump)


# Retention ----------------------------------------------------------------------------------------


def test_a_day_of_captures_goes_once_all_of_it_is_too_old(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(hour=0))
    root = Path(platform.store.uri) / "models/toys"
    names = {"captures": ["2029-12-01", "2029-12-02", "2029-12-03"],
             "runs": ["20291201t235959999999-drift-0", "20291202t000000000000-drift-0",
                      "20291202t000000000001-drift-0"]}  # fmt: skip
    for folder, children in names.items():
        for name in children:
            (root / folder / name).mkdir(parents=True)
    retention.clean(platform, "toys", 30)
    assert sorted(p.name for p in (root / "captures").iterdir()) == names["captures"][1:]
    assert sorted(p.name for p in (root / "runs").iterdir()) == names["runs"][2:]


def test_files_are_joined_once_they_are_an_hour_old_up_to_checks_and_releases(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    register_champion(platform)
    check = NOW - timedelta(hours=2)
    drift_checks(platform.store, "toys").append({"run": "r", "until": clock.text(check)})
    calls: list[Any] = []

    def compact(folder: Path, borders: list[datetime], until: datetime) -> int:
        calls.append((folder, borders, until))
        return 0

    monkeypatch.setattr(retention.local, "compact", compact)
    retention.compact(platform, "toys")
    ((folder, borders, until),) = calls
    assert folder == Path(platform.store.uri) / "models/toys/captures"
    assert borders == [check, NOW]
    assert until == NOW - timedelta(hours=1)


def test_what_is_deleted_or_joined_is_logged_and_else_nothing(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    root = Path(platform.store.uri) / "models/toys"
    for folders, line in [
        ([], None),
        (["captures/2029-11-01"], "deleted 1 days of captures and 0 runs, older than 30 days"),
        (["runs/20291101t000000000000-drift-0"], "deleted 0 days of captures and 1 runs, older"),
    ]:
        for folder in folders:
            (root / folder).mkdir(parents=True)
        caplog.clear()
        retention.clean(platform, "toys", 30)
        assert line in caplog.text if line else not caplog.records
    for count, records in ((0, 0), (3, 1)):
        caplog.clear()
        monkeypatch.setattr(retention.local, "compact", lambda *_, count=count: count)
        retention.compact(platform, "toys")
        assert len(caplog.records) == records
    assert "joined 3 small files of captures" in caplog.text
