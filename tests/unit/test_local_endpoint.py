"""A release on this computer: what it waits for that the server says, and what it makes of errors.

The server's answers are those of `GET /models/MODEL/version`, docs/serving.md.
"""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from tests.serving.platforms import make_platform
from training import clock, versions
from training.endpoint import (
    DEFAULTS,
    RefusedError,
    Rollout,
    Signals,
    Standing,
    endpoint_of,
    local,
)
from training.errors import PassingError, UserError
from training.platform import Platform
from training.release import Release

NOON = clock.parse("2026-03-01T12:00:00Z")
RECORD = Release(1, "promote", 3, "d", 2, "ada", "better", clock.text(NOON), True)
MANIFEST: dict[str, Any] = {"version": 3}


class Server:
    """A server in memory: each look at the endpoint takes the next of its states."""

    def __init__(self) -> None:
        self.states: list[dict[str, Any]] = [state(v2=100)]
        self.problem: Exception | None = None
        self.requests: list[urllib.request.Request] = []
        self.body = b'{"predictions": ["a"]}'

    def open(self, request: urllib.request.Request, timeout: float) -> io.BytesIO:
        self.requests.append(request)
        if self.problem is not None:
            raise self.problem
        if request.full_url.endswith("/version"):
            looks = self.states
            return io.BytesIO(json.dumps(looks.pop(0) if len(looks) > 1 else looks[0]).encode())
        assert request.full_url == "http://host:8080/models/toys/invocations"
        return io.BytesIO(self.body)


def state(not_loaded: dict[str, Any] | None = None, **percents: int) -> dict[str, Any]:
    """What the server says of itself, with fleets named such as ``v2``."""
    fleets = {
        name[1:]: {"version": int(name[1:]), "percent": percent, "mirror_percent": 0}
        for name, percent in percents.items()
    }
    return {"version": 2, "fleets": fleets, "not_loaded": not_loaded}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr(urllib.request, "urlopen", server.open)
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr(local, "POLL_SECONDS", 0.0)
    return server


def beat(platform: Platform, age: float = 0.0, in_service: bool = True) -> None:
    at = clock.text(NOON - timedelta(seconds=age))
    health = {"at": at, "in_service": in_service, "url": "http://host:8080", "version": 2}
    platform.store.write("models/toys/endpoint/health.json", json.dumps(health).encode())


@pytest.fixture
def platform(tmp_path: Path, server: Server) -> Platform:
    platform = make_platform(tmp_path, canary_percent=7)
    beat(platform)
    return platform


@pytest.fixture
def rollout(platform: Platform) -> Rollout:
    rollout = endpoint_of(platform).rollout(platform, "toys", print)
    assert rollout is not None
    return rollout


def test_settings_that_a_document_lacks_are_the_defaults(rollout: Rollout) -> None:
    assert rollout.part["canary_percent"] == 7
    assert {name: rollout.part[name] for name in DEFAULTS if name != "canary_percent"} == {
        "canary_minutes": 0, "canary_min_requests": 20, "canary_wait_minutes": 0,
        "mirror_percent": 0, "keep_previous_minutes": 0, "max_error_share": 0.01,
        "max_latency_ms": 500, "alarms": (),
    }  # fmt: skip
    assert DEFAULTS["canary_percent"] == 0


def test_an_endpoint_is_in_service_while_its_heart_beats(platform: Platform) -> None:
    for age, in_service, expected in ((0, True, True), (7, True, False), (0, False, False)):
        beat(platform, age, in_service)
        health = local.health(platform, "toys")
        assert health is not None and health["in_service"] is expected
        assert (health["version"], health["url"]) == (2, "http://host:8080")
    platform.store.delete("models/toys/endpoint/health.json")
    assert local.health(platform, "toys") is None
    assert local.rollout(platform, "toys", print) is None


def test_a_server_that_does_not_answer_is_gone_once_its_heart_has_stopped(
    platform: Platform, server: Server
) -> None:
    server.problem = urllib.error.URLError("refused")
    with pytest.raises(PassingError, match=r"no answer of the endpoint at http://host:8080/models"):
        local.rollout(platform, "toys", print)
    beat(platform, age=7)
    assert local.rollout(platform, "toys", print) is None
    server.problem = None
    assert local.rollout(platform, "toys", print) is not None


def test_what_the_server_keeps_is_found(platform: Platform) -> None:
    assert local.log_address(platform, "toys") == str(Path(platform.store.uri) / "server")
    assert local.traffic(platform, "toys") == []
    platform.store.write("models/toys/traffic-day.json", b'[{"requests": 3}]')
    assert local.traffic(platform, "toys") == [{"requests": 3}]


def test_fleets_are_loaded_versions_and_shares_those_above_none(
    rollout: Rollout, server: Server
) -> None:
    server.states = [state(v2=90, v3=10, v1=0)]
    standing = rollout.stand()
    assert standing == Standing({"1": 1, "2": 2, "3": 3}, {"2": 90, "3": 10})
    assert standing.main_fleet == "2" and Standing({"1": 1}, {}).main_fleet is None
    assert rollout.fleet(RECORD, standing) == "3"


Step = Callable[[Rollout], None]
COPIES = {**state(v2=100, v3=0)}
COPIES["fleets"]["3"]["mirror_percent"] = 20


@pytest.mark.parametrize(
    ("step", "done", "does"),
    [
        (lambda r: r.bring_up("3", MANIFEST), state(v2=100, v3=0), "has not loaded version 3"),
        (lambda r: r.mirror("3", "2", 20), COPIES, "sends no copies to version 3"),
        (lambda r: r.canary("3", "2", 10), state(v2=90, v3=10), "gives no share to version 3"),
        (lambda r: r.shift("3", "2"), state(v3=100), "does not serve version 3"),
    ],
)
def test_a_step_is_the_wait_until_the_server_has_taken_it(
    step: Step, done: dict[str, Any], does: str, rollout: Rollout, server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for other in ([state(v2=100)], [state(v2=99, v3=1)] if "loaded" not in does else []):
        server.states = [*other, done, state()]
        step(rollout)
        assert server.states == [state()], "it waits, and no longer"
    # An older version that could not be loaded is not this one.
    server.states = [state({"version": 2, "error": "damaged"}), done]
    step(rollout)
    server.states = [state({"version": 3, "error": "it is damaged"})]
    with pytest.raises(RefusedError, match=r"^it is damaged$"):
        step(rollout)
    server.states = [state(v2=100)]
    monkeypatch.setattr(local, "LOAD_SECONDS", 0.01)
    monkeypatch.setattr(local, "PATIENCE_SECONDS", 0.01)
    text = f"the endpoint at http://host:8080/models/toys {does} after 0.01 s; it serves version 2"
    with pytest.raises(PassingError, match=text):
        step(rollout)


def test_a_command_waits_for_the_version_that_it_released(
    platform: Platform, server: Server
) -> None:
    server.states = [state(v2=100), state(v2=100), state(v3=100), state()]
    local.await_served(platform, "toys", 3)
    assert server.states == [state()]
    platform.store.delete("models/toys/endpoint/health.json")
    local.await_served(platform, "toys", 3)  # no server: nothing to wait for


def test_signals_are_what_the_server_counted(rollout: Rollout, server: Server) -> None:
    answers = {"requests": 30, "errors": 2, "latency_p95_ms": 8.5}
    server.states = [state(v3=10)]
    assert rollout.signals("3", NOON) == rollout.signals("9", NOON) == Signals(0, 0, None)
    server.states[0]["fleets"]["3"]["answers"] = answers
    assert rollout.signals("3", NOON) == Signals(30, 2, 8.5)


def answered(status: int) -> urllib.error.HTTPError:
    return urllib.error.HTTPError("http://x", status, "m", Message(), io.BytesIO(b"broken"))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(500, RefusedError), (400, RefusedError), (429, PassingError), (503, PassingError)],
)
def test_an_answer_to_rows_is_a_verdict_and_to_nothing_else(
    status: int, kind: type[Exception], rollout: Rollout, server: Server
) -> None:
    assert rollout.score({"instances": [{"size": 1}]}) == {"predictions": ["a"]}
    request = server.requests[-1]
    assert request.get_method() == "POST"
    assert request.data == b'{"instances": [{"size": 1}]}'
    assert request.headers["Content-type"] == "application/json"
    server.problem = answered(status)
    with pytest.raises(kind, match=f"/models/toys/invocations answers {status}: broken"):
        rollout.score({})
    server.problem = answered(status)
    with pytest.raises(PassingError, match=f"/models/toys/version answers {status}: broken"):
        rollout.stand()
    server.problem, server.body = None, b"<html>"
    with pytest.raises(PassingError, match="no answer of the endpoint at"):
        rollout.score({})


def test_a_version_that_nothing_serves_here_is_refused(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Any] = []
    monkeypatch.setattr(local.trial, "assert_loads", lambda store, manifest: tried.append(manifest))
    own = {"version": 3, "model": "toys", "libraries": versions.installed_libraries()}
    local.check(platform, own)
    assert tried == [own]
    other = {**own, "libraries": {**own["libraries"], "scikit-learn": "0.24.2"}}
    with pytest.raises(UserError, match=r"here is .*scikit-learn|0\.24\.2"):
        local.check(platform, other)
