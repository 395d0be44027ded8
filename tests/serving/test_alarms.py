"""Alarms: every change of state is recorded and posted; a dead receiver harms nobody."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.serving.conftest import Start
from tests.serving.platforms import ROW, RULES, drift_checked, released, write_part
from tests.serving.receivers import receiving
from tests.serving.servers import until
from training.platform import Platform
from training.serving import webhooks
from training.serving.monitor import Monitor, events
from training.serving.webhooks import Webhooks

SECRET = "/services/s3cret"


def receivers(platform: Platform, *urls: str) -> None:
    write_part(platform, "toys", "alarms.json", {"rules": RULES, "webhooks": list(urls)})


def told(platform: Platform) -> list[tuple[str, str]]:
    return [(event["alarm"], event["state"]) for event in events(platform, "toys").records()]


@pytest.fixture
def posting() -> Iterator[Webhooks]:
    started = Webhooks()
    started.start()
    yield started
    started.stop()


def test_a_rule_that_fires_is_posted_and_recorded(platform: Platform, start: Start) -> None:
    released(platform)
    drift_checked(platform, ["size", "age"])
    with receiving() as receiver:
        receivers(platform, "env:MLOPS_TEST_HOOK")
        server = start(platform, "--no-schedules", MLOPS_TEST_HOOK=receiver.url + SECRET)
        (event,) = until(lambda: receiver.events)
        assert receiver.paths == [SECRET]
    assert {name: event[name] for name in ("stack", "model", "alarm", "state", "value")} == {
        "stack": "local", "model": "toys", "alarm": "drift", "state": "ALARM", "value": 2.0,
    }  # fmt: skip
    assert event["says"] == "inputs drifted"
    (recorded,) = events(platform, "toys").records()
    assert recorded == {"number": 1, **event}
    alarms = server.get("/status.json")[1]["models"][0]["alarms"]
    assert ("drift", "ALARM") in {(alarm["name"], alarm["state"]) for alarm in alarms}
    assert 'mlops_alarm{alarm="drift",model="toys"} 1.0' in server.get("/metrics")[1]
    assert "alarm drift is ALARM: inputs drifted" in server.logged()
    assert SECRET not in server.logged()


def test_a_receiver_that_never_answers_does_not_block_serving(
    platform: Platform, start: Start
) -> None:
    released(platform)
    drift_checked(platform, ["size"])
    with socket.create_server(("127.0.0.1", 0)) as silent:
        receivers(platform, f"http://127.0.0.1:{silent.getsockname()[1]}{SECRET}")
        server = start(platform, "--no-schedules")
        connection, _ = silent.accept()  # a post waits for its answer from now on
        with connection:
            assert server.post({"instances": [ROW]})[0] == 200
            assert server.get("/ping")[0] == 200
            assert told(platform) == [("drift", "ALARM")]
            assert server.stop() == 0
    assert "webhook 127.0.0.1 failed" in server.logged()
    assert SECRET not in server.logged()


def test_only_changes_are_told_and_a_restart_tells_nothing_twice(platform: Platform) -> None:
    posts: Any = Webhooks()
    watch = Monitor(platform, "toys", posts, None)
    watch.check()
    assert told(platform) == []  # no data is no news
    for drifted in (["size"], ["size", "age"]):
        drift_checked(platform, drifted)
        watch.check()
    assert told(platform) == [("drift", "ALARM")]
    watch = Monitor(platform, "toys", posts, None)
    watch.check()
    assert told(platform) == [("drift", "ALARM")]
    drift_checked(platform, ["size"], verdict="insufficient_data")
    watch.check()
    assert told(platform) == [("drift", "ALARM")]
    drift_checked(platform, [])
    watch.check()
    assert told(platform) == [("drift", "ALARM"), ("drift", "OK")]


def test_a_failed_post_is_tried_again(posting: Webhooks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "RETRY_SECONDS", (0.01, 0.01))
    with receiving(failing=2) as receiver:
        posting.post([receiver.url], {"alarm": "drift"})
        assert until(lambda: receiver.events) == [{"alarm": "drift"}]
        assert len(receiver.paths) == 3


BROKEN = {
    "a variable that is not set": ("env:MLOPS_NO_HOOK", "environment variable MLOPS_NO_HOOK"),
    "a closed port": ("http://127.0.0.1:1/s3cret", "webhook 127.0.0.1 failed"),
    "no URL in the variable": ("env:MLOPS_BAD_HOOK", "webhook env:MLOPS_BAD_HOOK failed"),
    "no URL": ("https://[s3cret", "webhook without a host failed"),
    "a space": ("http://127.0.0.1:1/a s3cret", "webhook 127.0.0.1 failed"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_receiver_is_logged_and_the_next_one_gets_the_event(
    posting: Webhooks,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    monkeypatch.setattr(webhooks, "RETRY_SECONDS", ())
    monkeypatch.delenv("MLOPS_NO_HOOK", raising=False)
    monkeypatch.setenv("MLOPS_BAD_HOOK", "ftp://s3cret.example")
    broken, says = BROKEN[name]
    with receiving() as receiver, caplog.at_level(logging.ERROR):
        posting.post([broken, receiver.url], {"alarm": "drift"})
        assert until(lambda: receiver.events) == [{"alarm": "drift"}]
    assert says in caplog.text
    assert "s3cret" not in caplog.text
