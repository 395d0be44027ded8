"""Data capture: what was sent and answered is in Parquet files, and every file can be read."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.serving.conftest import Start
from tests.serving.platforms import (
    ROW,
    make_platform,
    register,
    register_champion,
    train,
    write_part,
)
from tests.serving.servers import Server, until
from training import clock, release
from training.captures import local as captures
from training.captures.local import STAGED
from training.platform import Platform
from training.replay.client import await_written
from training.serving.capture import Captured, Captures

ROWS = [ROW, {"size": None, "age": 4, "new": False, "color": None}]


def folder(platform: Platform, model: str = "toys") -> Path:
    return Path(platform.store.uri) / f"models/{model}/captures"


def version(server: Server) -> dict[str, Any]:
    return server.get("/models/toys/version")[1]


def captured(platform: Platform, version: int) -> pd.DataFrame:
    """All captures of a version, found as a drift check finds them."""
    now, hour = clock.now(), timedelta(hours=1)
    window = now - hour, now + hour, {"version": version}
    paths = captures.window(str(folder(platform)), *window)
    frames = [pd.read_parquet(path) for path in paths]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def ask(server: Server, model: str = "toys") -> dict[str, Any]:
    status, body = server.post({"instances": ROWS}, f"/models/{model}/invocations")
    assert status == 200, body
    return body


def check(frame: pd.DataFrame, answers: list[dict[str, Any]]) -> None:
    """Each answered row is there once, with its inputs and its answer."""
    by_request = {answer["request_id"]: answer for answer in answers}
    assert len(frame) == len(ROWS) * len(by_request)
    assert set(frame["request_id"]) == set(by_request)
    for request, rows in frame.groupby("request_id"):
        answer = by_request[str(request)]
        assert rows["prediction"].tolist() == answer["predictions"]
        assert rows["prediction_score"].tolist() == answer["scores"]
        assert set(rows["model_version"]) == {answer["version"]}
        first, second = rows.to_dict("records")
        assert {name: first[name] for name in ROW} == {**ROW, "new": 1.0}
        assert pd.isna(second["size"])
        assert pd.isna(second["color"])
        assert abs(first["captured_at"] - clock.now()) < timedelta(hours=1)


def test_captures_by_version(tmp_path: Path, start: Start) -> None:
    platform = make_platform(tmp_path, "toys", "cats")
    never = {"capture_percent": 0, "port": 0, "host": "127.0.0.1"}
    write_part(platform, "cats", "endpoint.json", never)
    for model in ("toys", "cats"):
        register_champion(platform, model, train(1, imputes=True))
    register(platform, estimator=train(2, imputes=True))
    server = start(platform)

    bad_body = {"instances": [{**ROW, "age": "old"}]}
    assert server.post(bad_body, "/models/toys/invocations")[0] == 400
    first = [ask(server) for _ in range(3)]
    for _ in range(20):
        ask(server, "cats")
    until(lambda: version(server)["captured_rows"] == len(ROWS) * len(first))
    assert version(server)["pending_captures"] == 0
    check(captured(platform, 1), first)

    release.promote(platform.store, "toys", 2, why="test")
    until(lambda: version(server)["version"] == 2)
    second = [ask(server) for _ in range(5)]
    assert server.stop() == 0  # at once: what was not written yet is written now
    check(captured(platform, 1), first)
    check(captured(platform, 2), second)
    assert captured(platform, 3).empty
    assert not list(folder(platform, "cats").glob("**/*.parquet"))


def test_a_window_that_begins_once_all_is_written_holds_what_comes_after(
    platform: Platform, start: Start
) -> None:
    """A file is of the window in which it begins, so one must not hold requests of two."""
    register_champion(platform, estimator=train(1, imputes=True))
    server = start(platform)
    # One after the other, or a flush may happen to lie between the two requests.
    for _ in range(3):
        ask(server)
        await_written(server.url, "toys")
        since = clock.now()
        later = ask(server)
        await_written(server.url, "toys")
        paths = captures.window(str(folder(platform)), since, clock.now(), {"version": 1})
        assert len(paths) == 1
        check(pd.read_parquet(paths[0]), [later])


def test_after_kill_9_every_capture_can_be_read(platform: Platform, start: Start) -> None:
    register_champion(platform, estimator=train(1, imputes=True))
    server = start(platform)

    def until_killed() -> list[dict[str, Any]]:
        answers = []
        while True:
            try:
                answers.append(ask(server))
            except (OSError, HTTPException):
                return answers

    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(until_killed) for _ in range(4)]
        until(lambda: version(server)["captured_rows"] > 0)
        server.stop(signal.SIGKILL)
    answers = {a["request_id"]: a for client in clients for a in client.result()}
    frame = captured(platform, 1)
    rows = frame[frame["request_id"].isin(list(answers))]
    assert len(rows)
    check(rows, [answers[request] for request in rows["request_id"].unique()])
    # A killed server may have captured a request whose answer did not get out any more.
    assert frame["request_id"].nunique() - rows["request_id"].nunique() <= 4


def test_what_a_killed_process_left_half_written_is_cleared(tmp_path: Path) -> None:
    (day := tmp_path / "2026-01-01").mkdir()
    (day / f"{STAGED}0123").write_bytes(b"half a file")
    (day / "whole.parquet").write_bytes(b"a file")
    opened = Captures(tmp_path)
    opened.start()
    opened.stop()
    assert [path.name for path in day.iterdir()] == ["whole.parquet"]


def test_what_the_disk_did_not_take_is_written_later(tmp_path: Path) -> None:
    opened = Captures(tmp_path / "captures")
    opened.folder.mkdir()
    inputs = {"size": np.array([1.5, np.nan])}
    labels, scores = np.array(["dear", "cheap"]), np.array([0.75, 0.25])
    now = clock.now()
    opened.add(Captured("first", now, 1, inputs, labels, scores))
    day = opened.folder / f"{now:%Y-%m-%d}"
    day.write_text("in the way")
    with pytest.raises(OSError, match=day.name):
        opened.flush()
    assert (opened.pending, opened.written_rows) == (2, 0)
    day.unlink()
    opened.flush()
    assert (opened.pending, opened.written_rows) == (0, 2)
    (path,) = opened.folder.glob("*/*.parquet")
    assert pd.read_parquet(path)["prediction_score"].tolist() == [0.75, 0.25]
