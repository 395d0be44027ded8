"""Durable captures: what was answered is never lost; without them, no more than a second is."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import signal
import threading
import time
from datetime import datetime, timedelta, timezone
from http.client import HTTPException
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.serving.conftest import Start
from tests.serving.platforms import ROW, make_platform, register_champion, train
from tests.serving.servers import Server
from training.captures import local as captures
from training.serving import capture, capture_log
from training.serving.capture import Captured, CaptureError, Captures

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
# The documented interval is one second: half of it until a flush begins, and the flush. The disk
# of a computer that runs tests may be busy.
LOST_SECONDS = 3.0


def request(number: int, version: int = 1, at: datetime = NOON, rows: int = 1) -> Captured:
    values = {"n": np.full(rows, float(number)), "w": np.array(["a"] * rows, object)}
    answer = np.array(["dear"] * rows, object), np.full(rows, number / 10)
    return Captured(f"r{number}", at, version, values, *answer)


def requests(folder: Path) -> list[str]:
    """The requests in the files of captures, a name for each row."""
    frames = [pd.read_parquet(path) for path in folder.glob("*/*.parquet")]
    return sorted(pd.concat(frames)["request_id"]) if frames else []


def logs(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{capture_log.PREFIX}*"))


def keep(opened: Captures, *captured: Captured) -> None:
    """Have requests on the disk, all in flight at once; the log is written by this thread."""

    async def all_at_once() -> None:
        waiting = [asyncio.ensure_future(opened.keep(c)) for c in captured]
        await asyncio.sleep(0)
        opened._append()
        await asyncio.gather(*waiting)

    asyncio.run(all_at_once())


def kill(opened: Captures) -> None:
    """Let go what the end of its process does."""
    for log in (opened._log, *opened._full_logs):
        if log is not None:
            log.close()


@pytest.fixture
def opened(tmp_path: Path) -> Captures:
    """Captures whose threads do not run."""
    captures = Captures(tmp_path)
    captures.durable = True
    return captures


def test_a_log_is_read_at_the_next_start(opened: Captures) -> None:
    keep(opened, request(1), request(2, version=2), request(3, rows=2))
    keep(opened, request(4))
    assert requests(opened.folder) == [] and len(logs(opened.folder)) == 1
    later = Captures(opened.folder)
    later.start()
    later.stop()
    assert len(logs(opened.folder)) == 1, "another process writes it"
    kill(opened)
    later = Captures(opened.folder)
    later.start()
    later.stop()
    assert requests(opened.folder) == ["r1", "r2", "r3", "r3", "r4"]
    assert logs(opened.folder) == []
    window = captures.window(str(opened.folder), NOON, NOON + timedelta(1), {"version": 2})
    assert pd.read_parquet(window[0])["n"].tolist() == [2.0]


@pytest.mark.parametrize("bytes_lost", [1, 5, 9, 40])
def test_a_record_that_was_not_written_to_its_end_ends_the_log(
    opened: Captures, bytes_lost: int, caplog: pytest.LogCaptureFixture
) -> None:
    keep(opened, request(1))
    size = logs(opened.folder)[0].stat().st_size
    keep(opened, request(2))
    path = logs(opened.folder)[0]
    content = path.read_bytes()
    path.write_bytes(content[: size + bytes_lost] if bytes_lost < 40 else content[:-bytes_lost])
    kill(opened)
    assert capture_log.recover(opened.folder) == 1
    assert requests(opened.folder) == ["r1"]
    assert "are no whole record" in caplog.text


def test_what_a_file_holds_already_is_not_written_twice(opened: Captures) -> None:
    """A kill after the files were written and before the logs went; files may be joined since."""
    keep(opened, *(request(n, version=n % 2) for n in range(6)))
    log = logs(opened.folder)[0]
    content = log.read_bytes()
    opened.flush()
    log.write_bytes(content)
    assert capture_log.recover(opened.folder) == 0
    opened.add(request(9, version=1, at=NOON - timedelta(hours=3)))
    opened.flush()
    captures.compact(opened.folder, [], NOON + timedelta(hours=5))
    log.write_bytes(content)
    assert capture_log.recover(opened.folder) == 0
    assert requests(opened.folder) == [*(f"r{n}" for n in range(6)), "r9"]


@pytest.mark.parametrize("seed", range(25))
def test_a_kill_at_any_call_loses_and_doubles_nothing(
    seed: int, opened: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests and flushes in any order, ended before any call that changes the disk."""
    draw, count = random.Random(seed), 0
    calls = iter(range(10**6))
    moment = draw.randrange(5, 60)

    def stops(original: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            if next(calls) >= moment:
                raise KeyboardInterrupt
            return original(*args, **kwargs)

        return call

    for owner, name in ((os, "replace"), (os, "write"), (os, "fdatasync"), (Path, "unlink")):
        monkeypatch.setattr(owner, name, stops(getattr(owner, name)))
    with pytest.raises(KeyboardInterrupt):
        while True:
            keep(opened, request(count, version=draw.choice([1, 2])))
            count += 1
            if draw.random() < 0.3:
                opened.flush()
    monkeypatch.undo()
    kill(opened)
    capture_log.recover(opened.folder)
    rows = requests(opened.folder)
    assert len(rows) == len(set(rows)), "no row twice"
    # The request under way may be there, though nobody was answered.
    assert {f"r{n}" for n in range(count)} <= set(rows) <= {f"r{n}" for n in range(count + 1)}
    assert logs(opened.folder) == []


def test_a_full_disk_refuses_the_request_and_keeps_the_rest(
    opened: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(opened, request(1))
    write = os.write

    def half(handle: int, content: bytes) -> int:
        if len(content) > 10:
            return write(handle, content[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(CaptureError, match="No space left on device"):
        keep(opened, request(2))
    monkeypatch.undo()
    keep(opened, request(3))
    assert opened.pending == 2
    kill(opened)
    capture_log.recover(opened.folder)
    assert requests(opened.folder) == ["r1", "r3"]


def test_a_disk_that_is_far_behind_refuses_requests(
    opened: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "MAX_PENDING_ROWS", 3)
    keep(opened, request(1, rows=4))
    with pytest.raises(CaptureError, match="4 captured rows could not be written"):
        keep(opened, request(2))


@pytest.mark.parametrize("durable", [True, False])
def test_kill_9_loses_no_more_than_is_documented(
    durable: bool, tmp_path: Path, start: Start
) -> None:
    platform = make_platform(tmp_path, capture_durable=durable)
    register_champion(platform, estimator=train(1))
    folder = Path(platform.store.uri) / "models/toys/captures"
    answer_times, killed_at = kill_while_asked(start(platform))
    later = Captures(folder)
    later.start()  # as the next server does
    later.stop()
    rows = requests(folder)
    assert len(rows) == len(set(rows)), "no row twice"
    losses = {request: at for request, at in answer_times.items() if request not in rows}
    assert len(answer_times) > 20
    assert not (durable and losses)
    assert all(at > killed_at - LOST_SECONDS for at in losses.values())
    assert not logs(folder)


def kill_while_asked(server: Server) -> tuple[dict[str, float], float]:
    """Kill the server under load; the requests that it answered, each with its time, and its end's.

    Times are `time.monotonic`'s.
    """
    answer_times: dict[str, float] = {}

    def ask() -> None:
        while True:
            try:
                status, body = server.post({"instances": [ROW]})
            except (OSError, HTTPException, ValueError):
                return
            assert status == 200, body
            answer_times[body["request_id"]] = time.monotonic()

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    time.sleep(1.5)
    killed_at = time.monotonic()
    server.stop(signal.SIGKILL)
    for client in clients:
        client.join()
    return answer_times, killed_at
