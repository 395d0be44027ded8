"""Data capture: what was sent and answered is in Parquet files, and every file can be read."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.serving.conftest import Start
from tests.serving.platforms import ROW, make_platform, register, released
from tests.serving.servers import Server, until
from training import captures, clock, release
from training.platform import Platform
from training.serving.capture import STAGED

ROWS = [ROW, {"size": None, "age": 4, "new": False, "color": None}]


def folder(platform: Platform) -> Path:
    return Path(platform.store.uri) / "models/toys/captures"


def captured(platform: Platform, version: int) -> pd.DataFrame:
    """All captures of a version, found as a drift check finds them."""
    now, hour = clock.now(), timedelta(hours=1)
    paths = captures.window(folder(platform), now - hour, now + hour, version)
    frames = [pd.read_parquet(path) for path in paths]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def ask(server: Server) -> dict[str, Any]:
    status, body = server.post({"instances": ROWS})
    assert status == 200, body
    return body


def check(frame: pd.DataFrame, answers: list[dict[str, Any]]) -> None:
    """Each answered row is there once, with its inputs and its answer."""
    sent = {answer["request_id"]: answer for answer in answers}
    assert len(frame) == len(ROWS) * len(sent)
    assert set(frame["request_id"]) == set(sent)
    for request, rows in frame.groupby("request_id"):
        answer = sent[str(request)]
        assert rows["prediction"].tolist() == answer["predictions"]
        assert rows["prediction_score"].tolist() == answer["scores"]
        assert set(rows["model_version"]) == {answer["version"]}
        first, second = rows.to_dict("records")
        assert {name: first[name] for name in ROW} == {**ROW, "new": 1.0}
        assert pd.isna(second["size"])
        assert second["color"] is None
        assert abs(first["captured_at"] - clock.now()) < timedelta(hours=1)


def test_captures_stand_by_version_and_a_stop_writes_all(platform: Platform, start: Start) -> None:
    released(platform)
    register(platform)
    server = start(platform)
    first = [ask(server) for _ in range(3)]
    release.promote(platform.store, "toys", 2, why="test")
    until(lambda: server.get("/version")[1]["version"] == 2)
    second = [ask(server) for _ in range(5)]
    assert server.stop() == 0
    check(captured(platform, 1), first)
    check(captured(platform, 2), second)
    assert captured(platform, 3).empty


def test_captures_are_written_while_the_server_runs(platform: Platform, start: Start) -> None:
    released(platform)
    server = start(platform)
    answers = [ask(server)]
    until(lambda: server.get("/version")[1]["captured_rows"] == len(ROWS))
    check(captured(platform, 1), answers)
    assert server.get("/version")[1]["pending_captures"] == 0


def test_capture_percent_0_captures_nothing(tmp_path: Path, start: Start) -> None:
    platform = make_platform(tmp_path, capture_percent=0)
    released(platform)
    server = start(platform)
    for _ in range(20):
        ask(server)
    assert server.stop() == 0
    assert not list(folder(platform).glob("**/*.parquet"))


def test_refused_requests_are_not_captured(platform: Platform, start: Start) -> None:
    released(platform)
    server = start(platform)
    assert server.post({"instances": [{**ROW, "age": "old"}]})[0] == 400
    answers = [ask(server)]
    assert server.stop() == 0
    check(captured(platform, 1), answers)


@pytest.mark.parametrize("rows", [1, 200])
def test_after_kill_9_every_capture_can_be_read(
    platform: Platform, start: Start, rows: int
) -> None:
    released(platform)
    server = start(platform)

    def until_killed() -> list[dict[str, Any]]:
        answers = []
        while True:
            try:
                answers.append(ask(server))
            except OSError:
                return answers

    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(until_killed) for _ in range(4)]
        until(lambda: server.get("/version")[1]["captured_rows"] >= rows)
        server.stop(signal.SIGKILL)
    answers = {a["request_id"]: a for client in clients for a in client.result()}
    frame = captured(platform, 1)
    assert len(frame) >= rows
    # A killed server may have captured a request whose answer did not get out any more.
    known = frame[frame["request_id"].isin(list(answers))]
    assert frame["request_id"].nunique() - known["request_id"].nunique() <= 4
    check(known, [answers[request] for request in known["request_id"].unique()])
    (left := next(folder(platform).glob("*")) / f"{STAGED}left").write_bytes(b"half a file")
    assert start(platform).stop() == 0
    assert not left.exists()
