"""A server's schedules and its watcher without a server: what ends, what is told, and when."""

from __future__ import annotations

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
from training import clock
from training.errors import UserError
from training.monitoring import drift_checks
from training.monitoring.local import STALE_SECONDS
from training.platform import Platform
from training.serving import logs, retention, schedule, watcher
from training.serving.schedule import Schedules

NOW = datetime(2030, 1, 1, 12, tzinfo=timezone.utc)
NOON = {"cron": "0 12 * * *", "timezone": "UTC"}


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return make_platform(tmp_path)


@pytest.fixture
def watched() -> Iterator[watcher.Watched]:
    """A watcher that lives as long as the server's end of its pipe is open."""
    result = watcher.Watched("local", ".")
    result._command = ["cat"]
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
    watched.ensure()
    assert watched._process is first
    first.kill()
    first.wait()
    watched.ensure()
    assert watched._process is not None and watched._process.pid != first.pid
    watched.stop()


def test_a_watcher_is_told_to_end_and_its_pipe_is_closed(watched: watcher.Watched) -> None:
    process, ends = watched._process, (watched._reading, watched._writing)
    watched.stop()
    assert process is not None and process.returncode == -signal.SIGTERM
    for end in ends:
        with pytest.raises(OSError):
            os.fstat(end)


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
    assert (watcher.SECONDS, watcher.STOP_SECONDS) == (2.0, 10.0)


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


def test_the_output_of_a_run_follows_its_command_line(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors as well: here that the program is none."""
    script = platform.root / "python"
    script.write_text("#!/bin/sh\necho out\npwd >&2\n")
    script.chmod(0o755)
    monkeypatch.setattr(schedule, "sys", SimpleNamespace(executable=str(script)))
    monkeypatch.setattr(clock, "now", lambda: NOW)
    for _ in range(2):
        Schedules(platform)._run("toys", "drift", "--now")
    text = (Path(platform.store.uri) / "logs" / "toys-drift.log").read_text()
    line = f"--- {clock.text(NOW)} mlops -s {platform.stack} drift -m toys --now\n"
    assert text == (line + f"out\n{platform.root}\n") * 2


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
        assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, 86400)
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
