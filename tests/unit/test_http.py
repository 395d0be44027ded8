"""The client of services: what is tried again, for how long, and what errors say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.service import Service, serving
from training import clients
from training.clients import http
from training.clients.http import ServiceError, UnreachableError
from training.errors import PassingError, UserError


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(http, "FIRST_PAUSE_SECONDS", 0.01)
    with serving() as service:
        yield service


@pytest.mark.parametrize("first", [(429, {}), (503, {}), (500, {}), "reset", "incomplete"])
def test_what_passes_is_tried_again(service: Service, first: Any) -> None:
    service.answers = [first, first, (200, {})]
    assert service.send().json() == {}
    assert len(service.requests) == 3


def test_the_moment_that_a_service_names_is_waited_for(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(http.time, "sleep", pauses.append)
    service.answers = [(429, {"retry-after": "7"}), (200, {})]
    service.send()
    assert pauses == [7.0]
    pauses.clear()
    service.answers = [(503, {"retry-after": "nonsense"}), (200, {})]
    service.send()
    assert pauses[0] <= http.FIRST_PAUSE_SECONDS


def test_pauses_grow_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_PAUSE_SECONDS", 1.0)
    longest = [max(http._pause(attempt) for _ in range(200)) for attempt in (1, 2, 3, 20)]
    assert longest == sorted(longest) and longest[-1] <= http.LONGEST_PAUSE_SECONDS
    assert len({http._pause(3) for _ in range(20)}) > 10


def test_a_deadline_is_named(service: Service) -> None:
    service.answers = ["reset"]
    with pytest.raises(UnreachableError, match=r"no answer from Cloud to GET .*/thing in 0\.1 s"):
        service.send(seconds=0.1)
    service.answers = [(503, {})]
    with pytest.raises(ServiceError, match=r"Cloud refused GET .*/thing: 503 Code: no") as error:
        service.send(seconds=0.1)
    assert clients.is_passing(error.value) and not clients.is_refusal(error.value)
    assert "secret" not in str(error.value)


def test_who_is_signed_out_signs_in_again_once(service: Service) -> None:
    service.answers = [(401, {}), (200, {})]
    service.send()
    assert [headers["authorization"] for headers in service.requests] == ["old", "new"]
    service.answers, service.requests = [(401, {})], []
    with pytest.raises(ServiceError) as error:
        service.send()
    assert len(service.requests) == 2 and clients.is_passing(error.value)


def test_the_proxy_of_the_environment_is_asked_but_for_what_is_apart(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", service.address)
    monkeypatch.setenv("no_proxy", "apart.invalid")
    service.answers = [(200, {})]
    service.client().send("GET", "http://cloud.invalid/thing")
    assert [headers["Host"] for headers in service.requests] == ["cloud.invalid"]
    with pytest.raises(UnreachableError):
        service.client().send("GET", "http://apart.invalid/thing", seconds=0.01)
    assert len(service.requests) == 1


def test_the_certificates_of_the_environment_are_those_that_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle = tmp_path / "none.pem"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with pytest.raises(OSError, match=str(bundle)):
        Service().client().send("GET", "https://cloud.invalid/thing", seconds=0.01)


def test_a_password_of_a_netrc_file_never_replaces_a_token(
    service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login somebody password secret")
    monkeypatch.setenv("NETRC", str(file))
    service.answers = [(200, {})]
    service.send()
    assert service.requests[0]["authorization"] == "old"


@pytest.mark.parametrize("status,refusal", [(400, True), (404, True), (403, False), (409, False)])
def test_what_is_refused_is_not_asked_again(service: Service, status: int, refusal: bool) -> None:
    service.answers = [(status, {})]
    with pytest.raises(ServiceError) as error:
        service.send()
    assert len(service.requests) == 1
    assert clients.is_refusal(error.value) is refusal


def test_what_must_not_be_repeated_is_sent_once(service: Service) -> None:
    for answer in ("reset", (503, {})):
        service.answers, service.requests = [answer], []
        with pytest.raises(UserError):
            service.send("POST", body={}, repeat=False)
        assert len(service.requests) == 1


def test_a_wait_looks_over_errors_and_names_its_deadline() -> None:
    def failing() -> bool:
        raise PassingError("throttled")

    with pytest.raises(PassingError, match="the thing took longer than 0 minutes: throttled"):
        http.wait(failing, "the thing", 0, lambda: 0)
    looks = iter([False, False, True])
    http.wait(lambda: next(looks), "the thing", 10, lambda: 0)
