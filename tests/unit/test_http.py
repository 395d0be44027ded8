"""The client of services: what is tried again, for how long, and what errors say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.unit.service import Service, serving
from training import clients
from training.clients import http
from training.clients.http import ServiceError, UnreachableError
from training.errors import PassingError, UserError


class Clock:
    """A clock that goes on by what is slept."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds


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


# RFC 9110, 15.5.9 and 15.6; RFC 8470 (425), RFC 6585 (429): said of this request at this time.
@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_a_busy_service_answers_is_tried_again(service: Service, status: int) -> None:
    service.answers = [(status, {}), (200, {})]
    assert service.send().status == 200 and len(service.requests) == 2


# What the same request is answered another time, too: RFC 9110, 15.5 and 15.6.2 (501).
@pytest.mark.parametrize("status", [400, 402, 403, 404, 405, 406, 409, 410, 412, 422, 423, 501])
def test_what_any_other_answer_says_is_told_at_once(service: Service, status: int) -> None:
    service.answers = [(status, {}), (200, {})]
    with pytest.raises(ServiceError) as error:
        service.send()
    assert (error.value.status, error.value.code) == (status, "Code")
    assert len(service.requests) == 1
    # Somebody else's change, or lock, is over some time; of a missing right nothing is refused.
    assert error.value.is_passing is (status in (409, 423))
    assert error.value.is_refusal is (status not in (403, 409, 423, 501))


def test_a_status_that_is_accepted_is_an_answer(service: Service) -> None:
    service.answers, service.content = [(404, {"X-Request": "7"})], b""
    answer = service.send(accepted=(404,))
    assert (answer.status, answer.json(), answer.headers["x-request"]) == (404, None, "7")


def test_plain_data_is_sent_as_json_and_bytes_as_they_are(service: Service) -> None:
    service.answers = [(200, {})]
    service.send("POST", body={"a": [1, None]})
    service.send("PUT", body=b"{a", headers={"content-type": "text/csv", "Accept-Language": "de"})
    service.send("POST", body={})
    service.send()
    assert service.bodies == [b'{"a": [1, null]}', b"{a", b"{}", b""]
    heads = [{name.lower(): value for name, value in head.items()} for head in service.requests]
    kinds = [head.get("content-type") for head in heads]
    assert kinds == ["application/json", "text/csv", "application/json", None]
    assert {head["accept"] for head in heads} == {"application/json"}
    assert heads[1]["accept-language"] == "de"


def test_an_error_names_the_request_in_so_many_characters() -> None:
    url = "https://cloud/thing?secret=1"
    error = ServiceError("Cloud", "PUT", url, 400, "", "m" * 9000)
    start = "Cloud refused PUT https://cloud/thing: 400 mmm"
    assert str(error).startswith(start) and len(str(error)) == 1500
    assert str(ServiceError("Cloud", "PUT", url, 400, "Code", "no")).endswith("400 Code: no")


def test_who_does_not_answer_is_named_with_what_was_asked(service: Service) -> None:
    service.answers = ["reset"]
    with pytest.raises(UnreachableError) as error:
        service.send("POST", body={}, repeat=False, seconds=7)
    pattern = rf"no answer from Cloud to POST {service.address}/thing in 7 s: ConnectionError: \S"
    assert re.match(pattern, str(error.value)), error.value
    assert "secret" not in str(error.value).partition(": ConnectionError")[0]


def test_a_request_of_which_nothing_has_arrived_is_sent_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that must not be repeated: a connection that was never made carried nothing."""
    service.answers, send, tries = [(200, {})], http.request, []

    def request(*arguments: Any) -> Any:
        tries.append(arguments)
        if len(tries) == 1:
            raise requests.ConnectTimeout
        return send(*arguments)

    monkeypatch.setattr(http, "request", request)
    assert service.send("POST", body={}, repeat=False).status == 200
    assert len(tries) == 2


def test_what_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service takes up to a minute for some answers, and none for a connection."""
    options: dict[str, Any] = {}
    session = type("", (), {"request": lambda self, *_, **named: options.update(named)})()
    monkeypatch.setattr(http, "_session", lambda: session)
    http.request("GET", "http://hangs.invalid/thing", None, None, {})
    connect, read = options["timeout"]
    assert 3 < connect <= 30 and 60 < read < http.DEADLINE_SECONDS


def test_what_is_looked_up_for_a_service_is_looked_up_once(service: Service) -> None:
    service.answers = [(200, {})]
    before = http._environment.cache_info().currsize
    for path in ("a", "b/c", "?d=e"):
        service.client().send("GET", f"{service.address}/{path}")
    assert http._environment.cache_info().currsize == before + 1


def test_the_moment_that_a_service_names_is_waited_for(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(http.time, "sleep", pauses.append)
    service.answers = [(429, {"retry-after": "7"}), (200, {})]
    service.send()
    assert pauses == [7.0]
    pauses.clear()
    for text in ("nonsense", "-5", "Thu, 01 Jan 1970 00:00:00 GMT"):
        pauses.clear()
        service.answers = [(503, {"retry-after": text}), (200, {})]
        service.send()
        assert 0 < pauses[0] <= http.FIRST_PAUSE_SECONDS
    pauses.clear()
    later = datetime.now(timezone.utc) + timedelta(seconds=60)
    service.answers = [(503, {"retry-after": format_datetime(later, usegmt=True)}), (200, {})]
    service.send()
    assert 55 < pauses[0] <= 60


def test_pauses_grow_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_PAUSE_SECONDS", 1.0)
    longest = [max(http._pause(attempt) for _ in range(200)) for attempt in (1, 2, 3, 20)]
    assert longest == sorted(longest) and longest[-1] <= http.LONGEST_PAUSE_SECONDS
    assert len({http._pause(3) for _ in range(20)}) > 10


def test_a_pause_is_twice_the_one_before_or_half_of_that_up_to_half_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http.random, "uniform", lambda least, most: most)
    assert [http._pause(attempt) for attempt in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]
    monkeypatch.setattr(http.random, "uniform", lambda least, most: least)
    assert [http._pause(attempt) for attempt in range(1, 8)] == [0.5, 1, 2, 4, 8, 15, 15]


def test_no_pause_goes_to_the_deadline(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(http, "time", clock)
    service.answers = [(429, {"retry-after": "60"})]
    with pytest.raises(ServiceError):
        service.send(seconds=60)
    assert not clock.pauses
    service.answers = [(429, {"retry-after": "60"}), (200, {})]
    service.send(seconds=61)
    assert clock.pauses == [60]


@pytest.mark.parametrize("problem", ["reset", (503, {})])
def test_a_problem_that_stays_is_met_by_longer_pauses(
    service: Service, monkeypatch: pytest.MonkeyPatch, problem: Any
) -> None:
    clock = Clock()
    monkeypatch.setattr(http, "time", clock)
    monkeypatch.setattr(http.random, "uniform", lambda least, most: most)
    service.answers = [problem, problem, problem, (200, {})]
    service.send()
    assert clock.pauses == pytest.approx([0.01, 0.02, 0.04])


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


def test_a_wait_looks_until_it_is_done_with_pauses_between(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(http, "time", clock)
    looks = iter([False, False, True])
    pauses = iter([5.0, 7.0])
    http.wait(lambda: next(looks), "the thing", 60, lambda: next(pauses))
    assert clock.pauses == [5.0, 7.0]


def test_a_wait_looks_over_what_passes_and_tells_the_last_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr(http, "time", clock)
    looks: list[Any] = [PassingError("throttled"), False, PassingError("busy")]

    def is_done() -> bool:
        look = looks.pop(0) if len(looks) > 1 else looks[0]
        if isinstance(look, Exception):
            raise look
        return look

    with pytest.raises(PassingError) as error:
        http.wait(is_done, "the thing", 120, lambda: 30.0)
    assert str(error.value) == "the thing took longer than 2 minutes: busy"
    assert clock.pauses == [30.0] * 4, "it looks once more as the time is over"
    looks[:] = [PassingError("throttled"), False]
    with pytest.raises(PassingError) as error:
        http.wait(is_done, "the thing", 90, lambda: 30.0)
    assert str(error.value) == "the thing took longer than 1.5 minutes"


def test_a_wait_without_time_looks_once() -> None:
    with pytest.raises(PassingError) as error:
        http.wait(lambda: False, "the thing", 0, lambda: 0)
    assert str(error.value) == "the thing took longer than 0 minutes"
    http.wait(lambda: True, "the thing", 0, lambda: 0)


@pytest.mark.parametrize("problem", [UserError("no such thing"), ValueError("a fault")])
def test_a_wait_ends_with_what_does_not_pass(
    monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    clock = Clock()
    monkeypatch.setattr(http, "time", clock)

    def failing() -> bool:
        raise problem

    with pytest.raises(type(problem), match=str(problem)):
        http.wait(failing, "the thing", 60, lambda: 1.0)
    assert not clock.pauses
