"""Alarms: every change of state is recorded and posted; a dead receiver harms nobody."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.serving.conftest import Start
from tests.serving.platforms import ROW, RULES, record_drift_check, register_champion, write_part
from tests.serving.receivers import receiving
from tests.serving.servers import until
from training import cli, clock
from training.monitoring import Alarm, alarm_events, local
from training.platform import Platform
from training.serving import formats, monitor, webhooks
from training.serving.monitor import Monitor
from training.serving.webhooks import Webhooks

SECRET = "/services/s3cret"


def receivers(platform: Platform, *urls: str) -> None:
    write_part(platform, "toys", "alarms.json", {"rules": RULES, "webhooks": list(urls)})


def notices(platform: Platform) -> list[dict[str, Any]]:
    return alarm_events(platform.store, "toys").records()


def states(platform: Platform) -> list[tuple[str, str]]:
    return [(event["alarm"], event["state"]) for event in notices(platform)]


@pytest.fixture
def poster() -> Iterator[Webhooks]:
    poster = Webhooks()
    poster.start()
    yield poster
    poster.stop()


def test_a_rule_that_fires_is_posted_and_recorded(platform: Platform, start: Start) -> None:
    register_champion(platform)
    record_drift_check(platform, ["size", "age"])
    with receiving() as receiver:
        receivers(platform, "env:MLOPS_TEST_HOOK")
        server = start(
            platform, "--no-schedules", MLOPS_TEST_HOOK=receiver.url + SECRET,
            MLOPS_URL="https://mlops.example/",
        )  # fmt: skip
        (event,) = until(lambda: receiver.events)
        event = dict(event)
        assert receiver.paths == [SECRET]
    assert {name: event[name] for name in ("stack", "model", "alarm", "state", "value")} == {
        "stack": "local", "model": "toys", "alarm": "drift", "state": "ALARM", "value": 2.0,
    }  # fmt: skip
    assert event["says"] == "inputs drifted"
    (recorded,) = notices(platform)
    text = event.pop("text")
    assert len(recorded.pop("receivers")) == 1
    assert recorded == {"number": 1, **event}
    assert text.splitlines() == [
        "ALARM: drift of toys on local: inputs drifted (2, fires above 0)",
        "version 1: size, age",
        "link: https://mlops.example/models/toys/drift/checked",
        "look: mlops -s local -m toys status",
        "runbook: docs/runbook.md#drift",
    ]
    alarms = server.get("/status.json")[1]["models"][0]["alarms"]
    assert ("drift", "ALARM") in {(alarm["name"], alarm["state"]) for alarm in alarms}
    assert 'mlops_alarm{alarm="drift",model="toys"} 1.0' in server.get("/metrics")[1]
    assert "alarm drift is ALARM: inputs drifted" in server.logged()
    assert SECRET not in server.logged()


def test_a_receiver_that_never_answers_does_not_block_serving(
    platform: Platform, start: Start
) -> None:
    register_champion(platform)
    record_drift_check(platform, ["size"])
    with socket.create_server(("127.0.0.1", 0)) as silent:
        receivers(platform, f"http://127.0.0.1:{silent.getsockname()[1]}{SECRET}")
        server = start(platform, "--no-schedules")
        connection, _ = silent.accept()  # a post waits for its answer from now on
        with connection:
            assert server.post({"instances": [ROW]})[0] == 200
            assert server.get("/ping")[0] == 200
            assert states(platform) == [("drift", "ALARM")]
            assert server.stop() == 0
    assert "webhook 127.0.0.1 failed" in server.logged()
    assert SECRET not in server.logged()


def test_only_changes_are_told_and_a_restart_tells_nothing_twice(platform: Platform) -> None:
    posts: Any = Webhooks()
    watch = Monitor(platform, "toys", posts, None)
    watch.check()
    assert states(platform) == []  # no data is no news
    for _ in range(2):
        record_drift_check(platform, ["size", "age"])
        watch.check()
    assert states(platform) == [("drift", "ALARM")]
    watch = Monitor(platform, "toys", posts, None)
    watch.check()
    assert states(platform) == [("drift", "ALARM")]
    record_drift_check(platform, ["size"], verdict="insufficient_data")
    watch.check()
    assert states(platform) == [("drift", "ALARM")]
    record_drift_check(platform, [])
    watch.check()
    assert states(platform) == [("drift", "ALARM"), ("drift", "OK")]


def test_another_set_of_features_and_a_day_are_news(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Monitor(platform, "toys", Webhooks(), None)
    for drifted in (["size"], ["age", "size"], ["size", "age"], ["age"]):
        record_drift_check(platform, drifted)
        watch.check()
    news = [(e["state"], e["reason"], e["features"]) for e in notices(platform)]
    assert news == [
        ("ALARM", "state", ["size"]),
        ("ALARM", "features", ["age", "size"]),
        ("ALARM", "features", ["age"]),
    ]
    day_later = clock.now() + timedelta(hours=24)
    monkeypatch.setattr(clock, "now", lambda: day_later)
    for _ in range(2):
        watch.check()
    assert [e["reason"] for e in notices(platform)][3:] == ["repeated"]
    assert notices(platform)[-1]["version"] == 1


def test_a_release_ends_the_alarm_about_the_version_before(platform: Platform) -> None:
    watch = Monitor(platform, "toys", Webhooks(), None)
    register_champion(platform)
    record_drift_check(platform, ["size"])
    watch.check()
    register_champion(platform)
    for _ in range(2):
        watch.check()
    alarm, end = notices(platform)
    assert (alarm["state"], alarm["version"]) == ("ALARM", 1)
    assert (end["state"], end["reason"], end["version"]) == ("OK", "release", 2)
    assert "version 2 was released; the alarm was about version 1" in end["says"]
    (drift, _) = local.alarms(platform, "toys")
    assert (drift.state, drift.value, drift.check) == ("INSUFFICIENT_DATA", None, None)
    record_drift_check(platform, ["size"], version=2)
    watch.check()
    assert notices(platform)[-1]["state"] == "ALARM"


def test_what_is_done_rests_on_the_check_that_fired(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_champion(platform)
    calls: list[str] = []
    watch = Monitor(platform, "toys", Webhooks(), calls.append)
    record_drift_check(platform, ["size"])
    watch.check()
    assert calls == ["toys"]
    look = monitor.monitoring_of

    class Late:
        """The rules are held against one check while the next, which finds nothing, is written."""

        def alarms(self, platform: Platform, model: str) -> list[Alarm]:
            alarms = look(platform).alarms(platform, model)
            record_drift_check(platform, [], verdict="insufficient_data")
            return alarms

    monkeypatch.setattr(monitor, "monitoring_of", lambda platform: Late())
    watch.check()
    assert calls == ["toys"]


def test_an_empty_check_is_no_measurement(platform: Platform, start: Start) -> None:
    register_champion(platform)
    record_drift_check(platform, [], verdict="insufficient_data", effect=0.164)
    server = start(platform, "--no-schedules")
    (model,) = server.get("/status.json")[1]["models"]
    assert model["last_drift_check"]["top"] == []
    metrics = server.get("/metrics")[1]
    assert "mlops_drift_effect{" not in metrics
    assert "mlops_drifted_features{" not in metrics
    page = server.get("/")[1]
    assert "insufficient data" in page and "too few rows" in page
    assert "stable" not in page and "0.164" not in page


DOWN = {"name": "endpoint-down", "metric": "endpoint_down", "above": 0, "says": "not in service"}


def test_a_server_that_is_killed_is_told_by_its_watcher(platform: Platform, start: Start) -> None:
    register_champion(platform)
    with receiving() as receiver:
        document = {"rules": [*RULES, DOWN], "webhooks": [receiver.url]}
        write_part(platform, "toys", "alarms.json", document)
        server = start(platform, "--no-schedules")
        until(lambda: local.health(platform.store, "toys"))
        until(lambda: _watchers(server.pid))
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
        (event,) = until(lambda: receiver.events)
        assert (event["alarm"], event["state"]) == ("endpoint-down", "ALARM")
        start(platform, "--no-schedules")
        until(lambda: len(receiver.events) == 2)
        assert states(platform) == [("endpoint-down", "ALARM"), ("endpoint-down", "OK")]


def test_a_look_from_outside_tells_at_once_that_server_and_watcher_were_killed(
    platform: Platform, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(platform.root)
    register_champion(platform)
    with receiving() as receiver:
        document = {"rules": [*RULES, DOWN], "webhooks": [receiver.url]}
        write_part(platform, "toys", "alarms.json", document)
        # The processes themselves: a warm Python's are seen to by another.
        server = start(platform, "--no-schedules", python=sys.executable)
        until(lambda: local.health(platform.store, "toys"))
        assert cli.main(["alerts", "check"]) == 0
        # As systemd does with all that is left of a service whose main process died.
        watchers = until(lambda: _watchers(server.process.pid))
        os.kill(server.process.pid, signal.SIGSTOP)  # it would start another
        for pid in watchers:
            os.kill(pid, signal.SIGKILL)
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
        assert cli.main(["alerts", "check"]) == 3
        assert [(e["alarm"], e["state"]) for e in receiver.events] == [("endpoint-down", "ALARM")]
        second_server = start(platform, "--no-schedules")
        until(lambda: len(receiver.events) == 2)
        assert states(platform)[1:] == [("endpoint-down", "OK")]
        assert second_server.stop() == 0 and cli.main(["alerts", "check"]) == 0


def test_an_orderly_stop_is_no_outage(platform: Platform, start: Start) -> None:
    register_champion(platform)
    write_part(platform, "toys", "alarms.json", {"rules": [*RULES, DOWN], "webhooks": []})
    server = start(platform, "--no-schedules")
    until(lambda: local.health(platform.store, "toys"))
    watchers = until(lambda: _watchers(server.pid))
    assert server.stop() == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in watchers)
    assert states(platform) == []


def _watchers(server: int) -> list[int]:
    """The processes that the server started to watch it."""
    children = Path(f"/proc/{server}/task").glob("*/children")
    pids = [int(pid) for file in children for pid in file.read_text().split()]
    return [pid for pid in pids if b"serving.watcher" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_each_receiver_gets_what_it_takes() -> None:
    event = {
        "stack": "prod", "model": "toys", "alarm": "endpoint-latency", "state": "ALARM",
        "value": 812.4, "above": 500, "says": "p95 is too high", "version": None, "features": [],
    }  # fmt: skip
    for chat in ("https://hooks.slack.com/services/x", "https://chat.googleapis.com/v1/spaces/x"):
        # "text" alone: a chat refuses or ignores what it does not know.
        assert list(formats.body(chat, event)) == ["text"]
    card = formats.body("https://prod-1.westeurope.logic.azure.com/workflows/x", event)
    (attachment,) = card["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert "812.4, fires above 500" in attachment["content"]["body"][0]["text"]
    generic = formats.body("https://example.org/hook", event)
    assert generic.items() >= event.items() and "endpoint-latency" in generic["text"]


def test_a_test_notice_goes_to_each_receiver(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("training.cli.alerts.opened", lambda _: (platform, "toys"))
    receivers(platform)
    assert cli.main(["alerts", "test"]) == 1
    assert "mlops:alerts.webhooks and alerts.emails are empty" in capsys.readouterr().err
    with receiving() as receiver:
        receivers(platform, receiver.url + SECRET)
        assert cli.main(["alerts", "test"]) == 0
        (event,) = receiver.events
        receivers(platform, receiver.url, "env:MLOPS_NO_HOOK", "http://127.0.0.1:1" + SECRET)
        assert cli.main(["alerts", "test", "--json"]) == 1
        assert len(receiver.events) == 2, "those after one that fails get it as well"
    assert (event["alarm"], event["state"]) == ("test", "TEST")
    assert "nothing is wrong" in event["text"] and "runbook.md#test" in event["text"]
    output = capsys.readouterr().out
    assert "127.0.0.1" in output and "was taken" in output and SECRET not in output
    success, unset, refused = json.loads(output[output.index("[\n") :])
    assert success == {"receiver": "127.0.0.1", "error": None}
    assert unset["error"] == "environment variable MLOPS_NO_HOOK is not set"
    assert "refused" in refused["error"]
    assert not notices(platform), "it is no alarm"


def test_who_sends_the_notices_of_a_cloud_is_said(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Platform, "target", "aws")
    monkeypatch.setattr("training.cli.alerts.opened", lambda _: (platform, "toys"))
    assert cli.main(["alerts", "test"]) == 1
    assert "sent by the service: docs/aws.md says how to try them" in capsys.readouterr().err


def test_a_failed_post_is_tried_again(poster: Webhooks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "RETRY_SECONDS", (0.01, 0.01))
    with receiving(failing=2) as receiver:
        endings: list[tuple[str, str]] = []
        poster.post([receiver.url], {"alarm": "drift"}, lambda *by: endings.append(by))
        assert until(lambda: receiver.events) == [{"alarm": "drift", "text": "drift"}]
        assert len(receiver.paths) == 3
        until(lambda: endings == [(receiver.url, "")])


def test_a_notice_that_nobody_took_is_sent_by_the_next_process(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(webhooks, "RETRY_SECONDS", ())
    now = clock.now()

    def look(minutes: float, sends_again: bool = True) -> None:
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=minutes))
        sender = Webhooks()
        sender.start()
        Monitor(platform, "toys", sender, None, sends_again=sends_again).check()
        sender.stop()

    with receiving(failing=1) as receiver, receiving() as well:
        receivers(platform, receiver.url, well.url, "env:MLOPS_NO_HOOK")
        record_drift_check(platform, ["size"])
        look(0)
        assert (receiver.events, len(well.events)) == ([], 1)
        look(1)  # whoever told it may still be trying
        look(6, sends_again=False)
        assert receiver.events == []
        look(6)
        assert [event["alarm"] for event in receiver.events] == ["drift"]
        for minutes in (12, 18, 25 * 60):
            look(minutes)
        # But for the daily repetition.
        assert [len(at.events) for at in (receiver, well)] == [2, 2]
    for event in notices(platform):
        assert "127.0.0.1" not in json.dumps(event), "the URL of a receiver is often a secret"
    monkeypatch.chdir(platform.root)
    assert cli.main(["alerts", "history"]) == 0
    lines = capsys.readouterr().out.splitlines()[2:]
    assert [line.split()[2:5] for line in lines] == [["drift", "ALARM", "1"]] * 2
    assert "on for a day" in lines[0] and lines[1].endswith("2 of 3")
    assert cli.main(["status"]) == 0
    assert f"; since {clock.text(now)[:16].replace('T', ' ')} UTC" in capsys.readouterr().out


def test_a_look_from_outside_tells_that_the_server_is_dead(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(platform.root)
    with receiving() as receiver:
        document = {"rules": [*RULES, DOWN], "webhooks": [receiver.url]}
        write_part(platform, "toys", "alarms.json", document)
        assert cli.main(["alerts", "check"]) == 0
        # A heartbeat that ended, as a loss of power leaves it: server and watcher are both gone.
        beat = {"at": "2026-01-01T00:00:00Z", "in_service": True, "version": 1, "url": ""}
        platform.store.write(local.health_key("toys"), json.dumps(beat).encode())
        for _ in range(2):
            assert cli.main(["alerts", "check"]) == 3
        ((event),) = receiver.events
        assert (event["alarm"], event["state"]) == ("endpoint-down", "ALARM")
        assert capsys.readouterr().out == "", "cron mails whatever is printed"
        assert cli.main(["alerts", "check", "--json"]) == 3
        (on,) = json.loads(capsys.readouterr().out)
        assert (on["model"], on["name"]) == ("toys", "endpoint-down")


BAD_ADDRESSES = {
    "a variable that is not set": ("env:MLOPS_NO_HOOK", "environment variable MLOPS_NO_HOOK"),
    "a closed port": ("http://127.0.0.1:1/s3cret", "webhook 127.0.0.1 failed"),
    "no URL in the variable": ("env:MLOPS_BAD_HOOK", "webhook env:MLOPS_BAD_HOOK failed"),
    "no URL": ("https://[s3cret", "webhook without a host failed"),
    "a space": ("http://127.0.0.1:1/a s3cret", "webhook 127.0.0.1 failed"),
}


@pytest.mark.parametrize("name", BAD_ADDRESSES)
def test_a_broken_receiver_is_logged_and_the_next_one_gets_the_event(
    poster: Webhooks,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    monkeypatch.setattr(webhooks, "RETRY_SECONDS", ())
    monkeypatch.delenv("MLOPS_NO_HOOK", raising=False)
    monkeypatch.setenv("MLOPS_BAD_HOOK", "ftp://s3cret.example")
    address, says = BAD_ADDRESSES[name]
    with receiving() as receiver, caplog.at_level(logging.ERROR):
        endings: list[tuple[str, str]] = []
        poster.post([address, receiver.url], {"alarm": "drift"}, lambda *by: endings.append(by))
        assert until(lambda: receiver.events) == [{"alarm": "drift", "text": "drift"}]
    assert says in caplog.text
    assert "s3cret" not in caplog.text


def test_a_look_from_outside_is_one_look(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    register_champion(platform)
    record_drift_check(platform, ["size"])
    monkeypatch.chdir(platform.root)
    models: list[str] = []
    alarms = local.alarms

    def look(platform: Platform, model: str) -> list[Alarm]:
        models.append(model)
        return alarms(platform, model)

    monkeypatch.setattr(local, "alarms", look)
    assert cli.main(["alerts", "check", "--json"]) == 3
    assert [alarm["name"] for alarm in json.loads(capsys.readouterr().out)] == ["drift"]
    assert models == ["toys"]
