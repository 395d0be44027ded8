"""Logs that machines read, and ids that lead from a caller's request to its line."""

from __future__ import annotations

import io
import json
import logging
import re
import signal
from contextlib import redirect_stdout
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.serving.conftest import Start
from tests.serving.platforms import ROW, Failing, register_champion, write_part
from tests.serving.servers import call, until
from training import cli
from training.platform import Platform
from training.serving import logs

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
BODY = json.dumps({"instances": [ROW]}).encode()


def request(url: str, **headers: str) -> Request:
    kind = {"content-type": "application/json", **headers}
    return Request(f"{url}/invocations", BODY, kind, method="POST")


def test_json_lines_have_the_ids_of_a_request_that_failed(platform: Platform, start: Start) -> None:
    register_champion(platform, estimator=Failing())
    server = start(platform, "--no-schedules", "--log-format", "json", "--log-level", "debug")
    headers = {"x-request-id": "caller-7", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    assert any(call(request(server.url, **headers))[0] == 500 for _ in range(40))
    lines = [json.loads(line) for line in server.logged().splitlines()]
    (failed, *_) = [line for line in lines if line.get("request") == "caller-7"]
    assert failed["level"] == "error" and failed["trace"] == TRACE and failed["model"] == "toys"
    assert "out of luck" in failed["error"]
    assert all(re.fullmatch(r"[-0-9T:]+\.\d{3}Z", line["at"]) for line in lines)
    assert call(Request(f"{server.url}/invocations", b"{}", {"content-type": "text/plain",
                "x-request-id": "bad-1"}))[0] == 415  # fmt: skip


def test_the_senders_id_is_answered_and_no_other(platform: Platform, start: Start) -> None:
    register_champion(platform)
    server = start(platform, "--no-schedules")
    for sent_id, is_taken in (("caller-7", True), ("x" * 200, False), ("a b<script>", False)):
        with urlopen(request(server.url, **{"x-request-id": sent_id}), timeout=60) as answer:
            answer_id = answer.headers["x-request-id"]
            assert json.load(answer)["request_id"] == answer_id
        assert (answer_id == sent_id) == is_taken and re.fullmatch(
            r"[A-Za-z0-9._:-]{1,128}", answer_id
        )
    status, _ = call(Request(f"{server.url}/nope"))
    assert status == 404


def show(*arguments: str) -> tuple[int, str]:
    """Exit code and output of `mlops logs`, in this process's folder."""
    out = io.StringIO()
    with redirect_stdout(out):
        code = cli.main(["logs", *arguments])
    return code, out.getvalue()


def test_the_servers_lines_are_kept_for_the_command(
    platform: Platform, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(platform.root)
    code, text = show()
    assert code == 0 and text.startswith("no line is kept in ")
    register_champion(platform, estimator=Failing())
    down = {"name": "endpoint-down", "metric": "endpoint_down", "above": 0, "says": "it is gone"}
    write_part(platform, "toys", "alarms.json", {"rules": [down], "webhooks": []})
    server = start(platform, "--no-schedules")
    headers = {"x-request-id": "caller-7"}
    assert any(call(request(server.url, **headers))[0] == 500 for _ in range(40))
    # A server that is killed says nothing more; its watcher does.
    server.stop(signal.SIGKILL)
    until(lambda: "WARNING model toys: alarm endpoint-down is ALARM" in show()[1])
    text = show()[1]
    assert re.search(r"^\S+Z INFO model toys: version 1 is in service", text, re.M)
    assert re.search(r"^\S+Z ERROR .* model=toys request=caller-7\b", text, re.M)
    assert "  Traceback (most recent call last):" in text and "out of luck" in text
    errors = json.loads(show("--level", "error", "--json")[1])
    assert errors and {entry["level"] for entry in errors} == {"error"}
    (newest,) = json.loads(show("--json", "-n", "1")[1])
    assert newest == json.loads(show("--json")[1])[-1]


def test_kept_lines_rotate_and_a_broken_one_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(logs, "MOST_BYTES", 2000)
    try:
        logs.configure(logs.TEXT)
        logs.keep(tmp_path, logs.SERVER)
        assert logs.form() == logs.TEXT  # that of the watcher too, which is told this
        for number in range(100):
            logging.getLogger("x").info("line %d", number)
        monkeypatch.setattr(logs, "MOST_BYTES", 1 << 20)
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:], root.level = handlers, level
    (tmp_path / logs.FOLDER / "watcher.jsonl").write_text('{"at": "2026-01-0')
    files = list((tmp_path / logs.FOLDER).iterdir())
    assert len(files) == 2 + logs.MOST_FILES and max(f.stat().st_size for f in files) <= 2000
    entries = logs.read(tmp_path, 1000, "debug")
    assert 20 < len(entries) < 100
    numbers = [int(entry["message"].split()[1]) for entry in entries]
    assert numbers == list(range(100 - len(numbers), 100))


def test_text_lines_are_utc(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        logs.configure()
        logging.getLogger("x").info("hello")
    finally:
        root.handlers[:], root.level = handlers, level
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO hello\n", capsys.readouterr().err)
