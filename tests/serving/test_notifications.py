"""Notices as PagerDuty and e-mail take them, by their documented rules, on this computer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.serving.platforms import RULES, record_drift_check, write_part
from tests.serving.servers import until
from tests.serving.smtp import receiving_mail, self_signed
from training import cli
from training.platform import Platform
from training.serving import formats, webhooks
from training.serving.monitor import Monitor
from training.serving.webhooks import Webhooks

KEY = "e93facc04764012d7bfb002500d5d1a6"  # the key of the document's example: 32 characters
EVENT = {
    "stack": "prod", "model": "toys", "alarm": "drift", "state": "ALARM", "reason": "state",
    "value": 2.0, "above": 0, "says": "inputs drifted", "severity": "critical", "version": 7,
    "features": ["size", "age"], "run": "r-1", "link": "https://mlops.example/models/toys/drift/r-1",
    "at": "2026-11-28T06:00:00Z",
}  # fmt: skip


class PagerDuty:
    """The Events API v2 by its schema (PagerDuty/api-schema, reference/events-v2/openapiv3.json)
    and its limits (developer.pagerduty.com, "Send an Alert Event"): alerts by `dedup_key`.

    Answers with the codes of `answers` first.
    """

    def __init__(self, answers: list[int]) -> None:
        self.answers, self.requests = answers, 0
        self.alerts: dict[str | None, str] = {}
        self.entries: list[tuple[str, str | None]] = []
        self.triggers: list[dict[str, Any]] = []

    def take(self, path: str, kind: str, body: bytes) -> int:
        self.requests += 1
        if self.answers:
            return self.answers.pop(0)
        try:
            assert path == "/v2/enqueue" and kind == "application/json"
            event = json.loads(body)
            allowed_fields = {"payload", "routing_key", "event_action", "dedup_key", "client",
                     "client_url", "links", "images"}  # fmt: skip
            assert event.keys() <= allowed_fields and len(event["routing_key"]) == 32
            action, key = event["event_action"], event.get("dedup_key")
            assert action in ("trigger", "acknowledge", "resolve")
            assert key is None or len(key) <= 255
            assert key is not None or action == "trigger"
            if action == "trigger":
                payload = event["payload"]
                fields = {"summary", "timestamp", "severity", "source", "component", "group",
                          "class", "custom_details"}  # fmt: skip
                assert {"summary", "severity", "source"} <= payload.keys() <= fields
                assert 0 < len(payload["summary"]) <= 1024
                assert payload["severity"] in ("critical", "warning", "error", "info")
                assert isinstance(payload.get("custom_details", {}), dict)
                self.triggers.append(event)
        except (AssertionError, KeyError, ValueError):
            return 400
        # An alert that is resolved drops what comes, but for a trigger, which opens a new one.
        if action == "trigger" or self.alerts.get(key) == "open":
            self.entries.append((action, key))
            self.alerts[key] = "open" if action == "trigger" else "resolved"
        return 202


@contextmanager
def pagerduty(*answers: int) -> Iterator[tuple[PagerDuty, str]]:
    """The service and the receiver that posts to it."""
    service = PagerDuty(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(service.take(self.path, self.headers["content-type"], body))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield service, f"http://127.0.0.1:{http.server_address[1]}/v2/enqueue?routing_key={KEY}"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


@pytest.fixture
def poster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhooks]:
    monkeypatch.setattr(webhooks, "RETRY_SECONDS", (0.01, 0.01))
    poster = Webhooks()
    poster.start()
    yield poster
    poster.stop()


def test_one_alert_from_the_alarm_to_its_end(platform: Platform, poster: Webhooks) -> None:
    with pagerduty() as (service, url):
        write_part(platform, "toys", "alarms.json", {"rules": RULES, "webhooks": [url]})
        watch = Monitor(platform, "toys", poster, None)
        for drifted in (["size"], ["size", "age"], []):
            record_drift_check(platform, drifted)
            watch.check()
        until(lambda: service.requests == 3)
        assert service.entries == [
            ("trigger", "local/toys/drift"),
            ("trigger", "local/toys/drift"),  # more features: an entry of the open alert
            ("resolve", "local/toys/drift"),
        ]
        assert service.alerts == {"local/toys/drift": "resolved"}
        record_drift_check(platform, ["age"])
        watch.check()
        until(lambda: service.requests == 4)
        assert service.alerts == {"local/toys/drift": "open"}


def test_the_alert_says_what_happened_and_holds_to_the_limits() -> None:
    long = {**EVENT, "says": "x" * 3000, "features": [f"feature {n}" for n in range(500)]}
    for event in (EVENT, long, {**EVENT, "severity": "sev-1"}):
        with pagerduty() as (service, url):
            assert webhooks.post_once(url, event) is None
        (trigger,) = service.triggers
        assert trigger["payload"]["source"] == "toys.prod"
    with pagerduty() as (service, url):
        assert webhooks.post_once(url, EVENT) is None
    payload = service.triggers[0]["payload"]
    assert payload["summary"].startswith("ALARM: drift of toys on prod: inputs drifted (2, fires")
    assert payload["severity"] == "critical" and payload["timestamp"] == EVENT["at"]
    details = payload["custom_details"]
    assert service.triggers[0]["client_url"] == EVENT["link"]
    assert details["version"] == 7 and details["features"] == ["size", "age"]
    assert "mlops -s prod -m toys status" in details["text"]


def test_the_key_is_in_the_body_alone() -> None:
    ((address, body),) = formats.posts(
        f"https://events.eu.pagerduty.com/v2/enqueue?routing_key={KEY}", EVENT
    )
    assert address == "https://events.eu.pagerduty.com/v2/enqueue"
    assert body["routing_key"] == KEY and KEY not in json.dumps(body["payload"])
    # Another receiver of that path is none of PagerDuty's.
    ((other, _),) = formats.posts("https://example.org/v2/enqueue", EVENT)
    assert other == "https://example.org/v2/enqueue"


@pytest.mark.parametrize(
    ("answers", "requests", "is_told"),
    [([500, 429], 3, True), ([400], 1, False), ([503, 503, 503], 3, False), ([403], 1, False)],
)
def test_what_may_be_tried_again_is(
    poster: Webhooks, caplog: pytest.LogCaptureFixture,
    answers: list[int], requests: int, is_told: bool,
) -> None:  # fmt: skip
    """The document's table of results: 400 no, 429 and 5XX yes."""
    with pagerduty(*answers) as (service, url):
        poster.post([url], EVENT, lambda *_: None)
        if is_told:
            until(lambda: service.triggers)
        else:
            until(lambda: "failed" in caplog.text)
        assert service.requests == requests
    assert KEY not in caplog.text


def test_a_test_leaves_no_alert_open(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("training.cli.alerts.opened", lambda _: (platform, "toys"))
    with pagerduty() as (service, url):
        monkeypatch.setenv("MLOPS_PAGER", url)
        write_part(platform, "toys", "alarms.json", {"rules": [], "webhooks": ["env:MLOPS_PAGER"]})
        assert cli.main(["alerts", "test"]) == 0
    assert service.alerts == {"local/toys/test": "resolved"}
    assert service.triggers[0]["payload"]["severity"] == "info"
    assert KEY not in "".join(capsys.readouterr())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls"))


def server(monkeypatch: pytest.MonkeyPatch, url: str, sender: str | None = None) -> None:
    """Let notices go by the SMTP server at `url`."""
    monkeypatch.setenv("MLOPS_SMTP_URL", url)
    if sender:
        monkeypatch.setenv("MLOPS_SMTP_FROM", sender)


SECRET = "p%40ss:w%2Frd"
PASSWORD = "p@ss:w/rd"


@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
def test_a_mail_is_sent_encrypted_and_says_what_happened(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with receiving_mail(certificate, implicit=scheme == "smtps") as mailbox:
        user = "mlops%40example.com"
        server(monkeypatch, f"{scheme}://{user}:{SECRET}@localhost:{mailbox.port}")
        event = {**EVENT, "says": "inputs\r\nBcc: x@example.com drifted"}
        assert webhooks.post_once("mailto:team@example.com", event) is None
    assert mailbox.encrypted == [True]
    assert mailbox.logins == [("mlops@example.com", PASSWORD)]
    (message,) = mailbox.messages
    assert mailbox.envelopes[0][1] == ["TO:<team@example.com>"]
    assert message["To"] == "team@example.com" and message["From"] == "mlops@example.com"
    assert message["Bcc"] is None
    assert message["Subject"].startswith("ALARM: drift of toys on prod: inputs")
    assert message["Date"] and message["Message-ID"]
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_content()
    assert "version 7: size, age" in text and "runbook: docs/runbook.md#drift" in text


def test_nothing_is_sent_to_a_server_that_cannot_be_trusted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    for scheme in ("smtps", "smtp"):
        with receiving_mail(certificate, implicit=scheme == "smtps") as mailbox:
            server(monkeypatch, f"{scheme}://a%40b.org:{SECRET}@localhost:{mailbox.port}")
            failure = webhooks.post_once("mailto:team@example.com", EVENT)
        assert failure and failure.is_final and "self" in str(failure)
        assert mailbox.logins == [] and mailbox.messages == []


def test_elsewhere_than_here_nothing_is_sent_without_encryption(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with receiving_mail() as mailbox:
        # The name of this computer's address, as another computer's would be.
        server(monkeypatch, f"smtp://a%40b.org:{SECRET}@127.0.0.2:{mailbox.port}")
        monkeypatch.setattr("socket.create_connection", _to(mailbox.port))
        failure = webhooks.post_once("mailto:team@example.com", EVENT)
        assert failure and failure.is_final and "STARTTLS" in str(failure)
        assert mailbox.logins == [] and mailbox.messages == []
    with receiving_mail() as mailbox:
        monkeypatch.undo()
        server(monkeypatch, f"smtp://localhost:{mailbox.port}", "mlops@example.com")
        assert webhooks.post_once("mailto:team@example.com", EVENT) is None
        assert mailbox.encrypted == [False]


def _to(port: int) -> Any:
    """`socket.create_connection` that ends on this computer, whatever the address."""
    import socket

    original = socket.create_connection
    return lambda address, *args, **more: original(("127.0.0.1", port), *args, **more)


@pytest.mark.parametrize(
    ("refuses", "is_final"),
    [
        ({"AUTH": "535 5.7.8 bad credentials"}, True),
        ({"RCPT": "550 5.1.1 no such user"}, True),
        ({"RCPT": "451 4.7.1 try again later"}, False),
        ({"DATA": "421 4.3.2 shutting down"}, False),
    ],
)
def test_a_refusal_is_told_without_the_password(
    monkeypatch: pytest.MonkeyPatch, poster: Webhooks, caplog: pytest.LogCaptureFixture,
    refuses: dict[str, str], is_final: bool,
) -> None:  # fmt: skip
    with receiving_mail(refuses=refuses) as mailbox:
        server(monkeypatch, f"smtp://a%40b.org:{SECRET}@localhost:{mailbox.port}")
        poster.post(["mailto:team@example.com"], EVENT, lambda *_: None)
        until(lambda: "failed" in caplog.text)
        assert mailbox.connections == (1 if is_final else 3)
    ((_, reply),) = refuses.items()
    assert "team@example.com" in caplog.text and reply[4:] in caplog.text
    assert SECRET not in caplog.text and PASSWORD not in caplog.text


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "MLOPS_SMTP_URL is not set"),
        ("https://mail", "MLOPS_SMTP_URL is not smtps://"),
        (f"smtp://x:{SECRET}@host:port", "MLOPS_SMTP_URL is not smtps://"),
        ("smtp://", "MLOPS_SMTP_URL is not smtps://"),
        ("smtp://user:hush@localhost", "MLOPS_SMTP_FROM is not the sender's address"),
    ],
)
def test_a_server_that_is_not_named_right_is_told(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    url: str, says: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("training.cli.alerts.opened", lambda _: (platform, "toys"))
    server(monkeypatch, url)
    write_part(platform, "toys", "alarms.json", {"rules": [], "webhooks": ["mailto:me@b.org"]})
    assert cli.main(["alerts", "test"]) == 1
    output = "".join(capsys.readouterr())
    assert "me@b.org" in output and says in " ".join(output.split())
    assert SECRET not in output and "hush" not in output
