"""Logs that machines read, and ids that lead from a caller's request to its line."""

from __future__ import annotations

import json
import logging
import re
from urllib.request import Request, urlopen

import pytest

from tests.serving.conftest import Start
from tests.serving.platforms import ROW, Failing, released
from tests.serving.servers import call
from training.platform import Platform
from training.serving import logs

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
BODY = json.dumps({"instances": [ROW]}).encode()


def asked(url: str, **headers: str) -> Request:
    kind = {"content-type": "application/json", **headers}
    return Request(f"{url}/invocations", BODY, kind, method="POST")


def test_json_lines_have_the_ids_of_a_request_that_failed(platform: Platform, start: Start) -> None:
    released(platform, estimator=Failing())
    server = start(platform, "--no-schedules", "--log-format", "json", "--log-level", "debug")
    headers = {"x-request-id": "caller-7", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    assert any(call(asked(server.url, **headers))[0] == 500 for _ in range(40))
    lines = [json.loads(line) for line in server.logged().splitlines()]
    (failed, *_) = [line for line in lines if line.get("request") == "caller-7"]
    assert failed["level"] == "error" and failed["trace"] == TRACE and failed["model"] == "toys"
    assert "out of luck" in failed["error"]
    assert all(re.fullmatch(r"[-0-9T:]+\.\d{3}Z", line["at"]) for line in lines)
    assert call(Request(f"{server.url}/invocations", b"{}", {"content-type": "text/plain",
                "x-request-id": "bad-1"}))[0] == 415  # fmt: skip


def test_the_senders_id_is_answered_and_no_other(platform: Platform, start: Start) -> None:
    released(platform)
    server = start(platform, "--no-schedules")
    for given, is_taken in (("caller-7", True), ("x" * 200, False), ("a b<script>", False)):
        with urlopen(asked(server.url, **{"x-request-id": given}), timeout=60) as answer:
            own = answer.headers["x-request-id"]
            assert json.load(answer)["request_id"] == own
        assert (own == given) == is_taken and re.fullmatch(r"[A-Za-z0-9._:-]{1,128}", own)
    status, _ = call(Request(f"{server.url}/nope"))
    assert status == 404


def test_text_lines_are_utc(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        logs.configure()
        logging.getLogger("x").info("hello")
    finally:
        root.handlers[:], root.level = handlers, level
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO hello\n", capsys.readouterr().err)
