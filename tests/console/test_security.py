"""Whoever is not the person at the terminal gets nothing: each attack of docs/console.md."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.console.browsers import ORIGIN, Browser, hidden_fields, make_console, sentence
from tests.serving.servers import variables
from training import cli, release
from training.console import sessions as sessions_module
from training.console.app import MOST_BYTES
from training.console.sessions import MOST_CONFIRMATIONS, Sessions
from training.monitoring import silences
from training.platform import Platform

PATHS = ["/", "/status.json", "/models/toys/versions/1", "/models/toys/act/rollback", "/jobs/1"]


def champion(stack: Platform) -> tuple[int, int]:
    """Number and version of the newest release: what an attack must not change."""
    newest = release.champion(stack.store, "toys")
    assert newest
    return newest.number, newest.version


def assert_refused(browser: Browser, answer: Any, status: int, words: str) -> None:
    """The answer is a page with a sentence, and nothing was done."""
    assert answer.status_code == status, answer.text
    assert words in sentence(answer)
    assert champion(browser.console.platform) == (2, 2) and browser.console.jobs.get(1) is None


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_shown_without_the_cookie(stack: Platform, path: str) -> None:
    stranger = Browser(make_console(stack))
    answer = stranger.get(path)
    assert answer.status_code == 403 and "terminal" in answer.text
    assert "version 2" not in answer.text
    stranger.cookies.set("mlops_console_8899", "x" * 43)
    assert stranger.get(path).status_code == 403


def test_the_entry_works_once_and_is_then_another(stack: Platform) -> None:
    console = make_console(stack)
    entries: list[str] = []
    console.on_entry = lambda: entries.append(console.sessions.entry)
    entry, first, second = console.sessions.entry, Browser(console), Browser(console)
    assert first.get("/enter", token="x").status_code == 403
    assert first.get("/enter").status_code == 403 and not entries
    answer = first.get("/enter", token=entry)
    assert answer.status_code == 303 and answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("mlops_console_8899=") and entry not in cookie
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
    assert second.get("/enter", token=entry).status_code == 403  # a history's or a proxy's log's
    assert entries == [console.sessions.entry] and entries[0] != entry
    assert second.get("/enter", token=entries[0]).status_code == 303
    assert first.get("/").status_code == second.get("/").status_code == 200


def test_no_page_has_the_entry_or_the_session(browser: Browser) -> None:
    secrets = [browser.console.sessions.entry, *browser.cookies.values()]
    for path in [*PATHS[:-1], "/models/toys/act/promote?subject=3", "/nowhere"]:
        answer = browser.get(path)
        text = answer.text + str(answer.headers)
        assert not [secret for secret in secrets if secret in text], path


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8899", "127.0.0.1.evil.example"])
def test_another_name_for_this_computer_is_refused(browser: Browser, host: str) -> None:
    """DNS rebinding: the page's own name points here, so that its origin is the console's."""
    assert browser.get("/", headers={"host": host}).status_code == 421
    fields = {**browser.form("rollback"), "why": "attack"}
    answer = browser.post("/models/toys/act/rollback", fields, host=host, origin=f"http://{host}")
    assert answer.status_code == 421
    assert champion(browser.console.platform) == (2, 2)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:9999"},  # another server of this computer: the same site
        {"origin": "http://localhost:8899"},
        {"origin": "https://127.0.0.1:8899"},
        {"origin": "null"},  # a sandboxed frame, a file
        {"origin": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
    ],
)
def test_a_form_of_another_page_does_nothing(browser: Browser, headers: dict[str, str]) -> None:
    fields = {**browser.form("rollback"), "why": "attack"}
    answer = browser.post("/models/toys/act/rollback", fields, **headers)
    assert_refused(browser, answer, 403, "not sent by a page of this console")


@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"confirmation": ""},
        {"confirmation": "x" * 43},
        {"confirmation": "ñ"},
    ],
)
def test_a_form_without_its_confirmation_does_nothing(
    browser: Browser, forged: dict[str, str]
) -> None:
    fields = {"why": "attack", "subject": "", **forged}
    answer = browser.post("/models/toys/act/rollback", fields)
    assert_refused(browser, answer, 403, "this form was not given to this browser")


def test_a_confirmation_is_of_one_browser_and_one_action(browser: Browser) -> None:
    other = Browser(browser.console).enter()
    stolen = {**other.form("rollback"), "why": "attack"}
    answer = browser.post("/models/toys/act/rollback", stolen)
    assert_refused(browser, answer, 403, "not given to this browser")
    for action, subject in (("retrain", ""), ("promote", "3")):
        fields = {**browser.form("rollback"), "why": "attack", "subject": subject}
        answer = browser.post(f"/models/toys/act/{action}", fields)
        assert_refused(browser, answer, 403, "another action")
    fields = {**browser.form("promote", "3"), "subject": "1", "why": "attack"}
    answer = browser.post("/models/toys/act/promote", fields)
    assert_refused(browser, answer, 403, "another action")


def test_a_get_changes_nothing(browser: Browser) -> None:
    fields = {**browser.form("rollback"), "why": "attack"}
    assert browser.request("GET", "/models/toys/act/rollback", params=fields).status_code == 200
    assert champion(browser.console.platform) == (2, 2) and browser.console.jobs.get(1) is None
    for method in ("PUT", "DELETE", "HEAD", "OPTIONS"):
        answer = browser.request(method, "/models/toys/act/rollback")
        assert answer.status_code == 405


def test_a_confirmation_after_another_release_is_stale(browser: Browser, stack: Platform) -> None:
    fields = {**browser.form("rollback"), "why": "errors since ten"}
    promotion = {**browser.form("promote", "1"), "why": "the old one"}
    release.promote(stack.store, "toys", 3, why="meanwhile", by="somebody else")
    answer = browser.post("/models/toys/act/rollback", fields)
    assert answer.status_code == 409
    assert "release 3, of version 3 by somebody else, came since" in sentence(answer)
    assert browser.post("/models/toys/act/promote", promotion).status_code == 409
    assert champion(stack) == (3, 3)


def test_a_release_in_the_last_moment_is_not_undone(browser: Browser, stack: Platform) -> None:
    """Between the look at the champion and the record: the record's number decides."""
    plan = browser.console.sessions.take(
        browser.cookies["mlops_console_8899"], browser.form("promote", "1")["confirmation"]
    )
    release.promote(stack.store, "toys", 3, why="meanwhile", by="somebody else")
    with pytest.raises(cli.UserError, match="version 3 by somebody else was released meanwhile"):
        release.promote(stack.store, "toys", 1, why="late", after=plan.release)
    with pytest.raises(cli.UserError, match="version 3 by somebody else was released meanwhile"):
        release.rollback(stack.store, "toys", why="late", after=plan.release)
    assert champion(stack) == (3, 3)


def test_a_confirmation_works_once(browser: Browser) -> None:
    fields = {**browser.form("rollback"), "why": "errors since ten"}
    assert browser.post("/models/toys/act/rollback", fields).status_code == 303
    assert champion(browser.console.platform) == (3, 1)
    answer = browser.post("/models/toys/act/rollback", fields)
    # Version 1 has none before it, so that this is told first.
    assert answer.status_code == 409 and champion(browser.console.platform) == (3, 1)
    fields = {**browser.form("promote", "3"), "why": "better"}
    assert browser.post("/models/toys/act/promote", fields).status_code == 303
    fields["why"] = "again"
    assert browser.post("/models/toys/act/promote", fields).status_code == 409
    assert champion(browser.console.platform) == (4, 3)


def test_a_confirmation_that_changes_no_version_works_once(browser: Browser) -> None:
    fields = {**browser.form("silence", "drift"), "why": "known", "hours": "1"}
    assert browser.post("/models/toys/act/silence", fields).status_code == 303
    answer = browser.post("/models/toys/act/silence", fields)
    assert answer.status_code == 403 and "was sent before" in sentence(answer)
    assert silences.journal(browser.console.platform.store, "toys").numbers() == [1]


def test_secrets_grow_old_and_are_not_many(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 0.0
    sessions = Sessions(now=lambda: moment)
    session = sessions.enter(sessions.entry)
    assert session
    plan: Any = object()
    first, *_, last = [sessions.issue(session, plan) for _ in range(MOST_CONFIRMATIONS + 1)]
    with pytest.raises(sessions_module.NotConfirmedError, match="not given"):
        sessions.take(session, first)
    moment = sessions_module.CONFIRMATION_SECONDS
    with pytest.raises(sessions_module.NotConfirmedError, match="older than 15 minutes"):
        sessions.take(session, last)
    assert sessions.is_open(session) and not sessions.is_open("")
    moment = sessions_module.SESSION_SECONDS
    assert not sessions.is_open(session)


def test_without_actions_there_are_none(stack: Platform) -> None:
    browser = Browser(make_console(stack, acts=False)).enter()
    page = browser.get("/").text
    assert "/act/" not in page and "mlops promote 3 -m toys" in page
    assert "/act/" not in browser.get("/models/toys/versions/3").text
    for answer in (
        browser.get("/models/toys/act/rollback"),
        browser.post("/models/toys/act/rollback", {"why": "attack", "confirmation": "x"}),
    ):
        assert_refused(browser, answer, 403, "mlops console --actions")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"why=a&why=b", "application/x-www-form-urlencoded", 400),
        (b"why=%ff", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"why=a", "text/plain", 415),
        (b"why=" + b"a" * MOST_BYTES, "application/x-www-form-urlencoded", 413),
    ],
)
def test_a_body_that_is_no_form_is_refused(
    browser: Browser, body: bytes, kind: str, status: int
) -> None:
    headers = {"origin": ORIGIN, "content-type": kind}
    answer = browser.request("POST", "/models/toys/act/rollback", content=body, headers=headers)
    assert answer.status_code == status and sentence(answer)
    assert champion(browser.console.platform) == (2, 2)


def test_pages_are_not_framed_and_run_no_foreign_script(browser: Browser) -> None:
    for path in ("/", "/models/toys/act/rollback", "/nowhere"):
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert ("form-action 'self'" in policy) == ("/act/" in path)
        assert headers["cross-origin-resource-policy"] == "same-origin"
        # With `no-referrer` a browser would keep the origin of our own forms back.
        assert headers.get_list("referrer-policy") == ["same-origin"]
        assert headers["cache-control"] == "no-store"


def test_what_others_wrote_is_text(browser: Browser, stack: Platform) -> None:
    release.promote(stack.store, "toys", 3, why="<script>alert(1)</script>", by="<b>")
    for path in ("/", "/models/toys/act/rollback", "/models/toys/versions/3"):
        page = browser.get(path).text
        assert "<script>alert" not in page and "<b>" not in page
    fields = {**browser.form("rollback"), "why": "</pre><script>alert(2)</script>"}
    location = browser.post("/models/toys/act/rollback", fields).headers["location"]
    assert "&lt;script&gt;alert(2)" in browser.get(location).text


def test_the_command_listens_here_alone_and_keeps_its_secrets(stack: Platform) -> None:
    """The real process: its address works once, and nothing else shows the secret."""
    log = stack.root / "console.err"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "training.cli", "console", "--actions", "--json"],
            cwd=stack.root, env=variables(), stdout=subprocess.PIPE, stderr=errors, text=True,
        )  # fmt: skip
    assert process.stdout
    try:
        announcement = json.loads(process.stdout.readline())
        assert announcement["stack"] == "local" and announcement["actions"] is True
        match = re.fullmatch(
            r"http://127\.0\.0\.1:(\d+)(/enter\?token=(\S{43}))", announcement["url"]
        )
        assert match
        port, path, entry = int(match[1]), match[2], match[3]

        def ask(method: str, path: str, body: str = "", **headers: str) -> Any:
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            plain_headers = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body or None, plain_headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            connection.close()
            return answer, text

        answer, _ = ask("GET", path)
        cookie = str(answer.getheader("set-cookie")).partition(";")[0]
        assert answer.status == 303 and answer.getheader("location") == "/"
        assert answer.getheader("referrer-policy") == "same-origin"
        assert ask("GET", path)[0].status == 403
        assert json.loads(process.stdout.readline())["url"] != announcement["url"]
        _, form = ask("GET", "/models/toys/act/rollback", cookie=cookie)
        fields = f"confirmation={hidden_fields(form)['confirmation']}&subject=&why=errors"
        answer, _ = ask(
            "POST", "/models/toys/act/rollback", fields, cookie=cookie,
            origin=f"http://127.0.0.1:{port}",
            content_type="application/x-www-form-urlencoded",
        )  # fmt: skip
        assert answer.status == 303 and champion(stack) == (3, 1)
        newest = release.champion(stack.store, "toys")
        assert newest and newest.why == "errors" and newest.by.endswith(", in the console")
        for address in _own_addresses():
            with socket.socket() as other:
                other.settimeout(2)
                assert other.connect_ex((address, port)) != 0, "it listens for the network"
        files = [f.read_bytes() for f in stack.root.rglob("*") if f.is_file()]
        secrets = [entry.encode(), cookie.partition("=")[2].encode()]
        assert not [f for f in files for secret in secrets if secret in f]
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(30)
        process.stdout.close()
    assert code == 0
    assert "Roll back toys: version 2 → 1: errors" in log.read_text()


def _own_addresses() -> list[str]:
    """Addresses of this computer that others reach, and loopback's other ones."""
    addresses = ["127.0.0.2"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; picks the address of the route
            addresses.append(probe.getsockname()[0])
        except OSError:  # no network: only loopback is left to try
            assert os.name
    return addresses
