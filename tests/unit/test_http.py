"""The client of services: what is tried again, for how long, and what errors say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from training import clients
from training.clients import azure, http
from training.clients.http import Client, ServiceError, UnreachableError
from training.errors import PassingError, UserError


@dataclass
class Service:
    """A service that answers as it is told, one answer after the other; the last for good."""

    address: str = ""
    # A status with headers, or what breaks the connection: "reset" or "incomplete".
    answers: list[Any] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    content: bytes = b"{}"

    def client(self) -> Client:
        def authorize(url: str, anew: bool) -> dict[str, str]:
            return {"authorization": "new" if anew else "old"}

        def error(method: str, url: str, answer: http.Answer) -> ServiceError:
            return ServiceError("Cloud", method, url, answer.status, "Code", "no")

        return Client("Cloud", lambda url: url, authorize, error)

    def send(self, method: str = "GET", **options: Any) -> http.Answer:
        return self.client().send(method, f"{self.address}/thing?secret=1", **options)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.requests.append(dict(self.headers))
            self.rfile.read(int(self.headers.get("content-length") or 0))
            answer = service.answers.pop(0) if len(service.answers) > 1 else service.answers[0]
            if answer == "reset":
                self.connection.close()
                return
            status, headers = answer if isinstance(answer, tuple) else (200, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header(
                "content-length", str(len(service.content) + 8 * (answer == "incomplete"))
            )
            self.end_headers()
            self.wfile.write(service.content)
            self.close_connection = True

        do_POST = do_PUT = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    service.address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(http, "FIRST_PAUSE_SECONDS", 0.01)
    yield service
    server.shutdown()
    server.server_close()


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
    # The token with which a workflow asks GitHub for its assertion.
    service.content = b'{"value": "assertion"}'
    monkeypatch.setenv(azure.ASSERTION_URL, service.address)
    monkeypatch.setenv(azure.ASSERTION_TOKEN, "token")
    assert azure._assertion() == "assertion"
    assert service.requests[1]["authorization"] == "Bearer token"


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
